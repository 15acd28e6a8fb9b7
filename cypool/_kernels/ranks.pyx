"""Maxima and minima of narrow elements, with the place that each comes from: of neighbours that are pooled alike, from
the input's rows straight to the output and its indices.

As winners.pyx does of wide ones. An element becomes a rank, a signed integer as wide as it is, of which the greatest
wins; the number of its tap goes along in as few bits, or, where these are 32, how far its place is from that of the
first one: planes have fewer than 2**31. Taps meet in row-major order, so that of equal ones the first
stays; so does the first NaN, which has the highest rank.
"""

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t

from cypool._kernels.ahead cimport fetch_lines
from cypool._kernels.types cimport Direct, bfloat_t, half_t, winners_t

cdef enum:
    MANY = 32           # neighbours that are ranked at once
    TAPS = 256          # of a window at most: their numbers have 8 bits
    MAGNITUDE = 0x7FFF  # of a 16-bit float,
    SIGN = 0x8000
    NAN_RANK = 0x7FFF   # and the greatest rank

ctypedef fused rank_t:
    int8_t
    int16_t
    int32_t

# Each has kernels of its own, all of which come down to those of ranks as wide.
ctypedef fused element_t:
    int8_t
    uint8_t
    int16_t
    uint16_t
    int32_t
    uint32_t
    half_t
    bfloat_t


# How elements become ranks: bits that are inverted, for minima and unsigned integers; and what 16-bit floats have for
# infinity, or 0. By value, so that they stay in registers.
cdef struct Ranking:
    int32_t flip
    int16_t infinity


cdef inline rank_t rank(rank_t bits, bint real, Ranking how) noexcept nogil:
    """Of a float, its magnitude with its sign: keys.pyx has another order of bits, in which zeros have to be looked for
    as NaN has."""
    cdef int16_t magnitude, sign, value
    if rank_t is int16_t:
        if real:
            magnitude = <int16_t>(bits & MAGNITUDE)
            sign = bits >> 15
            # Both zeros have the same.
            value = <int16_t>(<int16_t>((magnitude ^ sign) - sign) ^ <int16_t>how.flip)
            return <int16_t>NAN_RANK if magnitude > how.infinity else value
    return bits ^ <rank_t>how.flip


cdef inline rank_t unranked(rank_t value, bint real, Ranking how) noexcept nogil:
    """The element of a rank: one zero, and one NaN, which is negative where the least is wanted."""
    cdef int16_t bits, sign, quiet
    if rank_t is int16_t:
        if real:
            bits = <int16_t>(value ^ <int16_t>how.flip)
            sign = bits >> 15
            bits = <int16_t>(<int16_t>((bits ^ sign) - sign) | (sign & SIGN))
            quiet = <int16_t>(how.infinity | (how.infinity & -how.infinity) >> 1 | (how.flip & SIGN))
            return quiet if value == <int16_t>NAN_RANK else bits
    return value ^ <rank_t>how.flip


cdef inline void rank_some(char *out, int64_t *labels, const char **rows, Py_ssize_t n_rows, Py_ssize_t at,
                           const int64_t *tap_labels, Py_ssize_t n, bint real, const Direct *how, Ranking ranking,
                           const rank_t *kind) noexcept nogil:
    """The windows of n neighbours."""
    cdef rank_t best[MANY]
    cdef rank_t taps[MANY]
    cdef rank_t value, mark
    cdef const rank_t *row
    cdef Py_ssize_t i, r, t
    cdef int number = 0
    cdef bint wins
    row = <const rank_t *>(rows[0] + at)
    for i in range(n):
        best[i] = rank(row[i], real, ranking)
        taps[i] = 0
    for r in range(n_rows):
        for t in range(how.taps):
            row = <const rank_t *>(rows[r] + at + t * how.tap_step)
            mark = <rank_t>number
            if rank_t is int32_t:
                mark = <int32_t>(tap_labels[number] - tap_labels[0])
            for i in range(n):
                value = rank(row[i], real, ranking)
                wins = value > best[i]
                best[i] = value if wins else best[i]
                taps[i] = mark if wins else taps[i]
            number += 1
    for i in range(n):
        (<rank_t *>out)[i] = unranked(best[i], real, ranking)
    if rank_t is int32_t:
        for i in range(n):
            labels[i] = tap_labels[0] + taps[i]
    else:
        for i in range(n):
            # Vectors of such places take longer to be taken apart.
            labels[i] = tap_labels[<uint8_t>(<const volatile rank_t *>taps)[i]]


cdef inline void rank_row(char *out, int64_t *labels, const char **rows, Py_ssize_t n_rows, Py_ssize_t at,
                          const int64_t *tap_labels, bint real, const Direct *how, Ranking ranking,
                          const rank_t *kind) noexcept nogil:
    """Any number of neighbours. The last ones begin early enough to end with the row."""
    cdef Py_ssize_t c = 0, n = how.inner, size = sizeof(rank_t)
    while c < n:
        if n >= MANY:
            c = min(c, n - MANY)
            rank_some(out + c * size, labels + c, rows, n_rows, at + c * size, tap_labels, MANY, real, how, ranking,
                      kind)
            c += MANY
        else:
            rank_some(out + c * size, labels + c, rows, n_rows, at + c * size, tap_labels, 1, real, how, ranking, kind)
            c += 1


cdef void rank_rows(char *out, Py_ssize_t out_step, char *labels, Py_ssize_t label_step, const char **rows,
                    const int64_t *row_labels, Py_ssize_t n_rows, Py_ssize_t row_step, Py_ssize_t n_out_rows,
                    const Direct *how, Ranking ranking, const rank_t *kind) noexcept nogil:
    cdef int64_t tap_labels[TAPS]
    cdef int64_t labels_here[TAPS]
    cdef Py_ssize_t i, j, r, t, at, size = how.inner * <Py_ssize_t>sizeof(rank_t)
    cdef int64_t label
    cdef int64_t *indices
    for r in range(n_rows):
        for t in range(how.taps):
            tap_labels[r * how.taps + t] = row_labels[r] - row_labels[0] + t * how.tap_label
    for i in range(n_out_rows):
        for j in range(how.n):
            indices = <int64_t *>(labels + i * label_step) + j * how.inner
            at = i * row_step + j * how.output_step
            label = how.label + i * how.row_label + j * how.output_label
            if how.ahead:
                for r in range(max(<Py_ssize_t>0, n_rows - how.fresh_rows), n_rows):
                    fetch_lines(rows[r] + at + how.ahead, how.output_step)
            for t in range(n_rows * how.taps):
                labels_here[t] = label + tap_labels[t]
            if rank_t is int16_t:
                if ranking.infinity:
                    rank_row(out + i * out_step + j * size, indices, rows, n_rows, at, labels_here, True, how,
                             ranking, kind)
                    continue
            rank_row(out + i * out_step + j * size, indices, rows, n_rows, at, labels_here, False, how, ranking,
                     kind)


cdef void ranked(char *out, Py_ssize_t out_step, char *labels, Py_ssize_t label_step, const char **rows,
                 const int64_t *row_labels, Py_ssize_t n_rows, Py_ssize_t row_step, Py_ssize_t n_out_rows,
                 const Direct *how, const element_t *kind, const void *rule) noexcept nogil:
    """As winners() in winners.pyx: n_out_rows rows of windows, of rows whose labels are given."""
    cdef Ranking ranking
    ranking.flip = <int32_t>how.flip
    ranking.infinity = 0
    if element_t is half_t:
        ranking.infinity = 0x7C00
    elif element_t is bfloat_t:
        ranking.infinity = 0x7F80
    elif element_t is uint8_t:
        ranking.flip ^= 0x80
    elif element_t is uint16_t:
        ranking.flip ^= 0x8000
    elif element_t is uint32_t:
        ranking.flip ^= <int32_t>0x80000000
    if sizeof(element_t) == 1:
        rank_rows(out, out_step, labels, label_step, rows, row_labels, n_rows, row_step, n_out_rows, how, ranking,
                  <const int8_t *>NULL)
    elif sizeof(element_t) == 2:
        rank_rows(out, out_step, labels, label_step, rows, row_labels, n_rows, row_step, n_out_rows, how, ranking,
                  <const int16_t *>NULL)
    else:
        rank_rows(out, out_step, labels, label_step, rows, row_labels, n_rows, row_step, n_out_rows, how, ranking,
                  <const int32_t *>NULL)


MOST_TAPS = TAPS
# Addresses by element.
RANKED = {
    "i1": <size_t><void *><winners_t>ranked[int8_t],
    "u1": <size_t><void *><winners_t>ranked[uint8_t],
    "i2": <size_t><void *><winners_t>ranked[int16_t],
    "u2": <size_t><void *><winners_t>ranked[uint16_t],
    "i4": <size_t><void *><winners_t>ranked[int32_t],
    "u4": <size_t><void *><winners_t>ranked[uint32_t],
    "f2": <size_t><void *><winners_t>ranked[half_t],
    "bf2": <size_t><void *><winners_t>ranked[bfloat_t],
}
