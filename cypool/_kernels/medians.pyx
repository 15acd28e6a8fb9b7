"""Medians of 3x3 and 5x5 windows at stride 1: neighbours share columns, and what has been done with them.

Columns are sorted once for all windows that have them, in two output rows together: the rows but the first and the last
are in both. The median of nine is that of the greatest of the least, the middle one of the middle ones and the least of
the greatest of three columns (A. W. Paeth, "Median finding on a 3x3 grid", 1990): 17 minima and maxima a window. 5x5
windows are taken by pairs, at an even place and the odd one after it, which have four columns in common. Of two
columns, and of two such pairs, what a median may need is brought in order by merging (K. E. Batcher, "Sorting networks
and their applications", 1968); the fifth column of each window comes last: 54 minima and maxima a window, where the
network that few.pyx has for 25 taps takes 174.

A column that a window lacks is filled so that the median stays in the middle. Where the taps that are there have two
medians, that gives the lower one; of floats, the mean of both is made of it then.
"""

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t

from cypool._kernels.fives cimport FIVE, settle_fives
from cypool._kernels.sorted_columns cimport MOST_BLOCKS
from cypool._kernels.taps cimport key_t
from cypool._kernels.threes cimport THREE, settle_threes
from cypool._kernels.types cimport BLOCK_BYTES, Sliding, slide_t

# Rows and columns of a window.  A typed NULL chooses them at compile time.
cdef struct Three:
    char unused

cdef struct Five:
    char unused

ctypedef fused side_t:
    Three
    Five


cdef void settle(key_t *out, const key_t **rows, Py_ssize_t n, Py_ssize_t n_rows, const Sliding *how,
                 const side_t *side) noexcept nogil:
    """n windows side by side in each of n_rows output rows, of as many rows as columns. The rows, from which those of
    the next output follow, begin with the first column that is there."""
    cdef const key_t *piece[FIVE + 1]
    cdef int taps = THREE if side_t is Three else FIVE
    cdef Py_ssize_t width = BLOCK_BYTES // sizeof(key_t)
    cdef Py_ssize_t most = MOST_BLOCKS * width * (1 if side_t is Three else 2) - (taps - 1)
    cdef Py_ssize_t n_pieces = (n + most - 1) // most
    cdef Py_ssize_t p, begin, end, before, after
    cdef int t
    for p in range(n_pieces):
        begin = n * p // n_pieces
        end = n * (p + 1) // n_pieces
        before = max(how.before - begin, <Py_ssize_t>0)
        after = max(how.after - (n - end), <Py_ssize_t>0)
        for t in range(taps):
            piece[t] = rows[t] + (begin + before - how.before)
        if side_t is Three:
            settle_threes(out + begin, piece, end - begin, before, after, n_rows, how)
        else:
            settle_fives(out + begin, piece, end - begin, before, after, n_rows, how)


cdef dict by_taps(slide_t three, slide_t five):
    return {9: <size_t><void *>three, 25: <size_t><void *>five}


# Addresses by element and by taps of a window.
MEDIANS = {
    "i1": by_taps(<slide_t>settle[int8_t, Three], <slide_t>settle[int8_t, Five]),
    "u1": by_taps(<slide_t>settle[uint8_t, Three], <slide_t>settle[uint8_t, Five]),
    "i2": by_taps(<slide_t>settle[int16_t, Three], <slide_t>settle[int16_t, Five]),
    "u2": by_taps(<slide_t>settle[uint16_t, Three], <slide_t>settle[uint16_t, Five]),
    "i4": by_taps(<slide_t>settle[int32_t, Three], <slide_t>settle[int32_t, Five]),
    "u4": by_taps(<slide_t>settle[uint32_t, Three], <slide_t>settle[uint32_t, Five]),
    "i8": by_taps(<slide_t>settle[int64_t, Three], <slide_t>settle[int64_t, Five]),
    "u8": by_taps(<slide_t>settle[int64_t, Three], <slide_t>settle[int64_t, Five]),
    "f4": by_taps(<slide_t>settle[float, Three], <slide_t>settle[float, Five]),
    "f8": by_taps(<slide_t>settle[double, Three], <slide_t>settle[double, Five]),
}
