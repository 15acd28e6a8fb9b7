# Medians of 5x5 windows at stride 1, by pairs: see medians.pyx.

from libc.math cimport NAN
from libc.stdint cimport int64_t
from libc.string cimport memcpy, memset

from cypool._kernels.sorted_columns cimport PITCH_BYTES, PITCH_WORDS, fill_column, noted
from cypool._kernels.taps cimport exchange, flipped, fours, greater, halfway, key_t, lesser, sort_four, unordered
from cypool._kernels.types cimport BLOCK_BYTES, Sliding

cdef enum:
    FIVE = 5                # taps of a column
    NANS = 10               # the row of what tells a NaN, behind those of a pair of columns


cdef inline void sort_column(key_t *above, key_t *below, key_t *taps) noexcept nogil:
    """Six taps of a column: sorted without the last one, and without the first one; and what tells a NaN."""
    cdef bint nan = unordered(taps[1], taps[2]) | unordered(taps[3], taps[4])
    cdef key_t first = taps[0], last = taps[5]
    cdef int t
    above[FIVE] = noted(nan | unordered(first, first), <key_t>0)
    below[FIVE] = noted(nan | unordered(last, last), <key_t>0)
    sort_four(taps + 1)
    for t in range(4):
        above[t] = taps[1 + t]
        below[t] = taps[1 + t]
    above[4] = first
    below[4] = last
    for t in range(4, 0, -1):
        exchange(above, t - 1, t)
        exchange(below, t - 1, t)


cdef inline void keep_column(key_t *columns, const key_t *above, const key_t *below) noexcept nogil:
    """Into the rows of both output rows."""
    cdef Py_ssize_t pitch = PITCH_BYTES // sizeof(key_t)
    cdef int t, n = FIVE + 1 if key_t is float or key_t is double else FIVE
    for t in range(n):
        columns[t * pitch] = above[t]
        columns[(FIVE + 1 + t) * pitch] = below[t]


cdef inline void sort_fives(key_t *evens, key_t *odds, const key_t **rows, Py_ssize_t at,
                            int64_t flip) noexcept nogil:
    """A block of columns at even places, and one at odd places, of six rows from element `at` on."""
    cdef key_t taps[FIVE + 1]
    cdef key_t more[FIVE + 1]
    cdef key_t above[FIVE + 1]
    cdef key_t below[FIVE + 1]
    cdef Py_ssize_t i
    cdef int t
    for i in range(BLOCK_BYTES // <Py_ssize_t>sizeof(key_t)):
        for t in range(FIVE + 1):
            taps[t] = flipped(rows[t][at + 2 * i], flip)
            more[t] = flipped(rows[t][at + 2 * i + 1], flip)
        sort_column(above, below, taps)
        keep_column(evens + i, above, below)
        sort_column(above, below, more)
        keep_column(odds + i, above, below)


cdef inline void sort_one(key_t *column, const key_t **rows, Py_ssize_t at, int64_t flip) noexcept nogil:
    """Element `at` of the rows."""
    cdef key_t taps[FIVE + 1]
    cdef key_t above[FIVE + 1]
    cdef key_t below[FIVE + 1]
    cdef int t
    for t in range(FIVE + 1):
        taps[t] = flipped(rows[t][at], flip)
    sort_column(above, below, taps)
    keep_column(column, above, below)


cdef inline void merge_fives(key_t *taps) noexcept nogil:
    """Two sorted columns, one behind the other; their order is then 0, 1, 2, 3, 4, 6, 7, 8, 5, 9."""
    fours(taps, 0, 5, 4, 9, 4, 5, 2, 7)
    fours(taps, 2, 4, 7, 5, 1, 6, 3, 8)
    fours(taps, 3, 6, 1, 2, 3, 4, 6, 7)
    exchange(taps, 8, 5)


cdef inline void merge_tens(key_t *taps) noexcept nogil:
    """Two sorted tens, one behind the other: the middle six of them are then at 7, 8, 9, 12, 13, 14."""
    fours(taps, 0, 10, 8, 18, 8, 10, 4, 14)
    fours(taps, 4, 8, 14, 10, 2, 12, 6, 16)
    fours(taps, 6, 12, 6, 8, 12, 14, 1, 11)
    fours(taps, 9, 19, 9, 11, 5, 15, 5, 9)
    fours(taps, 15, 11, 3, 13, 7, 17, 7, 13)
    fours(taps, 7, 9, 13, 15, 7, 8, 9, 12)
    exchange(taps, 13, 14)


cdef inline void merge_columns(key_t *ten, const key_t *a, const key_t *b, Py_ssize_t pitch) noexcept nogil:
    """Two columns in order; and what tells a NaN."""
    cdef key_t taps[2 * FIVE]
    cdef int t
    for t in range(FIVE):
        taps[t] = a[t * pitch]
        taps[FIVE + t] = b[t * pitch]
    merge_fives(taps)
    for t in range(FIVE):
        ten[t] = taps[t]
    ten[5] = taps[6]
    ten[6] = taps[7]
    ten[7] = taps[8]
    ten[8] = taps[5]
    ten[9] = taps[9]
    if key_t is float or key_t is double:
        ten[NANS] = a[FIVE * pitch] + b[FIVE * pitch]


cdef inline void middle_six(key_t *six, const key_t *a, const key_t *b, Py_ssize_t pitch) noexcept nogil:
    """Of two pairs of columns, what the median of these and a fifth column may be."""
    cdef key_t taps[4 * FIVE]
    cdef int t
    for t in range(2 * FIVE):
        taps[t] = a[t * pitch]
        taps[2 * FIVE + t] = b[t * pitch]
    merge_tens(taps)
    for t in range(3):
        six[t] = taps[7 + t]
        six[3 + t] = taps[12 + t]


cdef inline key_t middle(const key_t *six, const key_t *column, Py_ssize_t pitch) noexcept nogil:
    """The sixth of eleven, of which six and five are sorted: so many of these are below it, and the rest of those."""
    cdef key_t first = lesser(six[5], greater(six[4], column[0]))
    cdef key_t second = lesser(greater(six[3], column[pitch]), greater(six[2], column[2 * pitch]))
    cdef key_t third = lesser(greater(six[1], column[3 * pitch]), greater(six[0], column[4 * pitch]))
    return lesser(lesser(first, second), third)


cdef inline void merge_block(key_t *tens, const key_t *evens, const key_t *odds) noexcept nogil:
    """A block of odd columns, each with the even one after it."""
    cdef Py_ssize_t pitch = PITCH_BYTES // sizeof(key_t)
    cdef key_t ten[NANS + 1]
    cdef Py_ssize_t i
    cdef int t, n = NANS + 1 if key_t is float or key_t is double else NANS
    for i in range(BLOCK_BYTES // <Py_ssize_t>sizeof(key_t)):
        merge_columns(ten, odds + i, evens + i + 1, pitch)
        for t in range(n):
            tens[t * pitch + i] = ten[t]


cdef inline void settle_pairs(key_t *block, const key_t *tens, const key_t *evens, const key_t *odds,
                              int64_t flip) noexcept nogil:
    """A block of windows at even places, and those after them."""
    cdef Py_ssize_t pitch = PITCH_BYTES // sizeof(key_t)
    cdef key_t six[6]
    cdef key_t even, odd, nan
    cdef Py_ssize_t i
    for i in range(BLOCK_BYTES // <Py_ssize_t>sizeof(key_t)):
        middle_six(six, tens + i, tens + i + 1, pitch)
        even = middle(six, evens + i, pitch)
        odd = middle(six, odds + i + 2, pitch)
        if key_t is float or key_t is double:
            nan = tens[NANS * pitch + i] + tens[NANS * pitch + i + 1]
            even = <key_t>NAN if nan + evens[FIVE * pitch + i] != 0 else even
            odd = <key_t>NAN if nan + odds[FIVE * pitch + i + 2] != 0 else odd
        block[2 * i] = flipped(even, flip)
        block[2 * i + 1] = flipped(odd, flip)


cdef inline key_t *five(key_t *evens, key_t *odds, Py_ssize_t c) noexcept nogil:
    """Column c."""
    return (odds if c & 1 else evens) + c // 2


cdef inline void fill_fives(key_t *evens, key_t *odds, Py_ssize_t n, Py_ssize_t before, Py_ssize_t end,
                            const Sliding *how) noexcept nogil:
    """The columns that n windows lack, of both output rows: those before the first one that is there, and from `end`
    on."""
    cdef Py_ssize_t pitch = PITCH_BYTES // sizeof(key_t)
    cdef Py_ssize_t c, r
    for r in range(2):
        for c in range(before):
            fill_column(five(evens, odds, c) + r * (FIVE + 1) * pitch, pitch, FIVE, before - c, 0, how)
        for c in range(end, n + FIVE - 1):
            fill_column(five(evens, odds, c) + r * (FIVE + 1) * pitch, pitch, FIVE, c - end + 1, 0, how)


cdef inline void mend_five(key_t *out, key_t *evens, key_t *odds, Py_ssize_t first, Py_ssize_t outside,
                           const Sliding *how) noexcept nogil:
    """A median of so many columns outside, of floats: it has the lower one, and gets the mean with the upper one. Four
    of its columns begin with the first one given."""
    cdef Py_ssize_t pitch = PITCH_BYTES // sizeof(key_t)
    cdef key_t left[NANS + 1]
    cdef key_t right[NANS + 1]
    cdef key_t six[6]
    cdef key_t filler[FIVE + 1]
    merge_columns(left, five(evens, odds, first), five(evens, odds, first + 1), pitch)
    merge_columns(right, five(evens, odds, first + 2), five(evens, odds, first + 3), pitch)
    middle_six(six, left, right, 1)
    fill_column(filler, 1, FIVE, outside, 1, how)
    if not unordered(out[0], out[0]):
        out[0] = halfway(out[0], middle(six, filler, 1))


cdef inline void mend_fives(key_t *out, key_t *evens, key_t *odds, Py_ssize_t n, Py_ssize_t before, Py_ssize_t end,
                            const Sliding *how) noexcept nogil:
    """Medians of an even number of floats, of windows that lack one column or three."""
    cdef Py_ssize_t outside, w
    for outside in range(1, FIVE, 2):
        w = before - outside
        if 0 <= w < n:
            mend_five(out + w, evens, odds, w + 1, outside, how)
        w = end - FIVE + outside
        if end < n + FIVE - 1 and 0 <= w < n:
            mend_five(out + w, evens, odds, w, outside, how)


cdef inline void store(key_t *out, const key_t *block, Py_ssize_t n, Py_ssize_t whole) noexcept nogil:
    """The first n of a block; most often it is whole, which takes no call."""
    if n == whole:
        memcpy(out, block, <size_t>whole * sizeof(key_t))
    else:
        memcpy(out, block, <size_t>n * sizeof(key_t))


cdef inline void settle_fives(key_t *out, const key_t **rows, Py_ssize_t n, Py_ssize_t before,
                              Py_ssize_t after, Py_ssize_t n_rows, const Sliding *how) noexcept nogil:
    """n windows, not too many, in each output row. The first one lacks so many columns, and the last one."""
    cdef int64_t of_evens[2 * (FIVE + 1) * PITCH_WORDS]
    cdef int64_t of_odds[2 * (FIVE + 1) * PITCH_WORDS]
    cdef int64_t of_tens[(NANS + 1) * PITCH_WORDS]
    cdef key_t *evens = <key_t *>of_evens
    cdef key_t *odds = <key_t *>of_odds
    cdef key_t *tens = <key_t *>of_tens
    cdef key_t block[2 * BLOCK_BYTES]
    cdef key_t padded[(FIVE + 1) * 2 * BLOCK_BYTES]
    cdef const key_t *padded_rows[FIVE + 1]
    cdef Py_ssize_t pitch = PITCH_BYTES // sizeof(key_t), width = BLOCK_BYTES // sizeof(key_t)
    cdef Py_ssize_t n_pairs = (n + 1) // 2, end = n + FIVE - 1 - after
    # Of columns by twos: those that are both there.
    cdef Py_ssize_t first = (before + 1) // 2, last = end // 2
    cdef Py_ssize_t at, i, done = 0, row
    cdef int t
    if last - first < width:
        memset(padded, 0, <size_t>((FIVE + 1) * 2 * width) * sizeof(key_t))
    # What is beyond the last column is read, and of no use.
    for t in range(2 * (FIVE + 1)):
        memset(evens + t * pitch + n_pairs + 1, 0, BLOCK_BYTES)
        memset(odds + t * pitch + n_pairs + 1, 0, BLOCK_BYTES)
    for t in range(NANS + 1):
        tens[t * pitch + (n_pairs + width - 1) // width * width] = 0
    fill_fives(evens, odds, n, before, end, how)
    while done < n_rows:
        # A last row alone has itself beside it.
        i = how.row_step if done + 1 < n_rows else 0
        rows[FIVE] = <const key_t *>(<const char *>rows[FIVE - 1] + i)
        if last - first < width:
            for t in range(FIVE + 1):
                padded_rows[t] = padded + 2 * t * width
                memcpy(padded + 2 * t * width, rows[t] + 2 * first - before,
                       <size_t>(2 * (last - first)) * sizeof(key_t))
            sort_fives(evens + first, odds + first, padded_rows, 0, how.flip)
            # What lies behind was written over.
            fill_fives(evens, odds, n, before, end, how)
        at = first
        while at < last and last - first >= width:
            # The last block may take some a second time.
            i = min(at, last - width)
            sort_fives(evens + i, odds + i, rows, 2 * i - before, how.flip)
            at += width
        if before & 1:
            sort_one(odds + before // 2, rows, 0, how.flip)
        if end & 1:
            sort_one(evens + last, rows, end - 1 - before, how.flip)
        for row in range(0, min(n_rows - done, <Py_ssize_t>2)):
            i = row * (FIVE + 1) * pitch
            at = 0
            while at < n_pairs + 1:
                merge_block(tens + at, evens + i + at, odds + i + at)
                at += width
            at = 0
            while at < n_pairs:
                settle_pairs(block, tens + at, evens + i + at, odds + i + at, how.flip)
                store(out + 2 * at, block, min(2 * width, n - 2 * at), 2 * width)
                at += width
            if key_t is float or key_t is double:
                mend_fives(out, evens + i, odds + i, n, before, end, how)
            out = <key_t *>(<char *>out + how.out_step)
        for t in range(FIVE):
            rows[t] = <const key_t *>(<const char *>rows[t] + 2 * how.row_step)
        done += 2
