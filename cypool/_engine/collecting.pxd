# Gradients of maxima of windows that overlap: each input collects its own.

from libc.stdint cimport int64_t
from libc.string cimport memset

from cypool._engine.job cimport MAX_AXES, ceil_div
from cypool._engine.scatter cimport Corner, Planes, Work, corner_at, streams
from cypool._kernels.types cimport (
    LABELS_AFTER, LABELS_BEFORE, LABELS_BYTES, MOST_WINDOWS, Collected, Spans, Strays,
)

cdef extern from "streams.h" nogil:
    void end_streams()


cdef inline Spans spans_of(const Planes *planes, int axis) noexcept nogil:
    """An axis as kernels see it; one of one window and one position if there is none."""
    cdef Spans spans
    memset(&spans, 0, sizeof(Spans))
    spans.n = spans.length = spans.stride = spans.taps = 1
    if axis >= 0:
        spans = planes.spans[axis]
        spans.n = planes.pooled[axis].size
        spans.length = planes.lengths[axis]
        spans.value_step = planes.pooled[axis].value
        spans.index_step = planes.pooled[axis].index
        spans.target_step = planes.pooled[axis].target
    return spans


cdef inline Py_ssize_t rooms_of(const Spans *axis) noexcept nogil:
    """At least as many as windows have a position: a power of two."""
    cdef Py_ssize_t rooms = 1
    while rooms * axis.stride < axis.taps:
        rooms *= 2
    return rooms


cdef inline Py_ssize_t list_windows(const Planes *planes, int n_axes, const Py_ssize_t *at, const char *v,
                                    const char *i, const char **values, const int64_t **indices) noexcept nogil:
    """Windows that have a position of the first n_axes axes, in row-major order; gives their number."""
    cdef Py_ssize_t n = 1, ahead, first, count, r, w
    cdef const Spans *axis_spans
    cdef int axis
    values[0] = v
    indices[0] = <const int64_t *>i
    for axis in range(n_axes):
        axis_spans = &planes.spans[axis]
        ahead = at[axis] - axis_spans.origin
        first = max(ceil_div(ahead - axis_spans.taps + 1, axis_spans.stride), <Py_ssize_t>0)
        count = max(min(ahead // axis_spans.stride, planes.pooled[axis].size - 1) - first + 1, <Py_ssize_t>0)
        for r in range(n - 1, -1, -1):
            for w in range(count - 1, -1, -1):
                values[r * count + w] = values[r] + (first + w) * planes.pooled[axis].value
                indices[r * count + w] = <const int64_t *>(<const char *>indices[r]
                                                           + (first + w) * planes.pooled[axis].index)
        n *= count
    return n


cdef inline bint collect_planes(const Planes *planes, Work *work, const char *v, const char *i) noexcept nogil:
    """Fill planes that lie side by side; False if an index points out of its window, and all has to be done again.

    Kernels look for a window's label at positions that are written, and at each of those once. So a value is found once
    at most, and where as many are found as there are, each is where it belongs.
    """
    cdef char copies[LABELS_BYTES]
    cdef const char *values[MOST_WINDOWS]
    cdef const int64_t *indices[MOST_WINDOWS]
    cdef Py_ssize_t at[MAX_AXES]
    cdef int axis, last = planes.n_pooled - 1, n_axes = max(last - 1, 0)
    cdef Py_ssize_t n_values = 1, n
    cdef Corner corner
    cdef Collected how
    cdef Strays strays
    memset(&strays, 0, sizeof(Strays))
    for axis in range(planes.n_pooled):
        n_values *= planes.pooled[axis].size
        at[axis] = 0
    how.row = spans_of(planes, last)
    how.column = spans_of(planes, last - 1)
    how.row_first = ceil_div(1 - how.row.origin - how.row.taps, how.row.stride)
    how.n_inner = work.n_tiled
    how.n_rooms = rooms_of(&how.column)
    how.room_size = LABELS_BEFORE + how.row.n + LABELS_AFTER
    how.beyond_cache = planes.streamed
    how.streamed = streams(planes, work)
    while True:
        corner = corner_at(planes, n_axes, at, NULL)
        how.label = corner.label
        n = list_windows(planes, n_axes, at, v, i, values, indices)
        planes.collect(work.target + corner.offset, values, indices, n, copies, &how, &strays, NULL)
        axis = n_axes - 1
        while axis >= 0:
            at[axis] += 1
            if at[axis] < planes.lengths[axis]:
                break
            at[axis] = 0
            axis -= 1
        if axis < 0:
            break
    if how.streamed:
        end_streams()
    return not strays.outside and strays.hits == n_values * strays.values
