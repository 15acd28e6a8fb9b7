"""Sums as results: sum and average pooling divide, round and convert. How sums come about is in addends.pyx."""

from libc.math cimport NAN
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from cypool._kernels.odd cimport odd_divisor, odd_divisor_t
from cypool._kernels.types cimport (
    Finishing, bfloat_t, finish_t, float_sum_t, half_t, integer_sum_t, integer_t, real_t, wide_t,
)

cdef enum:
    MOST_NEAR = 64      # a product with the inverse of an odd divisor below that is nearer to its quotient than any tie

cdef extern from "numbers.h" nogil:
    uint16_t float_to_bfloat(float value)
    void floats_to_halves(uint16_t *out, const float *row, Py_ssize_t n)
    int32_t nearest(float value)
    double near_double(int64_t value)
    int64_t near_whole(double value)
    double near_quotient(double total, double divisor, double inverse)
    uint16_t high_product(uint16_t a, uint16_t b)

cdef extern from "denormals.h" nogil:
    bint met_denormals()
    float careful_quotient_32(float total, float divisor)
    double careful_quotient_64(double total, double divisor)


cdef inline float_sum_t settled(float_sum_t value) noexcept nogil:
    """The value, or the one NaN: which of two NaNs a sum gives depends on the order of its operands in code."""
    return value if value == value else <float_sum_t>NAN


cdef inline void store(real_t *out, float_sum_t *sums, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i
    if real_t is half_t:
        if float_sum_t is float:
            floats_to_halves(<uint16_t *>out, sums, n)
    elif real_t is bfloat_t:
        for i in range(n):
            out[i].bits = float_to_bfloat(<float>sums[i])
    else:
        for i in range(n):
            out[i] = <real_t>sums[i]


cdef inline float_sum_t careful_quotient(float_sum_t total, float_sum_t divisor) noexcept nogil:
    if float_sum_t is float:
        return careful_quotient_32(total, divisor)
    else:
        return careful_quotient_64(total, divisor)


cdef inline void divide(float_sum_t *quotients, const float_sum_t *acc, Py_ssize_t n, bint of_halves,
                        const Finishing *how) noexcept nogil:
    """A power of two divides exactly as a product, which is ten times as fast. Halves that are denormal are not so as
    floats."""
    cdef float_sum_t divisor = <float_sum_t>how.divisor
    cdef float_sum_t factor = 1 / divisor
    cdef const float_sum_t *divisors = <const float_sum_t *>how.divisors
    cdef Py_ssize_t i
    if divisors == NULL and how.shift == 0:
        for i in range(n):
            quotients[i] = settled(acc[i])
    elif not of_halves and met_denormals():
        for i in range(n):
            quotients[i] = settled(careful_quotient(acc[i], divisor if divisors == NULL else divisors[i]))
    elif divisors != NULL:
        for i in range(n):
            quotients[i] = settled(acc[i] / divisors[i])
    elif how.shift > 0:
        for i in range(n):
            quotients[i] = settled(acc[i] * factor)
    else:
        for i in range(n):
            quotients[i] = settled(acc[i] / divisor)


cdef void finish_reals(real_t *out, char *labels, float_sum_t *acc, const char *acc2, Py_ssize_t n,
                       const Finishing *how) noexcept nogil:
    """Divide, and round once to the type of the results.

    The sums may stand where the results are to be. A loop over one pointer needs no check that two are apart, which
    would send it the slow way.
    """
    if not ((real_t is float and float_sum_t is float) or (real_t is double and float_sum_t is double)):
        divide(acc, acc, n, real_t is half_t, how)
        store[real_t, float_sum_t](out, acc, n)
    elif <void *>out == <void *>acc:
        divide(acc, acc, n, False, how)
    else:
        divide(<float_sum_t *>out, acc, n, False, how)


cdef inline float_sum_t share(float_sum_t total, float_sum_t divisor, float_sum_t present) noexcept nogil:
    """The quotient, NaN where nothing is there. It is taken in any case: vectors have no branches."""
    cdef float_sum_t quotient = settled(total / divisor)
    return quotient if present != 0 else <float_sum_t>NAN


cdef void finish_present(real_t *out, char *labels, float_sum_t *acc, const float_sum_t *present, Py_ssize_t n,
                         const Finishing *how) noexcept nogil:
    """Divide by what is there: the divisor counts all taps, of which taps - present are NaN."""
    cdef float_sum_t divisor = <float_sum_t>how.divisor
    cdef float_sum_t taps = <float_sum_t>how.taps
    cdef float_sum_t counted = 0 if how.fixed_divisor else 1
    cdef Py_ssize_t i
    for i in range(n):
        acc[i] = share(acc[i], divisor - counted * (taps - present[i]), present[i])
    store[real_t, float_sum_t](out, acc, n)


cdef void finish_shares(real_t *out, char *labels, float_sum_t *acc, const float_sum_t *present, Py_ssize_t n,
                        const Finishing *how) noexcept nogil:
    """Divide weighted sums by the weight of what is there."""
    cdef Py_ssize_t i
    for i in range(n):
        acc[i] = share(acc[i], present[i], present[i])
    store[real_t, float_sum_t](out, acc, n)


cdef inline int64_t signed_sum(integer_sum_t total, bint signed_sums) noexcept nogil:
    if not signed_sums:
        return <int64_t>total
    if integer_sum_t is uint16_t:
        return <int16_t>total
    elif integer_sum_t is uint32_t:
        return <int32_t>total
    else:
        return <int64_t>total


cdef void finish_sums(int64_t *out, char *labels, const integer_sum_t *acc, const char *acc2, Py_ssize_t n,
                      const Finishing *how) noexcept nogil:
    """Sums of integers as int64, or as uint64 with the same bits."""
    cdef Py_ssize_t i
    if how.signed_sums:
        for i in range(n):
            out[i] = signed_sum(acc[i], True)
    else:
        for i in range(n):
            out[i] = signed_sum(acc[i], False)


cdef inline int64_t clip(int64_t value, const Finishing *how) noexcept nogil:
    return how.lowest if value < how.lowest else (how.highest if value > how.highest else value)


cdef inline int64_t magnitude(int64_t value) noexcept nogil:
    return -value if value < 0 else value


cdef inline int64_t half_even(int64_t quotient, uint64_t rest, uint64_t divisor) noexcept nogil:
    """Round floor(x) and its remainder to the nearest, ties to even."""
    if rest > divisor - rest:
        return quotient + 1
    return quotient + (quotient & 1) if rest == divisor - rest else quotient


cdef inline void shift_means(integer_t *out, const integer_sum_t *acc, Py_ssize_t n, int shift, uint16_t factor,
                             bint signed_sums) noexcept nogil:
    """Divide by a power of two: add just under one half, and one more where the floor is odd.

    Sums of 16 bits are shifted by the high half of a product, since C shifts no number narrower than an int. Those of
    64 bits may have a sign if they are near; then a multiple of the divisor makes them positive for the while.
    """
    cdef integer_sum_t below_half = <integer_sum_t>((<uint64_t>1 << shift >> 1) - 1)
    cdef uint64_t raised = <uint64_t>1 << 52 if signed_sums else 0, raised_quotient = raised >> shift
    cdef integer_sum_t value
    cdef Py_ssize_t i
    for i in range(n):
        value = acc[i]
        if integer_sum_t is uint16_t:
            value = <uint16_t>(value + below_half + (high_product(value, factor) & 1))
            out[i] = <integer_t>high_product(value, factor)
        elif integer_sum_t is uint64_t and sizeof(integer_t) >= 4:
            value += raised
            value += below_half + ((value >> shift) & 1)
            out[i] = <integer_t>((value >> shift) - raised_quotient)
        else:
            value = <integer_sum_t>(value + below_half + ((value >> shift) & 1))
            out[i] = <integer_t>(value >> shift)


cdef inline int32_t rounded_quotient(int32_t total, int32_t divisor, float inverse) noexcept nogil:
    """total / divisor, half to even, where that is below 2^17: a product, which may miss by one, and what is left."""
    cdef int32_t quotient = nearest(<float>total * inverse)
    cdef int32_t rest = <int32_t>(2 * <uint32_t>total - 2 * <uint32_t>quotient * <uint32_t>divisor)
    cdef int32_t most = divisor - (quotient & 1)
    return quotient + (rest > most) - (rest < -most)


cdef inline double between(double low, double value, double high) noexcept nogil:
    value = low if value < low else value
    return high if value > high else value


cdef inline uint16_t narrow_quotient(uint16_t total, uint16_t divisor, uint16_t inverse) noexcept nogil:
    """total / divisor, half to even, of divisors below 2^13; inverse is 2^16 // divisor. Twice the lanes."""
    cdef uint16_t quotient = high_product(total, inverse)
    cdef int16_t rest = <int16_t>(total - quotient * divisor)
    cdef int16_t whole = <int16_t>divisor
    cdef int16_t most
    if rest >= whole:
        quotient = <uint16_t>(quotient + 1)
        rest = <int16_t>(rest - whole)
    most = <int16_t>(whole - <int16_t>(quotient & 1))
    rest = <int16_t>(rest + rest)
    return <uint16_t>(quotient + (1 if rest > most else 0))


cdef inline void odd_means(integer_t *out, const integer_sum_t *acc, Py_ssize_t n, odd_divisor_t how) noexcept nogil:
    """Means of sums that have room for what is added."""
    cdef uint16_t added = how.added, factor = how.factor
    cdef int shift = how.shift
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <integer_t>(high_product(<uint16_t>(acc[i] + added), factor) >> shift)


cdef inline void divided_means(integer_t *out, const integer_sum_t *acc, Py_ssize_t n,
                               const Finishing *how) noexcept nogil:
    """Means of sums that are near, each with its own divisor, of the types that _divides in reducers.py tells."""
    cdef const double *divisors = <const double *>how.divisors
    cdef const float *small_divisors = <const float *>how.divisors
    cdef Py_ssize_t i
    if integer_sum_t is uint64_t and sizeof(integer_t) >= 4:
        for i in range(n):
            out[i] = <integer_t>near_whole(near_quotient(near_double(<int64_t>acc[i]), divisors[i], 1 / divisors[i]))
    elif integer_sum_t is uint32_t and sizeof(integer_t) <= 2:
        for i in range(n):
            out[i] = <integer_t>nearest(<float><int32_t>acc[i] / small_divisors[i])


cdef void finish_means(integer_t *out, char *labels, const integer_sum_t *acc, const char *acc2, Py_ssize_t n,
                       const Finishing *how) noexcept nogil:
    """Exact integer means, rounded half to even; by a fast way in the types that usually have such sums."""
    cdef int64_t divisor = magnitude(how.divisor), total, quotient
    cdef int32_t small_divisor = <int32_t>divisor
    cdef float inverse = 1 / <float>divisor
    cdef double whole, whole_divisor = <double>divisor, sign = -1 if how.divisor < 0 else 1
    cdef double lowest = <double>how.lowest, highest = <double>how.highest
    cdef uint16_t narrow_inverse
    cdef odd_divisor_t odd
    cdef Py_ssize_t i
    odd.usable = False
    if integer_sum_t is uint16_t and not how.signed_sums and how.divisor > 0:
        odd = odd_divisor(divisor)
    if how.divisors != NULL and sizeof(integer_sum_t) > 2:
        divided_means(out, acc, n, how)
    elif how.shift > 0 and not how.fixed_divisor and (
            not how.signed_sums or (integer_sum_t is uint64_t and sizeof(integer_t) >= 4 and how.near)):
        shift_means(out, acc, n, how.shift, how.factor, how.signed_sums)
    elif integer_sum_t is uint64_t and sizeof(integer_t) >= 4 and how.near:
        for i in range(n):
            whole = near_double(<int64_t>acc[i]) * sign
            whole = between(lowest, near_quotient(whole, whole_divisor, 1 / whole_divisor), highest)
            out[i] = <integer_t>near_whole(whole)
    elif integer_sum_t is uint64_t and not how.signed_sums and how.divisor > 0:
        for i in range(n):
            quotient = <int64_t>(acc[i] // <uint64_t>divisor)
            out[i] = <integer_t>clip(half_even(quotient, acc[i] % <uint64_t>divisor, <uint64_t>divisor), how)
    elif integer_sum_t is uint64_t:
        for i in range(n):
            total = signed_sum(acc[i], how.signed_sums)
            if how.divisor < 0:
                total = -total
            quotient = total // divisor if total >= 0 else -((divisor - 1 - total) // divisor)
            quotient = half_even(quotient, <uint64_t>(total - quotient * divisor), <uint64_t>divisor)
            out[i] = <integer_t>clip(quotient, how)
    elif integer_sum_t is uint16_t and odd.usable:
        odd_means(out, acc, n, odd)
    elif integer_sum_t is uint32_t and sizeof(integer_t) <= 2 and how.near and divisor % 2 and divisor < MOST_NEAR:
        for i in range(n):
            out[i] = <integer_t>nearest(<float><int32_t>acc[i] * inverse)
    elif integer_sum_t is uint32_t and sizeof(integer_t) <= 2 and how.near:
        for i in range(n):
            out[i] = <integer_t>nearest(<float><int32_t>acc[i] / <float>small_divisor)
    elif how.signed_sums:
        # Sums of 16 and 32 bits are positive as they stand, or below 2^31.
        for i in range(n):
            out[i] = <integer_t>rounded_quotient(<int32_t>signed_sum(acc[i], True), small_divisor, inverse)
    elif integer_sum_t is uint16_t and 1 < divisor and divisor < 8192:
        narrow_inverse = <uint16_t>(65536 // divisor)
        for i in range(n):
            out[i] = <integer_t>narrow_quotient(acc[i], <uint16_t>small_divisor, narrow_inverse)
    else:
        for i in range(n):
            out[i] = <integer_t>rounded_quotient(<int32_t>acc[i], small_divisor, inverse)


cdef void finish_real_means(float_sum_t *out, char *labels, const integer_sum_t *acc, const char *acc2, Py_ssize_t n,
                            const Finishing *how) noexcept nogil:
    """Means of integers as floats, by way of double."""
    cdef double divisor = <double>how.divisor
    cdef Py_ssize_t i
    if integer_sum_t is uint64_t and how.near:
        for i in range(n):
            out[i] = <float_sum_t>(near_double(<int64_t>acc[i]) / divisor)
    elif how.signed_sums:
        for i in range(n):
            out[i] = <float_sum_t>(<double>signed_sum(acc[i], True) / divisor)
    else:
        for i in range(n):
            out[i] = <float_sum_t>(<double>signed_sum(acc[i], False) / divisor)


cdef inline wide_t joined(int64_t high, uint64_t low, const wide_t *kind) noexcept nogil:
    """high * 2^32 + low, or the nearest number that the type has."""
    if wide_t is int64_t:
        if high >= <int64_t>1 << 31:
            return <int64_t>(~<uint64_t>0 >> 1)
        if high < -(<int64_t>1 << 31):
            return -<int64_t>(~<uint64_t>0 >> 1) - 1
    else:
        if high >= <int64_t>1 << 32:
            return ~<uint64_t>0
        if high < 0:
            return 0
    return <wide_t>((<uint64_t>high << 32) + low)


cdef inline bint short_means(wide_t *out, const uint64_t *low, const uint64_t *high, Py_ssize_t n,
                             double divisor) noexcept nogil:
    """The same of sums below 2^50, which doubles hold; whether they are. Nothing is lost: a quotient of such a
    sum is further from a half, unless it is one, than a double of it may be from the quotient."""
    cdef uint64_t beyond = 0
    cdef uint64_t total
    cdef Py_ssize_t i
    for i in range(n):
        beyond |= (high[i] + (low[i] >> 32) + (1 << 18)) >> 19
    if beyond:
        return False
    for i in range(n):
        total = (high[i] << 32) + low[i]
        out[i] = <wide_t>near_whole(near_double(<int64_t>total) / divisor)
    return True


cdef void finish_wide_means(wide_t *out, char *labels, const uint64_t *low, const uint64_t *high, Py_ssize_t n,
                            const Finishing *how) noexcept nogil:
    """Means of 64-bit integers from the sums of their halves: high * 2^32 + low, by long division."""
    cdef uint64_t divisor = <uint64_t>magnitude(how.divisor), rest, bits, quotient
    cdef int64_t bottom, top, high_quotient, whole = <int64_t>divisor
    cdef Py_ssize_t i
    cdef int bit
    # An unsigned mean by a negative divisor is 0.
    if (wide_t is int64_t or how.divisor > 0) and short_means(out, low, high, n, <double>how.divisor):
        return
    for i in range(n):
        bottom = <int64_t>low[i]
        top = <int64_t>high[i]
        if how.divisor < 0:
            bottom = -bottom
            top = -top
        top += bottom >> 32
        bits = <uint64_t>bottom & <uint64_t>0xffffffff
        high_quotient = top // whole if top >= 0 else -((whole - 1 - top) // whole)
        rest = <uint64_t>(top - high_quotient * whole)
        if divisor < (<uint64_t>1 << 31):
            rest = (rest << 32) | bits
            quotient = rest // divisor
            rest = rest % divisor
        else:
            quotient = 0
            for bit in range(31, -1, -1):
                rest = (rest << 1) | ((bits >> bit) & 1)
                quotient = quotient << 1
                if rest >= divisor:
                    rest -= divisor
                    quotient += 1
        quotient = <uint64_t>half_even(<int64_t>quotient, rest, divisor)
        out[i] = joined[wide_t](high_quotient + <int64_t>(quotient >> 32), quotient & <uint64_t>0xffffffff,
                                <const wide_t *>NULL)


cdef void finish_wide_real_means(float_sum_t *out, char *labels, const uint64_t *low, const uint64_t *high,
                                 Py_ssize_t n, const Finishing *how) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = <float_sum_t>(((<double><int64_t>(high[i] + (low[i] >> 32))) * 4294967296.0
                                + <double>(low[i] & <uint64_t>0xffffffff)) / <double>how.divisor)


# -- addresses -------------------------------------------------------------------------------------------------------

cdef size_t finishes(finish_t function):
    return <size_t><void *>function


# By sum and result.
FINISH_REALS = {
    ("f4", "f2"): finishes(<finish_t>finish_reals[half_t, float]),
    ("f4", "bf2"): finishes(<finish_t>finish_reals[bfloat_t, float]),
    ("f4", "f4"): finishes(<finish_t>finish_reals[float, float]),
    ("f8", "f4"): finishes(<finish_t>finish_reals[float, double]),
    ("f8", "f8"): finishes(<finish_t>finish_reals[double, double]),
}
FINISH_SHARES = {
    ("f4", "f2"): finishes(<finish_t>finish_shares[half_t, float]),
    ("f4", "bf2"): finishes(<finish_t>finish_shares[bfloat_t, float]),
    ("f4", "f4"): finishes(<finish_t>finish_shares[float, float]),
    ("f8", "f4"): finishes(<finish_t>finish_shares[float, double]),
    ("f8", "f8"): finishes(<finish_t>finish_shares[double, double]),
}
FINISH_PRESENT = {
    ("f4", "f2"): finishes(<finish_t>finish_present[half_t, float]),
    ("f4", "bf2"): finishes(<finish_t>finish_present[bfloat_t, float]),
    ("f4", "f4"): finishes(<finish_t>finish_present[float, float]),
    ("f8", "f4"): finishes(<finish_t>finish_present[float, double]),
    ("f8", "f8"): finishes(<finish_t>finish_present[double, double]),
}
FINISH_SUMS = {
    "u2": finishes(<finish_t>finish_sums[uint16_t]),
    "u4": finishes(<finish_t>finish_sums[uint32_t]),
    "u8": finishes(<finish_t>finish_sums[uint64_t]),
}
FINISH_MEANS = {
    ("u2", "i1"): finishes(<finish_t>finish_means[int8_t, uint16_t]),
    ("u4", "i1"): finishes(<finish_t>finish_means[int8_t, uint32_t]),
    ("u8", "i1"): finishes(<finish_t>finish_means[int8_t, uint64_t]),
    ("u2", "u1"): finishes(<finish_t>finish_means[uint8_t, uint16_t]),
    ("u4", "u1"): finishes(<finish_t>finish_means[uint8_t, uint32_t]),
    ("u8", "u1"): finishes(<finish_t>finish_means[uint8_t, uint64_t]),
    ("u4", "i2"): finishes(<finish_t>finish_means[int16_t, uint32_t]),
    ("u8", "i2"): finishes(<finish_t>finish_means[int16_t, uint64_t]),
    ("u4", "u2"): finishes(<finish_t>finish_means[uint16_t, uint32_t]),
    ("u8", "u2"): finishes(<finish_t>finish_means[uint16_t, uint64_t]),
    ("u8", "i4"): finishes(<finish_t>finish_means[int32_t, uint64_t]),
    ("u8", "u4"): finishes(<finish_t>finish_means[uint32_t, uint64_t]),
    ("u2", "i8"): finishes(<finish_t>finish_means[int64_t, uint16_t]),
    ("u4", "i8"): finishes(<finish_t>finish_means[int64_t, uint32_t]),
    ("u8", "i8"): finishes(<finish_t>finish_means[int64_t, uint64_t]),
    ("u2", "f4"): finishes(<finish_t>finish_real_means[float, uint16_t]),
    ("u4", "f4"): finishes(<finish_t>finish_real_means[float, uint32_t]),
    ("u8", "f4"): finishes(<finish_t>finish_real_means[float, uint64_t]),
    ("u2", "f8"): finishes(<finish_t>finish_real_means[double, uint16_t]),
    ("u4", "f8"): finishes(<finish_t>finish_real_means[double, uint32_t]),
    ("u8", "f8"): finishes(<finish_t>finish_real_means[double, uint64_t]),
}
FINISH_WIDE_MEANS = {
    "i8": finishes(<finish_t>finish_wide_means[int64_t]),
    "u8": finishes(<finish_t>finish_wide_means[uint64_t]),
    "f4": finishes(<finish_t>finish_wide_real_means[float]),
    "f8": finishes(<finish_t>finish_wide_real_means[double]),
}
