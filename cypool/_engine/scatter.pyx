"""The gradient of max and min pooling: each output's gradient goes to the input that won.

Where windows overlap, an input collects from several outputs; they are added in the order of the outputs, by one
thread, so that the sum does not depend on the number of threads.
"""

from cython.parallel cimport prange
from libc.stdint cimport int64_t, uint64_t

cimport numpy as cnp

from cypool._engine.job cimport MAX_AXES, ceil_div

cnp.import_array()

ctypedef fused gradient_t:
    float
    double


# Strides in bytes, of the gradient, of the indices and of the target.
cdef struct Dim:
    Py_ssize_t size
    Py_ssize_t gradient
    Py_ssize_t index
    Py_ssize_t target


cdef struct Planes:
    int n_outer
    int n_pooled
    Dim outer[MAX_AXES]
    Dim pooled[MAX_AXES]            # of the output; target is the stride of the input axis
    Py_ssize_t lengths[MAX_AXES]    # of the input
    Dim inner
    uint64_t plane_size
    Py_ssize_t unit                 # bytes from one index to the next; 0 where they do not follow each other


cdef bint scatter_plane(const Planes *planes, const char *gradient, const char *indices, char *target,
                        Py_ssize_t n_inner, const gradient_t *kind) noexcept nogil:
    """Scatter the outputs of one plane, n_inner planes side by side; False if an index was outside."""
    cdef Py_ssize_t tap[MAX_AXES]
    cdef Py_ssize_t c, offset, n_axes = planes.n_pooled
    cdef const char *g = gradient
    cdef const char *i = indices
    cdef uint64_t index, rest
    cdef int axis
    cdef bint inside = True
    for axis in range(n_axes):
        tap[axis] = 0
    while True:
        for c in range(n_inner):
            index = <uint64_t>(<const int64_t *>(i + c * planes.inner.index))[0]
            if index >= planes.plane_size:
                inside = False
                continue
            if planes.unit:
                offset = <Py_ssize_t>index * planes.unit
            else:
                offset = 0
                rest = index
                for axis in range(n_axes - 1, -1, -1):
                    offset += <Py_ssize_t>(rest % <uint64_t>planes.lengths[axis]) * planes.pooled[axis].target
                    rest //= <uint64_t>planes.lengths[axis]
            (<gradient_t *>(target + offset + c * planes.inner.target))[0] += \
                (<const gradient_t *>(g + c * planes.inner.gradient))[0]
        axis = n_axes - 1
        while axis >= 0:
            tap[axis] += 1
            g += planes.pooled[axis].gradient
            i += planes.pooled[axis].index
            if tap[axis] < planes.pooled[axis].size:
                break
            g -= tap[axis] * planes.pooled[axis].gradient
            i -= tap[axis] * planes.pooled[axis].index
            tap[axis] = 0
            axis -= 1
        if axis < 0:
            return inside


cdef bint scatter_unit(const Planes *planes, Py_ssize_t unit, Py_ssize_t n_tiles, Py_ssize_t tile, const char *gradient,
                       const char *indices, char *target, bint is_double) noexcept nogil:
    cdef Py_ssize_t first = unit % n_tiles * tile
    cdef Py_ssize_t i
    cdef int axis
    unit //= n_tiles
    for axis in range(planes.n_outer - 1, -1, -1):
        i = unit % planes.outer[axis].size
        unit //= planes.outer[axis].size
        gradient += i * planes.outer[axis].gradient
        indices += i * planes.outer[axis].index
        target += i * planes.outer[axis].target
    gradient += first * planes.inner.gradient
    indices += first * planes.inner.index
    target += first * planes.inner.target
    if is_double:
        return scatter_plane(planes, gradient, indices, target, min(tile, planes.inner.size - first), <double *>NULL)
    return scatter_plane(planes, gradient, indices, target, min(tile, planes.inner.size - first), <float *>NULL)


def scatter(cnp.ndarray gradient, cnp.ndarray indices, cnp.ndarray target, list outer, list pooled, list lengths,
            tuple inner, Py_ssize_t unit, Py_ssize_t tile, int n_threads):
    """Add gradient to target at indices; False if some index was outside its plane, and so was left out.

    `outer`, `pooled` and `inner` are (size, strides of gradient, of indices, of target); `lengths` are those of the
    pooled axes of the target, and `unit` the bytes between neighbouring indices where that is one number, or 0.
    `tile` elements of the inner axis are one piece of work.
    """
    cdef Planes planes
    cdef Py_ssize_t n_tiles, n_units, n
    cdef Py_ssize_t outside = 0
    cdef const char *g = cnp.PyArray_BYTES(gradient)
    cdef const char *i = cnp.PyArray_BYTES(indices)
    cdef char *t = cnp.PyArray_BYTES(target)
    cdef bint is_double = gradient.itemsize == 8
    cdef int axis
    planes.n_outer = len(outer)
    planes.n_pooled = len(pooled)
    planes.plane_size = 1
    planes.unit = unit
    n_tiles = ceil_div(inner[0], tile)
    n_units = n_tiles
    for axis in range(planes.n_outer):
        (planes.outer[axis].size, planes.outer[axis].gradient, planes.outer[axis].index,
         planes.outer[axis].target) = outer[axis]
        n_units *= planes.outer[axis].size
    for axis in range(planes.n_pooled):
        (planes.pooled[axis].size, planes.pooled[axis].gradient, planes.pooled[axis].index,
         planes.pooled[axis].target) = pooled[axis]
        planes.lengths[axis] = lengths[axis]
        planes.plane_size *= <uint64_t>lengths[axis]
    planes.inner.size, planes.inner.gradient, planes.inner.index, planes.inner.target = inner
    with nogil:
        if n_threads == 1:
            for n in range(n_units):
                outside += not scatter_unit(&planes, n, n_tiles, tile, g, i, t, is_double)
        else:
            for n in prange(n_units, num_threads=n_threads, schedule="static"):
                outside += not scatter_unit(&planes, n, n_tiles, tile, g, i, t, is_double)
    return outside == 0
