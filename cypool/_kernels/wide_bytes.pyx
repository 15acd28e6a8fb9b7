"""Maxima, minima and means of bytes in windows with an odd number of taps, at stride 1 on long rows, in the widest
vectors, which only AVX-512 has.

As in wide_words.pyx, but a vector is of 64 elements: every second one as a number of 16 bits, and the others. Taps that
are an odd number of bytes apart, as neighbours are and those of three channels, are of the one and the others by turns.
Columns of maxima meet as bytes, before.
"""

from libc.stdint cimport int8_t, uint8_t

from cypool._kernels.types cimport Direct, Greatest, Least, Sum, rule_t, strips_t
from cypool._kernels.words cimport (
    Bytes, Evens, Odds, SignedBytes, all_8, byte_mask, evens_i8, evens_u8, first_bytes, four_columns, mean_16, met,
    numbers_from_16, odds_i8, odds_u8, one_column, store_bytes, taken_16, words, woven_8,
)

cdef extern from "vectors.h" nogil:
    void fetch(const char *address)

cdef enum:
    AT_ONCE = 4
    BYTES = 64
    MOST_TAPS = 17

ctypedef fused byte_t:
    uint8_t
    int8_t

# What columns of some rows of windows come to, by turns.
cdef struct Columns:
    words evens[AT_ONCE]
    words odds[AT_ONCE]

# The lanes at which taps of a window are, of one that begins with an even place and of one that begins with an odd one.
cdef struct Lanes:
    int taps
    bint neighbours
    words of_even[MOST_TAPS]
    words of_odd[MOST_TAPS]


cdef Lanes lanes_of(const Direct *how) noexcept nogil:
    cdef Py_ssize_t t
    cdef Lanes lanes
    lanes.taps = <int>how.taps
    lanes.neighbours = how.tap_step == 1
    for t in range(how.taps):
        lanes.of_even[t] = numbers_from_16(<int>(t * how.tap_step // 2))
        lanes.of_odd[t] = numbers_from_16(<int>((t * how.tap_step + 1) // 2))
    return lanes


cdef inline words pooled(const Columns *first, const Columns *last, int r, const Lanes *lanes, const Direct *how,
                         const byte_t *kind, const rule_t *rule) noexcept nogil:
    """A vector of windows, whose first columns are in the first vector, and their last ones there or in the last."""
    cdef words evens = first.evens[r], odds = first.odds[r], shared
    cdef int t
    if lanes.neighbours:
        # All taps but one are those of two windows.
        shared = odds
        for t in range(2, lanes.taps - 1, 2):
            shared = met(shared, taken_16(first.evens[r], last.evens[r], lanes.of_even[t]), kind, rule)
            shared = met(shared, taken_16(first.odds[r], last.odds[r], lanes.of_even[t]), kind, rule)
        t = lanes.taps - 1
        shared = met(shared, taken_16(first.evens[r], last.evens[r], lanes.of_even[t]), kind, rule)
        evens = met(evens, shared, kind, rule)
        odds = met(shared, taken_16(first.odds[r], last.odds[r], lanes.of_even[t]), kind, rule)
    else:
        for t in range(1, lanes.taps, 2):
            evens = met(evens, taken_16(first.odds[r], last.odds[r], lanes.of_even[t]), kind, rule)
            odds = met(odds, taken_16(first.evens[r], last.evens[r], lanes.of_odd[t]), kind, rule)
            evens = met(evens, taken_16(first.evens[r], last.evens[r], lanes.of_even[t + 1]), kind, rule)
            odds = met(odds, taken_16(first.odds[r], last.odds[r], lanes.of_odd[t + 1]), kind, rule)
    if rule_t is Sum:
        evens = mean_16(evens, <unsigned short>how.bias, <unsigned short>how.flip, how.shift)
        odds = mean_16(odds, <unsigned short>how.bias, <unsigned short>how.flip, how.shift)
    return woven_8(evens, odds)


cdef inline void split(Columns *columns, int r, words v, const byte_t *kind) noexcept nogil:
    if byte_t is uint8_t:
        columns.evens[r], columns.odds[r] = evens_u8(v), odds_u8(v)
    else:
        columns.evens[r], columns.odds[r] = evens_i8(v), odds_i8(v)


cdef inline void load_columns(Columns *columns, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                              Py_ssize_t n_taps, byte_mask there, words outside, const byte_t *kind,
                              const rule_t *rule) noexcept nogil:
    """Of four rows of windows, or of one."""
    cdef words whole[AT_ONCE]
    if rule_t is Sum:
        if n_rows == AT_ONCE:
            four_columns(columns.evens, row, row_step, n_taps, there, outside, <const Evens *>NULL, rule)
            four_columns(columns.odds, row, row_step, n_taps, there, outside, <const Odds *>NULL, rule)
        else:
            columns.evens[0] = one_column(row, row_step, n_taps, there, outside, <const Evens *>NULL, rule)
            columns.odds[0] = one_column(row, row_step, n_taps, there, outside, <const Odds *>NULL, rule)
    elif byte_t is uint8_t:
        if n_rows == AT_ONCE:
            four_columns(whole, row, row_step, n_taps, there, outside, <const Bytes *>NULL, rule)
        else:
            whole[0] = one_column(row, row_step, n_taps, there, outside, <const Bytes *>NULL, rule)
    else:
        if n_rows == AT_ONCE:
            four_columns(whole, row, row_step, n_taps, there, outside, <const SignedBytes *>NULL, rule)
        else:
            whole[0] = one_column(row, row_step, n_taps, there, outside, <const SignedBytes *>NULL, rule)
    if rule_t is not Sum:
        split(columns, 0, whole[0], kind)
        if n_rows == AT_ONCE:
            split(columns, 1, whole[1], kind)
            split(columns, 2, whole[2], kind)
            split(columns, 3, whole[3], kind)


cdef inline void walk_along(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                            Py_ssize_t n_taps, Py_ssize_t later, const Lanes *lanes, const Direct *how,
                            const byte_t *kind, const rule_t *rule) noexcept nogil:
    """Four rows of windows of all their taps, or one of so many that are there, the first of which `row` is."""
    # Vectors of the input stand in one line of the cache each, of as many rows as lie so many whole lines apart.
    cdef Py_ssize_t i = -BYTES - <Py_ssize_t>(<size_t>row % BYTES)
    cdef words outside = all_8(0 if rule_t is Sum else (<const byte_t *>how.identity)[0])
    cdef Columns columns[2]
    cdef byte_mask there, results
    cdef const char *later_rows = how.later_rows + later
    cdef char *at
    cdef int r
    for r in range(AT_ONCE):
        columns[0].evens[r] = columns[0].odds[r] = columns[1].evens[r] = columns[1].odds[r] = outside
    while i < how.n:
        # Columns of the vector behind that of the windows from i on.
        there = first_bytes(how.row_to - i - BYTES) & ~first_bytes(how.row_from - i - BYTES)
        if n_rows == AT_ONCE and how.fetched:
            for r in range(AT_ONCE):
                fetch(later_rows + r * how.fetched)
            later_rows += AT_ONCE * how.fetched
        load_columns(&columns[1], row + i + BYTES, row_step, n_rows, n_taps, there, outside, kind, rule)
        if i > -BYTES:
            results = first_bytes(how.n - i) & ~first_bytes(-i)
            at = out + i
            store_bytes(at, results, pooled(&columns[0], &columns[1], 0, lanes, how, kind, rule))
            if n_rows == AT_ONCE:
                store_bytes(at + out_step, results, pooled(&columns[0], &columns[1], 1, lanes, how, kind, rule))
                store_bytes(at + 2 * out_step, results, pooled(&columns[0], &columns[1], 2, lanes, how, kind, rule))
                store_bytes(at + 3 * out_step, results, pooled(&columns[0], &columns[1], 3, lanes, how, kind, rule))
        columns[0] = columns[1]
        i += BYTES


cdef void wide_bytes(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                     const Direct *how, const byte_t *kind, const rule_t *rule) noexcept nogil:
    """n_rows rows of windows of three rows or more; see wide_strips.pyx."""
    cdef Py_ssize_t r = 0, later = 0, taps = how.column_taps, lines = (how.n + BYTES - 1) // BYTES, first_there
    cdef Lanes lanes = lanes_of(how)
    while r < n_rows:
        if r >= how.real_from and r + taps + AT_ONCE - 1 <= how.real_to and r + AT_ONCE <= n_rows:
            walk_along(out, out_step, row, row_step, AT_ONCE, taps, later, &lanes, how, kind, rule)
            out += AT_ONCE * out_step
            row += AT_ONCE * row_step
            later += AT_ONCE * lines * how.fetched
            r += AT_ONCE
            continue
        first_there = max(how.real_from - r, <Py_ssize_t>0)
        walk_along(out, out_step, row + first_there * row_step, row_step, 1,
                   min(taps, how.real_to - r) - first_there, later, &lanes, how, kind, rule)
        out += out_step
        row += row_step
        later += lines * how.fetched
        r += 1


# Addresses by rule and element. Of sums, for means by an odd divisor, see odd.h.
WIDE_BYTES = {
    ("max", "u1"): <size_t><void *><strips_t>wide_bytes[uint8_t, Greatest],
    ("max", "i1"): <size_t><void *><strips_t>wide_bytes[int8_t, Greatest],
    ("min", "u1"): <size_t><void *><strips_t>wide_bytes[uint8_t, Least],
    ("min", "i1"): <size_t><void *><strips_t>wide_bytes[int8_t, Least],
    ("sum", "u1"): <size_t><void *><strips_t>wide_bytes[uint8_t, Sum],
}
