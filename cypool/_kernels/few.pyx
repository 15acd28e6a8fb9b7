"""Order statistics of windows of few taps: from the input's rows to the results, all taps of a window in registers.

A network of exchanges is written out for each number of taps, since registers have no index; the compiler leaves out
what the result does not need, and takes as many windows side by side as a vector holds.  Windows of other sizes, and
those that lack taps which the engine cannot make up for, are for order.pyx.
"""

from libc.math cimport NAN
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy, memset

from cypool._kernels.taps cimport exchange, flipped, fours, halfway, key_t, pairs, sort_four, triples, unordered
from cypool._kernels.types cimport BLOCK_BYTES, few_t

# What is wanted of a window, of how many taps.  A typed NULL chooses it at compile time.
cdef struct MedianOfFour:
    char unused

cdef struct MedianOfEight:
    char unused

cdef struct MedianOfNine:
    char unused

cdef struct MedianOfTwentyFive:
    char unused

cdef struct ModeOfFour:
    char unused

cdef struct ModeOfEight:
    char unused

ctypedef fused order_t:
    MedianOfFour
    MedianOfEight
    MedianOfNine
    MedianOfTwentyFive
    ModeOfFour
    ModeOfEight

cdef enum:
    MOST = 25


# -- networks --------------------------------------------------------------------------------------------------------

cdef inline void sort_eight(key_t *taps) noexcept nogil:
    """19 exchanges in 6 layers, the fewest of both (Knuth, volume 3, section 5.3.4)."""
    fours(taps, 0, 2, 1, 3, 4, 6, 5, 7)
    fours(taps, 0, 4, 1, 5, 2, 6, 3, 7)
    fours(taps, 0, 1, 2, 3, 4, 5, 6, 7)
    pairs(taps, 2, 4, 3, 5)
    pairs(taps, 1, 4, 3, 6)
    triples(taps, 1, 2, 3, 4, 5, 6)


cdef inline void median_of_nine(key_t *taps) noexcept nogil:
    """J. L. Smith, "Implementing median filters in XC4000E FPGAs", 1996."""
    triples(taps, 1, 2, 4, 5, 7, 8)
    triples(taps, 0, 1, 3, 4, 6, 7)
    triples(taps, 1, 2, 4, 5, 7, 8)
    triples(taps, 0, 3, 5, 8, 4, 7)
    triples(taps, 3, 6, 1, 4, 2, 5)
    exchange(taps, 4, 7)
    exchange(taps, 4, 2)
    exchange(taps, 6, 4)
    exchange(taps, 4, 2)


cdef inline void median_of_twenty_five(key_t *taps) noexcept nogil:
    """99 exchanges (N. Devillard, "Fast median search: an ANSI C implementation", 1998)."""
    triples(taps, 0, 1, 3, 4, 2, 4)
    fours(taps, 2, 3, 6, 7, 5, 7, 5, 6)
    fours(taps, 9, 10, 8, 10, 8, 9, 12, 13)
    fours(taps, 11, 13, 11, 12, 15, 16, 14, 16)
    fours(taps, 14, 15, 18, 19, 17, 19, 17, 18)
    fours(taps, 21, 22, 20, 22, 20, 21, 23, 24)
    fours(taps, 2, 5, 3, 6, 0, 6, 0, 3)
    fours(taps, 4, 7, 1, 7, 1, 4, 11, 14)
    fours(taps, 8, 14, 8, 11, 12, 15, 9, 15)
    fours(taps, 9, 12, 13, 16, 10, 16, 10, 13)
    fours(taps, 20, 23, 17, 23, 17, 20, 21, 24)
    fours(taps, 18, 24, 18, 21, 19, 22, 8, 17)
    fours(taps, 9, 18, 0, 18, 0, 9, 10, 19)
    fours(taps, 1, 19, 1, 10, 11, 20, 2, 20)
    fours(taps, 2, 11, 12, 21, 3, 21, 3, 12)
    fours(taps, 13, 22, 4, 22, 4, 13, 14, 23)
    fours(taps, 5, 23, 5, 14, 15, 24, 6, 24)
    fours(taps, 6, 15, 7, 16, 7, 19, 13, 21)
    fours(taps, 15, 23, 7, 13, 7, 15, 1, 9)
    fours(taps, 3, 11, 5, 17, 11, 17, 9, 17)
    fours(taps, 4, 10, 6, 12, 7, 14, 4, 6)
    fours(taps, 4, 7, 12, 14, 10, 14, 6, 7)
    fours(taps, 10, 12, 6, 10, 6, 17, 12, 17)
    fours(taps, 7, 17, 7, 10, 12, 18, 7, 12)
    fours(taps, 10, 18, 12, 20, 10, 20, 10, 12)


# -- results ---------------------------------------------------------------------------------------------------------

cdef inline key_t first_run(const key_t *taps, int n, int more, key_t other) noexcept nogil:
    """Of sorted taps: the first that is followed by so many more alike, or the other value."""
    cdef int i
    for i in range(n - more - 1, -1, -1):
        other = taps[i] if taps[i] == taps[i + more] else other
    return other


cdef inline key_t mode_of_four(const key_t *taps) noexcept nogil:
    """Of sorted taps. A run of more than half of them is the only one, and is found by its first half."""
    return first_run(taps, 4, 1, taps[0])


cdef inline key_t mode_of_eight(const key_t *taps) noexcept nogil:
    return first_run(taps, 8, 3, first_run(taps, 8, 2, first_run(taps, 8, 1, taps[0])))


cdef inline bint any_nan(const key_t *taps, int n) noexcept nogil:
    """Of a number of taps that is a multiple of four, or one more."""
    cdef bint nan = False
    cdef int t
    for t in range(0, n - 3, 4):
        nan = nan | unordered(taps[t], taps[t + 1]) | unordered(taps[t + 2], taps[t + 3])
    return nan | unordered(taps[n - 1], taps[n - 1])


cdef inline int count(const order_t *order) noexcept nogil:
    if order_t is MedianOfFour or order_t is ModeOfFour:
        return 4
    elif order_t is MedianOfNine:
        return 9
    elif order_t is MedianOfTwentyFive:
        return 25
    else:
        return 8


cdef inline key_t settled(key_t *taps, const order_t *order) noexcept nogil:
    """The result of one window."""
    cdef bint nan = any_nan(taps, count(order))
    cdef key_t value
    if order_t is MedianOfFour:
        sort_four(taps)
        value = halfway(taps[1], taps[2])
    elif order_t is MedianOfEight:
        sort_eight(taps)
        value = halfway(taps[3], taps[4])
    elif order_t is MedianOfNine:
        median_of_nine(taps)
        value = taps[4]
    elif order_t is MedianOfTwentyFive:
        median_of_twenty_five(taps)
        value = taps[12]
    elif order_t is ModeOfFour:
        sort_four(taps)
        value = mode_of_four(taps)
    else:
        sort_eight(taps)
        value = mode_of_eight(taps)
    if key_t is float or key_t is double:
        return <key_t>NAN if nan else value
    else:
        return value


# -- rows ------------------------------------------------------------------------------------------------------------

cdef inline void take(key_t *taps, const key_t **rows, Py_ssize_t i, bint adjacent, int64_t flip,
                      const order_t *order) noexcept nogil:
    """Window i. Compilers leave loops of more than 16 turns as they are: rows are taken by fours."""
    cdef int n = count(order), t
    if not adjacent:
        for t in range(0, n - 3, 4):
            taps[t] = flipped(rows[t][i], flip)
            taps[t + 1] = flipped(rows[t + 1][i], flip)
            taps[t + 2] = flipped(rows[t + 2][i], flip)
            taps[t + 3] = flipped(rows[t + 3][i], flip)
        taps[n - 1] = flipped(rows[n - 1][i], flip)
    elif order_t is MedianOfNine:
        for t in range(3):
            taps[3 * t] = flipped(rows[t][3 * i], flip)
            taps[3 * t + 1] = flipped(rows[t][3 * i + 1], flip)
            taps[3 * t + 2] = flipped(rows[t][3 * i + 2], flip)
    else:
        for t in range(n // 2):
            taps[2 * t] = flipped(rows[t][2 * i], flip)
            taps[2 * t + 1] = flipped(rows[t][2 * i + 1], flip)


cdef inline bint all_alike(key_t *block, const key_t **rows, Py_ssize_t at, bint adjacent,
                           const order_t *order) noexcept nogil:
    """Whether each window of a block holds but one label, as most do inside an object; then the block is settled."""
    cdef key_t taps[MOST]
    cdef key_t differences = 0
    cdef Py_ssize_t width = BLOCK_BYTES // sizeof(key_t), i
    cdef int t
    if order_t is ModeOfEight and key_t is not float and key_t is not double:
        for i in range(width):
            take(taps, rows, at + i, adjacent, 0, order)
            for t in range(1, 8):
                differences |= taps[t] ^ taps[0]
            block[i] = taps[0]
        return differences == 0
    else:
        return False


cdef inline void settle_block(key_t *block, const key_t **rows, Py_ssize_t at, bint adjacent, int64_t flip,
                              const order_t *order) noexcept nogil:
    """As many windows as a block has, from window `at` on."""
    cdef key_t taps[MOST]
    cdef Py_ssize_t width = BLOCK_BYTES // sizeof(key_t), i
    if not all_alike(block, rows, at, adjacent, order):
        for i in range(width):
            take(taps, rows, at + i, adjacent, flip, order)
            block[i] = flipped(settled(taps, order), flip)


cdef inline void settle_blocks(key_t *out, const key_t **rows, Py_ssize_t n, bint adjacent, int64_t flip,
                               const order_t *order) noexcept nogil:
    """n windows. The last block may take some a second time; less than a block is padded."""
    cdef key_t block[BLOCK_BYTES]
    cdef key_t padded[MOST * BLOCK_BYTES]
    cdef const key_t *padded_rows[MOST]
    cdef Py_ssize_t width = BLOCK_BYTES // sizeof(key_t)
    cdef Py_ssize_t taps = 1 if not adjacent else 3 if order_t is MedianOfNine else 2
    cdef Py_ssize_t done = 0, at, r
    if n < width:
        for r in range(count(order) // taps):
            memset(padded + r * taps * width, 0, <size_t>taps * BLOCK_BYTES)
            memcpy(padded + r * taps * width, rows[r], <size_t>(taps * n) * sizeof(key_t))
            padded_rows[r] = padded + r * taps * width
        rows = padded_rows
    while done < n:
        at = max(min(done, n - width), <Py_ssize_t>0)
        settle_block(block, rows, at, adjacent, flip, order)
        memcpy(out + at, block, <size_t>min(n, width) * sizeof(key_t))
        done += width


cdef void settle(key_t *out, const key_t **rows, Py_ssize_t n_rows, Py_ssize_t n, int64_t flip,
                 const order_t *order) noexcept nogil:
    """Windows of which each tap is a row."""
    settle_blocks(out, rows, n, False, flip, order)


cdef void settle_adjacent(key_t *out, const key_t **rows, Py_ssize_t n_rows, Py_ssize_t n, int64_t flip,
                          const order_t *order) noexcept nogil:
    """Windows side by side, whose taps lie side by side in each row of the input: nothing is split before."""
    settle_blocks(out, rows, n, True, flip, order)


cdef dict by_taps(few_t four, few_t eight, few_t nine, few_t twenty_five):
    return {4: <size_t><void *>four, 8: <size_t><void *>eight, 9: <size_t><void *>nine,
            25: <size_t><void *>twenty_five}


# Addresses by element and by taps of a window: each tap a row, and side by side.
MEDIANS = {
    "i1": by_taps(<few_t>settle[int8_t, MedianOfFour], <few_t>settle[int8_t, MedianOfEight],
                  <few_t>settle[int8_t, MedianOfNine], <few_t>settle[int8_t, MedianOfTwentyFive]),
    "u1": by_taps(<few_t>settle[uint8_t, MedianOfFour], <few_t>settle[uint8_t, MedianOfEight],
                  <few_t>settle[uint8_t, MedianOfNine], <few_t>settle[uint8_t, MedianOfTwentyFive]),
    "i2": by_taps(<few_t>settle[int16_t, MedianOfFour], <few_t>settle[int16_t, MedianOfEight],
                  <few_t>settle[int16_t, MedianOfNine], <few_t>settle[int16_t, MedianOfTwentyFive]),
    "u2": by_taps(<few_t>settle[uint16_t, MedianOfFour], <few_t>settle[uint16_t, MedianOfEight],
                  <few_t>settle[uint16_t, MedianOfNine], <few_t>settle[uint16_t, MedianOfTwentyFive]),
    "i4": by_taps(<few_t>settle[int32_t, MedianOfFour], <few_t>settle[int32_t, MedianOfEight],
                  <few_t>settle[int32_t, MedianOfNine], <few_t>settle[int32_t, MedianOfTwentyFive]),
    "u4": by_taps(<few_t>settle[uint32_t, MedianOfFour], <few_t>settle[uint32_t, MedianOfEight],
                  <few_t>settle[uint32_t, MedianOfNine], <few_t>settle[uint32_t, MedianOfTwentyFive]),
    "i8": by_taps(<few_t>settle[int64_t, MedianOfFour], <few_t>settle[int64_t, MedianOfEight],
                  <few_t>settle[int64_t, MedianOfNine], <few_t>settle[int64_t, MedianOfTwentyFive]),
    "f4": by_taps(<few_t>settle[float, MedianOfFour], <few_t>settle[float, MedianOfEight],
                  <few_t>settle[float, MedianOfNine], <few_t>settle[float, MedianOfTwentyFive]),
    "f8": by_taps(<few_t>settle[double, MedianOfFour], <few_t>settle[double, MedianOfEight],
                  <few_t>settle[double, MedianOfNine], <few_t>settle[double, MedianOfTwentyFive]),
}
ADJACENT_MEDIANS = {
    "i1": by_taps(<few_t>settle_adjacent[int8_t, MedianOfFour], <few_t>settle_adjacent[int8_t, MedianOfEight],
                  <few_t>settle_adjacent[int8_t, MedianOfNine], NULL),
    "u1": by_taps(<few_t>settle_adjacent[uint8_t, MedianOfFour], <few_t>settle_adjacent[uint8_t, MedianOfEight],
                  <few_t>settle_adjacent[uint8_t, MedianOfNine], NULL),
    "i2": by_taps(<few_t>settle_adjacent[int16_t, MedianOfFour], <few_t>settle_adjacent[int16_t, MedianOfEight],
                  <few_t>settle_adjacent[int16_t, MedianOfNine], NULL),
    "u2": by_taps(<few_t>settle_adjacent[uint16_t, MedianOfFour], <few_t>settle_adjacent[uint16_t, MedianOfEight],
                  <few_t>settle_adjacent[uint16_t, MedianOfNine], NULL),
    "i4": by_taps(<few_t>settle_adjacent[int32_t, MedianOfFour], <few_t>settle_adjacent[int32_t, MedianOfEight],
                  <few_t>settle_adjacent[int32_t, MedianOfNine], NULL),
    "u4": by_taps(<few_t>settle_adjacent[uint32_t, MedianOfFour], <few_t>settle_adjacent[uint32_t, MedianOfEight],
                  <few_t>settle_adjacent[uint32_t, MedianOfNine], NULL),
    "i8": by_taps(<few_t>settle_adjacent[int64_t, MedianOfFour], <few_t>settle_adjacent[int64_t, MedianOfEight],
                  <few_t>settle_adjacent[int64_t, MedianOfNine], NULL),
    "f4": by_taps(<few_t>settle_adjacent[float, MedianOfFour], <few_t>settle_adjacent[float, MedianOfEight],
                  <few_t>settle_adjacent[float, MedianOfNine], NULL),
    "f8": by_taps(<few_t>settle_adjacent[double, MedianOfFour], <few_t>settle_adjacent[double, MedianOfEight],
                  <few_t>settle_adjacent[double, MedianOfNine], NULL),
}
MODES = {
    "i1": by_taps(<few_t>settle[int8_t, ModeOfFour], <few_t>settle[int8_t, ModeOfEight], NULL, NULL),
    "u1": by_taps(<few_t>settle[uint8_t, ModeOfFour], <few_t>settle[uint8_t, ModeOfEight], NULL, NULL),
    "i2": by_taps(<few_t>settle[int16_t, ModeOfFour], <few_t>settle[int16_t, ModeOfEight], NULL, NULL),
    "u2": by_taps(<few_t>settle[uint16_t, ModeOfFour], <few_t>settle[uint16_t, ModeOfEight], NULL, NULL),
    "i4": by_taps(<few_t>settle[int32_t, ModeOfFour], <few_t>settle[int32_t, ModeOfEight], NULL, NULL),
    "u4": by_taps(<few_t>settle[uint32_t, ModeOfFour], <few_t>settle[uint32_t, ModeOfEight], NULL, NULL),
    "i8": by_taps(<few_t>settle[int64_t, ModeOfFour], <few_t>settle[int64_t, ModeOfEight], NULL, NULL),
}
ADJACENT_MODES = {
    "i1": by_taps(<few_t>settle_adjacent[int8_t, ModeOfFour], <few_t>settle_adjacent[int8_t, ModeOfEight],
                  NULL, NULL),
    "u1": by_taps(<few_t>settle_adjacent[uint8_t, ModeOfFour], <few_t>settle_adjacent[uint8_t, ModeOfEight],
                  NULL, NULL),
    "i2": by_taps(<few_t>settle_adjacent[int16_t, ModeOfFour], <few_t>settle_adjacent[int16_t, ModeOfEight],
                  NULL, NULL),
    "u2": by_taps(<few_t>settle_adjacent[uint16_t, ModeOfFour], <few_t>settle_adjacent[uint16_t, ModeOfEight],
                  NULL, NULL),
    "i4": by_taps(<few_t>settle_adjacent[int32_t, ModeOfFour], <few_t>settle_adjacent[int32_t, ModeOfEight],
                  NULL, NULL),
    "u4": by_taps(<few_t>settle_adjacent[uint32_t, ModeOfFour], <few_t>settle_adjacent[uint32_t, ModeOfEight],
                  NULL, NULL),
    "i8": by_taps(<few_t>settle_adjacent[int64_t, ModeOfFour], <few_t>settle_adjacent[int64_t, ModeOfEight],
                  NULL, NULL),
}
for table in (MEDIANS, ADJACENT_MEDIANS, MODES, ADJACENT_MODES):
    table["u8"] = table["i8"]
