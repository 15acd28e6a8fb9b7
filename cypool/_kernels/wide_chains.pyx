"""Maxima and minima of long windows at stride 1, in the widest vectors, which only AVX-512 has.

Along a row, windows of two or three taps become ones of about twice as many, again and again, and none of them leaves
the registers: a vector of windows waits for the one behind it, and from both come windows that are wider. Where
neighbours are pooled alike, as colours are, taps are as many elements apart. Along a column, rows of integers meet what
is before them and the suffix of the block before in one loop (van Herk 1992; Gil and Werman 1993).
"""

from libc.stdint cimport int8_t, int16_t, int32_t, uint8_t, uint16_t, uint32_t

from cypool._kernels.types cimport Greatest, Least, meet_t, rule_t, widen_t
from cypool._kernels.wide_bits cimport (
    WIDE_BYTES, Widening, element_t, load_bits, met, nan_mask, nans, some_bits, store_bits, store_some_bits, wide_bits,
    widened, widening_of,
)

cdef enum:
    MOST_READ = 128     # bytes at once: a vector of taps, and of those one and two behind them


cdef void copy_end(char *end, const char *row, Py_ssize_t n_bytes) noexcept nogil:
    """What is left of a row, and nothing behind it."""
    cdef Py_ssize_t i
    for i in range(0, MOST_READ, 64):
        store_bits(end + i, some_bits(row + i, n_bytes - i))


cdef inline nan_mask widen_by(char *out, const char *row, Py_ssize_t taps, Py_ssize_t step, Py_ssize_t n_bytes,
                              Widening w, int n_levels, bint numbers, const element_t *kind,
                              const rule_t *rule) noexcept nogil:
    """Bytes of results, `step` bytes from tap to tap. What is behind the last window's taps is not read."""
    cdef Py_ssize_t first = 2 + taps % 2, length = n_bytes + (taps - 1) * step, i = 0
    cdef Py_ssize_t before = n_levels * WIDE_BYTES
    cdef const char *at_row
    cdef char end[MOST_READ]
    cdef wide_bits v
    cdef nan_mask seen = 0
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
        v = widened(&w, v, n_levels, numbers, kind, rule)
        if i >= before:
            if i - before + WIDE_BYTES <= n_bytes:
                store_bits(out + i - before, v)
            else:
                store_some_bits(out + i - before, n_bytes - (i - before), v)
        i += WIDE_BYTES
    return seen


cdef inline nan_mask widen_along(char *out, const char *row, Py_ssize_t taps, Py_ssize_t step, Py_ssize_t n_bytes,
                                 bint numbers, const element_t *kind, const rule_t *rule) noexcept nogil:
    cdef Widening w = widening_of(2 + taps % 2, 2, taps, step, kind)
    if w.n_levels == 3:
        return widen_by(out, row, taps, step, n_bytes, w, 3, numbers, kind, rule)
    elif w.n_levels == 4:
        return widen_by(out, row, taps, step, n_bytes, w, 4, numbers, kind, rule)
    else:
        return widen_by(out, row, taps, step, n_bytes, w, 6, numbers, kind, rule)


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
