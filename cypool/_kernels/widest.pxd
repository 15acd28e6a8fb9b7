# What the widest vectors have besides, see widest.h.

from libc.stdint cimport int32_t

from cypool._kernels.vectors cimport doubles, floats, vector_t

cdef extern from "vectors.h" nogil:
    ctypedef unsigned short lane_mask
    ctypedef struct lane_numbers:
        pass
    lane_mask first_lanes(Py_ssize_t n)
    floats some_32(const char *row, lane_mask mask, floats others)
    doubles some_64(const char *row, lane_mask mask, doubles others)
    void store_some_32(char *row, lane_mask mask, floats v)
    void store_some_64(char *row, lane_mask mask, doubles v)
    lane_mask with_nan_32(lane_mask seen, floats a, floats b)
    lane_mask with_nan_64(lane_mask seen, doubles a, doubles b)
    lane_numbers numbers_32(const int32_t *numbers)
    lane_numbers numbers_from_32(int first)
    lane_numbers numbers_from_64(int first)
    floats taken_32(floats a, floats b, lane_numbers numbers)
    doubles taken_64(doubles a, doubles b, lane_numbers numbers)
    floats behind_32(floats a, floats b, int n)
    doubles behind_64(doubles a, doubles b, int n)


cdef inline vector_t some(const char *row, lane_mask mask, vector_t others) noexcept nogil:
    """The lanes of a mask, of a row; others as they are given."""
    if vector_t is floats:
        return some_32(row, mask, others)
    else:
        return some_64(row, mask, others)


cdef inline void store_some(char *row, lane_mask mask, vector_t v) noexcept nogil:
    if vector_t is floats:
        store_some_32(row, mask, v)
    else:
        store_some_64(row, mask, v)


cdef inline lane_mask with_nan(lane_mask seen, vector_t a, vector_t b) noexcept nogil:
    """The mask, and the lanes in which one of the vectors has a NaN."""
    if vector_t is floats:
        return with_nan_32(seen, a, b)
    else:
        return with_nan_64(seen, a, b)


cdef inline lane_numbers numbers_from(int first, const vector_t *kind) noexcept nogil:
    """Of as many lanes as a vector has, one after the other."""
    if vector_t is floats:
        return numbers_from_32(first)
    else:
        return numbers_from_64(first)


cdef inline vector_t taken(vector_t a, vector_t b, lane_numbers numbers) noexcept nogil:
    """Lanes of two vectors by their numbers."""
    if vector_t is floats:
        return taken_32(a, b, numbers)
    else:
        return taken_64(a, b, numbers)


cdef inline vector_t behind(vector_t a, vector_t b, int n) noexcept nogil:
    """Those from lane n on, of up to four that the compiler knows."""
    if vector_t is floats:
        return behind_32(a, b, n)
    else:
        return behind_64(a, b, n)
