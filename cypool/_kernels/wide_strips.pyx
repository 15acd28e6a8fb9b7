"""Windows at stride 1 on small planes, in strips of the widest vectors, which only AVX-512 has.

As in strips.pyx, but what taps of a row come to is made of two vectors of the input itself: its lanes are taken from
both, by their numbers. A mask leaves out what lies beyond an end of the row, so that no plane needs a copy, and
no row two strips that overlap.

Taps meet as they do there, and NaNs are looked for likewise: a strip that has one is done again.
"""

from cypool._kernels.types cimport Direct, Greatest, Least, Sum, rule_t, strips_t
from cypool._kernels.vectors cimport (
    LANES_32, LANES_64, divided, doubles, fetch, floats, lanes, load, met, size, store, vector_t,
)
from cypool._kernels.widest cimport (
    behind, first_lanes, lane_mask, lane_numbers, numbers_from, some, store_some, taken, with_nan,
)


# Of a row, by value: which lanes lie in the input, of the vector of first taps and of the one behind it; and which of
# the results are wanted.
cdef struct Masks:
    lane_mask first
    lane_mask second
    lane_mask results

# The lanes of taps behind the first one.
cdef struct Taps:
    lane_numbers one
    lane_numbers two
    lane_numbers three
    lane_numbers four
    lane_numbers last


cdef inline Masks masks_of(Py_ssize_t i, const Direct *how, const vector_t *kind) noexcept nogil:
    """Of the strip from output i on, whose taps begin at position i."""
    cdef Py_ssize_t n = lanes(kind)
    cdef Masks masks
    masks.first = first_lanes(how.row_to - i) & ~first_lanes(how.row_from - i)
    masks.second = first_lanes(how.row_to - i - n) & ~first_lanes(how.row_from - i - n)
    masks.results = first_lanes(how.n - i)
    return masks


cdef inline Taps taps_of(const Direct *how, const vector_t *kind) noexcept nogil:
    cdef int step = <int>(how.tap_step // size(kind))
    cdef Taps taps
    taps.one = numbers_from(step, kind)
    taps.two = numbers_from(2 * step, kind)
    taps.three = numbers_from(3 * step, kind)
    taps.four = numbers_from(4 * step, kind)
    taps.last = numbers_from((<int>how.taps - 4) * step, kind)
    return taps


cdef inline vector_t tap(vector_t a, vector_t b, int t, lane_numbers numbers, bint close) noexcept nogil:
    """Tap t of each window; of neighbours, if they are close."""
    return behind(a, b, t) if close else taken(a, b, numbers)


cdef inline vector_t square_row(vector_t a, vector_t b, Taps lane, Py_ssize_t taps, bint close, bint numbers,
                                const rule_t *rule) noexcept nogil:
    """Three or five taps of each window."""
    cdef vector_t result = met(met(a, tap(a, b, 1, lane.one, close), numbers, rule), tap(a, b, 2, lane.two, close),
                               numbers, rule)
    if taps == 3:
        return result
    return met(result, met(tap(a, b, 3, lane.three, close), tap(a, b, 4, lane.four, close), numbers, rule), numbers,
               rule)


cdef inline vector_t long_row(vector_t a, vector_t b, Taps lane, bint numbers, const Direct *how, const vector_t *kind,
                              const rule_t *rule) noexcept nogil:
    """Four taps or more, by fours. Lanes at the end of the second vector lack what would be behind it, and are not of
    any window."""
    cdef int step = <int>(how.tap_step // size(kind))
    cdef Py_ssize_t t
    cdef vector_t v, fours, more
    fours = met(a, taken(a, b, lane.one), numbers, rule)
    more = met(b, taken(b, b, lane.one), numbers, rule)
    v = met(fours, taken(fours, more, lane.two), numbers, rule)
    more = met(more, taken(more, more, lane.two), numbers, rule)
    fours = v
    for t in range(4, how.taps - 3, 4):
        v = met(v, taken(fours, more, numbers_from(<int>t * step, kind)), numbers, rule)
    if rule_t is Sum:
        for t in range(how.taps - how.taps % 4, how.taps):
            v = met(v, taken(a, b, numbers_from(<int>t * step, kind)), numbers, rule)
    elif how.taps % 4:
        v = met(v, taken(fours, more, lane.last), numbers, rule)
    return v


cdef inline vector_t along(const char *row, vector_t outside, Masks masks, Taps lane, Py_ssize_t taps, bint close,
                           lane_mask *seen, bint numbers, const Direct *how, const rule_t *rule) noexcept nogil:
    """What the taps of a row come to: 3 or 5, or as many as there are. A NaN is noted."""
    cdef const vector_t *kind = &outside
    cdef vector_t a = some(row, masks.first, outside)
    cdef vector_t b = some(row + lanes(kind) * size(kind), masks.second, outside)
    if numbers and rule_t is not Sum:
        seen[0] = with_nan(seen[0], a, b)
    if taps:
        return square_row(a, b, lane, taps, close, numbers, rule)
    return long_row(a, b, lane, numbers, how, kind, rule)


cdef inline void put(char *out, vector_t v, Masks masks, const char *divisors, const Direct *how,
                     const rule_t *rule) noexcept nogil:
    if rule_t is Sum:
        v = divided(v, divisors, False, how)
    store_some(out, masks.results, v)


cdef inline vector_t ended(vector_t *a, vector_t *b, vector_t *c, vector_t *d, vector_t e, Py_ssize_t taps,
                           bint numbers, const rule_t *rule) noexcept nogil:
    """The window whose last row is e, and what is kept of the rows before: of three the first two, of five what the
    first two, those after these and the next two come to, and the fourth."""
    cdef vector_t result
    if taps == 3:
        result = met(met(a[0], b[0], numbers, rule), e, numbers, rule)
        a[0] = b[0]
        b[0] = e
        return result
    result = met(met(a[0], c[0], numbers, rule), e, numbers, rule)
    a[0] = b[0]
    b[0] = c[0]
    c[0] = met(d[0], e, numbers, rule)
    d[0] = e
    return result


cdef inline bint walk_down(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                           Py_ssize_t begin, Py_ssize_t later, Py_ssize_t taps, bint plain, Masks masks, Taps lane,
                           bint numbers, const Direct *how, const vector_t *kind, const rule_t *rule) noexcept nogil:
    """A strip of windows of 3x3 or 5x5, in plain ones of neighbours with nothing to fetch meanwhile; whether it has a
    NaN that was not looked for."""
    cdef Py_ssize_t r = 0, divisors_step = how.divisors_step
    cdef Py_ssize_t real_from = how.real_from, real_to = how.real_to, end = n_rows + taps - 1
    cdef Py_ssize_t inside_from = min(max(real_from, taps - 1), end), inside_to = max(inside_from, min(real_to, end))
    cdef const char *divisors = how.divisors
    cdef vector_t outside = load(how.identity, True, kind)
    cdef vector_t a, b, c, d, e, v
    cdef lane_mask seen = 0
    cdef Py_ssize_t fetched = how.fetched
    cdef const char *later_rows = how.later_rows
    cdef const char *later_results = how.later_results
    if divisors != NULL:
        divisors += begin
    a = b = c = d = outside
    while r < end:
        # Of the rows amid others, all are there, and each ends a window.
        while inside_from <= r and r < inside_to:
            if not plain:
                fetch(later_rows + later)
                fetch(later_results + later)
                later += fetched
            e = along(row, outside, masks, lane, taps, plain, &seen, numbers, how, rule)
            v = ended(&a, &b, &c, &d, e, taps, numbers, rule)
            put(out, v, masks, divisors, how, rule)
            out += out_step
            divisors += divisors_step
            row += row_step
            r += 1
        if r == end:
            break
        e = outside
        if real_from <= r < real_to:
            e = along(row, outside, masks, lane, taps, plain, &seen, numbers, how, rule)
        v = ended(&a, &b, &c, &d, e, taps, numbers, rule)
        if r >= taps - 1:
            put(out, v, masks, divisors, how, rule)
            out += out_step
            divisors += divisors_step
        row += row_step
        r += 1
    return seen != 0


cdef inline bint make_rows(const char *row, Py_ssize_t row_step, Py_ssize_t n_rows, Py_ssize_t later,
                           Masks masks, Taps lane, bint numbers, const Direct *how, const vector_t *kind,
                           const rule_t *rule) noexcept nogil:
    """Rows of windows of a strip, end to end; whether there is a NaN that was not looked for."""
    cdef Py_ssize_t r
    cdef vector_t v, outside = load(how.identity, True, kind)
    cdef lane_mask seen = 0
    for r in range(n_rows + how.column_taps - 1):
        fetch(how.later_rows + later)
        fetch(how.later_results + later)
        later += how.fetched
        v = outside
        if how.real_from <= r < how.real_to:
            v = along(row + r * row_step, outside, masks, lane, 0, False, &seen, numbers, how, rule)
        store(how.spare + r * lanes(kind) * size(kind), v, False)
    return seen != 0


cdef inline vector_t made(Py_ssize_t r, const Direct *how, const vector_t *kind) noexcept nogil:
    return load(how.spare + r * lanes(kind) * size(kind), False, kind)


cdef inline void by_fours(char *out, Py_ssize_t out_step, Py_ssize_t n_rows, Py_ssize_t begin, Masks masks,
                          bint numbers, const Direct *how, const vector_t *kind, const rule_t *rule) noexcept nogil:
    """The results of such rows, of four windows at once, one above the other: they share all but three rows."""
    cdef Py_ssize_t r = 0, t, taps = how.column_taps
    cdef const char *divisors
    cdef vector_t a, b, c, shared, x, y, z
    while r < n_rows:
        if n_rows >= 4:
            r = min(r, n_rows - 4)
        divisors = how.divisors + r * how.divisors_step + begin if how.divisors != NULL else NULL
        if n_rows < 4:
            shared = made(r, how, kind)
            for t in range(1, taps):
                shared = met(shared, made(r + t, how, kind), numbers, rule)
            put(out + r * out_step, shared, masks, divisors, how, rule)
            r += 1
            continue
        shared = made(r + 3, how, kind)
        for t in range(4, taps):
            shared = met(shared, made(r + t, how, kind), numbers, rule)
        c = made(r + 2, how, kind)
        b = met(made(r + 1, how, kind), c, numbers, rule)
        a = met(made(r, how, kind), b, numbers, rule)
        x = made(r + taps, how, kind)
        y = met(x, made(r + taps + 1, how, kind), numbers, rule)
        z = met(y, made(r + taps + 2, how, kind), numbers, rule)
        put(out + r * out_step, met(a, shared, numbers, rule), masks, divisors, how, rule)
        divisors += how.divisors_step
        put(out + (r + 1) * out_step, met(met(b, shared, numbers, rule), x, numbers, rule), masks, divisors, how, rule)
        divisors += how.divisors_step
        put(out + (r + 2) * out_step, met(met(c, shared, numbers, rule), y, numbers, rule), masks, divisors, how, rule)
        divisors += how.divisors_step
        put(out + (r + 3) * out_step, met(shared, z, numbers, rule), masks, divisors, how, rule)
        r += 4


cdef inline bint try_strip(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                           Py_ssize_t begin, Py_ssize_t later, Masks masks, Taps lane, bint numbers, const Direct *how,
                           const vector_t *kind, const rule_t *rule) noexcept nogil:
    """The strip from `begin` bytes of the row on; whether it has a NaN that was not looked for."""
    cdef bint plain = how.tap_step == size(kind) and how.fetched == 0
    if how.taps == how.column_taps and (how.taps == 3 or how.taps == 5):
        if plain and how.taps == 3:
            return walk_down(out, out_step, row, row_step, n_rows, begin, later, 3, True, masks, lane, numbers, how,
                             kind, rule)
        if plain:
            return walk_down(out, out_step, row, row_step, n_rows, begin, later, 5, True, masks, lane, numbers, how,
                             kind, rule)
        if how.taps == 3:
            return walk_down(out, out_step, row, row_step, n_rows, begin, later, 3, False, masks, lane, numbers, how,
                             kind, rule)
        return walk_down(out, out_step, row, row_step, n_rows, begin, later, 5, False, masks, lane, numbers, how, kind,
                         rule)
    if make_rows(row, row_step, n_rows, later, masks, lane, numbers, how, kind, rule):
        return True
    by_fours(out, out_step, n_rows, begin, masks, numbers, how, kind, rule)
    return False


cdef inline void strip(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                       Py_ssize_t begin, Py_ssize_t later, Masks masks, Taps lane, const Direct *how,
                       const vector_t *kind, const rule_t *rule) noexcept nogil:
    if rule_t is not Sum:
        if not try_strip(out, out_step, row, row_step, n_rows, begin, later, masks, lane, True, how, kind, rule):
            return
    try_strip(out, out_step, row, row_step, n_rows, begin, later, masks, lane, False, how, kind, rule)


cdef void wide_strips(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                      const Direct *how, const vector_t *kind, const rule_t *rule) noexcept nogil:
    """n_rows rows of windows. Rows of the output are out_step bytes apart, those of the input row_step bytes.

    `row` is where the first tap of the first window is, or would be. Windows have 3 or 5 taps a side, or 4 and more in
    each direction, and along a row reach no further than to as many lanes behind the first tap.
    """
    cdef Taps lane = taps_of(how, kind)
    cdef Masks masks
    cdef Py_ssize_t i = 0, p, later = 0
    while i < how.n:
        masks = masks_of(i, how, kind)
        for p in range(how.n_planes):
            strip(out + p * how.out_plane_step + i * size(kind), out_step, row + p * how.plane_step + i * size(kind),
                  row_step, n_rows, i * size(kind), later, masks, lane, how, kind, rule)
            later += n_rows * how.fetched
        i += lanes(kind)


# Addresses by rule and accumulator.
WIDE_STRIPS = {
    ("max", "f4"): <size_t><void *><strips_t>wide_strips[floats, Greatest],
    ("max", "f8"): <size_t><void *><strips_t>wide_strips[doubles, Greatest],
    ("min", "f4"): <size_t><void *><strips_t>wide_strips[floats, Least],
    ("min", "f8"): <size_t><void *><strips_t>wide_strips[doubles, Least],
    ("sum", "f4"): <size_t><void *><strips_t>wide_strips[floats, Sum],
    ("sum", "f8"): <size_t><void *><strips_t>wide_strips[doubles, Sum],
}
# How many elements of so many bytes behind its first tap a window's last one can be.
REACH = {4: LANES_32, 8: LANES_64}
