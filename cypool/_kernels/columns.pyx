"""Long windows along a column at stride 1, in strips of a few vectors, which stay in registers on their way down.

As many rows of windows as a window has taps are made at once, from suffixes and a running prefix (van Herk 1992; Gil
and Werman 1993): what taps come to from each row of a window's length to its end, and from there on. The suffixes of a
strip fit in a first level cache; those of whole rows, which combine.pyx makes, do not.

NaNs are noted on the way, and a strip that has one is done again. Where there is none, as nearly always, taps meet
without a test for them.
"""

from cypool._kernels.types cimport Columns, Greatest, Least, Sum, columns_t, rule_t
from cypool._kernels.vectors cimport (
    all_32, all_64, doubles, floats, has_nan, lanes, load, met, no_nan, noted, size, store, vector_t,
)


cdef inline vector_t nothing(const Columns *how, const vector_t *kind, const rule_t *rule) noexcept nogil:
    """What changes no tap that it meets."""
    if rule_t is not Sum:
        return load(how.identity, True, kind)
    elif vector_t is floats:
        return all_32(-0.0)
    else:
        return all_64(-0.0)


cdef inline bint walk_down(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                           bint four, bint one, bint numbers, const Columns *how, const vector_t *kind,
                           const rule_t *rule) noexcept nogil:
    """A strip of four vectors, of one vector, or of one element; whether a NaN was noted."""
    cdef Py_ssize_t width = lanes(kind) * size(kind)
    cdef vector_t seen = no_nan(kind)
    cdef vector_t a, b, c, d, p, q, r, s
    cdef char *suffix
    cdef const char *at
    cdef Py_ssize_t j = how.taps
    a = b = c = d = q = r = s = nothing(how, kind, rule)
    while j > 0:
        j -= 1
        if how.real_from <= j < how.real_to:
            at = row + j * row_step
            p = load(at, one, kind)
            a = met(p, a, numbers, rule)
            if four:
                q = load(at + width, False, kind)
                r = load(at + 2 * width, False, kind)
                s = load(at + 3 * width, False, kind)
                b = met(q, b, numbers, rule)
                c = met(r, c, numbers, rule)
                d = met(s, d, numbers, rule)
            if numbers and rule_t is not Sum:
                seen = noted(seen, p, q)
                if four:
                    seen = noted(seen, r, s)
        if j < n_rows:
            suffix = how.spare + 4 * j * width
            store(suffix, a, False)
            if four:
                store(suffix + width, b, False)
                store(suffix + 2 * width, c, False)
                store(suffix + 3 * width, d, False)
    a = b = c = d = nothing(how, kind, rule)
    for j in range(n_rows):
        suffix = how.spare + 4 * j * width
        store(out, met(load(suffix, False, kind), a, numbers, rule), one)
        if four:
            store(out + width, met(load(suffix + width, False, kind), b, numbers, rule), False)
            store(out + 2 * width, met(load(suffix + 2 * width, False, kind), c, numbers, rule), False)
            store(out + 3 * width, met(load(suffix + 3 * width, False, kind), d, numbers, rule), False)
        out += out_step
        if j < n_rows - 1 and how.real_from <= how.taps + j < how.real_to:
            at = row + (how.taps + j) * row_step
            p = load(at, one, kind)
            a = met(a, p, numbers, rule)
            if four:
                q = load(at + width, False, kind)
                r = load(at + 2 * width, False, kind)
                s = load(at + 3 * width, False, kind)
                b = met(b, q, numbers, rule)
                c = met(c, r, numbers, rule)
                d = met(d, s, numbers, rule)
            if numbers and rule_t is not Sum:
                seen = noted(seen, p, q)
                if four:
                    seen = noted(seen, r, s)
    return has_nan(seen) if numbers and rule_t is not Sum else False


cdef void columns(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                  const Columns *how, const vector_t *kind, const rule_t *rule) noexcept nogil:
    """n_rows rows of windows, at most as many as a window has taps; the first window starts at `row`.

    Rows of the output are out_step bytes apart, those of the input row_step bytes.
    """
    cdef Py_ssize_t i = 0, at
    cdef bint numbers = rule_t is not Sum
    cdef bint nan
    while i < how.n:
        at = i * size(kind)
        if how.n - i >= 4 * lanes(kind):
            if numbers:
                nan = walk_down(out + at, out_step, row + at, row_step, n_rows, True, False, True, how, kind, rule)
            else:
                nan = walk_down(out + at, out_step, row + at, row_step, n_rows, True, False, False, how, kind, rule)
        elif how.n >= lanes(kind):
            i = min(i, how.n - lanes(kind))
            at = i * size(kind)
            nan = walk_down(out + at, out_step, row + at, row_step, n_rows, False, False, False, how, kind, rule)
        else:
            nan = walk_down(out + at, out_step, row + at, row_step, n_rows, False, True, False, how, kind, rule)
        if nan:
            numbers = False
            continue
        if how.n - i >= 4 * lanes(kind):
            i += 4 * lanes(kind)
        else:
            i += lanes(kind) if how.n >= lanes(kind) else 1


# Addresses by rule and accumulator.
COLUMNS = {
    ("max", "f4"): <size_t><void *><columns_t>columns[floats, Greatest],
    ("max", "f8"): <size_t><void *><columns_t>columns[doubles, Greatest],
    ("min", "f4"): <size_t><void *><columns_t>columns[floats, Least],
    ("min", "f8"): <size_t><void *><columns_t>columns[doubles, Least],
    ("sum", "f4"): <size_t><void *><columns_t>columns[floats, Sum],
    ("sum", "f8"): <size_t><void *><columns_t>columns[doubles, Sum],
}
