"""Long windows along a column at stride 1, in strips of a few vectors, which stay in registers on their way down.

As many rows of windows as a window has taps are made at once, from suffixes and a running prefix (van Herk 1992; Gil
and Werman 1993): what taps come to from each row of a window's length to its end, and from there on. The suffixes of a
strip fit in a first level cache; those of whole rows, which combine.pyx makes, do not.

NaNs are noted on the way, and a strip that has one is done again. Where there is none, as nearly always, taps meet
without a test for them.
"""

from cypool._kernels.types cimport Columns, Greatest, Least, Sum, columns_t, rule_t
from cypool._kernels.vectors cimport (
    all_32, all_64, doubles, floats, has_nan, lanes, load, met, no_nan, noted, size, store,
)

cdef extern from "wholes.h" nogil:
    ctypedef struct wholes:     # here, bytes without a sign
        pass
    Py_ssize_t WHOLE_BYTES
    wholes load_wholes(const char *row)
    void store_wholes(char *row, wholes v)
    wholes all_u8(char value)
    wholes greater_u8(wholes a, wholes b)
    wholes less_u8(wholes a, wholes b)

ctypedef fused strip_t:
    floats
    doubles
    wholes


# What vectors.pxd has of floats, of bytes as well.

cdef inline Py_ssize_t n_lanes(const strip_t *kind) noexcept nogil:
    if strip_t is wholes:
        return WHOLE_BYTES
    else:
        return lanes(kind)


cdef inline Py_ssize_t n_bytes(const strip_t *kind) noexcept nogil:
    if strip_t is wholes:
        return 1
    else:
        return size(kind)


cdef inline strip_t fetched(const char *row, bint one, const strip_t *kind) noexcept nogil:
    if strip_t is wholes:
        return all_u8(row[0]) if one else load_wholes(row)
    else:
        return load(row, one, kind)


cdef inline void put(char *out, strip_t v, bint one) noexcept nogil:
    cdef char lanes_of[64]
    if strip_t is wholes:
        if one:
            store_wholes(lanes_of, v)
            out[0] = lanes_of[0]
        else:
            store_wholes(out, v)
    else:
        store(out, v, one)


cdef inline strip_t both(strip_t a, strip_t b, bint numbers, const rule_t *rule) noexcept nogil:
    if strip_t is wholes:
        return greater_u8(a, b) if rule_t is Greatest else less_u8(a, b)
    else:
        return met(a, b, numbers, rule)


cdef inline strip_t noticed(strip_t seen, strip_t a, strip_t b) noexcept nogil:
    if strip_t is wholes:
        return seen
    else:
        return noted(seen, a, b)


cdef inline bint nan_among(strip_t seen) noexcept nogil:
    if strip_t is wholes:
        return False
    else:
        return has_nan(seen)


cdef inline strip_t nothing(const Columns *how, const strip_t *kind, const rule_t *rule) noexcept nogil:
    """What changes no tap that it meets."""
    if rule_t is not Sum or strip_t is wholes:
        return fetched(how.identity, True, kind)
    elif strip_t is floats:
        return all_32(-0.0)
    else:
        return all_64(-0.0)


cdef inline strip_t none_yet(const strip_t *kind) noexcept nogil:
    """No NaN seen."""
    if strip_t is wholes:
        return all_u8(0)
    else:
        return no_nan(kind)


cdef inline bint walk_down(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                           bint four, bint one, bint numbers, const Columns *how, const strip_t *kind,
                           const rule_t *rule) noexcept nogil:
    """A strip of four vectors, of one vector, or of one element; whether a NaN was noted."""
    cdef Py_ssize_t width = n_lanes(kind) * n_bytes(kind)
    cdef strip_t seen = none_yet(kind)
    cdef strip_t a, b, c, d, p, q, r, s
    cdef char *suffix
    cdef const char *at
    cdef Py_ssize_t j = how.taps
    a = b = c = d = q = r = s = nothing(how, kind, rule)
    while j > 0:
        j -= 1
        if how.real_from <= j < how.real_to:
            at = row + j * row_step
            p = fetched(at, one, kind)
            a = both(p, a, numbers, rule)
            if four:
                q = fetched(at + width, False, kind)
                r = fetched(at + 2 * width, False, kind)
                s = fetched(at + 3 * width, False, kind)
                b = both(q, b, numbers, rule)
                c = both(r, c, numbers, rule)
                d = both(s, d, numbers, rule)
            if numbers and rule_t is not Sum:
                seen = noticed(seen, p, q)
                if four:
                    seen = noticed(seen, r, s)
        if j < n_rows:
            suffix = how.spare + 4 * j * width
            put(suffix, a, False)
            if four:
                put(suffix + width, b, False)
                put(suffix + 2 * width, c, False)
                put(suffix + 3 * width, d, False)
    a = b = c = d = nothing(how, kind, rule)
    for j in range(n_rows):
        suffix = how.spare + 4 * j * width
        put(out, both(fetched(suffix, False, kind), a, numbers, rule), one)
        if four:
            put(out + width, both(fetched(suffix + width, False, kind), b, numbers, rule), False)
            put(out + 2 * width, both(fetched(suffix + 2 * width, False, kind), c, numbers, rule), False)
            put(out + 3 * width, both(fetched(suffix + 3 * width, False, kind), d, numbers, rule), False)
        out += out_step
        if j < n_rows - 1 and how.real_from <= how.taps + j < how.real_to:
            at = row + (how.taps + j) * row_step
            p = fetched(at, one, kind)
            a = both(a, p, numbers, rule)
            if four:
                q = fetched(at + width, False, kind)
                r = fetched(at + 2 * width, False, kind)
                s = fetched(at + 3 * width, False, kind)
                b = both(b, q, numbers, rule)
                c = both(c, r, numbers, rule)
                d = both(d, s, numbers, rule)
            if numbers and rule_t is not Sum:
                seen = noticed(seen, p, q)
                if four:
                    seen = noticed(seen, r, s)
    return nan_among(seen) if numbers and rule_t is not Sum else False


cdef void columns(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                  const Columns *how, const strip_t *kind, const rule_t *rule) noexcept nogil:
    """n_rows rows of windows, at most as many as a window has taps; the first window starts at `row`.

    Rows of the output are out_step bytes apart, those of the input row_step bytes.
    """
    cdef Py_ssize_t i = 0, at
    cdef bint numbers = rule_t is not Sum
    cdef bint nan
    while i < how.n:
        at = i * n_bytes(kind)
        if how.n - i >= 4 * n_lanes(kind):
            if numbers:
                nan = walk_down(out + at, out_step, row + at, row_step, n_rows, True, False, True, how, kind, rule)
            else:
                nan = walk_down(out + at, out_step, row + at, row_step, n_rows, True, False, False, how, kind, rule)
        elif how.n >= n_lanes(kind):
            i = min(i, how.n - n_lanes(kind))
            at = i * n_bytes(kind)
            nan = walk_down(out + at, out_step, row + at, row_step, n_rows, False, False, False, how, kind, rule)
        else:
            nan = walk_down(out + at, out_step, row + at, row_step, n_rows, False, True, False, how, kind, rule)
        if nan:
            numbers = False
            continue
        if how.n - i >= 4 * n_lanes(kind):
            i += 4 * n_lanes(kind)
        else:
            i += n_lanes(kind) if how.n >= n_lanes(kind) else 1


# Addresses by rule and accumulator.
COLUMNS = {
    ("max", "f4"): <size_t><void *><columns_t>columns[floats, Greatest],
    ("max", "f8"): <size_t><void *><columns_t>columns[doubles, Greatest],
    ("min", "f4"): <size_t><void *><columns_t>columns[floats, Least],
    ("min", "f8"): <size_t><void *><columns_t>columns[doubles, Least],
    ("sum", "f4"): <size_t><void *><columns_t>columns[floats, Sum],
    ("sum", "f8"): <size_t><void *><columns_t>columns[doubles, Sum],
}
if WHOLE_BYTES:
    COLUMNS["max", "u1"] = <size_t><void *><columns_t>columns[wholes, Greatest]
    COLUMNS["min", "u1"] = <size_t><void *><columns_t>columns[wholes, Least]
