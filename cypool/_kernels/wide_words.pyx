"""Maxima, minima and sums of 8-bit and 16-bit integers in windows at stride 1 on long rows, in the widest vectors,
which only AVX-512 has.

As in wide_rows.pyx, but numbers are of 16 bits, sums of 16-bit ones of 32, and meet in any order. Where neighbours are
pooled alike, as colours are, taps are as many lanes apart.
"""

from libc.stdint cimport int8_t, int16_t, uint8_t, uint16_t

from cypool._kernels.types cimport Direct, Division, Greatest, Least, Sum, rule_t, strips_t
from cypool._kernels.words cimport (
    all_16, all_w32, doubled, first_words, four_columns, mean_16, met, numbers_from_16, numbers_from_w32, one_column,
    store_some_8, store_some_16, store_some_w32, taken_16, taken_w32, word_mask, words,
)

cdef extern from "vectors.h" nogil:
    void fetch(const char *address)

cdef enum:
    AT_ONCE = 4
    FEW_TAPS = 5        # that meet one by one
    LEVELS = 6          # of windows twice as wide each, from one tap to 32
    WORDS = 32
    DOUBLE_WORDS = 16

ctypedef fused element_t:
    uint8_t
    int8_t
    uint16_t
    int16_t

# The lanes of a few taps; or those at which windows go on, twice as wide, and at which the parts of a sum begin.
cdef struct Lanes:
    int taps
    words taps_at[FEW_TAPS]
    words double[LEVELS]
    words part[LEVELS]


cdef inline Py_ssize_t n_lanes(const element_t *kind, const rule_t *rule) noexcept nogil:
    return DOUBLE_WORDS if doubled(kind, rule) else WORDS


cdef inline words everywhere(const char *identity, const element_t *kind, const rule_t *rule) noexcept nogil:
    """What changes no tap that it meets; of sums, 0 of another type."""
    if rule_t is Sum:
        return all_w32(0)
    else:
        return all_16((<const element_t *>identity)[0])


cdef inline words taken(words a, words b, words numbers, const element_t *kind, const rule_t *rule) noexcept nogil:
    return taken_w32(a, b, numbers) if doubled(kind, rule) else taken_16(a, b, numbers)


cdef inline void put(char *out, word_mask mask, words v, const Direct *how, const element_t *kind,
                     const rule_t *rule) noexcept nogil:
    """Maxima as elements, sums as they are; or of bytes as means, see odd.h."""
    if rule_t is Sum and element_t is uint8_t and how.division == Division.PRODUCT:
        store_some_8(out, mask, mean_16(v, <uint16_t>how.bias, <uint16_t>how.flip, how.shift))
    elif doubled(kind, rule):
        store_some_w32(out, mask, v)
    elif rule_t is Sum or sizeof(element_t) == 2:
        store_some_16(out, mask, v)
    else:
        store_some_8(out, mask, v)


cdef inline Py_ssize_t out_size(const Direct *how, const element_t *kind, const rule_t *rule) noexcept nogil:
    return 2 * sizeof(element_t) if rule_t is Sum and how.division == Division.NONE else sizeof(element_t)


cdef inline words numbers_from(Py_ssize_t first, const element_t *kind, const rule_t *rule) noexcept nogil:
    return numbers_from_w32(<int>first) if doubled(kind, rule) else numbers_from_16(<int>first)


cdef inline Lanes lanes_of(const Direct *how, const element_t *kind, const rule_t *rule) noexcept nogil:
    cdef Py_ssize_t step = how.tap_step // <Py_ssize_t>sizeof(element_t), taps = how.taps, widest = 1, level
    cdef Lanes lanes
    lanes.taps = <int>taps
    while 2 * widest <= taps:
        widest *= 2
    for level in range(FEW_TAPS):
        lanes.taps_at[level] = numbers_from(level * step, kind, rule)
    for level in range(LEVELS):
        lanes.double[level] = numbers_from((1 << level) * step, kind, rule)
        # Of a maximum the last part, which begins early enough to end with the window; of a sum that level's.
        if rule_t is Sum:
            lanes.part[level] = numbers_from((taps & ((1 << level) - 1)) * step, kind, rule)
        else:
            lanes.part[level] = numbers_from((taps - widest) * step, kind, rule)
    return lanes


cdef inline words windows_of(words a, words b, const Lanes *lanes, const element_t *kind,
                             const rule_t *rule) noexcept nogil:
    """A vector of windows, whose first columns are in a, and their last ones in a or b. Lanes at the end of b lack what
    would be behind it, and are not of any window."""
    cdef int taps = lanes.taps, level = 0
    cdef words v = a, wider
    cdef bint begun = False
    if taps <= FEW_TAPS:
        v = met(a, taken(a, b, lanes.taps_at[1], kind, rule), kind, rule)
        if taps > 2:
            v = met(v, taken(a, b, lanes.taps_at[2], kind, rule), kind, rule)
        if taps > 3:
            wider = taken(a, b, lanes.taps_at[3], kind, rule)
            if taps > 4:
                wider = met(wider, taken(a, b, lanes.taps_at[4], kind, rule), kind, rule)
            v = met(v, wider, kind, rule)
        return v
    while True:
        # a and b are of windows of 2^level taps.
        if rule_t is Sum and taps >> level & 1:
            v = met(v, taken(a, b, lanes.part[level], kind, rule), kind, rule) if begun else a
            begun = True
        if taps >> (level + 1) == 0:
            break
        wider = met(a, taken(a, b, lanes.double[level], kind, rule), kind, rule)
        b = met(b, taken(b, b, lanes.double[level], kind, rule), kind, rule)
        a = wider
        level += 1
    if rule_t is not Sum:
        v = a if taps == 1 << level else met(a, taken(a, b, lanes.part[0], kind, rule), kind, rule)
    return v


cdef inline void walk_along(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                            Py_ssize_t n_taps, Py_ssize_t later, const Lanes *lanes, const Direct *how,
                            const element_t *kind, const rule_t *rule) noexcept nogil:
    """Four rows of windows of all their taps, or one of so many that are there, the first of which `row` is."""
    # Vectors of the input stand in one line of the cache each, of as many rows as lie so many whole lines apart.
    cdef Py_ssize_t n = n_lanes(kind, rule), size = sizeof(element_t), wide = out_size(how, kind, rule)
    cdef Py_ssize_t i = -n - <Py_ssize_t>(<size_t>row % <size_t>(n * size)) // size, t
    cdef words outside = everywhere(how.identity, kind, rule)
    cdef words before[AT_ONCE]
    cdef words columns[AT_ONCE]
    cdef word_mask there, results
    cdef const char *later_rows = how.later_rows + later
    cdef char *at
    before[0] = before[1] = before[2] = before[3] = outside
    columns[0] = columns[1] = columns[2] = columns[3] = outside
    while i < how.n:
        # Columns of the vector behind that of the windows from i on.
        there = first_words(how.row_to - i - n) & ~first_words(how.row_from - i - n)
        if n_rows == AT_ONCE:
            if how.fetched:
                for t in range(n * size // 16):     # lines of four rows
                    fetch(later_rows + t * how.fetched)
                later_rows += n * size // 16 * how.fetched
            four_columns(columns, row + (i + n) * size, row_step, n_taps, there, outside, kind, rule)
        else:
            columns[0] = one_column(row + (i + n) * size, row_step, n_taps, there, outside, kind, rule)
        if i > -n:
            results = first_words(how.n - i) & ~first_words(-i)
            at = out + i * wide
            put(at, results, windows_of(before[0], columns[0], lanes, kind, rule), how, kind, rule)
            if n_rows == AT_ONCE:
                put(at + out_step, results, windows_of(before[1], columns[1], lanes, kind, rule), how, kind, rule)
                put(at + 2 * out_step, results, windows_of(before[2], columns[2], lanes, kind, rule), how, kind, rule)
                put(at + 3 * out_step, results, windows_of(before[3], columns[3], lanes, kind, rule), how, kind, rule)
        before[0], before[1], before[2], before[3] = columns[0], columns[1], columns[2], columns[3]
        i += n


cdef void wide_words(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                     const Direct *how, const element_t *kind, const rule_t *rule) noexcept nogil:
    """n_rows rows of windows of three rows or more; see wide_strips.pyx."""
    cdef Py_ssize_t r = 0, later = 0, taps = how.column_taps, first_there
    cdef Py_ssize_t lines = (how.n * <Py_ssize_t>sizeof(element_t) + 63) // 64
    cdef Lanes lanes = lanes_of(how, kind, rule)
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


# Addresses by rule and element, and how many elements behind its first tap a window's last one can be.
WIDE_WORDS = {
    ("max", "u1"): (<size_t><void *><strips_t>wide_words[uint8_t, Greatest], WORDS),
    ("max", "i1"): (<size_t><void *><strips_t>wide_words[int8_t, Greatest], WORDS),
    ("max", "u2"): (<size_t><void *><strips_t>wide_words[uint16_t, Greatest], WORDS),
    ("max", "i2"): (<size_t><void *><strips_t>wide_words[int16_t, Greatest], WORDS),
    ("min", "u1"): (<size_t><void *><strips_t>wide_words[uint8_t, Least], WORDS),
    ("min", "i1"): (<size_t><void *><strips_t>wide_words[int8_t, Least], WORDS),
    ("min", "u2"): (<size_t><void *><strips_t>wide_words[uint16_t, Least], WORDS),
    ("min", "i2"): (<size_t><void *><strips_t>wide_words[int16_t, Least], WORDS),
    ("sum", "u1"): (<size_t><void *><strips_t>wide_words[uint8_t, Sum], WORDS),
    ("sum", "i1"): (<size_t><void *><strips_t>wide_words[int8_t, Sum], WORDS),
    ("sum", "u2"): (<size_t><void *><strips_t>wide_words[uint16_t, Sum], DOUBLE_WORDS),
    ("sum", "i2"): (<size_t><void *><strips_t>wide_words[int16_t, Sum], DOUBLE_WORDS),
}
