# What is done with the taps of a window in registers.

from libc.math cimport INFINITY
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t

cdef extern from "numbers.h" nogil:
    bint unordered_32(float a, float b)
    bint unordered_64(double a, double b)

# Of uint64 there is no comparison in vectors: its numbers come as int64, flipped to the same order.
ctypedef fused key_t:
    int8_t
    uint8_t
    int16_t
    uint16_t
    int32_t
    uint32_t
    int64_t
    float
    double


cdef inline key_t flipped(key_t value, int64_t flip) noexcept nogil:
    if key_t is int64_t:
        return value ^ flip
    else:
        return value


cdef inline bint unordered(key_t a, key_t b) noexcept nogil:
    if key_t is float:
        return unordered_32(a, b)
    elif key_t is double:
        return unordered_64(a, b)
    else:
        return False


cdef inline key_t lesser(key_t a, key_t b) noexcept nogil:
    return b if b < a else a


cdef inline key_t greater(key_t a, key_t b) noexcept nogil:
    return b if a < b else a


cdef inline Py_ssize_t least_outside(Py_ssize_t n_rows, Py_ssize_t taps, Py_ssize_t outside) noexcept nogil:
    """How often a column that is so many places outside of its rows is to have the least element, and else the
    greatest, so that the lower median of the taps that are there is in the middle of all."""
    # The median of c taps has (c - 1) // 2 below it.
    return ((n_rows * (taps - outside + 1) - 1) >> 1) - ((n_rows * (taps - outside) - 1) >> 1)


cdef inline key_t halfway(key_t low, key_t high) noexcept nogil:
    """The lower one of integers, the mean of both of floats."""
    cdef double total
    if key_t is float:
        return <key_t>((<double>low + <double>high) * 0.5)
    elif key_t is double:
        total = low + high
        return low * 0.5 + high * 0.5 if (total == INFINITY) | (total == -INFINITY) else total * 0.5
    else:
        return low


cdef inline void exchange(key_t *taps, int a, int b) noexcept nogil:
    """Bring two in order."""
    cdef key_t low = taps[b] if taps[b] < taps[a] else taps[a]
    taps[b] = taps[a] if taps[b] < taps[a] else taps[b]
    taps[a] = low


cdef inline void pairs(key_t *taps, int a, int b, int c, int d) noexcept nogil:
    exchange(taps, a, b)
    exchange(taps, c, d)


cdef inline void triples(key_t *taps, int a, int b, int c, int d, int e, int f) noexcept nogil:
    pairs(taps, a, b, c, d)
    exchange(taps, e, f)


cdef inline void fours(key_t *taps, int a, int b, int c, int d, int e, int f, int g, int h) noexcept nogil:
    pairs(taps, a, b, c, d)
    pairs(taps, e, f, g, h)


cdef inline void sort_four(key_t *taps) noexcept nogil:
    pairs(taps, 0, 1, 2, 3)
    pairs(taps, 0, 2, 1, 3)
    exchange(taps, 1, 2)
