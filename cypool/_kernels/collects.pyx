"""Gradients of maxima of windows that overlap: each input collects those of the windows that it lies in and has won.

The windows of an input are met in row-major order, from 0 on, as if each gradient had been added in its turn. Indices
are cut to the lanes of a vector; where inputs of a row are the lanes, those of a row of windows once, in copies.
"""

from libc.stdint cimport int64_t
from libc.string cimport memcpy, memset

from cypool._kernels.channels cimport Four, Reach, Taps, collect_with_channels, move_on, named
from cypool._kernels.labels cimport (
    Seen, find, find_first, indices_at, nothing_seen, place, places, report, sum_of_places, take, zipped_high,
    zipped_low,
)
from cypool._kernels.types cimport LABELS_BEFORE, MOST_WINDOWS, Collected, Strays, collect_t
from cypool._kernels.vectors cimport MOST_LANES, doubles, floats, lanes, load, no_nan, size, store, vector_t, write

# -- rows ------------------------------------------------------------------------------------------------------------

cdef inline void of_row(vector_t *evens, vector_t *odds, vector_t *even_count, vector_t *odd_count, const char *values,
                        const char *labels, Py_ssize_t n_taps, Py_ssize_t stride, bint late,
                        int64_t label) noexcept nogil:
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
            take(evens, even_count, label - t, chosen, v)
        elif late:
            take(evens, even_count, label + 2 - 2 * t, chosen, v)
            if t == 1:
                take(odds, odd_count, label + 1, chosen, v)
        else:
            if t == 0:
                take(evens, even_count, label, chosen, v)
            take(odds, odd_count, label + 1 - 2 * t, chosen, v)


cdef inline void collect_at(vector_t *evens, vector_t *odds, vector_t *even_count, vector_t *odd_count, Four rows,
                            Py_ssize_t n_rows, Py_ssize_t at, Py_ssize_t n_taps, Py_ssize_t stride, bint late,
                            int64_t label) noexcept nogil:
    evens[0] = no_nan(evens)
    odds[0] = no_nan(evens)
    if n_rows > 0:
        of_row(evens, odds, even_count, odd_count, rows.a + at, rows.a_labels + at, n_taps, stride, late, label)
    if n_rows > 1:
        of_row(evens, odds, even_count, odd_count, rows.b + at, rows.b_labels + at, n_taps, stride, late, label)


cdef inline void write_two(char *out, vector_t evens, vector_t odds, Py_ssize_t stride, bint streamed) noexcept nogil:
    if stride == 1:
        write(out, evens, streamed)
    else:
        write(out, zipped_low(evens, odds), streamed)
        write(out + lanes(&evens) * size(&evens), zipped_high(evens, odds), streamed)


cdef inline void collect_vectors(char *out, Four rows, Py_ssize_t n_rows, Py_ssize_t n, Py_ssize_t n_taps,
                                 Py_ssize_t stride, bint late, int64_t label, bint goes_on, bint streamed, Seen *seen,
                                 const vector_t *kind) noexcept nogil:
    """A row of n positions. The last vector may be longer, where the row goes on and is written over; what is met
    behind the end, at labels of the next row, does not count."""
    cdef Py_ssize_t at, wide = stride * lanes(kind), n_whole = n // wide, rest = n % wide, step = wide * size(kind)
    cdef char end[2 * MOST_LANES * 8]
    cdef vector_t evens, odds, count = no_nan(kind), even_count = no_nan(kind), odd_count = no_nan(kind)
    for at in range(n_whole):
        collect_at(&evens, &odds, &count, &count, rows, n_rows, at * lanes(kind) * size(kind), n_taps, stride, late,
                   label)
        write_two(out + at * step, evens, odds, stride, streamed)
    find(seen, count)
    if rest:
        collect_at(&evens, &odds, &even_count, &odd_count, rows, n_rows, n_whole * lanes(kind) * size(kind), n_taps,
                   stride, late, label)
        find_first(seen, even_count, (rest + stride - 1) // stride)
        find_first(seen, odd_count, rest // 2 if stride == 2 else 0)
        if goes_on:
            write_two(out + n_whole * step, evens, odds, stride, streamed)
        else:
            write_two(end, evens, odds, stride, False)
            memcpy(out + n_whole * step, end, <size_t>(rest * size(kind)))


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


cdef inline void collect_row(char *out, const Taps *rows, const Collected *how, int64_t label, bint goes_on,
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
                          const Collected *how, Seen *seen, const vector_t *kind) noexcept nogil:
    """A row's indices, as if all windows were the first one, and their values."""
    cdef Py_ssize_t at = 0, step = size(kind), n = how.row.n
    cdef vector_t v, windows = places(-how.row.stride, kind)
    while at < n:
        at = min(at, n - lanes(kind))
        v = sum_of_places(windows, place(-how.row.stride * at, 0, kind))
        store(labels + at * step, sum_of_places(indices_at(indices + at, seen, kind), v), False)
        store(copies + at * step, load(values + at * step, False, kind), False)
        at += lanes(kind)


cdef void collect_neighbours(char *out, const char **values, const int64_t **indices, Py_ssize_t n_leads,
                             char *copies, const Collected *how, Strays *strays,
                             const vector_t *kind) noexcept nogil:
    """A plane of inputs, from those planes of windows that have it."""
    cdef Py_ssize_t copied[MOST_WINDOWS]
    cdef Py_ssize_t position, r, w, room
    cdef Py_ssize_t room_size = how.room_size * size(kind), shift = how.row_first * size(kind)
    cdef int64_t label
    cdef bint goes_on
    cdef char *labels
    cdef Reach reach
    cdef Taps rows
    cdef Seen seen = nothing_seen()
    memset(&rows, 0, sizeof(Taps))
    reach.first = reach.stop = 0
    for r in range(n_leads * how.n_rooms):
        copied[r] = -1
        # No label in the windows before the first one and after the last: far below zero.
        memset(copies + 2 * r * room_size, 0x80, <size_t>room_size)
        memset(copies + (2 * r + 1) * room_size, 0, <size_t>room_size)
    for position in range(how.column.length):
        move_on(&reach, &how.column, position)
        rows.n = 0
        for r in range(n_leads):
            for w in range(reach.first, reach.stop):
                room = r * how.n_rooms + (w & (how.n_rooms - 1))
                labels = copies + 2 * room * room_size + LABELS_BEFORE * size(kind)
                if copied[room] != w:
                    copied[room] = w
                    copy_row(labels, labels + room_size, values[r] + w * how.column.value_step,
                             <const int64_t *>(<const char *>indices[r] + w * how.column.index_step), how, &seen, kind)
                rows.labels[rows.n] = labels + shift
                rows.values[rows.n] = labels + room_size + shift
                rows.n += 1
        label = how.label + position * how.row.length
        # What is written beyond a row has to be in the next one.
        goes_on = position + 1 < how.column.length and how.row.length >= 2 * lanes(kind)
        collect_row(out, &rows, how, label, goes_on, &seen, kind)
        out += how.column.target_step
    report(&seen, strays, kind)
    strays.values = 1


cdef void collect_channels(char *out, const char **values, const int64_t **indices, Py_ssize_t n_leads, char *_copies,
                           const Collected *how, Strays *strays, const vector_t *kind) noexcept nogil:
    collect_with_channels(out, values, indices, n_leads, how, strays, kind)


cdef tuple addresses(collect_t channels, collect_t neighbours):
    return <size_t><void *>channels, <size_t><void *>neighbours


# Addresses by the gradients' type. Rows of doubles are as fast one by one.
COLLECTS = {
    "f4": addresses(<collect_t>collect_channels[floats], <collect_t>collect_neighbours[floats]),
    "f8": addresses(<collect_t>collect_channels[doubles], NULL),
}
