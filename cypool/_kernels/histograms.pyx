"""Medians of large windows of bytes at stride 1, from histograms that move along.

Each column of the window has a histogram, which takes a row and gives one back from one row of outputs to the next; the
window's is the sum of its columns', which takes a column and gives one back from output to output. So a median takes
as long whatever the rows and columns of the window (S. Perreault and P. Hebert, "Median filtering in constant time",
2007); of several planes, a column takes an element of each.

A histogram has eight segments of 32 bins, and one whose bins are those segments. In each, a bin counts what is in it
and in those before it: then vectors of comparisons tell where a rank falls, without a walk over bins. Sums of such
counts are counts of the same kind. Those of a column are bytes, since each output reads all of two columns.
"""

from libc.stdint cimport uint8_t, uint16_t
from libc.string cimport memset

from cypool._kernels.types cimport HISTOGRAM_BYTES, Counted, counted_t

cdef extern from "wholes.h" nogil:
    ctypedef struct wholes:
        pass
    Py_ssize_t WHOLE_BYTES
    wholes load_wholes(const char *row)
    wholes load_widened(const char *row)
    void store_wholes(char *row, wholes v)
    wholes sum_8(wholes a, wholes b)
    wholes difference_8(wholes a, wholes b)
    wholes sum_16(wholes a, wholes b)
    wholes difference_16(wholes a, wholes b)
    int at_most_16(wholes v, int bound)

cdef enum:
    BINS = 32               # of a segment, and its bytes in a column's histogram
    SEGMENTS = 9
    COARSE = 256            # where the last one begins; its bins from the eighth on are alike
    WIDTH = 64              # bytes of a segment of the window's histogram, whose counts have 16 bits


# -- a column's histogram --------------------------------------------------------------------------------------------

cdef inline void add(char *segment, const char *other) noexcept nogil:
    cdef Py_ssize_t at = 0
    while at < BINS:
        store_wholes(segment + at, sum_8(load_wholes(segment + at), load_wholes(other + at)))
        at += WHOLE_BYTES


cdef inline void take(char *segment, const char *other) noexcept nogil:
    cdef Py_ssize_t at = 0
    while at < BINS:
        store_wholes(segment + at, difference_8(load_wholes(segment + at), load_wholes(other + at)))
        at += WHOLE_BYTES


cdef inline void make_steps(char *steps) noexcept nogil:
    """What one more in a bin adds to a segment, for each of its bins."""
    cdef int first, bin
    for first in range(BINS):
        for bin in range(BINS):
            steps[first * BINS + bin] = bin >= first


cdef inline void update(const Counted *how, const char *data, Py_ssize_t coming, Py_ssize_t going, Py_ssize_t first,
                        Py_ssize_t n, const char *steps) noexcept nogil:
    """The histograms of n columns take the elements of a row, and give back those of another, if they are in the
    input."""
    cdef bint comes = 0 <= coming < how.rows, goes = 0 <= going < how.rows
    cdef const char *new
    cdef const char *old
    cdef char *histogram
    cdef uint8_t flip = <uint8_t>how.flip, a
    cdef Py_ssize_t p, c
    for p in range(how.n_planes):
        new = data + how.planes[p] + coming * how.row_step + first
        old = data + how.planes[p] + going * how.row_step + first
        histogram = how.histograms
        for c in range(n):
            if comes:
                a = <uint8_t>new[c] ^ flip
                add(histogram + a // BINS * BINS, steps + a % BINS * BINS)
                add(histogram + COARSE, steps + a // BINS * BINS)
            if goes:
                a = <uint8_t>old[c] ^ flip
                take(histogram + a // BINS * BINS, steps + a % BINS * BINS)
                take(histogram + COARSE, steps + a // BINS * BINS)
            histogram += HISTOGRAM_BYTES


# -- the window's ----------------------------------------------------------------------------------------------------

cdef inline void move(char *window, const char *coming, const char *going, bint comes, bint goes) noexcept nogil:
    """The window's histogram takes a column's, gives one back, or both."""
    cdef Py_ssize_t at = 0
    cdef wholes v
    # Of the last segment, half is enough.
    while at < SEGMENTS * WIDTH - WIDTH // 2:
        v = load_wholes(window + at)
        if comes:
            v = sum_16(v, load_widened(coming + at // 2))
        if goes:
            v = difference_16(v, load_widened(going + at // 2))
        store_wholes(window + at, v)
        at += WHOLE_BYTES


cdef inline Py_ssize_t bin_of(const char *segment, Py_ssize_t n_bytes, int rank) noexcept nogil:
    """The first bin with more counts than that, in it and before."""
    cdef Py_ssize_t at = 0, bin = 0
    while at < n_bytes:
        bin += at_most_16(load_wholes(segment + at), rank)
        at += WHOLE_BYTES
    return bin


cdef inline void run_row(char *out, const Counted *how, Py_ssize_t first, Py_ssize_t taps_of_column) noexcept nogil:
    """A row of medians; the first histogram is that of column `first`."""
    cdef char window[SEGMENTS * WIDTH]
    cdef const char *coarse = window + (SEGMENTS - 1) * WIDTH
    cdef const char *coming
    cdef const char *going
    cdef uint8_t flip = <uint8_t>how.flip
    cdef Py_ssize_t j, c, bin, segment, n_columns = 0
    cdef int rank
    memset(window, 0, SEGMENTS * WIDTH)
    for c in range(max(how.first_column, <Py_ssize_t>0), min(how.first_column + how.taps - 1, how.columns)):
        move(window, how.histograms + (c - first) * HISTOGRAM_BYTES, NULL, True, False)
        n_columns += 1
    for j in range(how.n):
        # The last column of window j, and the one before its first.
        c = how.first_column + j + how.taps - 1
        coming = how.histograms + (c - first) * HISTOGRAM_BYTES
        going = coming - how.taps * HISTOGRAM_BYTES
        if c < how.columns and j > 0 and c >= how.taps:
            move(window, coming, going, True, True)
        elif c < how.columns:
            move(window, coming, NULL, True, False)
            n_columns += 1
        elif j > 0 and c >= how.taps:
            move(window, NULL, going, False, True)
            n_columns -= 1
        rank = <int>((n_columns * taps_of_column - 1) // 2)
        segment = bin_of(coarse, WIDTH // 2, rank)
        if segment > 0:
            rank -= (<const uint16_t *>coarse)[segment - 1]
        bin = bin_of(window + segment * WIDTH, WIDTH, rank)
        out[j] = <char>(<uint8_t>(segment * BINS + bin) ^ flip)


cdef void medians(char *out, const char *data, const Counted *how) noexcept nogil:
    """n_rows rows of n lower medians; `data` is the first element of the input's plane, or of those of the window."""
    cdef char steps[BINS * BINS]
    cdef Py_ssize_t first = max(how.first_column, <Py_ssize_t>0)
    cdef Py_ssize_t n = min(how.first_column + how.n + how.taps - 1, how.columns) - first
    cdef Py_ssize_t i, row, n_rows
    make_steps(steps)
    memset(how.histograms, 0, <size_t>(n * HISTOGRAM_BYTES))
    for row in range(how.first_row, how.first_row + how.row_taps - 1):
        update(how, data, row, -1, first, n, steps)
    for i in range(how.n_rows):
        row = how.first_row + i
        update(how, data, row + how.row_taps - 1, row - 1 if i > 0 else -1, first, n, steps)
        n_rows = min(row + how.row_taps, how.rows) - max(row, <Py_ssize_t>0)
        run_row(out + i * how.out_step, how, first, n_rows * how.n_planes)


# Addresses by element, where there are vectors of integers.
MEDIANS = {name: <size_t><void *><counted_t>medians for name in ("i1", "u1") if WHOLE_BYTES}
