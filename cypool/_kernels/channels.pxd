# Gradients of maxima of overlapping windows where channels come last: each input collects from the windows that it lies
# in and has won, see collects.pyx and wide_collects.pyx.

from libc.stdint cimport int64_t
from libc.string cimport memset

from cypool._kernels.ahead cimport fetch_lines
from cypool._kernels.labels cimport Seen, find, indices_at, nothing_seen, report, take
from cypool._kernels.types cimport MOST_WINDOWS, Collected, Spans, Strays
from cypool._kernels.vectors cimport lanes, load, no_nan, size, vector_t, write

# The windows [first, stop) of an axis have the position at hand.
cdef struct Reach:
    Py_ssize_t first
    Py_ssize_t stop

# The gradients of some windows and the labels that these chose.
cdef struct Taps:
    Py_ssize_t n
    const char *values[MOST_WINDOWS]
    const char *labels[MOST_WINDOWS]


# Four of these by name, since stores of bytes may change what has an address.
cdef struct Four:
    const char *a
    const char *b
    const char *c
    const char *d
    const char *a_labels
    const char *b_labels
    const char *c_labels
    const char *d_labels


cdef inline Four named(const Taps *taps) noexcept nogil:
    cdef Four four
    four.a, four.a_labels = taps.values[0], taps.labels[0]
    four.b, four.b_labels = taps.values[1], taps.labels[1]
    four.c, four.c_labels = taps.values[2], taps.labels[2]
    four.d, four.d_labels = taps.values[3], taps.labels[3]
    return four


cdef inline void move_on(Reach *reach, const Spans *axis, Py_ssize_t position) noexcept nogil:
    """From the windows that have a position to those that have the next one."""
    position -= axis.origin
    while reach.first < axis.n and reach.first * axis.stride + axis.taps <= position:
        reach.first += 1
    while reach.stop < axis.n and reach.stop * axis.stride <= position:
        reach.stop += 1


cdef inline void take_tap(vector_t *sum, vector_t *count, int64_t label, const char *labels, const char *values,
                          Py_ssize_t at, Seen *seen) noexcept nogil:
    take(sum, count, label, indices_at(<const int64_t *>labels + at, seen, sum),
         load(values + at * size(sum), False, sum))


cdef inline vector_t sum_of_taps(Four taps, Py_ssize_t n_taps, Py_ssize_t at, int64_t label, vector_t *count,
                                 Seen *seen) noexcept nogil:
    cdef vector_t sum = no_nan(count)
    if n_taps > 0:
        take_tap(&sum, count, label, taps.a_labels, taps.a, at, seen)
    if n_taps > 1:
        take_tap(&sum, count, label, taps.b_labels, taps.b, at, seen)
    if n_taps > 2:
        take_tap(&sum, count, label, taps.c_labels, taps.c, at, seen)
    if n_taps > 3:
        take_tap(&sum, count, label, taps.d_labels, taps.d, at, seen)
    return sum


cdef inline void collect_taps(char *out, Four taps, Py_ssize_t n_taps, Py_ssize_t n, int64_t label,
                              bint streamed, Seen *seen, const vector_t *kind) noexcept nogil:
    """The channels of one position, at least a vector of them. The last vector begins early enough to end with them."""
    cdef Py_ssize_t at = 0
    cdef vector_t count = no_nan(kind)
    while at < n:
        at = min(at, n - lanes(kind))
        write(out + at * size(kind), sum_of_taps(taps, n_taps, at, label, &count, seen), streamed)
        at += lanes(kind)
    find(seen, count)


cdef inline void collect_position(char *out, const Taps *taps, Py_ssize_t n, int64_t label, bint streamed, Seen *seen,
                                  const vector_t *kind) noexcept nogil:
    if taps.n == 0:
        collect_taps(out, named(taps), 0, n, label, streamed, seen, kind)
    elif taps.n == 1:
        collect_taps(out, named(taps), 1, n, label, streamed, seen, kind)
    elif taps.n == 2:
        collect_taps(out, named(taps), 2, n, label, streamed, seen, kind)
    elif taps.n == 3:
        collect_taps(out, named(taps), 3, n, label, streamed, seen, kind)
    else:
        collect_taps(out, named(taps), 4, n, label, streamed, seen, kind)


cdef inline void collect_square(char *out, Four windows, const Collected *how, int64_t label, bint streamed, Seen *seen,
                                const vector_t *kind) noexcept nogil:
    """Two positions by two, of which the last window has all, and those before it the first row, or column: each window
    is read once."""
    cdef char *beside = out + how.row.target_step
    cdef char *below = out + how.column.target_step
    cdef char *last = below + how.row.target_step
    cdef Py_ssize_t at = 0, v, n = how.n_inner
    cdef int64_t next_row = label + how.row.length
    cdef vector_t a, b, c, d, a_labels, b_labels, c_labels, d_labels, sum, count = no_nan(kind)
    while at < n:
        at = min(at, n - lanes(kind))
        v = at * size(kind)
        a_labels = indices_at(<const int64_t *>windows.a_labels + at, seen, kind)
        b_labels = indices_at(<const int64_t *>windows.b_labels + at, seen, kind)
        c_labels = indices_at(<const int64_t *>windows.c_labels + at, seen, kind)
        d_labels = indices_at(<const int64_t *>windows.d_labels + at, seen, kind)
        a, b = load(windows.a + v, False, kind), load(windows.b + v, False, kind)
        c, d = load(windows.c + v, False, kind), load(windows.d + v, False, kind)
        sum = no_nan(kind)
        take(&sum, &count, label, a_labels, a)
        take(&sum, &count, label, b_labels, b)
        take(&sum, &count, label, c_labels, c)
        take(&sum, &count, label, d_labels, d)
        write(out + v, sum, streamed)
        sum = no_nan(kind)
        take(&sum, &count, label + 1, b_labels, b)
        take(&sum, &count, label + 1, d_labels, d)
        write(beside + v, sum, streamed)
        sum = no_nan(kind)
        take(&sum, &count, next_row, c_labels, c)
        take(&sum, &count, next_row, d_labels, d)
        write(below + v, sum, streamed)
        sum = no_nan(kind)
        take(&sum, &count, next_row + 1, d_labels, d)
        write(last + v, sum, streamed)
        at += lanes(kind)
    find(seen, count)


cdef inline void list_taps(Taps *taps, const char **values, const int64_t **indices, Py_ssize_t n_leads,
                           const Collected *how, Py_ssize_t first, Py_ssize_t stop,
                           const Reach *columns) noexcept nogil:
    """Windows that have a position, in row-major order."""
    cdef Py_ssize_t lead, r, w
    taps.n = 0
    for lead in range(n_leads):
        for r in range(first, stop):
            for w in range(columns.first, columns.stop):
                taps.values[taps.n] = values[lead] + r * how.column.value_step + w * how.row.value_step
                taps.labels[taps.n] = (<const char *>indices[lead] + r * how.column.index_step
                                       + w * how.row.index_step)
                taps.n += 1


cdef inline void collect_with_channels(char *out, const char **values, const int64_t **indices, Py_ssize_t n_leads,
                                       const Collected *how, Strays *strays, const vector_t *kind) noexcept nogil:
    """A plane of inputs with channels, from those planes of windows that have it."""
    cdef Py_ssize_t y = 0, x, r, n_rows, ahead, fetched
    # Two rows at once, where the first one has two rows of windows and the other one the second of them.
    cdef bint squares = (how.column.stride == 2 and how.column.taps == 3 and how.row.stride == 2
                         and how.row.taps == 3 and n_leads == 1)
    cdef int64_t label
    cdef char *row
    cdef Reach rows, columns
    cdef Taps taps              # four of them are copied, however many there are
    cdef Seen seen = nothing_seen()
    memset(&taps, 0, sizeof(Taps))
    rows.first = rows.stop = 0
    while y < how.column.length:
        move_on(&rows, &how.column, y)
        n_rows = 2 if squares and rows.stop - rows.first == 2 and y + 1 < how.column.length else 1
        # The next row of windows is fetched while the last row before it is at hand.
        ahead = 0
        if how.beyond_cache and n_leads > 0 and rows.stop < how.column.n and (
                y + n_rows >= how.column.origin + rows.stop * how.column.stride):
            ahead = how.row.n
        columns.first = columns.stop = fetched = x = 0
        while x < how.row.length:
            move_on(&columns, &how.row, x)
            while fetched < min(columns.stop, ahead):
                fetch_lines(values[0] + rows.stop * how.column.value_step + fetched * how.row.value_step,
                            how.n_inner * size(kind))
                fetch_lines(<const char *>indices[0] + rows.stop * how.column.index_step
                            + fetched * how.row.index_step, how.n_inner * 8)
                fetched += 1
            label = how.label + y * how.row.length + x
            row = out + x * how.row.target_step
            list_taps(&taps, values, indices, n_leads, how, rows.first, rows.stop, &columns)
            if n_rows == 2 and columns.stop - columns.first == 2 and x + 1 < how.row.length:
                if how.streamed:
                    collect_square(row, named(&taps), how, label, True, &seen, kind)
                else:
                    collect_square(row, named(&taps), how, label, False, &seen, kind)
                x += 2
                continue
            for r in range(n_rows):
                if r > 0:
                    list_taps(&taps, values, indices, n_leads, how, rows.stop - 1, rows.stop, &columns)
                collect_position(row, &taps, how.n_inner, label, how.streamed, &seen, kind)
                row += how.column.target_step
                label += how.row.length
            x += 1
        y += n_rows
        out += n_rows * how.column.target_step
    report(&seen, strays, kind)
    # The last channels have been met a second time where vectors overlap.
    strays.values = (how.n_inner + lanes(kind) - 1) // lanes(kind) * lanes(kind)
