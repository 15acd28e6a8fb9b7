"""Norms of order 1 and 2 of float32, in float32: from the rows of a window's taps straight to the results.

Squares leave the range of float32 long before norms do. Where a sum of squares is too large, or so small that something
may have got lost in it, the window is summed once more in doubles; a window of nothing but zeros needs no second look.
So each result is that of its window alone, whatever stands beside it.

Taps meet by eights, so that an error grows with an eighth of their number.
"""

from libc.math cimport NAN, sqrt
from libc.stdint cimport int64_t

from cypool._kernels.types cimport few_t
from cypool._kernels.vectors cimport (
    LANES_32, MOST_LANES, all_32, any_outside_32, floats, greater_32, load, magnitude_32, one_if_zero_32, product_32,
    root_32, store, sum_32, unless_nan_32,
)

# What the norms are of.  A typed NULL chooses it at compile time.
cdef struct Magnitudes:
    char unused

cdef struct Squares:
    char unused

ctypedef fused power_t:
    Magnitudes
    Squares

cdef enum:
    TOGETHER = 8

# Sums of squares outside are not trusted: below, squares that were rounded to a multiple of 2^-149 may have a part.
cdef float LOWEST = 1e-30
cdef float HIGHEST = 1e38


cdef inline floats power(floats v, const power_t *kind) noexcept nogil:
    return magnitude_32(v) if power_t is Magnitudes else product_32(v, v)


cdef inline float in_doubles(const char **rows, Py_ssize_t n_rows, Py_ssize_t at) noexcept nogil:
    cdef double total = 0, value
    cdef Py_ssize_t r
    for r in range(n_rows):
        value = (<const float *>(rows[r] + at))[0]
        total += value * value
    return <float>sqrt(total)


cdef inline floats mended(floats sums, const char **rows, Py_ssize_t n_rows, Py_ssize_t at, bint one) noexcept nogil:
    """Roots of sums, some of which are outside of what is trusted, unless their windows are zeros."""
    cdef float each[MOST_LANES]
    cdef float roots[MOST_LANES]
    cdef floats largest = all_32(0)
    cdef Py_ssize_t r, i
    for r in range(n_rows):
        largest = greater_32(largest, magnitude_32(load(rows[r] + at, one, <floats *>NULL)))
    if not any_outside_32(sum_32(sums, one_if_zero_32(largest)), LOWEST, HIGHEST):
        return root_32(sums)
    store(<char *>each, sums, False)
    store(<char *>roots, root_32(sums), False)
    for i in range(1 if one else LANES_32):
        if each[i] < LOWEST or each[i] > HIGHEST:
            roots[i] = in_doubles(rows, n_rows, at + i * <Py_ssize_t>sizeof(float))
    return load(<char *>roots, False, <floats *>NULL)


cdef inline floats root(floats sums, const char **rows, Py_ssize_t n_rows, Py_ssize_t at, bint one,
                        const power_t *kind) noexcept nogil:
    """Results of sums of powers."""
    if power_t is Squares:
        if any_outside_32(sums, LOWEST, HIGHEST):
            sums = mended(sums, rows, n_rows, at, one)
        else:
            sums = root_32(sums)
    return unless_nan_32(sums, sums, all_32(NAN))


cdef inline void some_norms(char *out, const char **rows, Py_ssize_t n_rows, Py_ssize_t at, bint one,
                            const power_t *kind) noexcept nogil:
    """As many windows as a vector has lanes, or one."""
    cdef floats total, part
    cdef Py_ssize_t r = 0, end
    total = all_32(0)
    while r < n_rows:
        end = min(r + TOGETHER, n_rows)
        part = power(load(rows[r] + at, one, <floats *>NULL), kind)
        r += 1
        while r < end:
            part = sum_32(part, power(load(rows[r] + at, one, <floats *>NULL), kind))
            r += 1
        total = sum_32(total, part)
    store(out + at, root(total, rows, n_rows, at, one, kind), one)


cdef inline void many_norms(char *out, const char **rows, Py_ssize_t n_rows, Py_ssize_t at,
                            const power_t *kind) noexcept nogil:
    """Four vectors of them: a row is looked up once for all."""
    cdef Py_ssize_t width = LANES_32 * <Py_ssize_t>sizeof(float)
    cdef floats a, b, c, d, e, f, g, h
    cdef const char *row
    cdef Py_ssize_t r = 0, end
    a = b = c = d = all_32(0)
    while r < n_rows:
        end = min(r + TOGETHER, n_rows)
        row = rows[r] + at
        e = power(load(row, False, <floats *>NULL), kind)
        f = power(load(row + width, False, <floats *>NULL), kind)
        g = power(load(row + 2 * width, False, <floats *>NULL), kind)
        h = power(load(row + 3 * width, False, <floats *>NULL), kind)
        r += 1
        while r < end:
            row = rows[r] + at
            e = sum_32(e, power(load(row, False, <floats *>NULL), kind))
            f = sum_32(f, power(load(row + width, False, <floats *>NULL), kind))
            g = sum_32(g, power(load(row + 2 * width, False, <floats *>NULL), kind))
            h = sum_32(h, power(load(row + 3 * width, False, <floats *>NULL), kind))
            r += 1
        a = sum_32(a, e)
        b = sum_32(b, f)
        c = sum_32(c, g)
        d = sum_32(d, h)
    store(out + at, root(a, rows, n_rows, at, False, kind), False)
    store(out + at + width, root(b, rows, n_rows, at + width, False, kind), False)
    store(out + at + 2 * width, root(c, rows, n_rows, at + 2 * width, False, kind), False)
    store(out + at + 3 * width, root(d, rows, n_rows, at + 3 * width, False, kind), False)


cdef void norms(char *out, const char **rows, Py_ssize_t n_rows, Py_ssize_t n, int64_t flip,
                const power_t *kind) noexcept nogil:
    """n windows. The last vector begins early enough to end with them."""
    cdef Py_ssize_t i = 0
    if n < LANES_32:
        for i in range(n):
            some_norms(out, rows, n_rows, i * <Py_ssize_t>sizeof(float), True, kind)
        return
    while i + 4 * LANES_32 <= n:
        many_norms(out, rows, n_rows, i * <Py_ssize_t>sizeof(float), kind)
        i += 4 * LANES_32
    while i < n:
        i = min(i, n - LANES_32)
        some_norms(out, rows, n_rows, i * <Py_ssize_t>sizeof(float), False, kind)
        i += LANES_32


# Addresses by order.
NORMS = {
    1: <size_t><void *><few_t>norms[Magnitudes],
    2: <size_t><void *><few_t>norms[Squares],
}
