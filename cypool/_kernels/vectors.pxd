# What kernels of vectors share, see vectors.h: a vector_t stands for its elements' type as well.

from libc.math cimport NAN

from cypool._kernels.types cimport Direct, Division, Greatest, Sum, rule_t

cdef extern from "streams.h" nogil:
    void stream_32(char *row, floats v)
    void stream_64(char *row, doubles v)

cdef extern from "vectors.h" nogil:
    ctypedef struct floats:
        pass
    ctypedef struct doubles:
        pass
    Py_ssize_t LANES_32
    Py_ssize_t LANES_64
    floats load_32(const char *row)
    floats load_one_32(const char *row)
    floats greater_32(floats a, floats b)
    floats less_32(floats a, floats b)
    floats greatest_32(floats a, floats b)
    floats least_32(floats a, floats b)
    floats sum_32(floats a, floats b)
    floats all_32(float value)
    floats product_32(floats a, floats b)
    floats quotient_32(floats a, floats b)
    floats unless_nan_32(floats v, floats tested, floats other)
    floats noted_32(floats seen, floats a, floats b)
    floats magnitude_32(floats v)
    floats root_32(floats v)
    floats one_if_zero_32(floats v)
    bint any_outside_32(floats v, float low, float high)
    bint has_nan_32(floats v)
    floats evens_32(floats a, floats b)
    floats odds_32(floats a, floats b)
    floats in_order_32(floats v)
    floats shifted_32(floats before, floats v)
    floats advanced_32(floats v, floats after)
    void store_32(char *row, floats v)
    void store_one_32(char *row, floats v)
    void fours_32(floats *columns, const char *rows, Py_ssize_t step)
    doubles load_64(const char *row)
    doubles load_one_64(const char *row)
    doubles greater_64(doubles a, doubles b)
    doubles less_64(doubles a, doubles b)
    doubles greatest_64(doubles a, doubles b)
    doubles least_64(doubles a, doubles b)
    doubles sum_64(doubles a, doubles b)
    doubles all_64(double value)
    doubles product_64(doubles a, doubles b)
    doubles quotient_64(doubles a, doubles b)
    doubles unless_nan_64(doubles v, doubles tested, doubles other)
    doubles noted_64(doubles seen, doubles a, doubles b)
    bint has_nan_64(doubles v)
    doubles evens_64(doubles a, doubles b)
    doubles odds_64(doubles a, doubles b)
    doubles in_order_64(doubles v)
    doubles shifted_64(doubles before, doubles v)
    doubles advanced_64(doubles v, doubles after)
    void store_64(char *row, doubles v)
    void store_one_64(char *row, doubles v)
    void fours_64(doubles *columns, const char *rows, Py_ssize_t step)
    void fetch(const char *address)

cdef enum:
    MOST_LANES = 8          # of a vector of floats, on any processor

ctypedef fused vector_t:
    floats
    doubles


cdef inline Py_ssize_t lanes(const vector_t *kind) noexcept nogil:
    return LANES_32 if vector_t is floats else LANES_64


cdef inline Py_ssize_t size(const vector_t *kind) noexcept nogil:
    """Bytes of an element."""
    return 4 if vector_t is floats else 8


cdef inline vector_t best(vector_t a, vector_t b, const rule_t *rule) noexcept nogil:
    """What stays of two taps, blind to NaN: of equal taps, the first."""
    if rule_t is Sum:
        return sum_32(a, b) if vector_t is floats else sum_64(a, b)
    elif rule_t is Greatest:
        return greater_32(a, b) if vector_t is floats else greater_64(a, b)
    else:
        return less_32(a, b) if vector_t is floats else less_64(a, b)


cdef inline vector_t merge(vector_t a, vector_t b, const rule_t *rule) noexcept nogil:
    """What stays of two taps. A NaN stays; of equal taps, the first."""
    if rule_t is Sum:
        return best(a, b, rule)
    elif rule_t is Greatest:
        return greatest_32(a, b) if vector_t is floats else greatest_64(a, b)
    else:
        return least_32(a, b) if vector_t is floats else least_64(a, b)


cdef inline vector_t evens(vector_t a, vector_t b) noexcept nogil:
    """The elements of two vectors at even places, in order."""
    if vector_t is floats:
        return in_order_32(evens_32(a, b))
    else:
        return in_order_64(evens_64(a, b))


cdef inline vector_t odds(vector_t a, vector_t b) noexcept nogil:
    if vector_t is floats:
        return in_order_32(odds_32(a, b))
    else:
        return in_order_64(odds_64(a, b))


cdef inline vector_t shifted(vector_t before, vector_t v) noexcept nogil:
    """All but the last element, after the last one of what comes before."""
    if vector_t is floats:
        return shifted_32(before, v)
    else:
        return shifted_64(before, v)


cdef inline vector_t advanced(vector_t v, vector_t after) noexcept nogil:
    """All but the first element, before the first one of what comes after."""
    if vector_t is floats:
        return advanced_32(v, after)
    else:
        return advanced_64(v, after)


cdef inline vector_t halved(vector_t a, vector_t b, const rule_t *rule) noexcept nogil:
    """Neighbours merged: half as many, of two vectors one."""
    if vector_t is floats:
        return in_order_32(merge(evens_32(a, b), odds_32(a, b), rule))
    else:
        return in_order_64(merge(evens_64(a, b), odds_64(a, b), rule))


cdef inline vector_t met(vector_t a, vector_t b, bint numbers, const rule_t *rule) noexcept nogil:
    """What stays of two taps, none of which is a NaN if they are said to be numbers."""
    return best(a, b, rule) if numbers else merge(a, b, rule)


cdef inline void stream(char *out, vector_t v) noexcept nogil:
    """Past the cache; to a place that is aligned to 16 bytes."""
    if vector_t is floats:
        stream_32(out, v)
    else:
        stream_64(out, v)


cdef inline void store(char *out, vector_t v, bint one) noexcept nogil:
    if vector_t is floats:
        if one:
            store_one_32(out, v)
        else:
            store_32(out, v)
    else:
        if one:
            store_one_64(out, v)
        else:
            store_64(out, v)


cdef inline void write(char *out, vector_t v, bint streamed) noexcept nogil:
    """Past the cache, if that is wanted and possible."""
    if streamed and <size_t>out % 16 == 0:
        stream(out, v)
    else:
        store(out, v, False)


cdef inline vector_t load(const char *row, bint one, const vector_t *kind) noexcept nogil:
    if vector_t is floats:
        return load_one_32(row) if one else load_32(row)
    else:
        return load_one_64(row) if one else load_64(row)


cdef inline vector_t noted(vector_t seen, vector_t a, vector_t b) noexcept nogil:
    """The first, or NaN where one of the others is."""
    if vector_t is floats:
        return noted_32(seen, a, b)
    else:
        return noted_64(seen, a, b)


cdef inline vector_t no_nan(const vector_t *kind) noexcept nogil:
    if vector_t is floats:
        return all_32(0)
    else:
        return all_64(0)


cdef inline bint has_nan(vector_t v) noexcept nogil:
    if vector_t is floats:
        return has_nan_32(v)
    else:
        return has_nan_64(v)


cdef inline vector_t divided(vector_t v, const char *divisors, bint one, const Direct *how) noexcept nogil:
    """Sums as results, with but one kind of NaN."""
    if vector_t is floats:
        if how.division == Division.PRODUCT:
            v = product_32(v, all_32(<float>how.factor))
        elif how.division == Division.QUOTIENT:
            v = quotient_32(v, all_32(<float>how.divisor))
        elif how.division == Division.QUOTIENTS:
            v = quotient_32(v, load(divisors, one, &v))
        return unless_nan_32(v, v, all_32(NAN))
    else:
        if how.division == Division.PRODUCT:
            v = product_64(v, all_64(how.factor))
        elif how.division == Division.QUOTIENT:
            v = quotient_64(v, all_64(how.divisor))
        elif how.division == Division.QUOTIENTS:
            v = quotient_64(v, load(divisors, one, &v))
        return unless_nan_64(v, v, all_64(NAN))
