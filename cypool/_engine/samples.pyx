"""What the bins of boxes read along one axis: their samples, merged into taps.

A sample between two elements gives its share to both. Samples of a bin that lie between the same elements are merged,
so that a bin has at most as many taps as elements.
"""

from libc.math cimport fabs
from libc.stdint cimport int64_t, uint8_t

cimport numpy as cnp

from cypool._kernels.types cimport float_sum_t

import numpy as np

cnp.import_array()


cdef Py_ssize_t samples_of(float_sum_t start, float_sum_t size, Py_ssize_t bin, Py_ssize_t grid, Py_ssize_t length,
                           bint averaged, int64_t *index, double *most, double *least,
                           uint8_t *outside) noexcept nogil:
    """Work out the taps of one bin from its samples; how many there are. index may be NULL, to only count them.

    Positions are worked out in the type and order of ONNX Runtime, so that they are on the same side of a border.
    """
    cdef double step = fabs(<double>size) / <double>grid if grid else 0.0
    cdef double origin = <double>start + <double>size * <double>bin
    cdef double slack, first, stop
    cdef int64_t previous = -1, last = -1
    cdef Py_ssize_t n = 0, inside = 0
    cdef Py_ssize_t i, j, low, high, corner, place, begin, end
    cdef float_sum_t position, share, weight
    # Samples far outside are not visited: a box may have very many of them.
    slack = 2.0 + 1e-6 * (fabs(<double>start) + fabs(<double>size) * <double>(bin + 1)) / step if step > 0 else 0.0
    first = (-1.0 - origin if size >= 0 else origin - <double>length) / step - slack if step > 0 else 0.0
    stop = (<double>length - origin if size >= 0 else origin + 1.0) / step + slack if step > 0 else <double>grid
    begin = <Py_ssize_t>first if 0.0 < first < <double>grid else grid if first >= <double>grid else 0
    end = <Py_ssize_t>stop if 0.0 < stop < <double>grid else 0 if stop <= 0.0 else grid
    for j in range(begin, end):
        # Always from low positions to high ones, so that equal indices follow each other.
        i = j if size >= 0 else end - 1 - (j - begin)
        position = (start + <float_sum_t>bin * size
                    + (<float_sum_t>i + <float_sum_t>0.5) * size / <float_sum_t>grid)
        if not (position >= -1 and position <= <float_sum_t>length):
            continue
        inside += 1
        if position < 0:
            position = 0
        low = <Py_ssize_t>position
        high = low + 1
        if low >= length - 1:
            low = high = length - 1
            position = <float_sum_t>low
        share = position - <float_sum_t>low
        for corner in range(2):
            place = high if corner else low
            weight = share if corner else 1 - share
            if place == last:
                i = n - 1
            elif place == previous:
                i = n - 2
            else:
                previous = last
                last = place
                i = n
                n += 1
                if index != NULL:
                    index[i] = place
                    most[i] = 0.0 if averaged else weight
                    least[i] = weight
            if index == NULL:
                continue
            if averaged:
                most[i] += weight
            else:
                most[i] = max(most[i], <double>weight)
                least[i] = min(least[i], <double>weight)
    if index != NULL and averaged:
        for i in range(n):
            most[i] /= <double>grid
    outside[0] = inside < grid or grid == 0
    return n


def table(float_sum_t[::1] starts, float_sum_t[::1] sizes, int64_t[::1] grids, Py_ssize_t n_bins, Py_ssize_t length,
          bint averaged):
    """What the bins of boxes read along one axis: `first`, `index`, `most`, `least` and `outside` of a Table.

    Bins of size sizes[b] begin at starts[b], in elements, and take grids[b] samples each.
    """
    cdef Py_ssize_t n = starts.shape[0]
    first = np.zeros(n * n_bins + 1, np.int64)
    outside = np.zeros(n * n_bins + 1, np.uint8)
    cdef int64_t[::1] first_view = first
    cdef uint8_t[::1] outside_view = outside
    cdef Py_ssize_t b, i, at
    with nogil:
        for b in range(n):
            for i in range(n_bins):
                at = b * n_bins + i
                first_view[at + 1] = first_view[at] + samples_of(
                    starts[b], sizes[b], i, grids[b], length, averaged, NULL, NULL, NULL, &outside_view[at])
    # One more, so that there is an address even where nothing is read.
    cdef Py_ssize_t total = first_view[n * n_bins] + 1
    index = np.zeros(total, np.int64)
    most = np.zeros(total)
    least = np.zeros(total)
    cdef int64_t[::1] index_view = index
    cdef double[::1] most_view = most
    cdef double[::1] least_view = least
    with nogil:
        for b in range(n):
            for i in range(n_bins):
                at = first_view[b * n_bins + i]
                samples_of(starts[b], sizes[b], i, grids[b], length, averaged, &index_view[at], &most_view[at],
                           &least_view[at], &outside_view[b * n_bins + i])
    return first, index, most, least, outside


def columns_of(int64_t[::1] first, int64_t[::1] index, Py_ssize_t n_bins, Py_ssize_t length):
    """The columns that each box reads, as `first_column` and `columns`, and where among them each tap is."""
    cdef Py_ssize_t n = (first.shape[0] - 1) // n_bins
    first_column = np.zeros(n + 1, np.int64)
    columns = np.zeros(index.shape[0], np.int64)
    slots = np.zeros(index.shape[0], np.int64)
    cdef int64_t[::1] first_view = first_column
    cdef int64_t[::1] columns_view = columns
    cdef int64_t[::1] slots_view = slots
    cdef int64_t[::1] place = np.full(length, -1, np.int64)
    cdef Py_ssize_t b, k, total = 0
    with nogil:
        for b in range(n):
            for k in range(first[b * n_bins], first[(b + 1) * n_bins]):
                if place[index[k]] < first_view[b]:
                    place[index[k]] = total
                    columns_view[total] = index[k]
                    total += 1
                slots_view[k] = place[index[k]] - first_view[b]
            first_view[b + 1] = total
    return first_column, columns, slots
