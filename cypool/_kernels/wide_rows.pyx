"""Windows at stride 1 on long rows, in the widest vectors, which only AVX-512 has: maxima and minima, and sums of three
or five taps a side.

Four rows of windows at once: what their columns come to, which is of rows that they share, and from there, a vector of
columns and the one before it, what their windows come to. Only lanes move between taps of a row, and the input's rows
are read along, as they lie in memory.

Columns meet first, then what they came to along the row, and of equal taps the first stays: as in passes over rows, and
sums in the order of combine.pyx.
"""

from cypool._kernels.types cimport Direct, Greatest, Least, Sum, rule_t, strips_t
from cypool._kernels.vectors cimport LANES_32, LANES_64, doubles, fetch, floats, lanes, load, met, size, vector_t
from cypool._kernels.widest cimport (
    first_lanes, lane_mask, lane_numbers, numbers_from, some, store_some, taken, with_nan,
)

cdef enum:
    AT_ONCE = 4

# Of windows of some taps a row, by value: the lanes at which those of half as many taps go on, or of as many as a power
# of two.
cdef struct Levels:
    int taps
    lane_numbers by_one
    lane_numbers by_two
    lane_numbers by_three
    lane_numbers by_four
    lane_numbers by_eight
    lane_numbers rest


cdef inline vector_t one_sum(const char *row, Py_ssize_t row_step, Py_ssize_t n_taps, lane_mask there,
                             vector_t outside, const rule_t *rule) noexcept nogil:
    """What one row of windows has of its columns, of up to five rows that are there, in the order of combine.pyx."""
    cdef vector_t v, result = some(row, there, outside)
    if n_taps > 1:
        result = met(result, some(row + row_step, there, outside), False, rule)
    if n_taps > 2:
        v = some(row + 2 * row_step, there, outside)
        if n_taps > 3:
            v = met(v, some(row + 3 * row_step, there, outside), False, rule)
        result = met(result, v, False, rule)
    if n_taps > 4:
        result = met(result, some(row + 4 * row_step, there, outside), False, rule)
    return result


cdef inline vector_t one_column(const char *row, Py_ssize_t row_step, Py_ssize_t n_taps, lane_mask there,
                                vector_t outside, lane_mask *seen, bint numbers, const rule_t *rule) noexcept nogil:
    """The same of maxima, of any number."""
    cdef vector_t v, result = outside
    cdef Py_ssize_t t
    for t in range(n_taps):
        v = some(row + t * row_step, there, outside)
        if numbers:
            seen[0] = with_nan(seen[0], v, v)
        result = met(result, v, numbers, rule) if t else v
    return result


cdef inline void four_columns(vector_t *columns, const char *row, Py_ssize_t row_step, Py_ssize_t taps,
                              lane_mask there, vector_t outside, lane_mask *seen, bint numbers,
                              const rule_t *rule) noexcept nogil:
    """The same of four rows of windows, which from four taps on share all but three rows on each side."""
    cdef vector_t a = some(row, there, outside), b = some(row + row_step, there, outside)
    cdef vector_t c = some(row + 2 * row_step, there, outside), shared = some(row + 3 * row_step, there, outside)
    cdef vector_t v, w, x, y, z
    cdef const char *last = row + taps * row_step
    cdef Py_ssize_t t = 4
    if numbers:
        seen[0] = with_nan(with_nan(seen[0], a, b), c, shared)
    x = some(last, there, outside) if taps > 3 else shared
    y = some(last + row_step, there, outside)
    z = some(last + 2 * row_step, there, outside)
    if numbers:
        seen[0] = with_nan(with_nan(seen[0], x, y), z, z)
    if taps == 1:
        columns[0], columns[1], columns[2], columns[3] = a, b, c, shared
        return
    if taps == 2:
        columns[0], columns[1] = met(a, b, numbers, rule), met(b, c, numbers, rule)
        columns[2], columns[3] = met(c, shared, numbers, rule), met(shared, z, numbers, rule)
        return
    if taps == 3:
        columns[0] = met(met(a, b, numbers, rule), c, numbers, rule)
        columns[1] = met(met(b, c, numbers, rule), shared, numbers, rule)
        columns[2] = met(met(c, shared, numbers, rule), y, numbers, rule)
        columns[3] = met(met(shared, y, numbers, rule), z, numbers, rule)
        return
    while t + 1 < taps:
        v = some(row + t * row_step, there, outside)
        w = some(row + (t + 1) * row_step, there, outside)
        if numbers:
            seen[0] = with_nan(seen[0], v, w)
        shared = met(shared, met(v, w, numbers, rule), numbers, rule)
        t += 2
    if t < taps:
        v = some(row + t * row_step, there, outside)
        if numbers:
            seen[0] = with_nan(seen[0], v, v)
        shared = met(shared, v, numbers, rule)
    b = met(b, c, numbers, rule)
    a = met(a, b, numbers, rule)
    y = met(x, y, numbers, rule)
    z = met(y, z, numbers, rule)
    columns[0] = met(a, shared, numbers, rule)
    columns[1] = met(met(b, shared, numbers, rule), x, numbers, rule)
    columns[2] = met(met(c, shared, numbers, rule), y, numbers, rule)
    columns[3] = met(shared, z, numbers, rule)


cdef inline void four_sums(vector_t *columns, const char *row, Py_ssize_t row_step, Py_ssize_t taps, lane_mask there,
                           vector_t outside, const rule_t *rule) noexcept nogil:
    """The same of sums of three or five rows, of which neighbours meet once."""
    cdef vector_t a = some(row, there, outside), b = some(row + row_step, there, outside)
    cdef vector_t c = some(row + 2 * row_step, there, outside), d = some(row + 3 * row_step, there, outside)
    cdef vector_t e = some(row + 4 * row_step, there, outside), f = some(row + 5 * row_step, there, outside)
    cdef vector_t g, h, cd = met(c, d, False, rule), de = met(d, e, False, rule)
    if taps == 3:
        columns[0] = met(met(a, b, False, rule), c, False, rule)
        columns[1] = met(met(b, c, False, rule), d, False, rule)
        columns[2] = met(cd, e, False, rule)
        columns[3] = met(de, f, False, rule)
        return
    g = some(row + 6 * row_step, there, outside)
    h = some(row + 7 * row_step, there, outside)
    columns[0] = met(met(met(a, b, False, rule), cd, False, rule), e, False, rule)
    columns[1] = met(met(met(b, c, False, rule), de, False, rule), f, False, rule)
    columns[2] = met(met(cd, met(e, f, False, rule), False, rule), g, False, rule)
    columns[3] = met(met(de, met(f, g, False, rule), False, rule), h, False, rule)


cdef inline Levels levels_of(const Direct *how, const vector_t *kind) noexcept nogil:
    cdef int step = <int>(how.tap_step // size(kind)), taps = <int>how.taps
    cdef Levels levels
    levels.taps = taps
    levels.by_one = numbers_from(step, kind)
    levels.by_two = numbers_from(2 * step, kind)
    levels.by_three = numbers_from(3 * step, kind)
    levels.by_four = numbers_from(4 * step, kind)
    levels.by_eight = numbers_from(8 * step, kind)
    levels.rest = numbers_from(
        (taps - (16 if taps >= 16 else 8 if taps >= 8 else 4 if taps >= 4 else 2)) * step, kind)
    return levels


cdef inline vector_t windows_of(vector_t a, vector_t b, Levels levels, bint numbers,
                                const rule_t *rule) noexcept nogil:
    """A vector of windows, whose first columns are in a, and their last ones in a or b: from two taps on, of twice as
    many as long as that may be. Lanes at the end of b lack what would be behind it, and are not of any window."""
    cdef vector_t v = met(a, taken(a, b, levels.by_one), numbers, rule)
    if levels.taps >= 4:
        b = met(b, taken(b, b, levels.by_one), numbers, rule)
        a = v
        v = met(a, taken(a, b, levels.by_two), numbers, rule)
    if levels.taps >= 8:
        b = met(b, taken(b, b, levels.by_two), numbers, rule)
        a = v
        v = met(a, taken(a, b, levels.by_four), numbers, rule)
    if levels.taps >= 16:
        b = met(b, taken(b, b, levels.by_four), numbers, rule)
        a = v
        v = met(a, taken(a, b, levels.by_eight), numbers, rule)
    if levels.taps & (levels.taps - 1):
        if levels.taps >= 16:
            b = met(b, taken(b, b, levels.by_eight), numbers, rule)
        elif levels.taps >= 8:
            b = met(b, taken(b, b, levels.by_four), numbers, rule)
        elif levels.taps >= 4:
            b = met(b, taken(b, b, levels.by_two), numbers, rule)
        else:
            b = met(b, taken(b, b, levels.by_one), numbers, rule)
        v = met(v, taken(v, b, levels.rest), numbers, rule)
    return v


cdef inline vector_t sums_of(vector_t a, vector_t b, Levels levels, const rule_t *rule) noexcept nogil:
    """The same of sums of three or five."""
    cdef vector_t v = met(a, taken(a, b, levels.by_one), False, rule), w = taken(a, b, levels.by_two)
    if levels.taps == 3:
        return met(v, w, False, rule)
    w = met(w, taken(a, b, levels.by_three), False, rule)
    return met(met(v, w, False, rule), taken(a, b, levels.by_four), False, rule)


cdef inline vector_t pooled(vector_t a, vector_t b, Levels levels, bint numbers, const rule_t *rule) noexcept nogil:
    if rule_t is Sum:
        return sums_of(a, b, levels, rule)
    else:
        return windows_of(a, b, levels, numbers, rule)


cdef inline void fetch_four(const char *lines) noexcept nogil:
    fetch(lines)
    fetch(lines + 64)
    fetch(lines + 128)
    fetch(lines + 192)


cdef inline lane_mask walk_along(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step,
                                 Py_ssize_t n_rows, Py_ssize_t first_there, Py_ssize_t n_there, Py_ssize_t later,
                                 bint numbers, const Direct *how, const vector_t *kind,
                                 const rule_t *rule) noexcept nogil:
    """Four rows of windows, all of whose taps are there, or one of n_there taps from first_there on; which lanes had a
    NaN that was not looked for."""
    # Vectors of the input stand in one line of the cache each, of as many rows as lie so many whole lines apart.
    cdef Py_ssize_t n = lanes(kind), i = -n - <Py_ssize_t>(<size_t>row % <size_t>(n * size(kind))) // size(kind)
    cdef Levels levels = levels_of(how, kind)
    cdef const char *later_rows = how.later_rows + later
    cdef const char *later_results = how.later_results + later
    cdef char *at
    cdef vector_t outside = load(how.identity, True, kind)
    cdef vector_t before[AT_ONCE]
    cdef vector_t columns[AT_ONCE]
    cdef lane_mask there, results, seen = 0
    before[0] = before[1] = before[2] = before[3] = outside
    columns[0] = columns[1] = columns[2] = columns[3] = outside
    while i < how.n:
        # Columns of the vector behind that of the windows from i on.
        there = first_lanes(how.row_to - i - n) & ~first_lanes(how.row_from - i - n)
        if n_rows == AT_ONCE:
            if how.fetched:
                fetch_four(later_rows)
                fetch_four(later_results)
                later_rows += AT_ONCE * how.fetched
                later_results += AT_ONCE * how.fetched
            if rule_t is Sum:
                four_sums(columns, row + (i + n) * size(kind), row_step, how.column_taps, there, outside, rule)
            else:
                four_columns(columns, row + (i + n) * size(kind), row_step, how.column_taps, there, outside, &seen,
                             numbers, rule)
        else:
            if rule_t is Sum:
                columns[0] = one_sum(row + (i + n) * size(kind) + first_there * row_step, row_step, n_there, there,
                                     outside, rule)
            else:
                columns[0] = one_column(row + (i + n) * size(kind) + first_there * row_step, row_step, n_there, there,
                                        outside, &seen, numbers, rule)
        if i > -n:
            results = first_lanes(how.n - i) & ~first_lanes(-i)
            at = out + i * size(kind)
            store_some(at, results, pooled(before[0], columns[0], levels, numbers, rule))
            if n_rows == AT_ONCE:
                store_some(at + out_step, results, pooled(before[1], columns[1], levels, numbers, rule))
                store_some(at + 2 * out_step, results, pooled(before[2], columns[2], levels, numbers, rule))
                store_some(at + 3 * out_step, results, pooled(before[3], columns[3], levels, numbers, rule))
        before[0], before[1], before[2], before[3] = columns[0], columns[1], columns[2], columns[3]
        i += n
    return seen


cdef inline void some_rows(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                           Py_ssize_t first_there, Py_ssize_t n_there, Py_ssize_t later, const Direct *how,
                           const vector_t *kind, const rule_t *rule) noexcept nogil:
    if rule_t is Sum:
        walk_along(out, out_step, row, row_step, n_rows, first_there, n_there, later, False, how, kind, rule)
    elif walk_along(out, out_step, row, row_step, n_rows, first_there, n_there, later, True, how, kind, rule):
        walk_along(out, out_step, row, row_step, n_rows, first_there, n_there, later, False, how, kind, rule)


cdef void wide_rows(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                    const Direct *how, const vector_t *kind, const rule_t *rule) noexcept nogil:
    """n_rows rows of windows; see wide_strips.pyx."""
    cdef Py_ssize_t r = 0, later = 0, taps = how.column_taps, first_there, n_there
    while r < n_rows:
        if r >= how.real_from and r + taps + AT_ONCE - 1 <= how.real_to and r + AT_ONCE <= n_rows:
            some_rows(out, out_step, row, row_step, AT_ONCE, 0, taps, later, how, kind, rule)
            n_there = AT_ONCE
        else:
            first_there = max(how.real_from - r, <Py_ssize_t>0)
            some_rows(out, out_step, row, row_step, 1, first_there, min(taps, how.real_to - r) - first_there, later,
                      how, kind, rule)
            n_there = 1
        out += n_there * out_step
        row += n_there * row_step
        later += n_there * ((how.n + lanes(kind) - 1) // lanes(kind)) * how.fetched
        r += n_there


# Addresses by rule and element, and how many elements behind its first tap a window's last one can be.
WIDE_ROWS = {
    ("max", "f4"): (<size_t><void *><strips_t>wide_rows[floats, Greatest], LANES_32),
    ("max", "f8"): (<size_t><void *><strips_t>wide_rows[doubles, Greatest], LANES_64),
    ("min", "f4"): (<size_t><void *><strips_t>wide_rows[floats, Least], LANES_32),
    ("min", "f8"): (<size_t><void *><strips_t>wide_rows[doubles, Least], LANES_64),
    ("sum", "f4"): (<size_t><void *><strips_t>wide_rows[floats, Sum], LANES_32),
    ("sum", "f8"): (<size_t><void *><strips_t>wide_rows[doubles, Sum], LANES_64),
}
