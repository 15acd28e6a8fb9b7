# Integers in the lanes of vectors, as places and labels are: see choices.h and places.h.

from libc.stdint cimport int32_t, int64_t

from cypool._kernels.types cimport Strays
from cypool._kernels.vectors cimport all_32, all_64, doubles, floats, vector_t

cdef extern from "places.h" nogil:
    floats places_32(int32_t step)
    floats first_place_32(int32_t value, int32_t more)
    floats sum_of_places_32(floats a, floats b)
    floats indices_32(const int64_t *at)
    doubles bits_of_32(doubles bits, const int64_t *at)
    floats same_32(floats a, floats b)
    floats joined_32(floats a, floats b)
    floats kept_32(floats which, floats v)
    floats tallied_32(floats total, floats which)
    floats zipped_low_32(floats a, floats b)
    floats zipped_high_32(floats a, floats b)
    void take_32(floats *sum, floats *count, floats label, floats labels, floats v)
    floats firsts_32(Py_ssize_t n)
    int64_t total_32(floats v)
    doubles places_64(int64_t step)
    doubles first_place_64(int64_t value, int64_t more)
    doubles sum_of_places_64(doubles a, doubles b)
    doubles indices_64(const int64_t *at)
    doubles bits_of_64(doubles bits, const int64_t *at)
    doubles same_64(doubles a, doubles b)
    doubles joined_64(doubles a, doubles b)
    doubles kept_64(doubles which, doubles v)
    doubles tallied_64(doubles total, doubles which)
    doubles zipped_low_64(doubles a, doubles b)
    doubles zipped_high_64(doubles a, doubles b)
    void take_64(doubles *sum, doubles *count, doubles label, doubles labels, doubles v)
    doubles firsts_64(Py_ssize_t n)
    int64_t total_64(doubles v)
    bint any_far(doubles bits)


# What was seen of indices: the bits that any of them has; and how many were found where they should be, downwards.
cdef struct Seen:
    doubles bits
    floats narrow
    doubles wide


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


cdef inline Seen nothing_seen() noexcept nogil:
    cdef Seen seen
    seen.bits = all_64(0)
    seen.narrow = all_32(0)
    seen.wide = all_64(0)
    return seen


cdef inline vector_t indices_at(const int64_t *indices, Seen *seen, const vector_t *kind) noexcept nogil:
    """Indices, cut to the lanes of a vector; what they may lack of it is seen."""
    if vector_t is floats:
        seen.bits = bits_of_32(seen.bits, indices)
        return indices_32(indices)
    else:
        seen.bits = bits_of_64(seen.bits, indices)
        return indices_64(indices)


cdef inline vector_t same(vector_t a, vector_t b) noexcept nogil:
    """All bits of the lanes that hold the same label."""
    if vector_t is floats:
        return same_32(a, b)
    else:
        return same_64(a, b)


cdef inline vector_t joined(vector_t a, vector_t b) noexcept nogil:
    if vector_t is floats:
        return joined_32(a, b)
    else:
        return joined_64(a, b)


cdef inline vector_t kept(vector_t which, vector_t v) noexcept nogil:
    """Values in the lanes of which all bits are given, and 0 in those of which none are."""
    if vector_t is floats:
        return kept_32(which, v)
    else:
        return kept_64(which, v)


cdef inline vector_t zipped_low(vector_t a, vector_t b) noexcept nogil:
    """The elements of the first halves of two vectors by turns."""
    if vector_t is floats:
        return zipped_low_32(a, b)
    else:
        return zipped_low_64(a, b)


cdef inline vector_t zipped_high(vector_t a, vector_t b) noexcept nogil:
    if vector_t is floats:
        return zipped_high_32(a, b)
    else:
        return zipped_high_64(a, b)


cdef inline vector_t tallied(vector_t total, vector_t which) noexcept nogil:
    """Counts of lanes, downwards, with one more where all bits are given."""
    if vector_t is floats:
        return tallied_32(total, which)
    else:
        return tallied_64(total, which)


cdef inline void take(vector_t *sum, vector_t *count, int64_t label, vector_t labels, vector_t v) noexcept nogil:
    """Add values, and count, where that is the label."""
    if vector_t is floats:
        take_32(sum, count, place(label, 0, sum), labels, v)
    else:
        take_64(sum, count, place(label, 0, sum), labels, v)


cdef inline void find(Seen *seen, vector_t which) noexcept nogil:
    if vector_t is floats:
        seen.narrow = tallied_32(seen.narrow, which)
    else:
        seen.wide = tallied_64(seen.wide, which)


cdef inline void find_first(Seen *seen, vector_t which, Py_ssize_t n) noexcept nogil:
    """Those of the first n lanes."""
    if vector_t is floats:
        find(seen, kept_32(firsts_32(n), which))
    else:
        find(seen, kept_64(firsts_64(n), which))


cdef inline void report(const Seen *seen, Strays *strays, const vector_t *kind) noexcept nogil:
    strays.outside |= any_far(seen.bits)
    strays.hits -= <Py_ssize_t>(total_32(seen.narrow) if vector_t is floats else total_64(seen.wide))
