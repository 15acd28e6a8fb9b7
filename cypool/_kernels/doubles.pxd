# Numbers of any type as doubles, and doubles as results.

from libc.math cimport NAN
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from cypool._kernels.types cimport MAX_PIECE, bfloat_t, half_t, integer_t

cdef extern from "numbers.h" nogil:
    float half_to_float(uint16_t half)
    void add_halves(float *acc, const uint16_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh)
    uint16_t float_to_half(float value)
    float bfloat_to_float(uint16_t half)
    uint16_t float_to_bfloat(float value)

cdef extern from *:
    """
    /* Of rows that nothing else in a function points into: loops over others may not be made vectors. */
    typedef double *__restrict cypool_separate_t;
    """
    ctypedef double *separate_t "cypool_separate_t"

ctypedef fused number_t:
    integer_t
    float
    double
    half_t
    bfloat_t

ctypedef fused result_t:
    half_t
    bfloat_t
    float
    double


cdef inline double number(number_t value) noexcept nogil:
    if number_t is half_t:
        return half_to_float(value.bits)
    elif number_t is bfloat_t:
        return bfloat_to_float(value.bits)
    else:
        return <double>value


cdef inline void widened(double *out, const number_t *row, Py_ssize_t n) noexcept nogil:
    """At most MAX_PIECE of them."""
    cdef float floats[MAX_PIECE]
    cdef const uint16_t *halves = <const uint16_t *>row
    cdef Py_ssize_t i
    if number_t is half_t:
        add_halves(floats, &halves, 1, n, True)
        for i in range(n):
            out[i] = floats[i]
    else:
        for i in range(n):
            out[i] = number(row[i])


cdef inline void put(result_t *out, double value) noexcept nogil:
    # The one NaN: the sign of that of inf - inf depends on the processor.
    value = value if value == value else <double>NAN
    if result_t is half_t:
        out.bits = float_to_half(<float>value)
    elif result_t is bfloat_t:
        out.bits = float_to_bfloat(<float>value)
    else:
        out[0] = <result_t>value
