# What medians of 3x3 and 5x5 windows have in common: columns in order, in rows of their own; those that are missing.

from libc.math cimport NAN
from libc.string cimport memcpy

from cypool._kernels.taps cimport flipped, key_t, least_outside
from cypool._kernels.types cimport Sliding

cdef enum:
    MOST_BLOCKS = 16        # of columns that are sorted at once; of even ones, and as many odd ones
    PITCH_BYTES = 1088      # from row to row of sorted columns: as many blocks, and one more
    PITCH_WORDS = 136       # of 8 bytes


cdef inline key_t noted(bint nan, key_t zero) noexcept nogil:
    if key_t is float or key_t is double:
        return <key_t>NAN if nan else zero
    else:
        return 0


cdef inline void fill_column(key_t *column, Py_ssize_t step, Py_ssize_t taps, Py_ssize_t outside, Py_ssize_t fewer,
                             const Sliding *how) noexcept nogil:
    """A column that is so many places outside, in order. It has the least element some times fewer than keeps the
    median in the middle."""
    cdef Py_ssize_t least = least_outside(taps, taps, outside) - fewer
    cdef key_t filler
    cdef Py_ssize_t t
    for t in range(taps):
        memcpy(&filler, how.fillers[0 if t < least else 1], sizeof(key_t))
        column[t * step] = flipped(filler, how.flip)
    # No NaN.
    column[taps * step] = 0
