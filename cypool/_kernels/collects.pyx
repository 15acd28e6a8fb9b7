"""Gradients of maxima of windows that overlap: each input collects those of the windows that it lies in and has won.

Of the rows of windows that an input row lies in there are copies of the indices, cut to the lanes of a vector. The
windows of an input are met in row-major order, from 0 on, as if each gradient had been added in its turn.
"""

from libc.stdint cimport int64_t
from libc.string cimport memcpy, memset

from cypool._kernels.ahead cimport fetch_lines
from cypool._kernels.labels cimport (
    Seen, find, indices_at, kept, nothing_seen, place, places, report, same, sum_of_places, tallied, zipped_high,
    zipped_low,
)
from cypool._kernels.types cimport (
    LABELS_BEFORE, MOST_WINDOWS, Collected, Spans, Strays, Sum, collect_t,
)
from cypool._kernels.vectors cimport (
    MOST_LANES, best, doubles, floats, lanes, load, no_nan, size, store, vector_t, write,
)

# Where channels are the elements of a vector, or the inputs of a row are. A typed NULL chooses it at compile time.
cdef struct Channels:
    char unused

cdef struct Neighbours:
    char unused

ctypedef fused layout_t:
    Channels
    Neighbours

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


cdef inline void take(vector_t *sum, vector_t *count, int64_t label, vector_t labels, vector_t v) noexcept nogil:
    """Add gradients where the window has chosen that label."""
    cdef vector_t which = same(labels, place(label, 0, sum))
    sum[0] = best(sum[0], kept(which, v), <const Sum *>NULL)
    count[0] = tallied(count[0], which)


# -- channels --------------------------------------------------------------------------------------------------------

cdef inline vector_t sum_of_taps(Four taps, Py_ssize_t n_taps, Py_ssize_t at, int64_t label,
                                 vector_t *count) noexcept nogil:
    cdef vector_t sum = no_nan(count)
    if n_taps > 0:
        take(&sum, count, label, load(taps.a_labels + at, False, count), load(taps.a + at, False, count))
    if n_taps > 1:
        take(&sum, count, label, load(taps.b_labels + at, False, count), load(taps.b + at, False, count))
    if n_taps > 2:
        take(&sum, count, label, load(taps.c_labels + at, False, count), load(taps.c + at, False, count))
    if n_taps > 3:
        take(&sum, count, label, load(taps.d_labels + at, False, count), load(taps.d + at, False, count))
    return sum


cdef inline void collect_taps(char *out, Four taps, Py_ssize_t n_taps, Py_ssize_t n, int64_t label,
                              bint streamed, Seen *seen, const vector_t *kind) noexcept nogil:
    """The channels of one position, at least a vector of them."""
    cdef Py_ssize_t at = 0, step = lanes(kind) * size(kind), end = n * size(kind)
    cdef vector_t count = no_nan(kind), last
    cdef char fresh[2 * MOST_LANES * 8]
    if streamed:
        while at + step <= end:
            write(out + at, sum_of_taps(taps, n_taps, at, label, &count), True)
            at += step
    else:
        while at + step <= end:
            write(out + at, sum_of_taps(taps, n_taps, at, label, &count), False)
            at += step
    find(seen, count)
    if at < end:
        # The last vector begins early enough to end with them; what it has again is not counted again.
        last = no_nan(kind)
        store(fresh, last, False)
        store(fresh + step, same(last, last), False)
        count = last
        write(out + end - step, sum_of_taps(taps, n_taps, end - step, label, &count), streamed)
        find(seen, kept(load(fresh + end - at, False, kind), count))


cdef inline void collect_channels(char *out, const Taps *rows, const char *next_values, const char *next_indices,
                                  const Collected *how, int64_t label, Seen *seen,
                                  const vector_t *kind) noexcept nogil:
    """A row of positions, while the next row of windows is fetched, unless that is NULL."""
    cdef Py_ssize_t position, r, w
    cdef Reach reach
    cdef Taps taps
    reach.first = reach.stop = 0
    for position in range(how.row.length):
        if next_values != NULL and position % how.row.stride == 0 and position < how.row.n * how.row.stride:
            fetch_lines(next_values, how.n_inner * size(kind))
            fetch_lines(next_indices, how.n_inner * 8)
            next_values += how.row.value_step
            next_indices += how.row.index_step
        move_on(&reach, &how.row, position)
        taps.n = 0
        for r in range(rows.n):
            for w in range(reach.first, reach.stop):
                taps.values[taps.n] = rows.values[r] + w * how.row.value_step
                taps.labels[taps.n] = rows.labels[r] + w * how.n_inner * size(kind)
                taps.n += 1
        if taps.n == 0:
            collect_taps(out, named(&taps), 0, how.n_inner, label, how.streamed, seen, kind)
        elif taps.n == 1:
            collect_taps(out, named(&taps), 1, how.n_inner, label, how.streamed, seen, kind)
        elif taps.n == 2:
            collect_taps(out, named(&taps), 2, how.n_inner, label, how.streamed, seen, kind)
        elif taps.n == 3:
            collect_taps(out, named(&taps), 3, how.n_inner, label, how.streamed, seen, kind)
        else:
            collect_taps(out, named(&taps), 4, how.n_inner, label, how.streamed, seen, kind)
        label += 1
        out += how.row.target_step


# -- rows ------------------------------------------------------------------------------------------------------------

cdef inline void of_row(vector_t *evens, vector_t *odds, vector_t *count, const char *values, const char *labels,
                        Py_ssize_t n_taps, Py_ssize_t stride, bint late, int64_t label) noexcept nogil:
    """What a vector of positions collects from a row; at stride 2, of two: at even places and at odd ones.

    Windows at stride 2 have three taps. A position at an even place lies in one of them and the next one in two, or it
    is the other way round if they begin late.
    """
    cdef Py_ssize_t t
    cdef vector_t chosen, v
    for t in range(n_taps):
        chosen = load(labels + t * size(evens), False, evens)
        v = load(values + t * size(evens), False, evens)
        if stride == 1:
            take(evens, count, label - t, chosen, v)
        elif late:
            take(evens, count, label + 2 - 2 * t, chosen, v)
            if t == 1:
                take(odds, count, label + 1, chosen, v)
        else:
            if t == 0:
                take(evens, count, label, chosen, v)
            take(odds, count, label + 1 - 2 * t, chosen, v)


cdef inline void collect_at(vector_t *evens, vector_t *odds, vector_t *count, Four rows, Py_ssize_t n_rows,
                            Py_ssize_t at, Py_ssize_t n_taps, Py_ssize_t stride, bint late,
                            int64_t label) noexcept nogil:
    evens[0] = no_nan(evens)
    odds[0] = no_nan(evens)
    if n_rows > 0:
        of_row(evens, odds, count, rows.a + at, rows.a_labels + at, n_taps, stride, late, label)
    if n_rows > 1:
        of_row(evens, odds, count, rows.b + at, rows.b_labels + at, n_taps, stride, late, label)


cdef inline void write_two(char *out, vector_t evens, vector_t odds, Py_ssize_t stride, bint streamed) noexcept nogil:
    if stride == 1:
        write(out, evens, streamed)
    else:
        write(out, zipped_low(evens, odds), streamed)
        write(out + lanes(&evens) * size(&evens), zipped_high(evens, odds), streamed)


cdef inline void collect_vectors(char *out, Four rows, Py_ssize_t n_rows, Py_ssize_t n, Py_ssize_t n_taps,
                                 Py_ssize_t stride, bint late, int64_t label, bint goes_on, bint streamed, Seen *seen,
                                 const vector_t *kind) noexcept nogil:
    """A row of n positions. The last vector may be longer, where the row goes on and is written over."""
    cdef Py_ssize_t at, wide = stride * lanes(kind), n_whole = n // wide, step = wide * size(kind)
    cdef char end[2 * MOST_LANES * 8]
    cdef vector_t evens, odds, count = no_nan(kind)
    for at in range(n_whole):
        collect_at(&evens, &odds, &count, rows, n_rows, at * lanes(kind) * size(kind), n_taps, stride, late, label)
        write_two(out + at * step, evens, odds, stride, streamed)
    if n % wide:
        collect_at(&evens, &odds, &count, rows, n_rows, n_whole * lanes(kind) * size(kind), n_taps, stride, late, label)
        if goes_on:
            write_two(out + n_whole * step, evens, odds, stride, streamed)
        else:
            write_two(end, evens, odds, stride, False)
            memcpy(out + n_whole * step, end, <size_t>(n % wide * size(kind)))
    find(seen, count)


cdef inline void by_rows(char *out, const Taps *rows, Py_ssize_t n_taps, Py_ssize_t stride, bint late,
                         const Collected *how, int64_t label, bint goes_on, Seen *seen,
                         const vector_t *kind) noexcept nogil:
    cdef Py_ssize_t n = how.row.length
    if rows.n == 0:
        collect_vectors(out, named(rows), 0, n, n_taps, stride, late, label, goes_on, how.streamed, seen, kind)
    elif rows.n == 1:
        collect_vectors(out, named(rows), 1, n, n_taps, stride, late, label, goes_on, how.streamed, seen, kind)
    else:
        collect_vectors(out, named(rows), 2, n, n_taps, stride, late, label, goes_on, how.streamed, seen, kind)


cdef inline void collect_neighbours(char *out, const Taps *rows, const Collected *how, int64_t label, bint goes_on,
                                    Seen *seen, const vector_t *kind) noexcept nogil:
    """A row of positions, from windows that are numbered by the first one of the first position."""
    if how.row.stride == 1:
        by_rows(out, rows, how.row.taps, 1, False, how, label - how.row_first, goes_on, seen, kind)
    elif how.row_first < 0:
        by_rows(out, rows, 2, 2, True, how, label, goes_on, seen, kind)
    else:
        by_rows(out, rows, 2, 2, False, how, label, goes_on, seen, kind)


# -- planes ----------------------------------------------------------------------------------------------------------

cdef inline void copy_row(char *labels, char *copies, const char *values, const int64_t *indices,
                          const Collected *how, Seen *seen, const vector_t *kind,
                          const layout_t *layout) noexcept nogil:
    """A row's indices; of neighbours as if all windows were the first one, with their values."""
    cdef Py_ssize_t at, _w, step = size(kind), n = how.n_inner if layout_t is Channels else how.row.n
    cdef vector_t v, windows = places(-how.row.stride, kind)
    for _w in range(how.row.n if layout_t is Channels else 1):
        at = 0
        while at < n:
            at = min(at, n - lanes(kind))
            v = indices_at(indices + at, seen, kind)
            if layout_t is Neighbours:
                v = sum_of_places(v, sum_of_places(windows, place(-how.row.stride * at, 0, kind)))
                store(copies + at * step, load(values + at * step, False, kind), False)
            store(labels + at * step, v, False)
            at += lanes(kind)
        labels += n * step
        indices = <const int64_t *>(<const char *>indices + how.row.index_step)


cdef void collect(char *out, const char **values, const int64_t **indices, Py_ssize_t n_leads, char *copies,
                  const Collected *how, Strays *strays, const vector_t *kind, const layout_t *layout) noexcept nogil:
    """A plane of inputs, from those planes of windows that have it."""
    cdef Py_ssize_t copied[MOST_WINDOWS]
    cdef Py_ssize_t position, r, w, room, step = size(kind)
    cdef Py_ssize_t room_size = how.room_size * step, shift = how.row_first * step
    cdef int64_t label
    cdef bint goes_on
    cdef char *labels
    cdef const char *next_values
    cdef const char *next_indices
    cdef Reach reach
    cdef Taps rows
    cdef Seen seen = nothing_seen()
    reach.first = reach.stop = 0
    for r in range(n_leads * how.n_rooms):
        copied[r] = -1
        if layout_t is Neighbours:
            # No label in the windows before the first one and after the last: far below zero.
            memset(copies + 2 * r * room_size, 0x80, <size_t>room_size)
            memset(copies + (2 * r + 1) * room_size, 0, <size_t>room_size)
    for position in range(how.column.length):
        move_on(&reach, &how.column, position)
        rows.n = 0
        for r in range(n_leads):
            for w in range(reach.first, reach.stop):
                room = r * how.n_rooms + (w & (how.n_rooms - 1))
                labels = copies + room * room_size
                if layout_t is Neighbours:
                    labels += room * room_size + LABELS_BEFORE * step
                if copied[room] != w:
                    copied[room] = w
                    copy_row(labels, labels + room_size, values[r] + w * how.column.value_step,
                             <const int64_t *>(<const char *>indices[r] + w * how.column.index_step), how, &seen,
                             kind, layout)
                if layout_t is Neighbours:
                    rows.labels[rows.n] = labels + shift
                    rows.values[rows.n] = labels + room_size + shift
                else:
                    rows.labels[rows.n] = labels
                    rows.values[rows.n] = values[r] + w * how.column.value_step
                rows.n += 1
        label = how.label + position * how.row.length
        goes_on = position + 1 < how.column.length
        if layout_t is Channels:
            next_values = next_indices = NULL
            if goes_on and reach.stop < how.column.n and n_leads > 0:
                next_values = values[0] + reach.stop * how.column.value_step
                next_indices = <const char *>indices[0] + reach.stop * how.column.index_step
            # Once, though more than one row of positions may come before it.
            if how.column.origin + reach.stop * how.column.stride > position + 1:
                next_values = NULL
            collect_channels(out, &rows, next_values, next_indices, how, label, &seen, kind)
        else:
            # What is written beyond a row has to be in the next one.
            goes_on = goes_on and how.row.length >= 2 * lanes(kind)
            collect_neighbours(out, &rows, how, label, goes_on, &seen, kind)
        out += how.column.target_step
    report(&seen, strays, kind)


cdef tuple addresses(collect_t channels, collect_t neighbours):
    return <size_t><void *>channels, <size_t><void *>neighbours


# Addresses by the gradients' type. Rows of doubles are as fast one by one.
COLLECTS = {
    "f4": addresses(<collect_t>collect[floats, Channels], <collect_t>collect[floats, Neighbours]),
    "f8": addresses(<collect_t>collect[doubles, Channels], NULL),
}
