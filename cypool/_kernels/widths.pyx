"""Elements of 8 and of 16 bits as float32, which holds each of them, and back: for kernels of floats that change no
value.

They take the place of what gathers rows and scatters them, see moves.pyx. NaNs may change their bits.
"""

from libc.stdint cimport int8_t, int16_t, uint8_t, uint16_t
from libc.string cimport memcpy

from cypool._kernels.types cimport bfloat_t, half_t, pack_t, unpack_t

cdef extern from "numbers.h" nogil:
    float half_to_float(uint16_t half)
    uint16_t float_to_half(float value)
    float bfloat_to_float(uint16_t half)
    uint16_t float_to_bfloat(float value)
    uint16_t swap_16(uint16_t value)
    void add_halves(float *acc, const uint16_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh)
    void floats_to_halves(uint16_t *out, const float *values, Py_ssize_t n)
    void bfloats_to_floats(float *out, const uint16_t *values, Py_ssize_t n)
    void floats_to_bfloats(uint16_t *out, const float *values, Py_ssize_t n)

ctypedef fused narrow_t:
    uint8_t
    int8_t
    uint16_t
    int16_t
    half_t
    bfloat_t


cdef inline float as_float(narrow_t value) noexcept nogil:
    if narrow_t is half_t:
        return half_to_float(value.bits)
    elif narrow_t is bfloat_t:
        return bfloat_to_float(value.bits)
    else:
        return <float>value


cdef inline void set_to(narrow_t *element, float value) noexcept nogil:
    if narrow_t is half_t:
        element.bits = float_to_half(value)
    elif narrow_t is bfloat_t:
        element.bits = float_to_bfloat(value)
    else:
        element[0] = <narrow_t>value


cdef inline narrow_t swapped_bytes(narrow_t value) noexcept nogil:
    cdef uint16_t bits
    if narrow_t is uint8_t or narrow_t is int8_t:
        return value
    else:
        memcpy(&bits, &value, 2)
        bits = swap_16(bits)
        memcpy(&value, &bits, 2)
        return value


cdef void widen(float *row, const narrow_t *elements, Py_ssize_t n, Py_ssize_t stride, bint swapped) noexcept nogil:
    cdef const char *data = <const char *>elements
    cdef Py_ssize_t i
    cdef narrow_t value
    if stride == sizeof(narrow_t) and not swapped:
        if narrow_t is half_t:
            if <size_t>data % 2 == 0:
                add_halves(row, <const uint16_t **>&data, 1, n, True)
                return
        elif narrow_t is bfloat_t:
            if <size_t>data % 2 == 0:
                bfloats_to_floats(row, <const uint16_t *>data, n)
                return
        for i in range(n):
            memcpy(&value, data + i * <Py_ssize_t>sizeof(narrow_t), sizeof(narrow_t))
            row[i] = as_float(value)
        return
    for i in range(n):
        memcpy(&value, data + i * stride, sizeof(narrow_t))
        row[i] = as_float(swapped_bytes(value) if swapped else value)


cdef void narrow(narrow_t *elements, const float *row, Py_ssize_t n, Py_ssize_t stride, bint swapped) noexcept nogil:
    cdef char *data = <char *>elements
    cdef Py_ssize_t i
    cdef narrow_t value
    if stride == sizeof(narrow_t) and not swapped:
        if narrow_t is half_t:
            if <size_t>data % 2 == 0:
                floats_to_halves(<uint16_t *>data, row, n)
                return
        elif narrow_t is bfloat_t:
            if <size_t>data % 2 == 0:
                floats_to_bfloats(<uint16_t *>data, row, n)
                return
        for i in range(n):
            set_to(&value, row[i])
            memcpy(data + i * <Py_ssize_t>sizeof(narrow_t), &value, sizeof(narrow_t))
        return
    for i in range(n):
        set_to(&value, row[i])
        value = swapped_bytes(value) if swapped else value
        memcpy(data + i * stride, &value, sizeof(narrow_t))


cdef tuple addresses(pack_t pack, unpack_t unpack):
    return <size_t><void *>pack, <size_t><void *>unpack


# Addresses by element.
WIDTHS = {
    "u1": addresses(<pack_t>widen[uint8_t], <unpack_t>narrow[uint8_t]),
    "i1": addresses(<pack_t>widen[int8_t], <unpack_t>narrow[int8_t]),
    "u2": addresses(<pack_t>widen[uint16_t], <unpack_t>narrow[uint16_t]),
    "i2": addresses(<pack_t>widen[int16_t], <unpack_t>narrow[int16_t]),
    "f2": addresses(<pack_t>widen[half_t], <unpack_t>narrow[half_t]),
    "bf2": addresses(<pack_t>widen[bfloat_t], <unpack_t>narrow[bfloat_t]),
}
