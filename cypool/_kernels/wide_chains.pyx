"""Maxima and minima of long windows at stride 1, in the widest vectors, which only AVX-512 has.

Along a row, windows of two or three taps become ones of about twice as many, again and again, and none of them leaves
the registers: a vector of windows waits for the one behind it, and from both come windows that are wider. Where
neighbours are pooled alike, as colours are, taps are as many elements apart. Where there is a NaN, windows are made
again: where there is none, as nearly always, taps meet without a test for them.

Along a column, a row of integers meets what is before it and the suffix of the block before in one loop (van Herk 1992;
Gil and Werman 1993).
"""

from libc.stdint cimport int8_t, int16_t, int32_t, uint8_t, uint16_t, uint32_t

from cypool._kernels.types cimport Greatest, Least, meet_t, rule_t, widen_t
from cypool._kernels.wide_bits cimport (
    WIDE_BYTES, Widening, element_t, load_bits, met, nan_mask, nans, some_bits, store_bits, store_some_bits, wide_bits,
    widened, widening_of,
)

cdef extern from "vectors.h" nogil:
    void fetch(const char *address)

cdef extern from *:
    bint likely(bint condition) nogil

cdef enum:
    MOST_READ = 128     # bytes at once: a vector of taps, and of those one and two behind them


cdef wide_bits last_taps(const char *row, Py_ssize_t n_bytes, Py_ssize_t step, Py_ssize_t first, nan_mask *seen,
                         const element_t *kind, const rule_t *rule) noexcept nogil:
    """The first taps that meet, of the last vectors of a row: nothing behind it is read."""
    cdef wide_bits v = some_bits(row, n_bytes)
    cdef Py_ssize_t t
    seen[0] |= nans(v, kind)
    for t in range(1, first):
        v = met(v, some_bits(row + t * step, n_bytes - t * step), False, kind, rule)
    return v


cdef inline nan_mask widen_by(char *out, const char *row, Py_ssize_t taps, Py_ssize_t step, Py_ssize_t n_bytes,
                              Py_ssize_t ahead, const Py_ssize_t *wider_by, int n_levels, bint numbers,
                              const element_t *kind, const rule_t *rule) noexcept nogil:
    """Bytes of results, `step` bytes from tap to tap; in which lanes a NaN was. Nothing is read behind the last tap."""
    cdef Py_ssize_t first = 2 + taps % 2, length = n_bytes + (taps - 1) * step, i = 0
    cdef Py_ssize_t before = n_levels * WIDE_BYTES
    cdef Widening w = widening_of(wider_by, n_levels, step, kind)
    cdef wide_bits v = w.a
    cdef nan_mask seen = 0, last_seen = 0
    while i - before < n_bytes:
        fetch(out + ahead + i)
        if likely(length - i >= MOST_READ):
            v = load_bits(row + i)
            seen |= nans(v, kind)
            v = met(v, load_bits(row + i + step), numbers, kind, rule)
            if first == 3:
                v = met(v, load_bits(row + i + 2 * step), numbers, kind, rule)
        elif i < length:
            v = last_taps(row + i, length - i, step, first, &last_seen, kind, rule)
        v = widened(&w, v, n_levels, numbers, kind, rule)
        if likely(i >= before):
            if likely(i - before + WIDE_BYTES <= n_bytes):
                store_bits(out + i - before, v)
            else:
                store_some_bits(out + i - before, n_bytes - (i - before), v)
        i += WIDE_BYTES
    return seen | last_seen


cdef inline nan_mask widen(char *out, const char *row, Py_ssize_t taps, Py_ssize_t step, Py_ssize_t n_bytes,
                           Py_ssize_t ahead, const Py_ssize_t *wider_by, int n_levels, bint numbers,
                           const element_t *kind, const rule_t *rule) noexcept nogil:
    if n_levels == 3:
        return widen_by(out, row, taps, step, n_bytes, ahead, wider_by, 3, numbers, kind, rule)
    elif n_levels == 4:
        return widen_by(out, row, taps, step, n_bytes, ahead, wider_by, 4, numbers, kind, rule)
    else:
        return widen_by(out, row, taps, step, n_bytes, ahead, wider_by, 6, numbers, kind, rule)


cdef bint wide_chains(char *out, const char *row, Py_ssize_t taps, Py_ssize_t step, Py_ssize_t n_bytes,
                      Py_ssize_t ahead, const Py_ssize_t *wider_by, int n_levels, bint numbers, const element_t *kind,
                      const rule_t *rule) noexcept nogil:
    """Windows of at least 4 taps, none of whose levels reaches further than a vector. Whether there is a NaN, as there
    should not be among what is said to be numbers: then it takes two attempts."""
    if not (element_t is float or element_t is double):
        widen(out, row, taps, step, n_bytes, ahead, wider_by, n_levels, False, kind, rule)
        return False
    elif numbers and not widen(out, row, taps, step, n_bytes, ahead, wider_by, n_levels, True, kind, rule):
        return False
    else:
        return widen(out, row, taps, step, n_bytes, ahead, wider_by, n_levels, False, kind, rule) != 0


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
