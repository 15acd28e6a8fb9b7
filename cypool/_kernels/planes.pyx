"""Gradients of overlapping windows on small planes: as many planes side by side as a vector has lanes.

An output is the sum of few inputs, and many outputs are of the same ones. A vector for each place of the planes makes
these sums without a look at where a row ends; what comes out is turned once for all rows that are alike.
"""

from libc.math cimport NAN
from libc.string cimport memset

from cypool._kernels.squares cimport lie_down, stand_up
from cypool._kernels.types cimport Spreading, spread_t
from cypool._kernels.vectors cimport (
    LANES_32, MOST_LANES, all_32, floats, load_32, quotient_32, store_32, sum_32, unless_nan_32)

cdef enum:
    MOST_PLACES = 512       # of an input plane
    MOST_OUTPUTS = 256      # of a row


cdef inline void place_planes(float *columns, const char *planes, const Spreading *how) noexcept nogil:
    """A vector for each place of the input planes; lanes without a plane are 0."""
    cdef Py_ssize_t at, lane
    if how.n_planes == LANES_32:
        stand_up(columns, planes, how.plane_step, how.places)
        return
    memset(columns, 0, <size_t>(how.places * LANES_32) * sizeof(float))
    for lane in range(how.n_planes):
        for at in range(how.places):
            columns[at * LANES_32 + lane] = (<const float *>(planes + lane * how.plane_step))[at]


cdef inline floats total(const float *columns, Py_ssize_t count, Py_ssize_t step) noexcept nogil:
    cdef floats result
    cdef Py_ssize_t t
    if count == 0:
        return all_32(0)
    result = load_32(<const char *>columns)
    for t in range(1, count):
        result = sum_32(result, load_32(<const char *>(columns + t * step)))
    return result


cdef inline void copy(char *out, const float *row, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t at = 0
    while at < n:
        at = min(at, n - LANES_32)
        store_32(out + at * <Py_ssize_t>sizeof(float), load_32(<const char *>(row + at)))
        at += LANES_32


cdef void spread(char *out, const char *planes, const Spreading *how) noexcept nogil:
    """All rows of outputs, each of the sums of a window of rows and then of a window along those, or of
    their quotients."""
    cdef float columns[MOST_PLACES * MOST_LANES]
    cdef float sums[MOST_PLACES * MOST_LANES]
    cdef float outputs[MOST_OUTPUTS * MOST_LANES]
    cdef float rows[MOST_OUTPUTS * MOST_LANES]
    cdef Py_ssize_t i = 0, end, j, lane
    cdef floats v
    place_planes(columns, planes, how)
    while i < how.n_rows:
        end = i + 1
        while (end < how.n_rows and how.column_starts[end] == how.column_starts[i]
               and how.column_counts[end] == how.column_counts[i]):
            end += 1
        for j in range(how.width):
            v = total(columns + (how.column_starts[i] * how.width + j) * LANES_32, how.column_counts[i],
                      how.width * LANES_32)
            store_32(<char *>(sums + j * LANES_32), v)
        for j in range(how.n):
            if j == 0 or how.row_starts[j] != how.row_starts[j - 1] or how.row_counts[j] != how.row_counts[j - 1]:
                v = total(sums + how.row_starts[j] * LANES_32, how.row_counts[j], LANES_32)
                if how.divisor != 1:
                    v = quotient_32(v, all_32(how.divisor))
                v = unless_nan_32(v, v, all_32(NAN))
            store_32(<char *>(outputs + j * LANES_32), v)
        lie_down(<char *>rows, MOST_OUTPUTS * sizeof(float), outputs, how.n)
        for lane in range(how.n_planes):
            for j in range(i, end):
                copy(out + lane * how.out_plane_step + j * how.out_row_step, rows + lane * MOST_OUTPUTS, how.n)
        i = end


SPREAD = <size_t><void *><spread_t>spread
PLACES = MOST_PLACES
OUTPUTS = MOST_OUTPUTS
LANES = LANES_32
