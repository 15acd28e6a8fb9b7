# Shapes, strides and dtypes of arrays; see _layouts.pyx.

cimport numpy as cnp

from cypool._engine.job cimport MAX_AXES

cdef cnp.ndarray new_array(cnp.dtype dtype, int ndim, const cnp.npy_intp *shape, const cnp.npy_intp *strides)

cpdef bint may_overlap(cnp.ndarray a, cnp.ndarray b) noexcept


cdef class Layout:
    cdef int ndim
    cdef cnp.npy_intp shape[MAX_AXES]
    cdef cnp.npy_intp strides[MAX_AXES]
    cdef cnp.dtype dtype
    cdef bint aligned
    cdef bint fits(self, cnp.ndarray array) noexcept


cdef class Divisors:
    cdef cnp.ndarray values
    cdef Layout quotients
    cdef bint lie_beside(self, cnp.ndarray array) noexcept
    cdef cnp.ndarray divide(self, cnp.ndarray array)
