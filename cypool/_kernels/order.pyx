"""Order statistics of stacks of rows: medians, and the label that a window has most often.

Each tap of a window is a row, and position i of all rows is one window. So sorting is a network of exchanges of whole
rows, without a branch, and elementwise like all else.  A load copies the taps to `how.pitch` apart; for floats, a row
of counts stands before them: of NaN, or of all others where NaN is left out.
"""

from libc.math cimport INFINITY, NAN, isinf
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from cypool._kernels.tallies cimport tallied
from cypool._kernels.types cimport MAX_PIECE, Finishing, Loading, bfloat_t, finish_t, half_t, integer_t, load_t

cdef extern from "numbers.h" nogil:
    int16_t order_16(int16_t bits)
    int32_t order_32(int32_t bits)
    int64_t order_64(int64_t bits)
    float half_to_float(uint16_t half)
    uint16_t float_to_half(float value)
    float bfloat_to_float(uint16_t half)
    uint16_t float_to_bfloat(float value)

ctypedef fused key_t:
    int8_t
    uint8_t
    int16_t
    uint16_t
    int32_t
    uint32_t
    int64_t
    uint64_t
    float
    double

ctypedef fused narrow_t:
    half_t
    bfloat_t

cdef enum:
    FLUSH = 127             # counts that fit every integer
    FEW = 8                 # outputs below which a row is no vector
    FEW_TAPS = 64           # and taps from which on they are counted, one output after the other
    INSERTED = 32           # and taps up to which they are sorted by insertion: a border of 5x5 in half the time


# -- loads -----------------------------------------------------------------------------------------------------------

cdef inline char *behind_counts(char *acc, Py_ssize_t pitch) noexcept nogil:
    """Where the keys of floats start."""
    return acc + (pitch * <Py_ssize_t>sizeof(int32_t) + 15) // 16 * 16


cdef void load_keys(key_t *acc, const key_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                    const Loading *how) noexcept nogil:
    cdef int32_t *counts = <int32_t *>acc
    cdef key_t *keys = acc
    cdef const key_t *row
    cdef Py_ssize_t r, i
    if key_t is float or key_t is double:
        keys = <key_t *>behind_counts(<char *>acc, how.pitch)
        memset(counts, 0, <size_t>n * sizeof(int32_t))
    for r in range(n_rows):
        row = rows[r]
        if key_t is float or key_t is double:
            if how.omit:
                # Sorted to the end, where nothing is taken.
                for i in range(n):
                    counts[i] += row[i] == row[i]
                    keys[i] = row[i] if row[i] == row[i] else <key_t>INFINITY
            else:
                for i in range(n):
                    counts[i] += row[i] != row[i]
                    keys[i] = row[i]
        elif n < FEW:
            # Windows at borders: a call for each tap would be most of their time.
            for i in range(n):
                keys[i] = row[i]
        else:
            memcpy(keys, row, <size_t>n * sizeof(key_t))
        keys += how.pitch


cdef void load_narrow(char *acc, const narrow_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                      const Loading *how) noexcept nogil:
    """16-bit floats as integers of the same order."""
    cdef int32_t *counts = <int32_t *>acc
    cdef int16_t *keys = <int16_t *>behind_counts(acc, how.pitch)
    cdef int32_t infinity = 0x7c00 if narrow_t is half_t else 0x7f80
    cdef Py_ssize_t r, i
    cdef bint nan
    memset(counts, 0, <size_t>n * sizeof(int32_t))
    for r in range(n_rows):
        for i in range(n):
            nan = (rows[r][i].bits & 0x7fff) > infinity
            counts[i] += (not nan) if how.omit else nan
            keys[i] = <int16_t>infinity if nan else order_16(<int16_t>rows[r][i].bits)
        keys += how.pitch


# -- sorting ---------------------------------------------------------------------------------------------------------

cdef inline void exchange(key_t *low, key_t *high, Py_ssize_t n) noexcept nogil:
    cdef key_t a, b
    cdef Py_ssize_t i
    for i in range(n):
        a = low[i]
        b = high[i]
        low[i] = b if b < a else a
        high[i] = a if b < a else b


cdef inline void run_network(key_t *keys, Py_ssize_t n, const Finishing *how) noexcept nogil:
    """Exchanges from a table; some of them need only one side."""
    cdef const int32_t *each = how.exchanges
    cdef key_t *low
    cdef key_t *high
    cdef Py_ssize_t _e, i
    for _e in range(how.n_exchanges):
        low = keys + each[0] * how.pitch
        high = keys + each[1] * how.pitch
        if each[2] == 0:
            exchange(low, high, n)
        elif each[2] < 0:
            for i in range(n):
                low[i] = high[i] if high[i] < low[i] else low[i]
        else:
            for i in range(n):
                high[i] = low[i] if high[i] < low[i] else high[i]
        each += 3


cdef inline void insert_each(key_t *keys, Py_ssize_t taps, Py_ssize_t n, Py_ssize_t pitch) noexcept nogil:
    """Sort the taps of one window after the other."""
    cdef key_t key
    cdef Py_ssize_t i, t, at
    for i in range(n):
        for t in range(1, taps):
            key = keys[t * pitch + i]
            at = t
            while at > 0 and key < keys[(at - 1) * pitch + i]:
                keys[at * pitch + i] = keys[(at - 1) * pitch + i]
                at -= 1
            keys[at * pitch + i] = key


cdef inline void sort_rows(key_t *keys, Py_ssize_t taps, Py_ssize_t n, Py_ssize_t pitch) noexcept nogil:
    """Batcher's merge exchange (Knuth, volume 3, algorithm 5.2.2 M), for any number of taps."""
    cdef Py_ssize_t top = 1, p, q, r, d, i
    if n < FEW and taps <= INSERTED:
        insert_each(keys, taps, n, pitch)
        return
    while top < taps:
        top *= 2
    p = top // 2
    while p > 0:
        q = top // 2
        r = 0
        d = p
        while True:
            for i in range(taps - d):
                if i & p == r:
                    exchange(keys + i * pitch, keys + (i + d) * pitch, n)
            if q == p:
                break
            d = q - p
            q //= 2
            r = p
        p //= 2


# -- counting --------------------------------------------------------------------------------------------------------

cdef inline key_t nth_value(uint64_t position, key_t kind) noexcept nogil:
    """The value at a position in the order of all values of its type, -NaN first and NaN last."""
    cdef int32_t bits_32
    cdef int64_t bits_64
    cdef key_t value
    if key_t is float:
        bits_32 = order_32(<int32_t>(<uint32_t>position ^ <uint32_t>0x80000000))
        memcpy(&value, &bits_32, 4)
        return value
    elif key_t is double:
        bits_64 = order_64(<int64_t>(position ^ (<uint64_t>1 << 63)))
        memcpy(&value, &bits_64, 8)
        return value
    elif key_t is int8_t or key_t is int16_t or key_t is int32_t or key_t is int64_t:
        return <key_t>(position ^ (<uint64_t>1 << (8 * sizeof(key_t) - 1)))
    else:
        return <key_t>position


cdef inline void count_below(int64_t *below, const key_t *keys, const key_t *bounds, Py_ssize_t taps, Py_ssize_t n,
                             Py_ssize_t pitch) noexcept nogil:
    """How many taps of each window are less than its bound."""
    cdef key_t some[MAX_PIECE]
    cdef Py_ssize_t i, t, first, end
    cdef int32_t total
    if pitch == 1:
        first = 0
        below[0] = 0
        while first < taps:
            end = min(taps, first + (1 << 20))
            total = 0
            for t in range(first, end):
                total += keys[t] < bounds[0]
            below[0] += total
            first = end
        return
    for i in range(n):
        below[i] = 0
    first = 0
    while first < taps:
        end = min(taps, first + FLUSH)
        for i in range(n):
            some[i] = 0
        for t in range(first, end):
            for i in range(n):
                some[i] += <key_t>(keys[t * pitch + i] < bounds[i])
        for i in range(n):
            below[i] += <int64_t>some[i]
        first = end


cdef inline void select(key_t *values, const key_t *keys, const int64_t *ranks, Py_ssize_t taps, Py_ssize_t n,
                        Py_ssize_t pitch) noexcept nogil:
    """The value of each window that has so many others below it: bit by bit, by counting."""
    cdef uint64_t found[MAX_PIECE]
    cdef int64_t below[MAX_PIECE]
    cdef key_t bounds[MAX_PIECE]
    cdef Py_ssize_t i
    cdef uint64_t bit = <uint64_t>1 << (8 * sizeof(key_t) - 1)
    for i in range(n):
        found[i] = 0
    while bit:
        for i in range(n):
            bounds[i] = nth_value(found[i] | bit, <key_t>0)
        count_below(below, keys, bounds, taps, n, pitch)
        for i in range(n):
            # A NaN of the upper end is above all values; one of the lower end is below them, and counts none.
            if below[i] <= ranks[i] and (bounds[i] == bounds[i] or found[i] | bit < <uint64_t>1 << (
                    8 * sizeof(key_t) - 1)):
                found[i] |= bit
        bit >>= 1
    for i in range(n):
        values[i] = nth_value(found[i], <key_t>0)


# -- results ---------------------------------------------------------------------------------------------------------

cdef inline void medians(key_t *low, key_t *high, key_t *keys, const int32_t *counts, Py_ssize_t n, bint both,
                         const Finishing *how) noexcept nogil:
    """The one or two values in the middle of each window; `counts` say how many there are where NaN is left out."""
    cdef int64_t ranks[MAX_PIECE]
    cdef Py_ssize_t taps = how.taps, i, at
    cdef bint sorted_ = taps <= how.most_sorted and (n >= FEW or taps < FEW_TAPS)
    if how.omit and counts != NULL:
        for i in range(n):
            ranks[i] = (counts[i] - 1) // 2 if counts[i] else 0
    else:
        for i in range(n):
            ranks[i] = (taps - 1) // 2
    if not sorted_:
        select(low, keys, ranks, taps, n, how.pitch)
        if both:
            for i in range(n):
                at = counts[i] if how.omit else taps
                ranks[i] = at // 2
            select(high, keys, ranks, taps, n, how.pitch)
        return
    if taps == how.network_taps and not how.omit and n >= FEW:
        run_network(keys, n, how)
    else:
        sort_rows(keys, taps, n, how.pitch)
    if not how.omit:
        memcpy(low, keys + (taps - 1) // 2 * how.pitch, <size_t>n * sizeof(key_t))
        if both:
            memcpy(high, keys + taps // 2 * how.pitch, <size_t>n * sizeof(key_t))
        return
    for i in range(n):
        low[i] = keys[ranks[i] * how.pitch + i]
        if both:
            at = counts[i] // 2
            high[i] = keys[at * how.pitch + i]


cdef void finish_median(key_t *out, char *labels, char *acc, const char *acc2, Py_ssize_t n,
                        const Finishing *how) noexcept nogil:
    """The lower median of integers; the mean of both of floats."""
    cdef key_t low[MAX_PIECE]
    cdef key_t high[MAX_PIECE]
    cdef int32_t *counts = <int32_t *>acc
    cdef Py_ssize_t i
    cdef double total
    if key_t is float or key_t is double:
        medians(low, high, <key_t *>behind_counts(acc, how.pitch), counts, n, True, how)
        for i in range(n):
            total = <double>low[i] + <double>high[i]
            if key_t is double:
                if isinf(total) and not isinf(low[i]) and not isinf(high[i]):
                    total = low[i] * 0.5 + high[i] * 0.5
                else:
                    total *= 0.5
            else:
                total *= 0.5
            out[i] = <key_t>total
            if (counts[i] == 0) if how.omit else (counts[i] > 0):
                out[i] = <key_t>NAN
    else:
        medians(out, <key_t *>NULL, <key_t *>acc, NULL, n, False, how)


cdef void finish_narrow_median(narrow_t *out, char *labels, char *acc, const char *acc2, Py_ssize_t n,
                               const Finishing *how) noexcept nogil:
    cdef int16_t low[MAX_PIECE]
    cdef int16_t high[MAX_PIECE]
    cdef int32_t *counts = <int32_t *>acc
    cdef uint16_t a, b
    cdef Py_ssize_t i
    medians(low, high, <int16_t *>behind_counts(acc, how.pitch), counts, n, True, how)
    for i in range(n):
        a = <uint16_t>order_16(low[i])
        b = <uint16_t>order_16(high[i])
        if narrow_t is half_t:
            out[i].bits = float_to_half((half_to_float(a) + half_to_float(b)) * 0.5)
            if (counts[i] == 0) if how.omit else (counts[i] > 0):
                out[i].bits = 0x7e00
        else:
            out[i].bits = float_to_bfloat(bfloat_to_float(a) * 0.5 + bfloat_to_float(b) * 0.5)
            if (counts[i] == 0) if how.omit else (counts[i] > 0):
                out[i].bits = 0x7fc0


cdef inline void longest_run(integer_t *out, const integer_t *keys, Py_ssize_t n, Py_ssize_t taps, Py_ssize_t pitch,
                             key_t *run, key_t *longest) noexcept nogil:
    """The first label of the greatest number, of sorted rows."""
    cdef const integer_t *row
    cdef const integer_t *before
    cdef key_t length
    cdef Py_ssize_t i, t
    for i in range(n):
        run[i] = 1
        longest[i] = 1
        out[i] = keys[i]
    for t in range(1, taps):
        row = keys + t * pitch
        before = row - pitch
        for i in range(n):
            length = run[i] + 1 if row[i] == before[i] else 1
            run[i] = length
            out[i] = row[i] if length > longest[i] else out[i]
            longest[i] = length if length > longest[i] else longest[i]


cdef void finish_mode(integer_t *out, char *labels, char *acc, const char *acc2, Py_ssize_t n,
                      const Finishing *how) noexcept nogil:
    """What a window has most often; the least of those where several are."""
    cdef integer_t run[MAX_PIECE]
    cdef integer_t longest[MAX_PIECE]
    cdef int64_t long_run[MAX_PIECE]
    cdef int64_t long_longest[MAX_PIECE]
    if how.pitch == n and tallied(out, <const integer_t *>acc, how.taps, n):
        return
    sort_rows(<integer_t *>acc, how.taps, n, how.pitch)
    if how.taps <= FLUSH:
        longest_run(out, <const integer_t *>acc, n, how.taps, how.pitch, run, longest)
    else:
        longest_run(out, <const integer_t *>acc, n, how.taps, how.pitch, long_run, long_longest)


cdef tuple both(load_t load, finish_t finish):
    return <size_t><void *>load, <size_t><void *>finish


# Addresses of (load, finish) by element.
MEDIANS = {
    "i1": both(<load_t>load_keys[int8_t], <finish_t>finish_median[int8_t]),
    "u1": both(<load_t>load_keys[uint8_t], <finish_t>finish_median[uint8_t]),
    "i2": both(<load_t>load_keys[int16_t], <finish_t>finish_median[int16_t]),
    "u2": both(<load_t>load_keys[uint16_t], <finish_t>finish_median[uint16_t]),
    "i4": both(<load_t>load_keys[int32_t], <finish_t>finish_median[int32_t]),
    "u4": both(<load_t>load_keys[uint32_t], <finish_t>finish_median[uint32_t]),
    "i8": both(<load_t>load_keys[int64_t], <finish_t>finish_median[int64_t]),
    "u8": both(<load_t>load_keys[uint64_t], <finish_t>finish_median[uint64_t]),
    "f4": both(<load_t>load_keys[float], <finish_t>finish_median[float]),
    "f8": both(<load_t>load_keys[double], <finish_t>finish_median[double]),
    "f2": both(<load_t>load_narrow[half_t], <finish_t>finish_narrow_median[half_t]),
    "bf2": both(<load_t>load_narrow[bfloat_t], <finish_t>finish_narrow_median[bfloat_t]),
}
MODES = {
    "i1": both(<load_t>load_keys[int8_t], <finish_t>finish_mode[int8_t]),
    "u1": both(<load_t>load_keys[uint8_t], <finish_t>finish_mode[uint8_t]),
    "i2": both(<load_t>load_keys[int16_t], <finish_t>finish_mode[int16_t]),
    "u2": both(<load_t>load_keys[uint16_t], <finish_t>finish_mode[uint16_t]),
    "i4": both(<load_t>load_keys[int32_t], <finish_t>finish_mode[int32_t]),
    "u4": both(<load_t>load_keys[uint32_t], <finish_t>finish_mode[uint32_t]),
    "i8": both(<load_t>load_keys[int64_t], <finish_t>finish_mode[int64_t]),
    "u8": both(<load_t>load_keys[uint64_t], <finish_t>finish_mode[uint64_t]),
}
