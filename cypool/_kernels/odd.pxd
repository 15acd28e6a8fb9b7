# Means by odd divisors, see odd.h.

from libc.stdint cimport int64_t, uint16_t

cdef extern from "odd.h" nogil:
    ctypedef struct odd_divisor_t:
        bint usable
        uint16_t added
        uint16_t factor
        int shift
    odd_divisor_t odd_divisor(int64_t divisor)
