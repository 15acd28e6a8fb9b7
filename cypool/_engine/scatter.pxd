# Where values go, and what one thread works on: see scatter.pyx.

from libc.stdint cimport int64_t, uint64_t

from cypool._engine.job cimport MAX_AXES
from cypool._kernels.types cimport Spans, collect_small_t, collect_t, place_t


cdef enum:
    SHORT_BYTES = 256               # of a row


# Strides in bytes, of the values, of the indices and of the target.
cdef struct Dim:
    Py_ssize_t size
    Py_ssize_t value
    Py_ssize_t index
    Py_ssize_t target


cdef struct Planes:
    int n_outer
    int n_pooled
    Dim outer[MAX_AXES]
    Dim pooled[MAX_AXES]            # of the output; target is the stride of the input axis
    Py_ssize_t lengths[MAX_AXES]    # of the input
    int n_runs
    Dim runs[MAX_AXES]              # of the output as well: pooled axes that lie end to end are one
    Dim inner                       # planes side by side
    Dim tiled                       # that axis, or the next one above the planes, if those lie end to end,
    Py_ssize_t n_tiles              # in parts
    Py_ssize_t tile                 # of so many
    bint end_to_end                 # planes follow each other, as their outputs do
    Py_ssize_t n_slabs              # parts of the blocks along the first pooled axis, if those are filled so; or 1
    uint64_t plane_size
    Py_ssize_t unit                 # bytes from one index to the next; 0 where they do not follow each other
    bint fresh                      # the target is cleared on the way; else it is zeros
    Py_ssize_t blocks[MAX_AXES]     # where each value has a block of its own: its lengths
    place_t place                   # and what fills these; or NULL
    Spans spans[MAX_AXES]           # where windows overlap: origin, stride and taps
    collect_t collect               # and what collects from them; or NULL
    collect_small_t collect_small   # or what does so on small planes; or NULL
    bint streamed                   # past the cache


# What one thread works on: some planes side by side.
cdef struct Work:
    char *target
    Py_ssize_t n_tiled              # of the axis that is tiled
    int64_t label                   # of the target, where that is but a part of the planes
    uint64_t cleared                # positions of the planes, from the first, that are zeros or have been added to
    bint inside                     # no index was outside so far


cdef inline bint streams(const Planes *planes, const Work *work) noexcept nogil:
    """Whether all rows can go past the cache, and gain by it: a line that is written both ways takes ten times as long,
    and rows of but a few lines, of which two or more are written by turns, up to twice as long."""
    cdef size_t steps = <size_t>work.target
    cdef int axis, last = planes.n_pooled - 1
    if not planes.streamed:
        return False
    if planes.inner.size == 1 and planes.pooled[last].target * planes.lengths[last] < SHORT_BYTES:
        return False
    for axis in range(planes.n_pooled if planes.inner.size > 1 else last):
        steps |= <size_t>planes.pooled[axis].target
    return steps % 16 == 0


# Where planes, blocks or windows begin: bytes from the first one's, and the label there.
cdef struct Corner:
    Py_ssize_t offset
    int64_t label


cdef inline Corner corner_at(const Planes *planes, int n_axes, const Py_ssize_t *at,
                             const Py_ssize_t *steps) noexcept nogil:
    """That of `at` along the first n_axes pooled axes, in steps of so many positions, or of one if that is NULL."""
    cdef Corner corner
    cdef Py_ssize_t position
    cdef int axis
    corner.offset = 0
    corner.label = 0
    for axis in range(planes.n_pooled):
        corner.label *= planes.lengths[axis]
        if axis < n_axes:
            position = at[axis] * (steps[axis] if steps != NULL else 1)
            corner.offset += position * planes.pooled[axis].target
            corner.label += position
    return corner


cdef inline bint goes_on(const Dim *dims, int n_dims, Py_ssize_t *tap, const char **v, const char **i) noexcept nogil:
    """From an output to the next one, by the first n_dims of some axes or runs; False after the last."""
    cdef int axis
    for axis in range(n_dims - 1, -1, -1):
        tap[axis] += 1
        v[0] += dims[axis].value
        i[0] += dims[axis].index
        if tap[axis] < dims[axis].size:
            return True
        v[0] -= tap[axis] * dims[axis].value
        i[0] -= tap[axis] * dims[axis].index
        tap[axis] = 0
    return False
