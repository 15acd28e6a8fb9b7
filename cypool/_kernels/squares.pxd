# Squares of a vector's lanes, turned: rows as columns, and back. The widest vectors have no such thing.

from cypool._kernels.vectors cimport LANES_32

cdef extern from "vectors.h" nogil:
    void transpose_32(char *out, Py_ssize_t out_step, const char *rows, Py_ssize_t step)


cdef inline void stand_up(float *columns, const char *rows, Py_ssize_t row_step, Py_ssize_t n) noexcept nogil:
    """n elements, as many as a vector has lanes or more, of as many rows: a vector for each place. The last square of
    them begins early enough to end with them."""
    cdef Py_ssize_t size = sizeof(float), at = 0
    while at < n:
        at = min(at, n - LANES_32)
        transpose_32(<char *>(columns + at * LANES_32), LANES_32 * size, rows + at * size, row_step)
        at += LANES_32


cdef inline void lie_down(char *rows, Py_ssize_t row_step, const float *columns, Py_ssize_t n) noexcept nogil:
    """The inverse."""
    cdef Py_ssize_t size = sizeof(float), at = 0
    while at < n:
        at = min(at, n - LANES_32)
        transpose_32(rows + at * size, row_step, <const char *>(columns + at * LANES_32), LANES_32 * size)
        at += LANES_32
