# Values that have a block of the target each: blocks are written whole.

from libc.stdint cimport int64_t
from libc.string cimport memset

from cypool._engine.job cimport MAX_AXES, MAX_ROWS  # rows of a block, see _scattering.py
from cypool._engine.scatter cimport Corner, Planes, Work, corner_at, goes_on, streams
from cypool._kernels.types cimport Strays

cdef extern from "streams.h" nogil:
    void end_streams()


cdef inline Py_ssize_t list_block(const Planes *planes, int n_axes, Py_ssize_t *offsets,
                                  int64_t *labels) noexcept nogil:
    """Offsets and labels of the rows of a block, by its first n_axes axes; gives their number."""
    cdef Py_ssize_t n = 1, i, c
    cdef int64_t label = 1
    cdef int axis
    for axis in range(n_axes, planes.n_pooled):
        label *= planes.lengths[axis]
    offsets[0] = 0
    labels[0] = 0
    for axis in range(n_axes - 1, -1, -1):
        for c in range(1, planes.blocks[axis]):
            for i in range(n):
                offsets[c * n + i] = offsets[i] + c * planes.pooled[axis].target
                labels[c * n + i] = labels[i] + c * label
        n *= planes.blocks[axis]
        label *= planes.lengths[axis]
    return n


cdef inline bint place_blocks(const Planes *planes, Work *work, const char *v, const char *i) noexcept nogil:
    """Fill planes that lie side by side; False if an index points out of its block, and all has to be done again.

    Where there are channels, it is a row of blocks at a time, and in it those rows of the blocks that follow each other
    in memory, so that what is written is one stream: eight rows by turns, in four streams, took twice the time.
    """
    cdef Py_ssize_t offsets[MAX_ROWS]
    cdef int64_t labels[MAX_ROWS]
    cdef int64_t row_labels[MAX_ROWS]
    cdef char *rows[MAX_ROWS]
    cdef Py_ssize_t tap[MAX_AXES]
    cdef bint inside = True, channels = planes.inner.size > 1, streamed = streams(planes, work)
    cdef int axis, last = planes.n_pooled - 1
    cdef int n_axes = last + 1 if channels else last
    cdef Py_ssize_t n = work.n_tiled if channels else planes.pooled[last].size
    cdef Py_ssize_t n_rows = list_block(planes, n_axes, offsets, labels), together = n_rows, n_groups = 1, n_windows = 1
    cdef Py_ssize_t step = 0, value_step = 0, index_step = 0, g, r, w
    cdef int64_t first
    cdef Corner corner
    cdef char *target
    cdef Strays strays
    memset(&strays, 0, sizeof(Strays))
    if channels and n_rows > planes.blocks[last]:
        n_axes = last
        together = planes.blocks[last]
        n_groups = n_rows // together
        n_windows = planes.pooled[last].size
        step = together * planes.pooled[last].target
        value_step = planes.pooled[last].value
        index_step = planes.pooled[last].index
    for axis in range(n_axes):
        tap[axis] = 0
    while True:
        corner = corner_at(planes, n_axes, tap, planes.blocks)
        for g in range(n_groups):
            target = work.target + corner.offset
            first = corner.label + work.label
            for w in range(n_windows):
                for r in range(together):
                    rows[r] = target + offsets[g * together + r]
                    row_labels[r] = first + labels[g * together + r]
                strays.first = first
                planes.place(rows, row_labels, together, v + w * value_step, <const int64_t *>(i + w * index_step),
                             n, streamed, &strays, NULL, NULL, NULL)
                target += step
                first += together
        # Each value was seen once for each group of rows.
        if strays.outside or strays.hits * n_groups < strays.values:
            inside = False
            break
        if not goes_on(planes.pooled, n_axes, tap, &v, &i):
            break
    if streamed:
        end_streams()
    return inside
