"""Means of blocks of 8-bit and 16-bit integers, from the input's rows straight to the output.

Blocks of one, two or four rows, two or four taps wide, that lie side by side: their number of taps is a power of two,
so that a mean is a shift. Pixels of three channels too, where they are two taps wide. As in direct.pyx, what the next
rows need is fetched while these are computed.
"""

from libc.stdint cimport int8_t, int16_t, uint8_t, uint16_t

from cypool._kernels.ahead cimport Ahead, fetch_rows, next_rows, rows_ahead
from cypool._kernels.types cimport Direct, direct_t

cdef extern from "wholes.h" nogil:
    ctypedef struct wholes:
        pass
    Py_ssize_t WHOLE_BYTES       # of a vector, or 0 where there are none
    wholes load_wholes(const char *row)
    void store_wholes(char *row, wholes v)
    Py_ssize_t PIXELS           # of three bytes, that are taken at once, or 0
    wholes load_pixels(const char *row)
    void store_pixels(char *row, wholes v)
    wholes pair_sums_u8(wholes v)
    wholes pair_sums_i8(wholes v)
    wholes pair_sums_u16(wholes v)
    wholes pair_sums_i16(wholes v)
    wholes sum_16(wholes a, wholes b)
    wholes sum_of_32(wholes a, wholes b)
    wholes halved_16(wholes a, wholes b)
    wholes halved_of_32(wholes a, wholes b)
    wholes rounded_16(wholes sums, int shift)
    wholes rounded_of_32(wholes sums, int shift)
    wholes packed_u8(wholes a, wholes b)
    wholes packed_i8(wholes a, wholes b)
    wholes packed_u16(wholes a, wholes b)
    wholes packed_i16(wholes a, wholes b)

ctypedef fused small_t:
    int8_t
    uint8_t
    int16_t
    uint16_t


cdef inline wholes pair_sums(wholes v, const small_t *kind) noexcept nogil:
    if small_t is uint8_t:
        return pair_sums_u8(v)
    elif small_t is int8_t:
        return pair_sums_i8(v)
    elif small_t is uint16_t:
        return pair_sums_u16(v)
    else:
        return pair_sums_i16(v)


cdef inline wholes total(wholes a, wholes b, const small_t *kind) noexcept nogil:
    return sum_16(a, b) if sizeof(small_t) == 1 else sum_of_32(a, b)


cdef inline wholes loaded(const char *row, bint of_pixels) noexcept nogil:
    return load_pixels(row) if of_pixels else load_wholes(row)


cdef inline wholes sums(const char **rows, Py_ssize_t n_rows, Py_ssize_t at, bint of_pixels,
                        const small_t *kind) noexcept nogil:
    """A vector of each row: its pairs added up, and the rows."""
    cdef wholes result = pair_sums(loaded(rows[0] + at, of_pixels), kind)
    if n_rows > 1:
        result = total(result, pair_sums(loaded(rows[1] + at, of_pixels), kind), kind)
    if n_rows > 2:
        result = total(result, pair_sums(loaded(rows[2] + at, of_pixels), kind), kind)
        result = total(result, pair_sums(loaded(rows[3] + at, of_pixels), kind), kind)
    return result


cdef inline wholes means(const char **rows, Py_ssize_t n_rows, Py_ssize_t taps, Py_ssize_t at, int shift,
                         const small_t *kind) noexcept nogil:
    """A vector of means, not packed yet: of two vectors of pairs, or of one."""
    cdef wholes result = sums(rows, n_rows, at, False, kind), more
    if taps == 4:
        more = sums(rows, n_rows, at + WHOLE_BYTES, False, kind)
        result = halved_16(result, more) if sizeof(small_t) == 1 else halved_of_32(result, more)
    return rounded_16(result, shift) if sizeof(small_t) == 1 else rounded_of_32(result, shift)


cdef inline wholes packed(wholes a, wholes b, const small_t *kind) noexcept nogil:
    if small_t is uint8_t:
        return packed_u8(a, b)
    elif small_t is int8_t:
        return packed_i8(a, b)
    elif small_t is uint16_t:
        return packed_u16(a, b)
    else:
        return packed_i16(a, b)


cdef inline small_t rounded_one(int total, int shift, const small_t *kind) noexcept nogil:
    return <small_t>((total + (1 << shift) // 2 - 1 + ((total >> shift) & 1)) >> shift)


cdef inline void run_few(char *out, const char **rows, Py_ssize_t n_rows, Py_ssize_t taps, Py_ssize_t n, int shift,
                         const small_t *kind) noexcept nogil:
    """A row of fewer outputs than a vector holds, as the last piece of a long one may be."""
    cdef Py_ssize_t i, r, t
    cdef int added
    for i in range(n):
        added = 0
        for r in range(n_rows):
            for t in range(taps):
                added += (<const small_t *>rows[r])[i * taps + t]
        (<small_t *>out)[i] = rounded_one(added, shift, kind)


cdef inline void run_row(char *out, const char **rows, Py_ssize_t n_rows, Py_ssize_t taps, Py_ssize_t n, int shift,
                         Ahead ahead, const small_t *kind) noexcept nogil:
    """A row of outputs. The last vector begins early enough to end with it."""
    cdef Py_ssize_t size = sizeof(small_t)
    cdef Py_ssize_t lanes = WHOLE_BYTES // size
    cdef Py_ssize_t width = taps * WHOLE_BYTES
    cdef Py_ssize_t i = 0, at
    if n < lanes:
        run_few(out, rows, n_rows, taps, n, shift, kind)
        return
    while i < n:
        i = min(i, n - lanes)
        at = i * taps * size
        fetch_rows(ahead, n_rows, at, width)
        store_wholes(out + i * size, packed(means(rows, n_rows, taps, at, shift, kind),
                                            means(rows, n_rows, taps, at + width // 2, shift, kind), kind))
        i += lanes


cdef inline void run_rows(char *out, Py_ssize_t out_step, const char **window_rows, Py_ssize_t n_rows,
                          Py_ssize_t row_step, Py_ssize_t n_out_rows, Py_ssize_t taps, const Direct *how,
                          const small_t *kind) noexcept nogil:
    # Of its own, which the output cannot overlap: so the rows' addresses stay in registers.
    cdef const char *rows[4]
    cdef Py_ssize_t n = how.n, _i, r
    cdef int shift = how.shift
    cdef Ahead ahead
    for r in range(4):
        rows[r] = window_rows[min(r, n_rows - 1)]
    ahead = rows_ahead(rows[0], rows[1], rows[2], rows[3], n_rows, how)
    for _i in range(n_out_rows):
        run_row(out, rows, n_rows, taps, n, shift, ahead, kind)
        out += out_step
        ahead = next_rows(ahead, row_step)
        for r in range(n_rows):
            rows[r] += row_step


cdef inline void by_taps(char *out, Py_ssize_t out_step, const char **rows, Py_ssize_t n_rows, Py_ssize_t row_step,
                         Py_ssize_t n_out_rows, const Direct *how, const small_t *kind) noexcept nogil:
    if how.taps == 2:
        run_rows(out, out_step, rows, n_rows, row_step, n_out_rows, 2, how, kind)
    else:
        run_rows(out, out_step, rows, n_rows, row_step, n_out_rows, 4, how, kind)


cdef void block_means(char *out, Py_ssize_t out_step, const char **rows, Py_ssize_t n_rows, Py_ssize_t row_step,
                      Py_ssize_t n_out_rows, const Direct *how, const small_t *kind, const void *rule) noexcept nogil:
    """As direct() in direct.pyx, for blocks without a border."""
    if n_rows == 1:
        by_taps(out, out_step, rows, 1, row_step, n_out_rows, how, kind)
    elif n_rows == 2:
        by_taps(out, out_step, rows, 2, row_step, n_out_rows, how, kind)
    else:
        by_taps(out, out_step, rows, 4, row_step, n_out_rows, how, kind)


cdef inline void run_few_pixels(char *out, const char **rows, Py_ssize_t n_rows, Py_ssize_t n, int shift,
                                const small_t *kind) noexcept nogil:
    """A row of fewer pixels than are taken at once."""
    cdef Py_ssize_t i, r
    cdef int added
    for i in range(3 * n):
        added = 0
        for r in range(n_rows):
            added += (<const small_t *>rows[r])[i // 3 * 6 + i % 3] + (<const small_t *>rows[r])[i // 3 * 6 + 3 + i % 3]
        (<small_t *>out)[i] = rounded_one(added, shift, kind)


cdef inline void run_pixels(char *out, Py_ssize_t out_step, const char **window_rows, Py_ssize_t n_rows,
                            Py_ssize_t row_step, Py_ssize_t n_out_rows, const Direct *how,
                            const small_t *kind) noexcept nogil:
    """Rows of outputs of three channels. The last pixels of a row are taken early enough to end with it."""
    cdef const char *rows[4]
    cdef Py_ssize_t n = how.n, some = PIXELS // 2, i, _i, r
    cdef int shift = how.shift
    cdef Ahead ahead
    cdef wholes mean
    for r in range(4):
        rows[r] = window_rows[min(r, n_rows - 1)]
    ahead = rows_ahead(rows[0], rows[1], rows[2], rows[3], n_rows, how)
    for _i in range(n_out_rows):
        i = 0
        if n < some:
            run_few_pixels(out, rows, n_rows, n, shift, kind)
            i = n
        while i < n:
            i = min(i, n - some)
            fetch_rows(ahead, n_rows, 6 * i, 3 * PIXELS)
            mean = rounded_16(sums(rows, n_rows, 6 * i, True, kind), shift)
            store_pixels(out + 3 * i, packed(mean, mean, kind))
            i += some
        out += out_step
        ahead = next_rows(ahead, row_step)
        for r in range(n_rows):
            rows[r] += row_step


cdef void pixel_means(char *out, Py_ssize_t out_step, const char **rows, Py_ssize_t n_rows, Py_ssize_t row_step,
                      Py_ssize_t n_out_rows, const Direct *how, const small_t *kind, const void *rule) noexcept nogil:
    """The same of pixels of three channels, in blocks of two of each row."""
    if n_rows == 1:
        run_pixels(out, out_step, rows, 1, row_step, n_out_rows, how, kind)
    elif n_rows == 2:
        run_pixels(out, out_step, rows, 2, row_step, n_out_rows, how, kind)
    else:
        run_pixels(out, out_step, rows, 4, row_step, n_out_rows, how, kind)


# Addresses by element, which is that of the means as well.
BLOCK_MEANS = {} if WHOLE_BYTES == 0 else {
    "i1": <size_t><void *><direct_t>block_means[int8_t],
    "u1": <size_t><void *><direct_t>block_means[uint8_t],
    "i2": <size_t><void *><direct_t>block_means[int16_t],
    "u2": <size_t><void *><direct_t>block_means[uint16_t],
}

PIXEL_MEANS = {} if PIXELS == 0 else {
    "i1": <size_t><void *><direct_t>pixel_means[int8_t],
    "u1": <size_t><void *><direct_t>pixel_means[uint8_t],
}
