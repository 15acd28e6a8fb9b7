"""Statistics of stacks of rows that need each tap more than once: variance, norms, log of sums of exponentials.

Each tap of a window is a row, and position i of all rows is one window.  Everything is kept as double, in rows of
`how.pitch`; taps come in any number of loads, each of which first finds what it needs of its own taps (their mean, or
their largest magnitude) and is then merged into what was there.  No window overflows whose result does not.
"""

from libc.math cimport INFINITY, fabs
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from cypool._kernels.doubles cimport number_t, result_t, widened
from cypool._kernels.products cimport (
    MOST_PRODUCTS, Taps, add_any_powers, all_trusted, finish_open_powers, load_powers, raised,
    take_roots, trusted, whole_order, wide, widen_t,
)
from cypool._kernels.types cimport MAX_PIECE, Finishing, Loading, bfloat_t, finish_t, fold_t, half_t, load_t
from cypool._kernels.values cimport deviations, finish, norms, smooth_maxima, variances

cdef extern from "exponentials.h" nogil:
    double exponential(double value)

cdef extern from "powers.h" nogil:
    double any_logarithm(double x)
    double shrunk(double part, double p)

cdef extern from "numbers.h" nogil:
    double power_of_two_below(double value)

# What a load does; never filled, a typed NULL chooses.
cdef struct Variance:
    char unused

cdef struct Norm:
    char unused

cdef struct Exponentials:
    char unused

ctypedef fused statistic_t:
    Variance
    Norm
    Exponentials

# What a finish finds, likewise.
cdef struct OfVariance:
    char unused

cdef struct OfDeviation:
    char unused

cdef struct OfNorm:
    char unused

cdef struct OfExponentials:
    char unused

cdef struct OfPowers:
    char unused

ctypedef fused operation_t:
    OfVariance
    OfDeviation
    OfNorm
    OfExponentials
    OfPowers

cdef double LARGEST = 1.7976931348623157e308
cdef double SMALLEST = 2.2250738585072014e-308     # of those that are not subnormal

cdef inline double bounded(double value) noexcept nogil:
    """Infinities as the largest numbers, so that differences from them are not NaN."""
    return LARGEST if value > LARGEST else -LARGEST if value < -LARGEST else value


# The state of a window: a count, what was found first (the mean, the scale, the greatest exponent), and the sum that
# stands on it. Of a variance, what rounding took off the mean, too.

cdef inline void merge(double *state, Py_ssize_t pitch, double other_count, double other_first, double other_total,
                       double other_rest, double p, const statistic_t *statistic) noexcept nogil:
    """Take in the state of other taps of the same window."""
    cdef double *count = state
    cdef double *first = state + pitch
    cdef double *total = state + 2 * pitch
    cdef double *rest = state + 3 * pitch   # of variances
    cdef double difference, part, greatest, mean
    if other_count == 0:
        return
    if count[0] == 0:
        count[0], first[0], total[0] = other_count, other_first, other_total
        if statistic_t is Variance:
            rest[0] = other_rest
        return
    if statistic_t is Variance:
        # Chan, Golub and LeVeque 1979, with means of twice the digits: where they are large, their difference is small.
        difference = (other_first - first[0]) + (other_rest - rest[0])
        part = other_count / (count[0] + other_count)
        total[0] += other_total + difference * difference * count[0] * part
        mean = first[0] + difference * part
        rest[0] += (first[0] - mean) + difference * part
        first[0] = mean
    elif statistic_t is Norm:
        greatest = max(first[0], other_first)
        if p == INFINITY:
            total[0] = other_total if other_total > total[0] or other_total != other_total else total[0]
        elif first[0] == other_first:
            total[0] += other_total
        elif whole_order(p):
            total[0] = (total[0] * raised(first[0] / greatest, whole_order(p))
                        + other_total * raised(other_first / greatest, whole_order(p)))
        else:
            total[0] = total[0] * shrunk(first[0] / greatest, p) + other_total * shrunk(other_first / greatest, p)
        first[0] = greatest
    else:
        greatest = max(first[0], other_first)
        total[0] = (total[0] * exponential((first[0] - greatest) * fabs(p))
                    + other_total * exponential((other_first - greatest) * fabs(p)))
        first[0] = greatest
    count[0] += other_count


cdef inline void add_scaled(double *totals, const double *row, const double *scales, Py_ssize_t n,
                            const Loading *how) noexcept nogil:
    """Add powers of a row's magnitudes, as parts of a scale, to norms. A NaN that is left out adds nothing."""
    cdef double parts[MAX_PIECE]
    cdef double powers[MAX_PIECE]
    cdef double p = how.parameter
    cdef int whole = whole_order(p)
    cdef bint all_count = not how.omit
    cdef double value
    cdef Py_ssize_t i
    if p == 1:
        for i in range(n):
            value = fabs(row[i])
            totals[i] += value if (value == value) | all_count else 0
    elif whole:
        for i in range(n):
            value = raised(row[i] / scales[i], whole)
            totals[i] += value if (value == value) | all_count else 0
    elif how.powers != NULL:
        for i in range(n):
            value = fabs(row[i]) / scales[i]
            parts[i] = value if (value == value) | all_count else 0
        how.powers(powers, parts, n, p)
        for i in range(n):
            totals[i] += powers[i]
    else:
        for i in range(n):
            parts[i] = p * any_logarithm(fabs(row[i]) / scales[i])
        for i in range(n):
            value = exponential(parts[i])
            totals[i] += value if (value == value) | all_count else 0


cdef inline void take(double *counts, double *firsts, double *totals, double *rests, const Taps *taps,
                      const Loading *how, const statistic_t *statistic) noexcept nogil:
    """The state of windows of these taps alone."""
    cdef double exponents[MAX_PIECE]
    cdef Py_ssize_t n_rows = taps.n_rows, n = taps.n, r, i
    cdef double scratch[MAX_PIECE]
    cdef const double *row
    cdef double p = how.parameter
    cdef double value, distance, kept
    cdef bint doubled = whole_order(p) or how.powers != NULL
    cdef double side = 1 if p > 0 else -1   # below zero the least value counts most
    cdef bint plain = False, all_count = not how.omit
    if statistic_t is Norm:
        plain = p == 1 or p == INFINITY
    for i in range(n):
        counts[i] = n_rows
        firsts[i] = 1 if plain else 0
        totals[i] = 0
        rests[i] = 0
    if how.omit:
        for i in range(n):
            counts[i] = 0
        for r in range(n_rows):
            row = wide(taps, r, scratch)
            for i in range(n):
                value = row[i]
                counts[i] += value == value

    # What is to be known first. A maximum is read before it is stored: else GCC stores under a mask, which takes twice
    # as long.
    if statistic_t is Variance:
        for r in range(n_rows):
            row = wide(taps, r, scratch)
            if how.omit:
                for i in range(n):
                    value = row[i]
                    firsts[i] += value if value == value else 0
            else:
                for i in range(n):
                    firsts[i] += row[i]
        for i in range(n):
            firsts[i] /= counts[i] if counts[i] > 0 else 1
    elif statistic_t is Norm:
        if not plain:
            for r in range(n_rows):
                row = wide(taps, r, scratch)
                for i in range(n):
                    value = fabs(row[i])
                    kept = firsts[i]
                    firsts[i] = value if value > kept else kept
            for i in range(n):
                # Division by a power of two is exact; but a large power of what is up to two would overflow.
                value = firsts[i] if firsts[i] > 0 else SMALLEST
                firsts[i] = power_of_two_below(value) if doubled & (value >= SMALLEST) else bounded(value)
    else:
        for i in range(n):
            firsts[i] = -INFINITY
        for r in range(n_rows):
            row = wide(taps, r, scratch)
            for i in range(n):
                value = row[i] * side
                kept = firsts[i]
                firsts[i] = value if value > kept else kept
        for i in range(n):
            firsts[i] = bounded(firsts[i])

    # The sum. A NaN that is left out adds nothing.
    for r in range(n_rows):
        row = wide(taps, r, scratch)
        if statistic_t is Variance:
            for i in range(n):
                # An infinity's distance is NaN, and counts.
                value = row[i]
                distance = value - firsts[i] if (value == value) | all_count else 0
                totals[i] += distance * distance
                rests[i] += distance
        elif statistic_t is Norm:
            if p == INFINITY:
                for i in range(n):
                    value = fabs(row[i])
                    kept = totals[i]
                    totals[i] = value if (value > kept) | ((value != value) & all_count) else kept
            else:
                add_scaled(totals, row, firsts, n, how)
        else:
            # Two loops: of one, GCC takes two rows at once, and no vectors.
            for i in range(n):
                exponents[i] = (row[i] * side - firsts[i]) * fabs(p)
            for i in range(n):
                value = exponential(exponents[i])
                totals[i] += value if (value == value) | all_count else 0
    if statistic_t is Variance:
        for i in range(n):
            # About the mean with its rest.
            rests[i] /= counts[i] if counts[i] > 0 else 1
            totals[i] -= rests[i] * rests[i] * counts[i]


cdef void load_doubles(double *acc, const Taps *taps, bint fresh, const Loading *how,
                       const statistic_t *statistic) noexcept nogil:
    cdef double counts[MAX_PIECE]
    cdef double firsts[MAX_PIECE]
    cdef double totals[MAX_PIECE]
    cdef double rests[MAX_PIECE]
    cdef double products[MAX_PIECE]
    cdef Py_ssize_t n = taps.n, pitch = how.pitch, i
    cdef int whole = whole_order(how.parameter)
    cdef bint unscaled = False
    if statistic_t is Norm:
        if how.unscaled:
            add_any_powers(acc + 2 * pitch, taps, fresh, whole)
            return
        # Most doubles need no scale either.
        unscaled = whole > 1 and not how.omit
        if unscaled:
            add_any_powers(products, taps, True, whole)
    if unscaled and all_trusted(products, n):
        for i in range(n):
            counts[i] = taps.n_rows
            firsts[i] = 1
            totals[i] = products[i]
    else:
        take(counts, firsts, totals, rests, taps, how, statistic)
        if unscaled:
            for i in range(n):
                firsts[i] = 1 if trusted(products[i]) else firsts[i]
                totals[i] = products[i] if trusted(products[i]) else totals[i]
    if fresh:
        memcpy(acc, counts, <size_t>n * sizeof(double))
        memcpy(acc + pitch, firsts, <size_t>n * sizeof(double))
        memcpy(acc + 2 * pitch, totals, <size_t>n * sizeof(double))
        if statistic_t is Variance:
            memcpy(acc + 3 * pitch, rests, <size_t>n * sizeof(double))
        return
    for i in range(n):
        merge(acc + i, pitch, counts[i], firsts[i], totals[i], rests[i], how.parameter, statistic)


cdef void load(double *acc, const number_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh, const Loading *how,
               const statistic_t *statistic) noexcept nogil:
    # By one address: a last call of more arguments than load_t has is made a jump, and writes over the caller's.
    cdef Taps taps
    taps.rows, taps.n_rows, taps.n, taps.widen = <const char **>rows, n_rows, n, NULL
    if number_t is not double:
        taps.widen = <widen_t>widened[number_t]
    load_doubles(acc, &taps, fresh, how, statistic)


cdef void fold_lanes(double *acc, const char *row, Py_ssize_t lanes, Py_ssize_t pitch, Py_ssize_t n, Py_ssize_t stride,
                     Py_ssize_t ahead, const Loading *how, const statistic_t *statistic) noexcept nogil:
    """All lanes into the first: they hold parts of one window."""
    cdef double rest = 0
    cdef Py_ssize_t i
    if how.unscaled:
        for i in range(1, lanes):
            acc[2 * pitch] += acc[2 * pitch + i]
        return
    for i in range(1, lanes):
        if statistic_t is Variance:
            rest = acc[3 * pitch + i]
        merge(acc, pitch, acc[i], acc[pitch + i], acc[2 * pitch + i], rest, how.parameter, statistic)


# -- results ---------------------------------------------------------------------------------------------------------

cdef void finish_statistic(result_t *out, char *labels, const double *acc, const char *acc2, Py_ssize_t n,
                           const Finishing *how, const operation_t *operation) noexcept nogil:
    if operation_t is OfVariance:
        finish(out, acc, n, how, variances)
    elif operation_t is OfDeviation:
        finish(out, acc, n, how, deviations)
    elif operation_t is OfNorm:
        finish(out, acc, n, how, norms)
    elif operation_t is OfExponentials:
        finish(out, acc, n, how, smooth_maxima)
    else:
        finish(out, acc, n, how, take_roots)


# -- addresses -------------------------------------------------------------------------------------------------------
cdef tuple by_element(load_t i1, load_t u1, load_t i2, load_t u2, load_t i4, load_t u4, load_t i8, load_t u8, load_t f2,
                      load_t bf2, load_t f4, load_t f8):
    return (<size_t><void *>i1, <size_t><void *>u1, <size_t><void *>i2, <size_t><void *>u2, <size_t><void *>i4,
            <size_t><void *>u4, <size_t><void *>i8, <size_t><void *>u8, <size_t><void *>f2, <size_t><void *>bf2,
            <size_t><void *>f4, <size_t><void *>f8)


cdef tuple by_result(finish_t f2, finish_t bf2, finish_t f4, finish_t f8):
    return <size_t><void *>f2, <size_t><void *>bf2, <size_t><void *>f4, <size_t><void *>f8


ELEMENTS = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "bf2", "f4", "f8")
RESULTS = ("f2", "bf2", "f4", "f8")

# Orders of norms that are of products: of any but doubles, without a scale.
PRODUCTS = range(1, MOST_PRODUCTS + 1)

# Doubles of a window's state.
NUMBERS = {"variance": 4, "norm": 3, "exponentials": 3}

# Addresses of loads by statistic and element, of folds by statistic, and of finishes by operation and result.
LOADS = {
    "variance": dict(zip(ELEMENTS, by_element(
        <load_t>load[int8_t, Variance], <load_t>load[uint8_t, Variance], <load_t>load[int16_t, Variance],
        <load_t>load[uint16_t, Variance], <load_t>load[int32_t, Variance], <load_t>load[uint32_t, Variance],
        <load_t>load[int64_t, Variance], <load_t>load[uint64_t, Variance], <load_t>load[half_t, Variance],
        <load_t>load[bfloat_t, Variance], <load_t>load[float, Variance], <load_t>load[double, Variance]))),
    "norm": dict(zip(ELEMENTS, by_element(
        <load_t>load[int8_t, Norm], <load_t>load[uint8_t, Norm], <load_t>load[int16_t, Norm],
        <load_t>load[uint16_t, Norm], <load_t>load[int32_t, Norm], <load_t>load[uint32_t, Norm],
        <load_t>load[int64_t, Norm], <load_t>load[uint64_t, Norm], <load_t>load[half_t, Norm],
        <load_t>load[bfloat_t, Norm], <load_t>load[float, Norm], <load_t>load[double, Norm]))),
    "exponentials": dict(zip(ELEMENTS, by_element(
        <load_t>load[int8_t, Exponentials], <load_t>load[uint8_t, Exponentials], <load_t>load[int16_t, Exponentials],
        <load_t>load[uint16_t, Exponentials], <load_t>load[int32_t, Exponentials],
        <load_t>load[uint32_t, Exponentials], <load_t>load[int64_t, Exponentials],
        <load_t>load[uint64_t, Exponentials], <load_t>load[half_t, Exponentials],
        <load_t>load[bfloat_t, Exponentials], <load_t>load[float, Exponentials], <load_t>load[double, Exponentials]))),
}
# Sums of powers that need no scale, which any walk can add up, and their finishes; that of doubles marks results that
# are to be found with a scale after all.
POWERS = dict(zip(ELEMENTS, by_element(
    <load_t>load_powers[int8_t], <load_t>load_powers[uint8_t], <load_t>load_powers[int16_t],
    <load_t>load_powers[uint16_t], <load_t>load_powers[int32_t], <load_t>load_powers[uint32_t],
    <load_t>load_powers[int64_t], <load_t>load_powers[uint64_t], <load_t>load_powers[half_t],
    <load_t>load_powers[bfloat_t], <load_t>load_powers[float], <load_t>load_powers[double])))
ROOTS = dict(zip(RESULTS, by_result(
    <finish_t>finish_statistic[half_t, OfPowers], <finish_t>finish_statistic[bfloat_t, OfPowers],
    <finish_t>finish_statistic[float, OfPowers], <finish_t>finish_statistic[double, OfPowers])))
OPEN_ROOTS = <size_t><void *><finish_t>finish_open_powers
FOLDS = {
    "variance": <size_t><void *><fold_t>fold_lanes[Variance],
    "norm": <size_t><void *><fold_t>fold_lanes[Norm],
    "exponentials": <size_t><void *><fold_t>fold_lanes[Exponentials],
}
FINISHES = {
    "var": dict(zip(RESULTS, by_result(
        <finish_t>finish_statistic[half_t, OfVariance], <finish_t>finish_statistic[bfloat_t, OfVariance],
        <finish_t>finish_statistic[float, OfVariance], <finish_t>finish_statistic[double, OfVariance]))),
    "std": dict(zip(RESULTS, by_result(
        <finish_t>finish_statistic[half_t, OfDeviation], <finish_t>finish_statistic[bfloat_t, OfDeviation],
        <finish_t>finish_statistic[float, OfDeviation], <finish_t>finish_statistic[double, OfDeviation]))),
    "lp": dict(zip(RESULTS, by_result(
        <finish_t>finish_statistic[half_t, OfNorm], <finish_t>finish_statistic[bfloat_t, OfNorm],
        <finish_t>finish_statistic[float, OfNorm], <finish_t>finish_statistic[double, OfNorm]))),
    "logsumexp": dict(zip(RESULTS, by_result(
        <finish_t>finish_statistic[half_t, OfExponentials], <finish_t>finish_statistic[bfloat_t, OfExponentials],
        <finish_t>finish_statistic[float, OfExponentials], <finish_t>finish_statistic[double, OfExponentials]))),
}
