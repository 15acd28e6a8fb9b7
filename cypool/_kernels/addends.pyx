"""Elements as addends: what sum and average pooling load, converted and added to sums.

Floats of 16 bits are summed as float32. Integers are summed in the narrowest unsigned type that holds every sum of
the window exactly; signed ones as two's complement. The exact mean of 64-bit integers takes two sums, of the low and
of the high halves. With `nan_policy="omit"` two sums are taken too: of the numbers, and of how many there are.
"""

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from cypool._kernels.types cimport (
    Bounds, Loading, bfloat_t, bounded_t, float_sum_t, half_t, integer_sum_t, integer_t, load_t, real_t, running_t,
    wide_t,
)


cdef extern from "numbers.h" nogil:
    float half_to_float(uint16_t bits)
    float bfloat_to_float(uint16_t bits)
    void add_pixel_pairs(uint16_t *sums, const uint8_t *a, const uint8_t *b, Py_ssize_t n, bint fresh, bint is_signed)
    void add_halves(float *acc, const uint16_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh)


cdef extern from "running.h" nogil:
    void running_16(uint16_t *acc, const uint16_t *row, Py_ssize_t taps, Py_ssize_t n)
    void running_32(uint32_t *acc, const uint32_t *row, Py_ssize_t taps, Py_ssize_t n)
    void running_64(uint64_t *acc, const uint64_t *row, Py_ssize_t taps, Py_ssize_t n)


cdef void load_integers(integer_sum_t *acc, const integer_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                        const Loading *how) noexcept nogil:
    cdef const integer_t *a
    cdef const integer_t *b
    cdef Py_ssize_t i, r = 0
    if fresh:
        a = rows[0]
        if n_rows == 1:
            for i in range(n):
                acc[i] = <integer_sum_t>a[i]
            return
        b = rows[1]
        for i in range(n):
            acc[i] = <integer_sum_t>(<integer_sum_t>a[i] + <integer_sum_t>b[i])
        r = 2
    while r + 1 < n_rows:
        a = rows[r]
        b = rows[r + 1]
        for i in range(n):
            acc[i] = <integer_sum_t>(acc[i] + <integer_sum_t>a[i] + <integer_sum_t>b[i])
        r += 2
    if r < n_rows:
        a = rows[r]
        for i in range(n):
            acc[i] = <integer_sum_t>(acc[i] + <integer_sum_t>a[i])


cdef void advance_sums(integer_sum_t *acc, const integer_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                       const Loading *how) noexcept nogil:
    """Windows that move by one: rows[0], if there is one, comes in, and rows[1] goes out. Exact, since it wraps."""
    cdef const integer_t *a = rows[0]
    cdef const integer_t *b = rows[1]
    cdef Py_ssize_t i
    if a != NULL and b != NULL:
        for i in range(n):
            acc[i] = <integer_sum_t>(acc[i] + <integer_sum_t>a[i] - <integer_sum_t>b[i])
    elif a != NULL:
        for i in range(n):
            acc[i] = <integer_sum_t>(acc[i] + <integer_sum_t>a[i])
    elif b != NULL:
        for i in range(n):
            acc[i] = <integer_sum_t>(acc[i] - <integer_sum_t>b[i])


cdef inline integer_sum_t pair_sum(integer_sum_t pair, const integer_t *kind) noexcept nogil:
    """Two neighbours, read as one number of twice their width: its halves, whichever stands first in memory."""
    if integer_sum_t is uint16_t and integer_t is int8_t:
        return <uint16_t>((<int16_t>(pair << 8) >> 8) + (<int16_t>pair >> 8))
    elif integer_sum_t is uint16_t:
        return <uint16_t>((pair & 0xff) + (pair >> 8))
    elif integer_sum_t is uint32_t and integer_t is int16_t:
        return <uint32_t>((<int32_t>(pair << 16) >> 16) + (<int32_t>pair >> 16))
    else:
        return (pair & 0xffff) + (pair >> 16)


cdef void load_pairs(integer_sum_t *acc, const integer_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                     const Loading *how) noexcept nogil:
    """Sums of n pairs of neighbours: where windows are as far apart as they are wide, the first step along the row.

    It needs no shuffle, and no scratch row of all elements.
    """
    cdef const integer_t *a
    cdef const integer_t *b
    cdef integer_sum_t p, q
    cdef Py_ssize_t i, r = 0
    if fresh and n_rows > 1:
        a = rows[0]
        b = rows[1]
        for i in range(n):
            memcpy(&p, &a[2 * i], sizeof(integer_sum_t))
            memcpy(&q, &b[2 * i], sizeof(integer_sum_t))
            acc[i] = <integer_sum_t>(pair_sum[integer_sum_t, integer_t](p, <const integer_t *>NULL)
                                     + pair_sum[integer_sum_t, integer_t](q, <const integer_t *>NULL))
        r = 2
    elif fresh:
        a = rows[0]
        for i in range(n):
            memcpy(&p, &a[2 * i], sizeof(integer_sum_t))
            acc[i] = pair_sum[integer_sum_t, integer_t](p, <const integer_t *>NULL)
        r = 1
    while r < n_rows:
        a = rows[r]
        for i in range(n):
            memcpy(&p, &a[2 * i], sizeof(integer_sum_t))
            acc[i] = <integer_sum_t>(acc[i] + pair_sum[integer_sum_t, integer_t](p, <const integer_t *>NULL))
        r += 1


cdef void load_pixel_pairs(uint16_t *acc, const integer_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                           const Loading *how) noexcept nogil:
    """The same for pixels of three bytes."""
    cdef Py_ssize_t r
    if integer_t is int8_t or integer_t is uint8_t:
        for r in range(0, n_rows, 2):
            add_pixel_pairs(acc, <const uint8_t *>rows[r], <const uint8_t *>rows[r + 1] if r + 1 < n_rows else NULL, n,
                            fresh and r == 0, integer_t is int8_t)


cdef inline uint64_t half(wide_t value, bint high) noexcept nogil:
    return <uint64_t>(value >> 32) if high else <uint64_t>value & <uint64_t>0xffffffff


cdef inline void load_halves(uint64_t *acc, const wide_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                             bint high) noexcept nogil:
    """The low halves of numbers, or the high ones, which keep their sign; of up to four rows at once."""
    cdef const wide_t *a
    cdef const wide_t *b
    cdef const wide_t *c
    cdef const wide_t *d
    cdef Py_ssize_t i, r = 0
    if fresh and n_rows > 1:
        a = rows[0]
        b = rows[1]
        for i in range(n):
            acc[i] = half(a[i], high) + half(b[i], high)
        r = 2
    elif fresh:
        a = rows[0]
        for i in range(n):
            acc[i] = half(a[i], high)
        r = 1
    while r + 3 < n_rows:
        a = rows[r]
        b = rows[r + 1]
        c = rows[r + 2]
        d = rows[r + 3]
        for i in range(n):
            acc[i] += half(a[i], high) + half(b[i], high) + half(c[i], high) + half(d[i], high)
        r += 4
    while r < n_rows:
        a = rows[r]
        for i in range(n):
            acc[i] += half(a[i], high)
        r += 1


cdef void load_low_halves(uint64_t *acc, const wide_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                          const Loading *how) noexcept nogil:
    load_halves(acc, rows, n_rows, n, fresh, False)


cdef void load_high_halves(uint64_t *acc, const wide_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                           const Loading *how) noexcept nogil:
    load_halves(acc, rows, n_rows, n, fresh, True)


cdef bint are_bounded(const char *row, Py_ssize_t n, Py_ssize_t stride, const Bounds *bounds) noexcept nogil:
    """Whether numbers, so many bytes apart, are within bounds."""
    cdef const uint64_t *numbers = <const uint64_t *>row
    cdef uint64_t added = bounds.added, bits = 0
    cdef Py_ssize_t i
    if stride == sizeof(uint64_t):
        for i in range(n):
            bits |= numbers[i] + added
    else:
        for i in range(n):
            bits |= (<const uint64_t *>(row + i * stride))[0] + added
    return bits < bounds.limit


cdef inline float_sum_t addend(real_t value, const float_sum_t *kind) noexcept nogil:
    if real_t is half_t:
        return <float_sum_t>half_to_float(value.bits)
    elif real_t is bfloat_t:
        return <float_sum_t>bfloat_to_float(value.bits)
    else:
        return <float_sum_t>value


cdef void load_reals(float_sum_t *acc, const real_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                     const Loading *how) noexcept nogil:
    """Sums of rows, added one after the other."""
    cdef const real_t *a
    cdef const real_t *b
    cdef const real_t *c
    cdef Py_ssize_t i, r = 0
    if real_t is half_t and float_sum_t is float:
        add_halves(acc, <const uint16_t **>rows, n_rows, n, fresh)
        r = n_rows
    elif fresh:
        a = rows[0]
        b = rows[1] if n_rows > 1 else NULL
        c = rows[2] if n_rows > 2 else NULL
        if c != NULL:
            for i in range(n):
                acc[i] = addend[real_t, float_sum_t](a[i], <const float_sum_t *>NULL) + addend[real_t, float_sum_t](
                    b[i], <const float_sum_t *>NULL) + addend[real_t, float_sum_t](c[i], <const float_sum_t *>NULL)
            r = 3
        elif b != NULL:
            for i in range(n):
                acc[i] = addend[real_t, float_sum_t](a[i], <const float_sum_t *>NULL) + addend[real_t, float_sum_t](
                    b[i], <const float_sum_t *>NULL)
            r = 2
        else:
            for i in range(n):
                acc[i] = addend[real_t, float_sum_t](a[i], <const float_sum_t *>NULL)
            r = 1
    while r + 1 < n_rows:
        a = rows[r]
        b = rows[r + 1]
        for i in range(n):
            acc[i] = acc[i] + addend[real_t, float_sum_t](a[i], <const float_sum_t *>NULL) + addend[
                real_t, float_sum_t](b[i], <const float_sum_t *>NULL)
        r += 2
    if r < n_rows:
        a = rows[r]
        for i in range(n):
            acc[i] = acc[i] + addend[real_t, float_sum_t](a[i], <const float_sum_t *>NULL)


cdef void load_numbers(float_sum_t *acc, const real_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                       const Loading *how) noexcept nogil:
    """Addends times the weights of rows, with 0 for NaN; of a complex number both parts count as NaN when one is."""
    cdef const real_t *row
    cdef float_sum_t value, other, scale
    cdef Py_ssize_t i, r
    for r in range(n_rows):
        row = rows[r]
        scale = <float_sum_t>how.scales[r] if how.scales != NULL else 1
        for i in range(n):
            value = addend[real_t, float_sum_t](row[i], <const float_sum_t *>NULL)
            other = addend[real_t, float_sum_t](row[i ^ 1], <const float_sum_t *>NULL) if how.complex_pairs else value
            value = scale * value if value == value and other == other else 0
            acc[i] = value if fresh and r == 0 else acc[i] + value


cdef void load_presence(float_sum_t *acc, const real_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                        const Loading *how) noexcept nogil:
    """The weight of its row, 1 where there are none, for a number; 0 for NaN."""
    cdef const real_t *row
    cdef float_sum_t value, other, scale
    cdef Py_ssize_t i, r
    for r in range(n_rows):
        row = rows[r]
        scale = <float_sum_t>how.scales[r] if how.scales != NULL else 1
        for i in range(n):
            value = addend[real_t, float_sum_t](row[i], <const float_sum_t *>NULL)
            other = addend[real_t, float_sum_t](row[i ^ 1], <const float_sum_t *>NULL) if how.complex_pairs else value
            value = scale if value == value and other == other else 0
            acc[i] = value if fresh and r == 0 else acc[i] + value


# -- addresses -------------------------------------------------------------------------------------------------------

cdef size_t loads(load_t function):
    return <size_t><void *>function


# By element and sum.
LOAD = {
    ("u1", "u2"): loads(<load_t>load_integers[uint16_t, uint8_t]),
    ("u1", "u4"): loads(<load_t>load_integers[uint32_t, uint8_t]),
    ("u1", "u8"): loads(<load_t>load_integers[uint64_t, uint8_t]),
    ("i1", "u2"): loads(<load_t>load_integers[uint16_t, int8_t]),
    ("i1", "u4"): loads(<load_t>load_integers[uint32_t, int8_t]),
    ("i1", "u8"): loads(<load_t>load_integers[uint64_t, int8_t]),
    ("u2", "u4"): loads(<load_t>load_integers[uint32_t, uint16_t]),
    ("u2", "u8"): loads(<load_t>load_integers[uint64_t, uint16_t]),
    ("i2", "u4"): loads(<load_t>load_integers[uint32_t, int16_t]),
    ("i2", "u8"): loads(<load_t>load_integers[uint64_t, int16_t]),
    ("u4", "u8"): loads(<load_t>load_integers[uint64_t, uint32_t]),
    ("i4", "u8"): loads(<load_t>load_integers[uint64_t, int32_t]),
    ("f2", "f4"): loads(<load_t>load_reals[float, half_t]),
    ("bf2", "f4"): loads(<load_t>load_reals[float, bfloat_t]),
    ("f2", "f8"): loads(<load_t>load_reals[double, half_t]),
    ("bf2", "f8"): loads(<load_t>load_reals[double, bfloat_t]),
    ("f4", "f8"): loads(<load_t>load_reals[double, float]),
}
# Of pixels with one and with three channels.
LOAD_PAIRS = {
    ("u1", "u2"): (loads(<load_t>load_pairs[uint16_t, uint8_t]), loads(<load_t>load_pixel_pairs[uint8_t])),
    ("i1", "u2"): (loads(<load_t>load_pairs[uint16_t, int8_t]), loads(<load_t>load_pixel_pairs[int8_t])),
    ("u2", "u4"): (loads(<load_t>load_pairs[uint32_t, uint16_t]), 0),
    ("i2", "u4"): (loads(<load_t>load_pairs[uint32_t, int16_t]), 0),
}
ADVANCE = {
    ("u1", "u2"): loads(<load_t>advance_sums[uint16_t, uint8_t]),
    ("u1", "u4"): loads(<load_t>advance_sums[uint32_t, uint8_t]),
    ("u1", "u8"): loads(<load_t>advance_sums[uint64_t, uint8_t]),
    ("i1", "u2"): loads(<load_t>advance_sums[uint16_t, int8_t]),
    ("i1", "u4"): loads(<load_t>advance_sums[uint32_t, int8_t]),
    ("i1", "u8"): loads(<load_t>advance_sums[uint64_t, int8_t]),
    ("u2", "u4"): loads(<load_t>advance_sums[uint32_t, uint16_t]),
    ("u2", "u8"): loads(<load_t>advance_sums[uint64_t, uint16_t]),
    ("i2", "u4"): loads(<load_t>advance_sums[uint32_t, int16_t]),
    ("i2", "u8"): loads(<load_t>advance_sums[uint64_t, int16_t]),
    ("u4", "u8"): loads(<load_t>advance_sums[uint64_t, uint32_t]),
    ("i4", "u8"): loads(<load_t>advance_sums[uint64_t, int32_t]),
    ("u8", "u8"): loads(<load_t>advance_sums[uint64_t, uint64_t]),
}
RUNNING = {
    "u2": <size_t><void *><running_t>running_16,
    "u4": <size_t><void *><running_t>running_32,
    "u8": <size_t><void *><running_t>running_64,
}
LOAD_HALVES = {
    "i8": (loads(<load_t>load_low_halves[int64_t]), loads(<load_t>load_high_halves[int64_t])),
    "u8": (loads(<load_t>load_low_halves[uint64_t]), loads(<load_t>load_high_halves[uint64_t])),
}
BOUNDED = <size_t><void *><bounded_t>are_bounded
LOAD_PRESENT = {
    ("f2", "f4"): (loads(<load_t>load_numbers[float, half_t]), loads(<load_t>load_presence[float, half_t])),
    ("bf2", "f4"): (loads(<load_t>load_numbers[float, bfloat_t]), loads(<load_t>load_presence[float, bfloat_t])),
    ("f4", "f4"): (loads(<load_t>load_numbers[float, float]), loads(<load_t>load_presence[float, float])),
    ("f2", "f8"): (loads(<load_t>load_numbers[double, half_t]), loads(<load_t>load_presence[double, half_t])),
    ("bf2", "f8"): (loads(<load_t>load_numbers[double, bfloat_t]), loads(<load_t>load_presence[double, bfloat_t])),
    ("f4", "f8"): (loads(<load_t>load_numbers[double, float]), loads(<load_t>load_presence[double, float])),
    ("f8", "f8"): (loads(<load_t>load_numbers[double, double]), loads(<load_t>load_presence[double, double])),
}
