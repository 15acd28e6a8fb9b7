"""Values as integer keys: max and min for 16-bit floats, for `nan_policy="omit"`, and for indices.

The bits of a float, with the lower ones of a negative number inverted, order as integers do:

    -NaN  -inf ... -0 +0 ... +inf  +NaN

Seen as a ring that wraps round, it can be cut at two places. Cut below -inf, both kinds of NaN stand above
+inf: the greatest key propagates NaN. Cut above +inf, they stand below -inf: the greatest key omits NaN, unless
there is nothing else. `flip` inverts all keys, so that the least value has the greatest key, and `bias` makes the cut.
Where indices are asked for, all NaNs are one tie, so one NaN (of the sign that stands at the right end) serves instead.

A winner carries which tap it was: its label, the flat index over the pooled axes. Where the value has at most 32
bits, both fit one int64 whose order is the order of values, then of labels from the last to the first; so that
"max" of int64 is all the pass that indices need. Wider values, and planes of 2^32 elements, take a pair.
"""

from libc.stdint cimport INT64_MAX, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from cypool._kernels.types cimport Finishing, Loading, Winner, finish_t, half_t, load_t


cdef extern from "numbers.h" nogil:
    int16_t order_16(int16_t bits)
    int32_t order_32(int32_t bits)
    int64_t order_64(int64_t bits)


# The bits of a float.
ctypedef fused bits_t:
    int16_t
    int32_t
    int64_t

# Elements whose key has at most 32 bits. half_t is any 16-bit float.
ctypedef fused narrow_t:
    int8_t
    uint8_t
    int16_t
    uint16_t
    int32_t
    uint32_t
    half_t
    float

ctypedef fused element_t:
    int8_t
    uint8_t
    int16_t
    uint16_t
    int32_t
    uint32_t
    int64_t                     # and unsigned ones, whose flip has the sign bit
    half_t
    float
    double


cdef enum:
    SOME = 256                  # winners of a row at once


cdef inline bits_t order(bits_t bits) noexcept nogil:
    if bits_t is int16_t:
        return order_16(bits)
    elif bits_t is int32_t:
        return order_32(bits)
    else:
        return order_64(bits)


cdef inline bits_t float_key(bits_t bits, bits_t flip, bits_t bias) noexcept nogil:
    """The key of a float; arithmetic that wraps (and so is unsigned) makes the cut."""
    return <bits_t>(<uint64_t>(order(bits) ^ flip) + <uint64_t>bias)


cdef inline bits_t greater(bits_t a, bits_t b) noexcept nogil:
    return b if b > a else a


cdef void load_keys(bits_t *acc, const bits_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                    const Loading *how) noexcept nogil:
    """The greatest keys of float rows."""
    cdef bits_t flip = <bits_t>how.flip
    cdef bits_t bias = <bits_t>how.bias
    cdef const bits_t *a
    cdef const bits_t *b
    cdef const bits_t *c
    cdef const bits_t *d
    cdef const bits_t *e
    cdef const bits_t *f
    cdef const bits_t *g
    cdef const bits_t *h
    cdef const bits_t *j
    cdef Py_ssize_t i, r = 0
    if bits_t is int16_t and fresh and n_rows >= 9:
        a, b, c, d, e, f, g, h, j = (rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], rows[6], rows[7], rows[8])
        for i in range(n):
            acc[i] = greater(
                greater(greater(greater(float_key(a[i], flip, bias), float_key(b[i], flip, bias)),
                                greater(float_key(c[i], flip, bias), float_key(d[i], flip, bias))),
                        greater(greater(float_key(e[i], flip, bias), float_key(f[i], flip, bias)),
                                greater(float_key(g[i], flip, bias), float_key(h[i], flip, bias)))),
                float_key(j[i], flip, bias))
        r = 9
    elif fresh and n_rows >= 3:
        a = rows[0]
        b = rows[1]
        c = rows[2]
        for i in range(n):
            acc[i] = greater(greater(float_key(a[i], flip, bias), float_key(b[i], flip, bias)),
                             float_key(c[i], flip, bias))
        r = 3
    elif fresh:
        a = rows[0]
        for i in range(n):
            acc[i] = float_key(a[i], flip, bias)
        r = 1
    while r + 1 < n_rows:
        a = rows[r]
        b = rows[r + 1]
        for i in range(n):
            acc[i] = greater(acc[i], greater(float_key(a[i], flip, bias), float_key(b[i], flip, bias)))
        r += 2
    if r < n_rows:
        a = rows[r]
        for i in range(n):
            acc[i] = greater(acc[i], float_key(a[i], flip, bias))


cdef inline void from_keys(bits_t *out, const bits_t *acc, Py_ssize_t n, bits_t flip, bits_t bias) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = order(<bits_t>(<bits_t>(<uint64_t>acc[i] - <uint64_t>bias) ^ flip))


cdef void finish_keys(bits_t *out, char *labels, bits_t *acc, const char *acc2, Py_ssize_t n,
                      const Finishing *how) noexcept nogil:
    # The keys may stand where the results are to be; a loop over one pointer needs no check that two are apart.
    if out == acc:
        from_keys(acc, acc, n, <bits_t>how.flip, <bits_t>how.bias)
    else:
        from_keys(out, acc, n, <bits_t>how.flip, <bits_t>how.bias)


cdef inline int32_t narrow_key(narrow_t value, int32_t flip, int32_t infinity, int32_t nan) noexcept nogil:
    """The key of an element; one for both zeros and one for all NaNs, since those are ties."""
    cdef int32_t bits
    if narrow_t is half_t:
        bits = <int16_t>value.bits
        bits = nan if (bits & 0x7fff) > infinity else (0 if (bits & 0x7fff) == 0 else bits)
        return order_16(<int16_t>bits) ^ flip
    elif narrow_t is float:
        memcpy(&bits, &value, 4)
        bits = nan if (bits & 0x7fffffff) > infinity else (0 if (bits & 0x7fffffff) == 0 else bits)
        return order_32(bits) ^ flip
    elif narrow_t is uint32_t:
        return <int32_t>(value ^ <uint32_t>0x80000000) ^ flip
    else:
        return <int32_t>value ^ flip


cdef inline int64_t wide_key(element_t value, int64_t flip, int64_t infinity, int64_t nan) noexcept nogil:
    cdef int64_t bits
    if element_t is int64_t:
        return value ^ flip
    elif element_t is double:
        memcpy(&bits, &value, 8)
        bits = nan if (bits & INT64_MAX) > infinity else (0 if (bits & INT64_MAX) == 0 else bits)
        return order_64(bits) ^ flip
    else:
        return narrow_key[element_t](value, <int32_t>flip, <int32_t>infinity, <int32_t>nan)


cdef inline element_t key_value(int64_t key, int64_t flip, const element_t *kind) noexcept nogil:
    """The element with this key."""
    cdef int32_t bits_32
    cdef int64_t bits_64
    cdef element_t value
    if element_t is uint32_t:
        return <uint32_t>(key ^ flip) ^ <uint32_t>0x80000000
    elif element_t is half_t:
        value.bits = <uint16_t>order_16(<int16_t>(key ^ flip))
        return value
    elif element_t is float:
        bits_32 = order_32(<int32_t>(key ^ flip))
        memcpy(&value, &bits_32, 4)
        return value
    elif element_t is double:
        bits_64 = order_64(key ^ flip)
        memcpy(&value, &bits_64, 8)
        return value
    else:
        return <element_t>(key ^ flip)


cdef inline int64_t winner(narrow_t value, int64_t label, int32_t flip, int32_t infinity,
                           int32_t nan) noexcept nogil:
    """Key and label in one. The label counts down, so that of equal keys the first tap is the greatest."""
    return narrow_key[narrow_t](value, flip, infinity, nan) * (<int64_t>1 << 32) + label


cdef void load_winners(int64_t *acc, const narrow_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                       const Loading *how) noexcept nogil:
    """The winners of rows, which come by twos and, at first, by threes."""
    cdef int32_t flip = <int32_t>how.flip, infinity = <int32_t>how.infinity, nan = <int32_t>how.nan
    cdef const int64_t *columns = how.columns
    cdef const narrow_t *a
    cdef const narrow_t *b
    cdef const narrow_t *c
    cdef int64_t last_a, last_b, last_c
    cdef Py_ssize_t i, r = 0
    if fresh:
        a = rows[0]
        last_a = <int64_t>0xffffffff - how.labels[0]
        r = 1
        if n_rows >= 3:
            b = rows[1]
            c = rows[2]
            last_b = <int64_t>0xffffffff - how.labels[1]
            last_c = <int64_t>0xffffffff - how.labels[2]
            for i in range(n):
                acc[i] = greater(greater(
                    winner[narrow_t](a[i], last_a - columns[i], flip, infinity, nan),
                    winner[narrow_t](b[i], last_b - columns[i], flip, infinity, nan)),
                    winner[narrow_t](c[i], last_c - columns[i], flip, infinity, nan))
            r = 3
        elif n_rows == 2:
            b = rows[1]
            last_b = <int64_t>0xffffffff - how.labels[1]
            for i in range(n):
                acc[i] = greater(winner[narrow_t](a[i], last_a - columns[i], flip, infinity, nan),
                                 winner[narrow_t](b[i], last_b - columns[i], flip, infinity, nan))
            r = 2
        else:
            for i in range(n):
                acc[i] = winner[narrow_t](a[i], last_a - columns[i], flip, infinity, nan)
    while r < n_rows:
        a = rows[r]
        last_a = <int64_t>0xffffffff - how.labels[r]
        if r + 1 < n_rows:
            b = rows[r + 1]
            last_b = <int64_t>0xffffffff - how.labels[r + 1]
            for i in range(n):
                acc[i] = greater(acc[i], greater(
                    winner[narrow_t](a[i], last_a - columns[i], flip, infinity, nan),
                    winner[narrow_t](b[i], last_b - columns[i], flip, infinity, nan)))
        else:
            for i in range(n):
                acc[i] = greater(acc[i], winner[narrow_t](a[i], last_a - columns[i], flip, infinity, nan))
        r += 2


cdef void finish_winners(narrow_t *out, int64_t *labels, const int64_t *acc, const char *acc2, Py_ssize_t n,
                         const Finishing *how) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = key_value[narrow_t](acc[i] >> 32, how.flip, <const narrow_t *>NULL)
        labels[i] = <int64_t>0xffffffff - (acc[i] & <int64_t>0xffffffff)


cdef void load_wide_winners(Winner *acc, const element_t **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                            const Loading *how) noexcept nogil:
    """The winners of rows, some at a time: keys and labels each by themselves, which makes vectors of them."""
    cdef int64_t keys[SOME]
    cdef int64_t labels[SOME]
    cdef const element_t *row
    cdef int64_t flip = how.flip, infinity = how.infinity, nan = how.nan, key, label
    cdef bint wins
    cdef Py_ssize_t at = 0, i, r, some
    while at < n:
        some = min(<Py_ssize_t>SOME, n - at)
        row = rows[0] + at
        for i in range(some):
            keys[i] = wide_key[element_t](row[i], flip, infinity, nan) if fresh else acc[at + i].key
            labels[i] = how.labels[0] + how.columns[at + i] if fresh else acc[at + i].label
        for r in range(1 if fresh else 0, n_rows):
            row = rows[r] + at
            for i in range(some):
                key = wide_key[element_t](row[i], flip, infinity, nan)
                label = how.labels[r] + how.columns[at + i]
                wins = (key > keys[i]) | ((key == keys[i]) & (label < labels[i]))
                keys[i] = key if wins else keys[i]
                labels[i] = label if wins else labels[i]
        for i in range(some):
            acc[at + i].key = keys[i]
            acc[at + i].label = labels[i]
        at += SOME


cdef void finish_wide_winners(element_t *out, int64_t *labels, const Winner *acc, const char *acc2, Py_ssize_t n,
                              const Finishing *how) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(n):
        out[i] = key_value[element_t](acc[i].key, how.flip, <const element_t *>NULL)
        labels[i] = acc[i].label


cdef tuple both(load_t load, finish_t finish):
    return <size_t><void *>load, <size_t><void *>finish


# Addresses of (load, finish) by the width of a float.
KEYS = {
    2: both(<load_t>load_keys[int16_t], <finish_t>finish_keys[int16_t]),
    4: both(<load_t>load_keys[int32_t], <finish_t>finish_keys[int32_t]),
    8: both(<load_t>load_keys[int64_t], <finish_t>finish_keys[int64_t]),
}

# The same by element, for winners in one int64 and in a pair.
WINNERS = {
    "i1": both(<load_t>load_winners[int8_t], <finish_t>finish_winners[int8_t]),
    "u1": both(<load_t>load_winners[uint8_t], <finish_t>finish_winners[uint8_t]),
    "i2": both(<load_t>load_winners[int16_t], <finish_t>finish_winners[int16_t]),
    "u2": both(<load_t>load_winners[uint16_t], <finish_t>finish_winners[uint16_t]),
    "i4": both(<load_t>load_winners[int32_t], <finish_t>finish_winners[int32_t]),
    "u4": both(<load_t>load_winners[uint32_t], <finish_t>finish_winners[uint32_t]),
    "f2": both(<load_t>load_winners[half_t], <finish_t>finish_winners[half_t]),
    "bf2": both(<load_t>load_winners[half_t], <finish_t>finish_winners[half_t]),
    "f4": both(<load_t>load_winners[float], <finish_t>finish_winners[float]),
}
WIDE_WINNERS = {
    "i1": both(<load_t>load_wide_winners[int8_t], <finish_t>finish_wide_winners[int8_t]),
    "u1": both(<load_t>load_wide_winners[uint8_t], <finish_t>finish_wide_winners[uint8_t]),
    "i2": both(<load_t>load_wide_winners[int16_t], <finish_t>finish_wide_winners[int16_t]),
    "u2": both(<load_t>load_wide_winners[uint16_t], <finish_t>finish_wide_winners[uint16_t]),
    "i4": both(<load_t>load_wide_winners[int32_t], <finish_t>finish_wide_winners[int32_t]),
    "u4": both(<load_t>load_wide_winners[uint32_t], <finish_t>finish_wide_winners[uint32_t]),
    "i8": both(<load_t>load_wide_winners[int64_t], <finish_t>finish_wide_winners[int64_t]),
    "u8": both(<load_t>load_wide_winners[int64_t], <finish_t>finish_wide_winners[int64_t]),
    "f2": both(<load_t>load_wide_winners[half_t], <finish_t>finish_wide_winners[half_t]),
    "bf2": both(<load_t>load_wide_winners[half_t], <finish_t>finish_wide_winners[half_t]),
    "f4": both(<load_t>load_wide_winners[float], <finish_t>finish_wide_winners[float]),
    "f8": both(<load_t>load_wide_winners[double], <finish_t>finish_wide_winners[double]),
}
