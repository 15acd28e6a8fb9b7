"""Rows as columns, of elements of any size: what stands in one place of many planes comes to stand side by side."""

from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from cypool._kernels.types cimport turn_t
from cypool._kernels.squares cimport transpose_32

cdef extern from "turns.h" nogil:
    Py_ssize_t SQUARE_8, SQUARE_16, SQUARE_32, SQUARE_64
    void turn_square_8(char *out, Py_ssize_t out_step, const char *rows, Py_ssize_t step)
    void turn_square_16(char *out, Py_ssize_t out_step, const char *rows, Py_ssize_t step)
    void turn_square_64(char *out, Py_ssize_t out_step, const char *rows, Py_ssize_t step)

cdef enum:
    SAME_LINES = 1024       # bytes, a multiple of which leads to one of four places in a first level cache

ctypedef fused element_t:
    uint8_t
    uint16_t
    uint32_t
    uint64_t


cdef inline Py_ssize_t side(const element_t *kind) noexcept nogil:
    """Of a square."""
    if element_t is uint8_t:
        return SQUARE_8
    elif element_t is uint16_t:
        return SQUARE_16
    elif element_t is uint32_t:
        return SQUARE_32
    else:
        return SQUARE_64


cdef inline void turn_square(char *out, Py_ssize_t out_step, const char *rows, Py_ssize_t step,
                             const element_t *kind) noexcept nogil:
    if element_t is uint8_t:
        turn_square_8(out, out_step, rows, step)
    elif element_t is uint16_t:
        turn_square_16(out, out_step, rows, step)
    elif element_t is uint32_t:
        transpose_32(out, out_step, rows, step)
    else:
        turn_square_64(out, out_step, rows, step)


cdef void turn(element_t *columns, Py_ssize_t out_step, const char *rows, Py_ssize_t step, Py_ssize_t n_rows,
               Py_ssize_t n) noexcept nogil:
    """n_rows rows of n elements, `step` bytes apart, as n rows. The last squares begin early enough to end where
    rows and columns do.

    Squares follow each other along the rows, or, where it is these that may be far apart, along the columns: the same
    place of many planes whose size is a power of two is in the same few lines of a cache, which do not hold them all.
    """
    cdef const element_t *kind = columns
    cdef char *out = <char *>columns
    cdef Py_ssize_t size = sizeof(element_t), i = 0, j, first = 0, second
    cdef bint back = out_step % SAME_LINES == 0 and out_step > step
    cdef Py_ssize_t n_first = n if back else n_rows, n_second = n_rows if back else n
    if n_rows < side(kind) or n < side(kind):
        for i in range(n_rows):
            for j in range(n):
                memcpy(out + j * out_step + i * size, rows + i * step + j * size, <size_t>sizeof(element_t))
        return
    while first < n_first:
        first = min(first, n_first - side(kind))
        second = 0
        while second < n_second:
            second = min(second, n_second - side(kind))
            i, j = (second, first) if back else (first, second)
            turn_square(out + j * out_step + i * size, out_step, rows + i * step + j * size, step, kind)
            second += side(kind)
        first += side(kind)


# Addresses by bytes of an element.
TURNS = {
    1: <size_t><void *><turn_t>turn[uint8_t],
    2: <size_t><void *><turn_t>turn[uint16_t],
    4: <size_t><void *><turn_t>turn[uint32_t],
    8: <size_t><void *><turn_t>turn[uint64_t],
}
