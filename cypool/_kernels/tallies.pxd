# Modes of long windows that need no sorting: of labels that are near each other, or of few labels a window.
#
# Keys lie as in order.pyx: a row for each tap, `n` windows side by side, and no gap between rows.

from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memset

from cypool._kernels.types cimport integer_t

cdef enum:
    BINS = 256              # as many labels are counted in an array each,
    BINNED_TAPS = 128       # of windows of so many taps; shorter ones are sorted faster
    LISTED_BYTES = 256      # of a window whose labels are counted one by one,
    MOST_LABELS = 16        # if there are no more of them


cdef inline uint64_t span(const integer_t *keys, Py_ssize_t n, integer_t *least) noexcept nogil:
    """How far the greatest label is from the least."""
    cdef integer_t low = keys[0], high = keys[0]
    cdef Py_ssize_t i
    for i in range(1, n):
        low = keys[i] if keys[i] < low else low
        high = keys[i] if keys[i] > high else high
    least[0] = low
    return <uint64_t>high - <uint64_t>low


cdef inline void count_in_bins(integer_t *out, const integer_t *keys, Py_ssize_t taps, Py_ssize_t n, integer_t least,
                               Py_ssize_t n_bins) noexcept nogil:
    """Modes of labels from the least one on. Every other tap is counted in another place: they are alike so often that
    each would wait for the one before it."""
    cdef int64_t first[BINS]
    cdef int64_t second[BINS]
    cdef int64_t most
    cdef Py_ssize_t i, t, at
    for i in range(n):
        memset(first, 0, <size_t>n_bins * sizeof(int64_t))
        memset(second, 0, <size_t>n_bins * sizeof(int64_t))
        for t in range(0, taps - 1, 2):
            first[<uint64_t>keys[t * n + i] - <uint64_t>least] += 1
            second[<uint64_t>keys[(t + 1) * n + i] - <uint64_t>least] += 1
        if taps & 1:
            first[<uint64_t>keys[(taps - 1) * n + i] - <uint64_t>least] += 1
        at = 0
        most = first[0] + second[0]
        for t in range(1, n_bins):
            if first[t] + second[t] > most:
                most = first[t] + second[t]
                at = t
        out[i] = <integer_t>(<uint64_t>least + <uint64_t>at)


cdef inline bint count_each(integer_t *out, const integer_t *keys, Py_ssize_t taps, Py_ssize_t n) noexcept nogil:
    """The mode of one window; False if it has many labels, or they change too often."""
    cdef integer_t labels[MOST_LABELS]
    cdef Py_ssize_t counts[MOST_LABELS]
    cdef Py_ssize_t t, last = 0, n_labels = 1, best = 0, left = 2 * taps
    labels[0] = keys[0]
    counts[0] = 0
    for t in range(taps):
        if keys[t * n] != labels[last]:
            last = 0
            while last < n_labels and labels[last] != keys[t * n]:
                last += 1
            left -= last
            if last == MOST_LABELS or left < 0:
                return False
            if last == n_labels:
                labels[last] = keys[t * n]
                counts[last] = 0
                n_labels += 1
        counts[last] += 1
    for t in range(1, n_labels):
        if counts[t] > counts[best] or (counts[t] == counts[best] and labels[t] < labels[best]):
            best = t
    out[0] = labels[best]
    return True


cdef inline bint tallied(integer_t *out, const integer_t *keys, Py_ssize_t taps, Py_ssize_t n) noexcept nogil:
    """Modes of n windows; False if they are better sorted."""
    cdef integer_t least = 0
    cdef Py_ssize_t i
    cdef uint64_t distance
    if taps >= BINNED_TAPS:
        distance = span(keys, taps * n, &least)
        if distance < BINS:
            count_in_bins(out, keys, taps, n, least, <Py_ssize_t>distance + 1)
            return True
    if taps * <Py_ssize_t>sizeof(integer_t) < LISTED_BYTES:
        return False
    for i in range(n):
        if not count_each(out + i, keys + i, taps, n):
            return False
    return True
