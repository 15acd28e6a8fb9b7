# Medians of 3x3 windows at stride 1: see medians.pyx.

from libc.math cimport NAN
from libc.stdint cimport int64_t
from libc.string cimport memcpy, memset

from cypool._kernels.sorted_columns cimport PITCH_BYTES, PITCH_WORDS, fill_column, noted
from cypool._kernels.taps cimport flipped, greater, halfway, key_t, lesser, unordered
from cypool._kernels.types cimport BLOCK_BYTES, Sliding

cdef enum:
    THREE = 3               # taps of a column


cdef inline void sort_threes(key_t *columns, const key_t **rows, Py_ssize_t at, int64_t flip) noexcept nogil:
    """A block of columns, of four rows from element `at` on: sorted without the last one, and without the first one."""
    cdef Py_ssize_t pitch = PITCH_BYTES // sizeof(key_t)
    cdef key_t *below = columns + (THREE + 1) * pitch
    cdef key_t low, high, first, last, between
    cdef bint nan
    cdef Py_ssize_t i
    for i in range(BLOCK_BYTES // <Py_ssize_t>sizeof(key_t)):
        first = flipped(rows[0][at + i], flip)
        low = flipped(rows[1][at + i], flip)
        high = flipped(rows[2][at + i], flip)
        last = flipped(rows[3][at + i], flip)
        if key_t is float or key_t is double:
            nan = unordered(low, high)
            columns[THREE * pitch + i] = noted(nan | unordered(first, first), <key_t>0)
            below[THREE * pitch + i] = noted(nan | unordered(last, last), <key_t>0)
        between = greater(low, high)
        low = lesser(low, high)
        high = between
        between = greater(first, low)
        columns[i] = lesser(first, low)
        columns[pitch + i] = lesser(between, high)
        columns[2 * pitch + i] = greater(between, high)
        between = greater(last, low)
        below[i] = lesser(last, low)
        below[pitch + i] = lesser(between, high)
        below[2 * pitch + i] = greater(between, high)


cdef inline key_t middle_of_three(key_t a, key_t b, key_t c) noexcept nogil:
    return greater(lesser(a, b), lesser(greater(a, b), c))


cdef inline key_t middle_of_columns(const key_t *a, const key_t *b, const key_t *c, Py_ssize_t pitch,
                                    Py_ssize_t c_pitch) noexcept nogil:
    cdef key_t low = greater(greater(a[0], b[0]), c[0])
    cdef key_t between = middle_of_three(a[pitch], b[pitch], c[c_pitch])
    cdef key_t high = lesser(lesser(a[2 * pitch], b[2 * pitch]), c[2 * c_pitch])
    return middle_of_three(low, between, high)


cdef inline void settle_block(key_t *block, const key_t *columns, int64_t flip) noexcept nogil:
    """A block of windows."""
    cdef Py_ssize_t pitch = PITCH_BYTES // sizeof(key_t)
    cdef const key_t *nan = columns + THREE * pitch
    cdef key_t value
    cdef Py_ssize_t i
    for i in range(BLOCK_BYTES // <Py_ssize_t>sizeof(key_t)):
        value = middle_of_columns(columns + i, columns + i + 1, columns + i + 2, pitch, pitch)
        if key_t is float or key_t is double:
            value = <key_t>NAN if nan[i] + nan[i + 1] + nan[i + 2] != 0 else value
        block[i] = flipped(value, flip)


cdef inline void fill_threes(key_t *columns, Py_ssize_t n, Py_ssize_t before, Py_ssize_t end,
                             const Sliding *how) noexcept nogil:
    cdef Py_ssize_t pitch = PITCH_BYTES // sizeof(key_t)
    cdef Py_ssize_t c, r
    for r in range(2):
        for c in range(before):
            fill_column(columns + r * (THREE + 1) * pitch + c, pitch, THREE, before - c, 0, how)
        for c in range(end, n + THREE - 1):
            fill_column(columns + r * (THREE + 1) * pitch + c, pitch, THREE, c - end + 1, 0, how)


cdef inline void mend_threes(key_t *out, const key_t *columns, Py_ssize_t n, Py_ssize_t before, Py_ssize_t end,
                             const Sliding *how) noexcept nogil:
    """Medians of six floats."""
    cdef Py_ssize_t pitch = PITCH_BYTES // sizeof(key_t)
    cdef key_t filler[THREE + 1]
    cdef Py_ssize_t w = before - 1
    fill_column(filler, 1, THREE, 1, 1, how)
    if 0 <= w < n and not unordered(out[w], out[w]):
        out[w] = halfway(out[w], middle_of_columns(columns + w + 1, columns + w + 2, filler, pitch, 1))
    w = end - THREE + 1
    if end < n + THREE - 1 and 0 <= w < n and not unordered(out[w], out[w]):
        out[w] = halfway(out[w], middle_of_columns(columns + w, columns + w + 1, filler, pitch, 1))


cdef inline void settle_threes(key_t *out, const key_t **rows, Py_ssize_t n, Py_ssize_t before,
                               Py_ssize_t after, Py_ssize_t n_rows, const Sliding *how) noexcept nogil:
    """n windows, not too many, in each output row. The first one lacks so many columns, and the last one."""
    cdef int64_t of_columns[2 * (THREE + 1) * PITCH_WORDS]
    cdef key_t *columns = <key_t *>of_columns
    cdef key_t block[BLOCK_BYTES]
    cdef key_t padded[(THREE + 1) * BLOCK_BYTES]
    cdef const key_t *padded_rows[THREE + 1]
    cdef Py_ssize_t pitch = PITCH_BYTES // sizeof(key_t), width = BLOCK_BYTES // sizeof(key_t)
    cdef Py_ssize_t end = n + THREE - 1 - after
    cdef Py_ssize_t at, i, done = 0, row
    cdef int t
    if end - before < width:
        memset(padded, 0, <size_t>((THREE + 1) * width) * sizeof(key_t))
    for t in range(2 * (THREE + 1)):
        memset(columns + t * pitch + n + 2, 0, BLOCK_BYTES)
    fill_threes(columns, n, before, end, how)
    while done < n_rows:
        i = how.row_step if done + 1 < n_rows else 0
        rows[THREE] = <const key_t *>(<const char *>rows[THREE - 1] + i)
        if end - before < width:
            for t in range(THREE + 1):
                padded_rows[t] = padded + t * width
                memcpy(padded + t * width, rows[t], <size_t>(end - before) * sizeof(key_t))
            sort_threes(columns + before, padded_rows, 0, how.flip)
            fill_threes(columns, n, before, end, how)
        at = before
        while at < end and end - before >= width:
            i = min(at, end - width)
            sort_threes(columns + i, rows, i - before, how.flip)
            at += width
        for row in range(0, min(n_rows - done, <Py_ssize_t>2)):
            i = row * (THREE + 1) * pitch
            at = 0
            while at < n:
                at = max(min(at, n - width), <Py_ssize_t>0)
                settle_block(out + at if n >= width else block, columns + i + at, how.flip)
                at += width
            if n < width:
                memcpy(out, block, <size_t>n * sizeof(key_t))
            if key_t is float or key_t is double:
                mend_threes(out, columns + i, n, before, end, how)
            out = <key_t *>(<char *>out + how.out_step)
        for t in range(THREE):
            rows[t] = <const key_t *>(<const char *>rows[t] + 2 * how.row_step)
        done += 2
