"""Shapes, strides and dtypes of arrays: what is remembered by them, new arrays in the memory order of others, and
quotients of arrays that lie alike."""

from cpython.ref cimport Py_INCREF
from libc.string cimport memcmp, memcpy

cimport numpy as cnp

from cypool._engine.job cimport MAX_AXES

import numpy as np

cnp.import_array()

cdef extern from "numpy/arrayobject.h":
    cnp.ndarray PyArray_NewFromDescr(type subtype, cnp.dtype descr, int nd, const cnp.npy_intp *dims,
                                     const cnp.npy_intp *strides, void *data, int flags, object obj)

cdef enum:
    MOST_KEYS = 256     # different arguments that are remembered
    MOST_TRIPLES = 32   # layouts of three arrays for each of them
    MOST_KEPT = 1 << 14   # bytes of an array of divisors


cdef bint same_numbers(cnp.dtype a, cnp.dtype b) noexcept:
    """Whether two dtypes are of the same numbers. Others that are equal but two objects only cost another entry."""
    return (a.type_num == b.type_num and a.byteorder == b.byteorder
            and (cnp.PyTypeNum_ISNUMBER(a.type_num) or a.type_num == cnp.NPY_BOOL)
            and a.metadata is None and b.metadata is None)


cdef class Layout:
    """Shape, strides and dtype of an array."""

    def __cinit__(self, cnp.ndarray array):
        self.ndim = cnp.PyArray_NDIM(array)
        memcpy(self.shape, cnp.PyArray_DIMS(array), self.ndim * sizeof(cnp.npy_intp))
        memcpy(self.strides, cnp.PyArray_STRIDES(array), self.ndim * sizeof(cnp.npy_intp))
        self.dtype = array.dtype
        self.aligned = cnp.PyArray_ISALIGNED(array)

    cdef bint fits(self, cnp.ndarray array) noexcept:
        """Whether an array has this layout."""
        return (cnp.PyArray_NDIM(array) == self.ndim and (
                    <void *>cnp.PyArray_DESCR(array) == <void *>self.dtype
                    or same_numbers(<cnp.dtype><void *>cnp.PyArray_DESCR(array), self.dtype))
                and memcmp(cnp.PyArray_DIMS(array), self.shape, self.ndim * sizeof(cnp.npy_intp)) == 0
                and memcmp(cnp.PyArray_STRIDES(array), self.strides, self.ndim * sizeof(cnp.npy_intp)) == 0
                and cnp.PyArray_ISALIGNED(array) == self.aligned)


cdef class RememberedLayouts:
    """A function of the layouts of three arrays and of what can be looked up, with what it gave."""

    cdef readonly object function
    cdef dict known     # of lists of layouts and what they gave

    def __init__(self, function):
        self.function = function
        self.known = {}

    def __call__(self, cnp.ndarray a, cnp.ndarray b, cnp.ndarray c, *args):
        cdef list entries = self.known.get(args)
        cdef tuple entry
        if entries is None:
            if len(self.known) >= MOST_KEYS:
                self.known.clear()
            entries = self.known.setdefault(args, [])
        for entry in entries:
            if (<Layout>entry[0]).fits(a) and (<Layout>entry[1]).fits(b) and (<Layout>entry[2]).fits(c):
                return entry[3]
        result = self.function(a, b, c, *args)
        entries[MOST_TRIPLES - 1:] = []
        entries.insert(0, (Layout(a), Layout(b), Layout(c), result))
        return result


# -- new arrays ------------------------------------------------------------------------------------------------------

cdef cnp.ndarray new_array(cnp.dtype dtype, int ndim, const cnp.npy_intp *shape, const cnp.npy_intp *strides):
    """An empty array, of strides without gaps."""
    Py_INCREF(dtype)    # NumPy takes the reference
    return PyArray_NewFromDescr(cnp.ndarray, dtype, ndim, shape, strides, NULL, 0, None)


cdef void lay_like(cnp.ndarray model, const cnp.npy_intp *shape, Py_ssize_t itemsize, cnp.npy_intp *strides) noexcept:
    """Strides of a contiguous array of that shape, with its axes in the order of the model's in memory: as NumPy's "K"
    order has them, those of one element as in C order."""
    cdef int ndim = cnp.PyArray_NDIM(model)
    cdef cnp.npy_intp apparent[MAX_AXES]
    cdef int order[MAX_AXES]
    cdef int axis, place
    for axis in range(ndim - 1, -1, -1):
        apparent[axis] = cnp.PyArray_STRIDE(model, axis)
        apparent[axis] = max(apparent[axis], -apparent[axis])
        if cnp.PyArray_DIM(model, axis) == 1 and axis < ndim - 1:
            apparent[axis] = apparent[axis + 1] * max(<cnp.npy_intp>1, cnp.PyArray_DIM(model, axis + 1))
    for axis in range(ndim):
        place = axis
        while place > 0 and apparent[order[place - 1]] < apparent[axis]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = axis
    for place in range(ndim - 1, -1, -1):
        strides[order[place]] = itemsize
        itemsize *= shape[order[place]]


def strides_like(cnp.ndarray model, tuple shape, Py_ssize_t itemsize):
    """Strides of a contiguous array in the memory order of another one of as many axes."""
    cdef cnp.npy_intp sizes[MAX_AXES]
    cdef cnp.npy_intp strides[MAX_AXES]
    cdef int axis
    for axis in range(cnp.PyArray_NDIM(model)):
        sizes[axis] = shape[axis]
    lay_like(model, sizes, itemsize, strides)
    return tuple([strides[axis] for axis in range(cnp.PyArray_NDIM(model))])


def empty_like(cnp.ndarray model, tuple shape, cnp.dtype dtype):
    """A new array in the memory order of another one of as many axes. (np.empty_like takes Fortran's where axes of one
    element leave both open.)"""
    cdef cnp.npy_intp sizes[MAX_AXES]
    cdef cnp.npy_intp strides[MAX_AXES]
    cdef int axis
    for axis in range(cnp.PyArray_NDIM(model)):
        sizes[axis] = shape[axis]
    lay_like(model, sizes, dtype.itemsize, strides)
    return new_array(dtype, cnp.PyArray_NDIM(model), sizes, strides)


# -- quotients -------------------------------------------------------------------------------------------------------

ctypedef fused float_t:
    float
    double


cdef void divide_each(float_t *quotients, const float_t *values, const float_t *divisors, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        quotients[i] = values[i] / divisors[i]


cdef class Divisors:
    """What the elements of an array are divided by, and the layout of the quotients."""

    def __init__(self, cnp.ndarray values, cnp.ndarray model):
        """`model` has the quotients' layout, without gaps. It is overwritten, and kept if it is small."""
        self.quotients = Layout(model)
        self.values = values
        if cnp.PyArray_NBYTES(model) <= MOST_KEPT:
            model[...] = values
            self.values = model

    cdef bint lie_beside(self, cnp.ndarray array) noexcept:
        """Whether element i in memory belongs to element i, both float32 or float64; the array has their shape."""
        cdef int number = self.quotients.dtype.type_num
        cdef int axis
        if not (self.quotients.fits(self.values) and (number == cnp.NPY_FLOAT or number == cnp.NPY_DOUBLE)
                and cnp.PyArray_TYPE(array) == number and cnp.PyArray_ISBEHAVED_RO(array)):
            return False
        for axis in range(self.quotients.ndim):
            if self.quotients.shape[axis] > 1 and cnp.PyArray_STRIDE(array, axis) != self.quotients.strides[axis]:
                return False
        return True

    cdef cnp.ndarray divide(self, cnp.ndarray array):
        """A new array of quotients."""
        cdef Layout layout = self.quotients
        cdef cnp.ndarray quotients = new_array(layout.dtype, layout.ndim, layout.shape, layout.strides)
        cdef void *values = cnp.PyArray_DATA(array)
        cdef void *divisors = cnp.PyArray_DATA(self.values)
        cdef Py_ssize_t n = cnp.PyArray_SIZE(array)
        if not self.lie_beside(array):
            np.divide(array, self.values, out=quotients)
        elif layout.dtype.type_num == cnp.NPY_FLOAT:
            divide_each(<float *>cnp.PyArray_DATA(quotients), <float *>values, <float *>divisors, n)
        else:
            divide_each(<double *>cnp.PyArray_DATA(quotients), <double *>values, <double *>divisors, n)
        return quotients


# -- memory ----------------------------------------------------------------------------------------------------------

cpdef bint may_overlap(cnp.ndarray a, cnp.ndarray b) noexcept:
    """Whether the memory between the first and the last byte of both has a part in common."""
    cdef const char *a_from
    cdef const char *a_to
    cdef const char *b_from
    cdef const char *b_to
    bounds(a, &a_from, &a_to)
    bounds(b, &b_from, &b_to)
    return a_from < b_to and b_from < a_to


cdef void bounds(cnp.ndarray array, const char **low, const char **high) noexcept:
    cdef Py_ssize_t reach
    cdef int axis
    low[0] = cnp.PyArray_BYTES(array)
    high[0] = low[0] + cnp.PyArray_ITEMSIZE(array)
    for axis in range(cnp.PyArray_NDIM(array)):
        reach = (cnp.PyArray_DIM(array, axis) - 1) * cnp.PyArray_STRIDE(array, axis)
        if reach > 0:
            high[0] += reach
        else:
            low[0] += reach
