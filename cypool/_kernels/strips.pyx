"""Windows at stride 1 on a plane that fits in cache, in strips as wide as a vector that are walked down.

The plane is a copy with whatever its windows take beyond its borders, so that all of them are whole. What the taps of a
row come to is computed once and serves all windows of the strip that have the row. In windows of three or five taps a
side it stays in a register until the last of them; for larger ones it is a row of scratch, and four windows, one above
the other, share the rows that all of them have.

Windows of 3x3 that reach beyond the plane by one tap at most, on rows longer than a vector, need no copy: the
strips at the ends of the rows shift in what lies outside.

NaNs are looked for while the plane is copied, or while the strip is walked, which is then done again. Where there is
none, as nearly always, taps meet without a test for them, which takes a third of the instructions.

Taps meet along the row first, then those of a column.
"""

from libc.string cimport memcpy

from cypool._kernels.types cimport Direct, Greatest, Least, Sum, bring_t, rule_t, strips_t
from cypool._kernels.vectors cimport (
    advanced, divided, doubles, floats, has_nan, lanes, load, met, no_nan, noted, shifted, size, store, vector_t,
)


# Which end of its rows a strip is at, if windows reach beyond it there: one at FIRST or LAST, any number at SOME.
cdef enum End:
    NONE
    FIRST
    LAST
    SOME


cdef bint bring(char *rows, Py_ssize_t step, const char *data, Py_ssize_t data_step, Py_ssize_t n_rows, Py_ssize_t n,
                const vector_t *kind, const rule_t *rule) noexcept nogil:
    """Copy n_rows rows of n elements; whether one of them is a NaN that has to be looked for.

    Two rows at once, for which one comparison tells; of an odd number the last one by itself.
    """
    cdef vector_t v, w, nan = no_nan(kind)
    cdef Py_ssize_t i, r, second, second_data
    cdef bint one = n < lanes(kind)
    cdef Py_ssize_t some = 1 if one else lanes(kind)
    for r in range(0, n_rows, 2):
        second = step if r + 1 < n_rows else 0
        second_data = data_step if r + 1 < n_rows else 0
        i = 0
        while i < n:
            i = min(i, n - some)
            v = load(data + i * size(kind), one, kind)
            w = load(data + i * size(kind) + second_data, one, kind)
            store(rows + i * size(kind), v, one)
            store(rows + i * size(kind) + second, w, one)
            if rule_t is not Sum:
                nan = noted(nan, v, w)
            i += some
        rows += 2 * step
        data += 2 * data_step
    return has_nan(nan)


cdef inline vector_t at(const char *row, const vector_t *kind) noexcept nogil:
    return load(row, False, kind)


cdef inline vector_t along(const char *row, Py_ssize_t step, Py_ssize_t taps, bint numbers, const vector_t *kind,
                           const rule_t *rule) noexcept nogil:
    """Three or five taps of neighbouring windows in one row."""
    cdef vector_t result = met(met(at(row, kind), at(row + step, kind), numbers, rule), at(row + 2 * step, kind),
                               numbers, rule)
    if taps == 3:
        return result
    return met(result, met(at(row + 3 * step, kind), at(row + 4 * step, kind), numbers, rule), numbers, rule)


cdef inline void put(char *out, vector_t v, Py_ssize_t begin, bint narrow, const char *divisors, const Direct *how,
                     const rule_t *rule) noexcept nogil:
    """The results from `begin` bytes of the row on; of a narrow plane, less than a vector."""
    cdef char some[64]
    if rule_t is Sum:
        v = divided(v, divisors + begin if divisors != NULL else NULL, False, how)
    if narrow:
        store(some, v, False)
        memcpy(out, some, <size_t>(how.n * size(&v)))
    else:
        store(out + begin, v, False)


cdef inline void walk_down(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                           Py_ssize_t begin, Py_ssize_t taps, bint narrow, bint numbers, const Direct *how,
                           const vector_t *kind, const rule_t *rule) noexcept nogil:
    """The strip from `begin` bytes of the row on."""
    cdef Py_ssize_t step = how.tap_step
    cdef Py_ssize_t _i
    cdef const char *divisors = how.divisors
    cdef vector_t a, b, c, d, e, ab, bc, cd
    row += begin
    a = along(row, step, taps, numbers, kind, rule)
    b = along(row + row_step, step, taps, numbers, kind, rule)
    row += 2 * row_step
    if taps == 3:
        for _i in range(n_rows):
            c = along(row, step, 3, numbers, kind, rule)
            put(out, met(met(a, b, numbers, rule), c, numbers, rule), begin, narrow, divisors, how, rule)
            a = b
            b = c
            row += row_step
            out += out_step
            divisors += how.divisors_step
        return
    c = along(row, step, 5, numbers, kind, rule)
    d = along(row + row_step, step, 5, numbers, kind, rule)
    row += 2 * row_step
    ab = met(a, b, numbers, rule)
    bc = met(b, c, numbers, rule)
    cd = met(c, d, numbers, rule)
    for _i in range(n_rows):
        e = along(row, step, 5, numbers, kind, rule)
        put(out, met(met(ab, cd, numbers, rule), e, numbers, rule), begin, narrow, divisors, how, rule)
        ab = bc
        bc = cd
        cd = met(d, e, numbers, rule)
        d = e
        row += row_step
        out += out_step
        divisors += how.divisors_step


cdef inline void make_fours(char *fours, const char *row, bint numbers, const Direct *how, const vector_t *kind,
                            const rule_t *rule) noexcept nogil:
    """Windows of four taps along a row, as many as its windows are made of."""
    cdef Py_ssize_t step = how.tap_step
    cdef Py_ssize_t n_bytes = how.n * size(kind) + (how.taps - 4) * step
    cdef Py_ssize_t i = 0
    while i < n_bytes:
        store(fours + i, met(met(at(row + i, kind), at(row + i + step, kind), numbers, rule),
                             met(at(row + i + 2 * step, kind), at(row + i + 3 * step, kind), numbers, rule),
                             numbers, rule), False)
        i += lanes(kind) * size(kind)


cdef inline void widen(char *out, const char *fours, const char *row, bint numbers, const Direct *how,
                       const vector_t *kind, const rule_t *rule) noexcept nogil:
    """Windows of four taps and more along a row, from those of four."""
    cdef Py_ssize_t step = how.tap_step, taps = how.taps
    cdef Py_ssize_t i = 0, t
    cdef vector_t v
    while i < how.n * size(kind):
        v = at(fours + i, kind)
        for t in range(4, taps - 3, 4):
            v = met(v, at(fours + i + t * step, kind), numbers, rule)
        if rule_t is Sum:
            for t in range(taps - taps % 4, taps):
                v = met(v, at(row + i + t * step, kind), numbers, rule)
        elif taps % 4:
            v = met(v, at(fours + i + (taps - 4) * step, kind), numbers, rule)
        store(out + i, v, False)
        i += lanes(kind) * size(kind)


cdef inline void fill(char *out, const Direct *how, const vector_t *kind) noexcept nogil:
    """A row in which no window has a tap."""
    cdef Py_ssize_t i = 0
    while i < how.n * size(kind):
        store(out + i, load(how.identity, True, kind), False)
        i += lanes(kind) * size(kind)


cdef inline void by_fours(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                          Py_ssize_t begin, bint narrow, bint numbers, const Direct *how, const vector_t *kind,
                          const rule_t *rule) noexcept nogil:
    """A strip of windows of four rows and more, four windows at once: they share all but three of their rows."""
    cdef Py_ssize_t i = 0, t, taps = how.column_taps
    cdef const char *divisors
    cdef const char *top
    cdef vector_t a, b, c, shared, x, y, z
    if n_rows < 4:
        for i in range(n_rows):
            shared = at(row + i * row_step + begin, kind)
            for t in range(1, taps):
                shared = met(shared, at(row + (i + t) * row_step + begin, kind), numbers, rule)
            divisors = how.divisors + i * how.divisors_step if how.divisors != NULL else NULL
            put(out + i * out_step, shared, begin, narrow, divisors, how, rule)
        return
    while i < n_rows:
        i = min(i, n_rows - 4)
        top = row + i * row_step + begin
        shared = at(top + 3 * row_step, kind)
        for t in range(4, taps):
            shared = met(shared, at(top + t * row_step, kind), numbers, rule)
        c = at(top + 2 * row_step, kind)
        b = met(at(top + row_step, kind), c, numbers, rule)
        a = met(at(top, kind), b, numbers, rule)
        top += taps * row_step
        x = at(top, kind)
        y = met(x, at(top + row_step, kind), numbers, rule)
        z = met(y, at(top + 2 * row_step, kind), numbers, rule)
        divisors = how.divisors + i * how.divisors_step if how.divisors != NULL else NULL
        put(out + i * out_step, met(a, shared, numbers, rule), begin, narrow, divisors, how, rule)
        divisors += how.divisors_step
        put(out + (i + 1) * out_step, met(met(b, shared, numbers, rule), x, numbers, rule), begin, narrow, divisors,
            how, rule)
        divisors += how.divisors_step
        put(out + (i + 2) * out_step, met(met(c, shared, numbers, rule), y, numbers, rule), begin, narrow, divisors,
            how, rule)
        divisors += how.divisors_step
        put(out + (i + 3) * out_step, met(shared, z, numbers, rule), begin, narrow, divisors, how, rule)
        i += 4


cdef inline void all_strips(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                            bint narrow, bint numbers, const Direct *how, const vector_t *kind,
                            const rule_t *rule) noexcept nogil:
    cdef Py_ssize_t i = 0
    if how.taps == how.column_taps and how.taps in (3, 5):
        while True:
            if how.taps == 3:
                walk_down(out, out_step, row, row_step, n_rows, i * size(kind), 3, narrow, numbers, how, kind, rule)
            else:
                walk_down(out, out_step, row, row_step, n_rows, i * size(kind), 5, narrow, numbers, how, kind, rule)
            i += lanes(kind)
            if i >= how.n:
                return
            i = min(i, how.n - lanes(kind))
    # Rows of fours first, all of them: a vector read just after two that it lies across were written has to wait.
    for i in range(how.real_from, how.real_to):
        make_fours(how.fours + i * row_step, row + i * row_step, numbers, how, kind, rule)
    for i in range(n_rows + how.column_taps - 1):
        if how.real_from <= i < how.real_to:
            widen(how.spare + i * how.spare_step, how.fours + i * row_step, row + i * row_step, numbers, how, kind,
                  rule)
        else:
            fill(how.spare + i * how.spare_step, how, kind)
    i = 0
    while True:
        by_fours(out, out_step, how.spare, how.spare_step, n_rows, i * size(kind), narrow, numbers, how, kind, rule)
        i += lanes(kind)
        if i >= how.n:
            return
        i = min(i, how.n - lanes(kind))


cdef void strips(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                 const Direct *how, const vector_t *kind, const rule_t *rule) noexcept nogil:
    """n_rows rows of windows. Rows of the output are out_step bytes apart, those of the input row_step bytes.

    Windows have 3 or 5 taps a side, or 4 and more in each direction. The input and the divisors can be read a vector
    beyond the last row.
    """
    cdef bint narrow = how.n < lanes(kind)
    if narrow:
        all_strips(out, out_step, row, row_step, n_rows, True, False, how, kind, rule)
    elif how.numbers and rule_t is not Sum:
        all_strips(out, out_step, row, row_step, n_rows, False, True, how, kind, rule)
    else:
        all_strips(out, out_step, row, row_step, n_rows, False, False, how, kind, rule)


cdef inline vector_t of_three(const char *row, Py_ssize_t step, End end, Py_ssize_t n_before, Py_ssize_t n_after,
                              vector_t *seen, bint numbers, const Direct *how, const vector_t *kind,
                              const rule_t *rule) noexcept nogil:
    """Three taps in a row of the input itself; those beyond its ends are the identity. A NaN is noted."""
    cdef vector_t outside = load(how.identity, True, kind)
    cdef vector_t left, right, v = at(row + step, kind)
    cdef Py_ssize_t _i
    if end == End.FIRST:
        left = shifted(outside, v)
    elif end == End.SOME:
        left = at(row + n_before * size(kind), kind)
        for _i in range(n_before):
            left = shifted(outside, left)
    else:
        left = at(row, kind)
    if end == End.LAST:
        right = advanced(v, outside)
    elif end == End.SOME:
        right = at(row + 2 * step - n_after * size(kind), kind)
        for _i in range(n_after):
            right = advanced(right, outside)
    else:
        right = at(row + 2 * step, kind)
    if numbers and rule_t is not Sum:
        seen[0] = noted(seen[0], left, right)
    return met(met(left, v, numbers, rule), right, numbers, rule)


cdef inline bint walk_squares(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                              Py_ssize_t i, End end, Py_ssize_t n_before, Py_ssize_t n_after, bint numbers,
                              const Direct *how, const vector_t *kind, const rule_t *rule) noexcept nogil:
    """A strip of 3x3 windows on the input itself, from output i on, of which n_before lack their first tap and n_after
    their last; whether a NaN was met."""
    cdef vector_t seen = no_nan(kind), outside = load(how.identity, True, kind)
    cdef vector_t a, b, c
    cdef const char *divisors = how.divisors
    # What is stored may be anything to the compiler, which would read these again.
    cdef Py_ssize_t _i, begin = i * size(kind), step = how.tap_step, divisors_step = how.divisors_step
    cdef bint lacks_above = how.real_from > 0, lacks_below = how.real_to < n_rows + 2
    row += begin
    a = outside
    if not lacks_above:
        a = of_three(row, step, end, n_before, n_after, &seen, numbers, how, kind, rule)
    b = of_three(row + row_step, step, end, n_before, n_after, &seen, numbers, how, kind, rule)
    row += 2 * row_step
    for _i in range(n_rows - (1 if lacks_below else 0)):
        c = of_three(row, step, end, n_before, n_after, &seen, numbers, how, kind, rule)
        put(out, met(met(a, b, numbers, rule), c, numbers, rule), begin, False, divisors, how, rule)
        a = b
        b = c
        row += row_step
        out += out_step
        divisors += divisors_step
    if lacks_below:
        put(out, met(met(a, b, numbers, rule), outside, numbers, rule), begin, False, divisors, how, rule)
    return has_nan(seen) if numbers and rule_t is not Sum else False


cdef inline bint walk_to_end(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                             Py_ssize_t i, bint numbers, const Direct *how, const vector_t *kind,
                             const rule_t *rule) noexcept nogil:
    """The strip from output i on, which may be the first or the last one."""
    cdef Py_ssize_t before = max(how.row_from - i, <Py_ssize_t>0)
    cdef Py_ssize_t after = max(i + lanes(kind) + 2 * how.tap_step // size(kind) - how.row_to, <Py_ssize_t>0)
    if before == 0 and after == 0:
        return walk_squares(out, out_step, row, row_step, n_rows, i, End.NONE, 0, 0, numbers, how, kind, rule)
    if how.tap_step == size(kind) and after == 0:
        return walk_squares(out, out_step, row, row_step, n_rows, i, End.FIRST, 1, 0, numbers, how, kind, rule)
    if how.tap_step == size(kind) and before == 0:
        return walk_squares(out, out_step, row, row_step, n_rows, i, End.LAST, 0, 1, numbers, how, kind, rule)
    return walk_squares(out, out_step, row, row_step, n_rows, i, End.SOME, before, after, numbers, how, kind, rule)


cdef inline void squares_of_plane(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step,
                                  Py_ssize_t n_rows, const Direct *how, const vector_t *kind,
                                  const rule_t *rule) noexcept nogil:
    cdef bint numbers = rule_t is not Sum
    cdef Py_ssize_t i = 0
    while True:
        if numbers:
            if walk_to_end(out, out_step, row, row_step, n_rows, i, True, how, kind, rule):
                numbers = False
                continue
        else:
            walk_to_end(out, out_step, row, row_step, n_rows, i, False, how, kind, rule)
        i += lanes(kind)
        if i >= how.n:
            return
        i = min(i, how.n - lanes(kind))


cdef void squares(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                  const Direct *how, const vector_t *kind, const rule_t *rule) noexcept nogil:
    """The same for windows of 3x3 on the input itself, which reach no further beyond it than by one tap.

    `row` is where the first tap of the first window is, or would be. Rows are longer than a vector.
    """
    cdef Py_ssize_t _p
    for _p in range(how.n_planes):
        squares_of_plane(out, out_step, row, row_step, n_rows, how, kind, rule)
        out += how.out_plane_step
        row += how.plane_step


cdef tuple all_of(strips_t of_windows, bring_t of_rows, strips_t of_squares):
    return <size_t><void *>of_windows, <size_t><void *>of_rows, <size_t><void *>of_squares


# Addresses of (strips, bring, squares) by rule and accumulator.
STRIPS = {
    ("max", "f4"): all_of(
        <strips_t>strips[floats, Greatest], <bring_t>bring[floats, Greatest], <strips_t>squares[floats, Greatest]),
    ("max", "f8"): all_of(
        <strips_t>strips[doubles, Greatest], <bring_t>bring[doubles, Greatest], <strips_t>squares[doubles, Greatest]),
    ("min", "f4"): all_of(
        <strips_t>strips[floats, Least], <bring_t>bring[floats, Least], <strips_t>squares[floats, Least]),
    ("min", "f8"): all_of(
        <strips_t>strips[doubles, Least], <bring_t>bring[doubles, Least], <strips_t>squares[doubles, Least]),
    ("sum", "f4"): all_of(
        <strips_t>strips[floats, Sum], <bring_t>bring[floats, Sum], <strips_t>squares[floats, Sum]),
    ("sum", "f8"): all_of(
        <strips_t>strips[doubles, Sum], <bring_t>bring[doubles, Sum], <strips_t>squares[doubles, Sum]),
}
