"""Gradients of maxima of overlapping windows in vectors of 64 bytes, which AVX-512 has: where channels come last, and
of 3x3 windows two apart on small planes of floats.

There, a strip of a plane goes down the rows of windows: a lane has the input in the middle of a window and the one
behind it, which lies in the window of the lane beside as well. So with the rows of inputs: those between two rows of
windows collect from both. Windows are met in row-major order, from 0 on, as if each gradient had been added in turn.
"""

from libc.stdint cimport int64_t

from cypool._kernels.channels cimport collect_with_channels
from cypool._kernels.labels cimport Seen, nothing_seen, place, places, report, sum_of_places, zipped_high, zipped_low
from cypool._kernels.types cimport Collected, SmallPlanes, Spans, Strays, collect_small_t, collect_t
from cypool._kernels.vectors cimport LANES_32, doubles, floats, no_nan, vector_t
from cypool._kernels.widest cimport behind_32, first_lanes, lane_mask, some_32, store_some_32

cdef extern from "places.h" nogil:
    floats some_indices_32(const int64_t *at, lane_mask lanes, doubles *bits)
    floats less_place_32(floats places, lane_mask lanes, floats less, floats others)
    floats taken_first_32(Py_ssize_t *hits, lane_mask lanes, floats label, floats labels, floats v)
    floats taken_too_32(floats sum, Py_ssize_t *hits, lane_mask lanes, floats label, floats labels, floats v)


# What goes down the rows at once.
cdef struct Strip:
    const char *values          # of the first row's windows, of the first lane
    const char *indices
    char *out                   # where the first row of inputs begins
    lane_mask windows           # lanes that have one
    lane_mask inputs            # and the input in its middle
    lane_mask next_inputs       # and the one behind that
    lane_mask written[2]        # of the inputs, in two vectors
    floats places               # of those in the middle, in their row


# Sums of a row of inputs, of each lane.
cdef struct Sums:
    floats middle
    floats behind


# A row of windows, their labels less those in their middle, and the same of the lane beside.
cdef struct Windows:
    floats labels
    floats values
    floats labels_beside
    floats values_beside


cdef inline lane_mask lanes_from(Py_ssize_t first, Py_ssize_t stop) noexcept nogil:
    return first_lanes(stop) & ~first_lanes(first)


cdef inline Windows windows_at(const char *values, const char *indices, floats middles, lane_mask lanes,
                               doubles *bits) noexcept nogil:
    cdef Windows windows
    cdef floats none = place(-2147483648, 0, <floats *>NULL), nothing = no_nan(<floats *>NULL)
    windows.labels = less_place_32(some_indices_32(<const int64_t *>indices, lanes, bits), lanes, middles, none)
    windows.values = some_32(values, lanes, nothing)
    windows.labels_beside = behind_32(windows.labels, none, 1)
    windows.values_beside = behind_32(windows.values, nothing, 1)
    return windows


cdef inline Sums taken_row(const Windows *windows, int64_t row, const Strip *strip,
                           Py_ssize_t *hits) noexcept nogil:
    """What a row of inputs collects from the first row of windows that has it, whose middle is `row` labels before."""
    cdef Sums sums
    sums.middle = taken_first_32(hits, strip.inputs, place(row, 0, <floats *>NULL), windows.labels, windows.values)
    sums.behind = taken_first_32(hits, strip.next_inputs, place(row + 1, 0, <floats *>NULL), windows.labels,
                                 windows.values)
    sums.behind = taken_too_32(sums.behind, hits, strip.next_inputs, place(row - 1, 0, <floats *>NULL),
                               windows.labels_beside, windows.values_beside)
    return sums


cdef inline void take_row(Sums *sums, const Windows *windows, int64_t row, const Strip *strip,
                          Py_ssize_t *hits) noexcept nogil:
    """And from the next row of windows."""
    sums.middle = taken_too_32(sums.middle, hits, strip.inputs, place(row, 0, <floats *>NULL), windows.labels,
                               windows.values)
    sums.behind = taken_too_32(sums.behind, hits, strip.next_inputs, place(row + 1, 0, <floats *>NULL),
                               windows.labels, windows.values)
    sums.behind = taken_too_32(sums.behind, hits, strip.next_inputs, place(row - 1, 0, <floats *>NULL),
                               windows.labels_beside, windows.values_beside)


cdef inline void write_row(char *out, const Strip *strip, Sums sums) noexcept nogil:
    store_some_32(out, strip.written[0], zipped_low(sums.middle, sums.behind))
    store_some_32(out + LANES_32 * 4, strip.written[1], zipped_high(sums.middle, sums.behind))


cdef inline void go_down(const Strip *strip, const SmallPlanes *how, floats middles, Py_ssize_t *hits,
                         doubles *bits) noexcept nogil:
    """All rows of inputs of a strip. The middle of the first row of windows is in the first or the second of them."""
    cdef Py_ssize_t length = how.column.length, step = how.column.target_step
    cdef Py_ssize_t _r, y = how.column.origin + 1
    cdef int64_t width = how.row.length
    cdef const char *values = strip.values
    cdef const char *indices = strip.indices
    cdef char *out = strip.out + y * step
    cdef Windows windows
    cdef Sums above, here
    above.middle = above.behind = no_nan(<floats *>NULL)
    for _r in range(how.column.n):
        windows = windows_at(values, indices, middles, strip.windows, bits)
        if 0 < y <= length:
            take_row(&above, &windows, -width, strip, hits)
            write_row(out - step, strip, above)
        if y < length:
            here = taken_row(&windows, 0, strip, hits)
            write_row(out, strip, here)
        above.middle = above.behind = no_nan(<floats *>NULL)
        if y + 1 < length:
            above = taken_row(&windows, width, strip, hits)
        values += how.column.value_step
        indices += how.column.index_step
        middles = sum_of_places(middles, place(2 * width, 0, <floats *>NULL))
        out += 2 * step
        y += 2
    # What is left are the rows behind the last middle.
    while y <= length:
        write_row(out - step, strip, above)
        above.middle = above.behind = no_nan(<floats *>NULL)
        out += step
        y += 1


cdef inline Strip strip_at(Py_ssize_t window, Py_ssize_t x, Py_ssize_t n, const Spans *row) noexcept nogil:
    """n lanes, of which the first has that window, and in its middle that input."""
    cdef Strip strip
    cdef Py_ssize_t stop = min(2 * n, row.length - x)
    strip.windows = lanes_from(-window, row.n - window)
    strip.inputs = first_lanes((stop + 1) // 2)
    strip.next_inputs = first_lanes(stop // 2)
    strip.written[0] = lanes_from(-x, stop)
    strip.written[1] = lanes_from(-x - LANES_32, stop - LANES_32)
    strip.places = sum_of_places(places(2, <floats *>NULL), place(x, 0, <floats *>NULL))
    return strip


cdef void collect_small_planes(char *out, const char *values, const int64_t *indices, Py_ssize_t n_planes,
                               const SmallPlanes *shared, Strays *strays) noexcept nogil:
    """All inputs of some planes, a strip of each after the other."""
    # By value: stores of bytes may change what has an address.
    cdef SmallPlanes how = shared[0]
    cdef Seen seen = nothing_seen()
    cdef doubles bits = seen.bits
    cdef Strip strip
    cdef floats middles
    cdef Py_ssize_t x = how.row.origin + 1, window = 0, hits = 0, n, _plane
    if x > 0:
        # The first input is behind the middle of a window that there is not.
        x -= 2
        window -= 1
    while x < how.row.length:
        n = min(LANES_32, (how.row.length - x + 1) // 2)
        if how.row.n - window > LANES_32:
            # The last lane lacks the window beside.
            n = min(n, LANES_32 - 1)
        strip = strip_at(window, x, n, &how.row)
        strip.values = values + window * 4
        strip.indices = <const char *>indices + window * 8
        strip.out = out + x * 4
        middles = sum_of_places(strip.places, place((how.column.origin + 1) * how.row.length, 0, &middles))
        for _plane in range(n_planes):
            go_down(&strip, &how, middles, &hits, &bits)
            strip.values += how.value_step
            strip.indices += how.index_step
            strip.out += how.target_step
        window += n
        x += 2 * n
    seen.bits = bits
    report(&seen, strays, <floats *>NULL)
    strays.hits += hits


cdef void collect_channels(char *out, const char **values, const int64_t **indices, Py_ssize_t n_leads, char *_copies,
                           const Collected *how, Strays *strays, const vector_t *kind) noexcept nogil:
    collect_with_channels(out, values, indices, n_leads, how, strays, kind)


cdef size_t address(collect_t channels):
    return <size_t><void *>channels


SMALL = <size_t><void *><collect_small_t>collect_small_planes
# By the gradients' type.
CHANNELS = {
    "f4": address(<collect_t>collect_channels[floats]),
    "f8": address(<collect_t>collect_channels[doubles]),
}
