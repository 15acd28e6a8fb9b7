"""Small planes of floats in vectors of 16, which only AVX-512 has: rows of up to two of them, windows of 2x2 and 3x3.

A step combines rows of windows element by element, as all passes do; what comes to two vectors, those of two rows of
windows or the halves of one, or to one of a row or several short ones. Each tap along the row then takes its lanes from
these, wherever they are, so that there is no end of a row, no padding and no stride that would be another case. What a
step loads, and which lanes taps take, is in tables (see slim.py), which all planes share.

Taps meet as they do in direct.pyx.
"""

from libc.math cimport INFINITY, NAN
from libc.stdint cimport int32_t

from cypool._kernels.types cimport Division, Greatest, Least, Slim, Sum, rule_t, slim_t
from cypool._kernels.vectors cimport (
    LANES_32, all_32, floats, load_32, merge, product_32, quotient_32, unless_nan_32,
)
from cypool._kernels.widest cimport lane_numbers, numbers_32, some_32, store_some_32, taken_32

cdef enum:
    OVER_READ = 64      # bytes behind a plane that whole vectors may read, at most

# A step of a plane, in numbers: where its results go, the mask of those, whether it needs no masks to load; then for
# each row of its windows where that is, and its mask, and the same again of the second vector.
cdef enum:
    STEP_OUT
    STEP_OUTPUTS
    STEP_WHOLE
    STEP_LOADS


cdef inline floats nothing(const rule_t *rule) noexcept nogil:
    """What changes no tap that it meets."""
    return all_32(-0.0 if rule_t is Sum else -INFINITY if rule_t is Greatest else INFINITY)


cdef inline floats load_row(const char *plane, const int32_t *loads, bint whole, const rule_t *rule) noexcept nogil:
    cdef const char *row = plane + <Py_ssize_t>loads[0] * <Py_ssize_t>sizeof(float)
    return load_32(row) if whole else some_32(row, loads[1], nothing(rule))


cdef inline floats columns_of(const char *plane, const int32_t *loads, Py_ssize_t taps, bint whole,
                              const rule_t *rule) noexcept nogil:
    """Rows of windows, combined."""
    cdef floats v = merge(load_row(plane, loads, whole, rule), load_row(plane, loads + 2, whole, rule), rule)
    if taps == 3:
        v = merge(v, load_row(plane, loads + 4, whole, rule), rule)
    return v


cdef inline floats mean(floats v, const Slim *how) noexcept nogil:
    if how.division == Division.PRODUCT:
        v = product_32(v, all_32(<float>how.factor))
    elif how.division == Division.QUOTIENT:
        v = quotient_32(v, all_32(<float>how.divisor))
    return unless_nan_32(v, v, all_32(NAN))


cdef inline void pool_plane(char *out, const char *plane, bint followed, Py_ssize_t taps, bint two, const Slim *how,
                            const rule_t *rule) noexcept nogil:
    """One plane, behind which OVER_READ bytes can be read if it is followed by others."""
    cdef const int32_t *step = how.steps
    cdef const int32_t *second
    cdef Py_ssize_t _s, width = STEP_LOADS + 4 * taps
    cdef lane_numbers first_places = numbers_32(how.places), second_places = numbers_32(how.places + LANES_32)
    cdef lane_numbers third_places
    cdef floats a, b, v
    if taps == 3:
        third_places = numbers_32(how.places + 2 * LANES_32)
    for _s in range(how.n_steps):
        second = step + STEP_LOADS + 2 * taps
        if followed and step[STEP_WHOLE]:
            a = columns_of(plane, step + STEP_LOADS, taps, True, rule)
            b = columns_of(plane, second, taps, True, rule) if two else a
        else:
            a = columns_of(plane, step + STEP_LOADS, taps, False, rule)
            b = columns_of(plane, second, taps, False, rule) if two else a
        v = merge(taken_32(a, b, first_places), taken_32(a, b, second_places), rule)
        if taps == 3:
            v = merge(v, taken_32(a, b, third_places), rule)
        if rule_t is Sum:
            v = mean(v, how)
        store_some_32(out + <Py_ssize_t>step[STEP_OUT] * <Py_ssize_t>sizeof(float), step[STEP_OUTPUTS], v)
        step += width


cdef inline void pool_planes(char *out, const char *planes, Py_ssize_t taps, bint two, const Slim *how,
                             const rule_t *rule) noexcept nogil:
    cdef Py_ssize_t left
    for left in range(how.n_planes - 1, -1, -1):
        pool_plane(out, planes, left * how.plane_step >= OVER_READ, taps, two, how, rule)
        planes += how.plane_step
        out += how.out_plane_step


cdef void pool(char *out, const char *planes, const Slim *how, const rule_t *rule) noexcept nogil:
    """Planes of windows of as many rows as taps along a row, two or three."""
    if how.taps == 2:
        if how.two:
            pool_planes(out, planes, 2, True, how, rule)
        else:
            pool_planes(out, planes, 2, False, how, rule)
    elif how.two:
        pool_planes(out, planes, 3, True, how, rule)
    else:
        pool_planes(out, planes, 3, False, how, rule)


# Addresses by rule.
SLIM = {
    "max": <size_t><void *><slim_t>pool[Greatest],
    "min": <size_t><void *><slim_t>pool[Least],
    "sum": <size_t><void *><slim_t>pool[Sum],
}
LANES = LANES_32
