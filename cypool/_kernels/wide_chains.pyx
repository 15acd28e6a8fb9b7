"""Maxima and minima of long windows at stride 1, in the widest vectors, which only AVX-512 has.

Along a row, windows of two or three taps become ones of about twice as many, again and again, and none of them leaves
the registers: a vector of windows waits for the one behind it, and from both come windows that are wider. Where
neighbours are pooled alike, as colours are, taps are as many elements apart. Along a column, rows of integers meet what
is before them and the suffix of the block before in one loop (van Herk 1992; Gil and Werman 1993).
"""

from libc.stdint cimport int8_t, int16_t, int32_t, uint8_t, uint16_t, uint32_t

from cypool._kernels.types cimport Greatest, Least, meet_t, rule_t, widen_t

cdef extern from "wide_bits.h" nogil:
    ctypedef struct wide_bits:
        pass
    ctypedef unsigned short nan_mask
    Py_ssize_t WIDE_BYTES
    wide_bits load_bits(const char *row)
    wide_bits some_bits(const char *row, Py_ssize_t n)
    void store_bits(char *row, wide_bits v)
    void store_some_bits(char *row, Py_ssize_t n, wide_bits v)
    wide_bits where_16(Py_ssize_t n)
    wide_bits where_32(Py_ssize_t n)
    wide_bits behind_16(wide_bits a, wide_bits b, wide_bits where)
    wide_bits behind_32(wide_bits a, wide_bits b, wide_bits where)
    wide_bits greater_i1(wide_bits a, wide_bits b)
    wide_bits greater_u1(wide_bits a, wide_bits b)
    wide_bits greater_i2(wide_bits a, wide_bits b)
    wide_bits greater_u2(wide_bits a, wide_bits b)
    wide_bits greater_i4(wide_bits a, wide_bits b)
    wide_bits greater_u4(wide_bits a, wide_bits b)
    wide_bits greater_f4(wide_bits a, wide_bits b)
    wide_bits greater_f8(wide_bits a, wide_bits b)
    wide_bits less_i1(wide_bits a, wide_bits b)
    wide_bits less_u1(wide_bits a, wide_bits b)
    wide_bits less_i2(wide_bits a, wide_bits b)
    wide_bits less_u2(wide_bits a, wide_bits b)
    wide_bits less_i4(wide_bits a, wide_bits b)
    wide_bits less_u4(wide_bits a, wide_bits b)
    wide_bits less_f4(wide_bits a, wide_bits b)
    wide_bits less_f8(wide_bits a, wide_bits b)
    wide_bits kept_greater_f4(wide_bits a, wide_bits b)
    wide_bits kept_greater_f8(wide_bits a, wide_bits b)
    wide_bits kept_less_f4(wide_bits a, wide_bits b)
    wide_bits kept_less_f8(wide_bits a, wide_bits b)
    nan_mask nans_f4(wide_bits v)
    nan_mask nans_f8(wide_bits v)

cdef enum:
    MOST_READ = 128     # bytes at once: a vector of taps, and of those one and two behind them
    MOST_LEVELS = 6     # of bytes: windows that are 2, 4, 8, 16 and 32 taps wider, and what is left

ctypedef fused element_t:
    int8_t
    uint8_t
    int16_t
    uint16_t
    int32_t
    uint32_t
    float
    double


cdef inline wide_bits greatest(wide_bits a, wide_bits b, bint numbers, const element_t *kind) noexcept nogil:
    if element_t is int8_t:
        return greater_i1(a, b)
    elif element_t is uint8_t:
        return greater_u1(a, b)
    elif element_t is int16_t:
        return greater_i2(a, b)
    elif element_t is uint16_t:
        return greater_u2(a, b)
    elif element_t is int32_t:
        return greater_i4(a, b)
    elif element_t is uint32_t:
        return greater_u4(a, b)
    elif element_t is float:
        return greater_f4(a, b) if numbers else kept_greater_f4(a, b)
    else:
        return greater_f8(a, b) if numbers else kept_greater_f8(a, b)


cdef inline wide_bits least(wide_bits a, wide_bits b, bint numbers, const element_t *kind) noexcept nogil:
    if element_t is int8_t:
        return less_i1(a, b)
    elif element_t is uint8_t:
        return less_u1(a, b)
    elif element_t is int16_t:
        return less_i2(a, b)
    elif element_t is uint16_t:
        return less_u2(a, b)
    elif element_t is int32_t:
        return less_i4(a, b)
    elif element_t is uint32_t:
        return less_u4(a, b)
    elif element_t is float:
        return less_f4(a, b) if numbers else kept_less_f4(a, b)
    else:
        return less_f8(a, b) if numbers else kept_less_f8(a, b)


cdef inline wide_bits met(wide_bits a, wide_bits b, bint numbers, const element_t *kind,
                          const rule_t *rule) noexcept nogil:
    return greatest(a, b, numbers, kind) if rule_t is Greatest else least(a, b, numbers, kind)


cdef inline nan_mask nans(wide_bits v, const element_t *kind) noexcept nogil:
    if element_t is float:
        return nans_f4(v)
    elif element_t is double:
        return nans_f8(v)
    else:
        return 0


cdef int levels_of(wide_bits *at, Py_ssize_t taps, Py_ssize_t step, bint narrow) noexcept nogil:
    """How many levels there are, and where each goes on, by lanes of 16 bits or of 32."""
    cdef Py_ssize_t width = 2 + taps % 2, by = 2
    cdef int n = 0
    while width < taps:
        by = min(by, taps - width)
        at[n] = where_16(by * step) if narrow else where_32(by * step)
        n += 1
        width += by
        by *= 2
    return n


cdef inline wide_bits wider(wide_bits *waiting, wide_bits v, wide_bits at, bint numbers, const element_t *kind,
                            const rule_t *rule) noexcept nogil:
    """Wider windows of the vector that waits, for which v is, behind it; that waits now."""
    cdef wide_bits a = waiting[0]
    waiting[0] = v
    return met(a, behind_16(a, v, at) if sizeof(element_t) <= 2 else behind_32(a, v, at), numbers, kind, rule)


cdef void copy_end(char *end, const char *row, Py_ssize_t n_bytes) noexcept nogil:
    """What is left of a row, and nothing behind it."""
    cdef Py_ssize_t i
    for i in range(0, MOST_READ, 64):
        store_bits(end + i, some_bits(row + i, n_bytes - i))


cdef inline nan_mask widen_along(char *out, const char *row, Py_ssize_t taps, Py_ssize_t step, Py_ssize_t n_bytes,
                                 bint numbers, const element_t *kind, const rule_t *rule) noexcept nogil:
    """Bytes of results, `step` bytes from tap to tap. What is behind the last window's taps is not read."""
    cdef Py_ssize_t first = 2 + taps % 2, length = n_bytes + (taps - 1) * step, i = 0
    cdef Py_ssize_t before
    cdef const char *at_row
    cdef char end[MOST_READ]
    cdef int n_levels
    # Each by itself, so that they are in registers.
    cdef wide_bits a, b, c, d, e, f, at_a, at_b, at_c, at_d, at_e, at_f, v
    cdef wide_bits at[MOST_LEVELS]
    cdef nan_mask seen = 0
    a = b = c = d = e = f = some_bits(row, 0)
    at[0] = at[1] = at[2] = at[3] = at[4] = at[5] = a
    n_levels = levels_of(at, taps, step, sizeof(element_t) <= 2)
    at_a, at_b, at_c, at_d, at_e, at_f = at[0], at[1], at[2], at[3], at[4], at[5]
    before = n_levels * WIDE_BYTES
    while i - before < n_bytes:
        at_row = row + i
        if length - i < MOST_READ:
            copy_end(end, at_row, length - i)
            at_row = end
        v = load_bits(at_row)
        if numbers:
            seen |= nans(v, kind)
        v = met(v, load_bits(at_row + step), numbers, kind, rule)
        if first == 3:
            v = met(v, load_bits(at_row + 2 * step), numbers, kind, rule)
        v = wider(&a, v, at_a, numbers, kind, rule)
        if n_levels > 1:
            v = wider(&b, v, at_b, numbers, kind, rule)
        if n_levels > 2:
            v = wider(&c, v, at_c, numbers, kind, rule)
        if n_levels > 3:
            v = wider(&d, v, at_d, numbers, kind, rule)
        if n_levels > 4:
            v = wider(&e, v, at_e, numbers, kind, rule)
        if n_levels > 5:
            v = wider(&f, v, at_f, numbers, kind, rule)
        if i >= before:
            if i - before + WIDE_BYTES <= n_bytes:
                store_bits(out + i - before, v)
            else:
                store_some_bits(out + i - before, n_bytes - (i - before), v)
        i += WIDE_BYTES
    return seen


cdef void wide_chains(char *out, const char *row, Py_ssize_t taps, Py_ssize_t step, Py_ssize_t n_bytes,
                      const element_t *kind, const rule_t *rule) noexcept nogil:
    """Windows of at least 4 taps, the last of whose levels reaches no further than a vector."""
    if not (element_t is float or element_t is double):
        widen_along(out, row, taps, step, n_bytes, False, kind, rule)
    elif widen_along(out, row, taps, step, n_bytes, True, kind, rule):
        widen_along(out, row, taps, step, n_bytes, False, kind, rule)


cdef void wide_columns(char *out, char *longer, const char *before, const char *row, const char *suffix,
                       Py_ssize_t n_bytes, const element_t *kind, const rule_t *rule) noexcept nogil:
    """A row, and what is before it, to `out`; or to `longer`, which may be what is before, and met by a suffix to
    `out`. Of integers, which have no NaN."""
    cdef Py_ssize_t i = 0
    cdef wide_bits v
    while i + WIDE_BYTES <= n_bytes:
        v = met(load_bits(before + i), load_bits(row + i), True, kind, rule)
        if suffix != NULL:
            store_bits(longer + i, v)
            v = met(load_bits(suffix + i), v, True, kind, rule)
        store_bits(out + i, v)
        i += WIDE_BYTES
    if i < n_bytes:
        n_bytes -= i
        v = met(some_bits(before + i, n_bytes), some_bits(row + i, n_bytes), True, kind, rule)
        if suffix != NULL:
            store_some_bits(longer + i, n_bytes, v)
            v = met(some_bits(suffix + i, n_bytes), v, True, kind, rule)
        store_some_bits(out + i, n_bytes, v)


cdef size_t address(widen_t function):
    return <size_t><void *>function


cdef size_t meets(meet_t function):
    return <size_t><void *>function


# Addresses by rule and accumulator.
WIDE_COLUMNS = {
    ("max", "i1"): meets(<meet_t>wide_columns[int8_t, Greatest]),
    ("max", "u1"): meets(<meet_t>wide_columns[uint8_t, Greatest]),
    ("max", "i2"): meets(<meet_t>wide_columns[int16_t, Greatest]),
    ("max", "u2"): meets(<meet_t>wide_columns[uint16_t, Greatest]),
    ("max", "i4"): meets(<meet_t>wide_columns[int32_t, Greatest]),
    ("max", "u4"): meets(<meet_t>wide_columns[uint32_t, Greatest]),
    ("min", "i1"): meets(<meet_t>wide_columns[int8_t, Least]),
    ("min", "u1"): meets(<meet_t>wide_columns[uint8_t, Least]),
    ("min", "i2"): meets(<meet_t>wide_columns[int16_t, Least]),
    ("min", "u2"): meets(<meet_t>wide_columns[uint16_t, Least]),
    ("min", "i4"): meets(<meet_t>wide_columns[int32_t, Least]),
    ("min", "u4"): meets(<meet_t>wide_columns[uint32_t, Least]),
}
WIDE_CHAINS = {
    ("max", "i1"): address(<widen_t>wide_chains[int8_t, Greatest]),
    ("max", "u1"): address(<widen_t>wide_chains[uint8_t, Greatest]),
    ("max", "i2"): address(<widen_t>wide_chains[int16_t, Greatest]),
    ("max", "u2"): address(<widen_t>wide_chains[uint16_t, Greatest]),
    ("max", "i4"): address(<widen_t>wide_chains[int32_t, Greatest]),
    ("max", "u4"): address(<widen_t>wide_chains[uint32_t, Greatest]),
    ("max", "f4"): address(<widen_t>wide_chains[float, Greatest]),
    ("max", "f8"): address(<widen_t>wide_chains[double, Greatest]),
    ("min", "i1"): address(<widen_t>wide_chains[int8_t, Least]),
    ("min", "u1"): address(<widen_t>wide_chains[uint8_t, Least]),
    ("min", "i2"): address(<widen_t>wide_chains[int16_t, Least]),
    ("min", "u2"): address(<widen_t>wide_chains[uint16_t, Least]),
    ("min", "i4"): address(<widen_t>wide_chains[int32_t, Least]),
    ("min", "u4"): address(<widen_t>wide_chains[uint32_t, Least]),
    ("min", "f4"): address(<widen_t>wide_chains[float, Least]),
    ("min", "f8"): address(<widen_t>wide_chains[double, Least]),
}
