# Integers in the lanes of vectors, as places and labels are, see choices.h.

from libc.stdint cimport int32_t, int64_t

from cypool._kernels.vectors cimport doubles, floats, vector_t

cdef extern from "choices.h" nogil:
    floats places_32(int32_t step)
    floats first_place_32(int32_t value, int32_t more)
    floats sum_of_places_32(floats a, floats b)
    doubles places_64(int64_t step)
    doubles first_place_64(int64_t value, int64_t more)
    doubles sum_of_places_64(doubles a, doubles b)


cdef inline vector_t place(int64_t label, int64_t more, const vector_t *kind) noexcept nogil:
    """One label in all lanes, in the first somewhat more."""
    if vector_t is floats:
        return first_place_32(<int32_t>label, <int32_t>more)
    else:
        return first_place_64(label, more)


cdef inline vector_t places(int64_t step, const vector_t *kind) noexcept nogil:
    """Labels that grow by `step` from lane to lane."""
    if vector_t is floats:
        return places_32(<int32_t>step)
    else:
        return places_64(step)


cdef inline vector_t sum_of_places(vector_t a, vector_t b) noexcept nogil:
    if vector_t is floats:
        return sum_of_places_32(a, b)
    else:
        return sum_of_places_64(a, b)
