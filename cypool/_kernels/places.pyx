"""Values to their places in blocks that lie side by side, one value in each: unpooling, and gradients of maxima.

Each row of a block is written whole, with zeros where no value goes, so that nothing has to be cleared before.
"""

from libc.stdint cimport int64_t
from libc.string cimport memcpy

from cypool._kernels.labels cimport (
    Seen, find, indices_at, joined, kept, nothing_seen, place, places, report, same, sum_of_places, zipped_high,
    zipped_low,
)
from cypool._kernels.types cimport Strays, place_t
from cypool._kernels.vectors cimport (
    MOST_LANES, all_32, all_64, doubles, floats, lanes, load, size, sum_32, sum_64, vector_t, write,
)

# Whether values are put as they are, or are gradients, which are added to 0: of -0 that makes +0. And whether blocks
# are as wide as a value, or twice as wide. A typed NULL chooses it at compile time.
cdef struct Bits:
    char unused

cdef struct Gradients:
    char unused

cdef struct Apart:
    char unused

cdef struct Pairs:
    char unused

ctypedef fused content_t:
    Bits
    Gradients

ctypedef fused width_t:
    Apart
    Pairs


cdef inline vector_t values_at(const char *values, const vector_t *kind, const content_t *content) noexcept nogil:
    cdef vector_t v = load(values, False, kind)
    if content_t is Gradients:
        v = sum_32(v, all_32(0)) if vector_t is floats else sum_64(v, all_64(0))
    return v


cdef inline void fill(char *row, vector_t v, vector_t index, vector_t label, bint streamed, Seen *seen,
                      const width_t *width) noexcept nogil:
    """A vector of values, those of them that go to a row whose first elements have that label."""
    cdef vector_t here = same(index, label), beside = same(index, sum_of_places(label, place(1, 0, &v)))
    if width_t is Apart:
        write(row, kept(here, v), streamed)
        find(seen, here)
    else:
        write(row, zipped_low(kept(here, v), kept(beside, v)), streamed)
        write(row + lanes(&v) * size(&v), zipped_high(kept(here, v), kept(beside, v)), streamed)
        find(seen, joined(here, beside))


cdef inline void fill_rows(char *row, int64_t label, char *other, int64_t other_label, bint both, const char *values,
                           const int64_t *indices, Py_ssize_t n, bint streamed, Seen *seen, const vector_t *kind,
                           const content_t *content, const width_t *width) noexcept nogil:
    """n values, at least a vector of them, in one row of their blocks or in two. The last vector begins early enough to
    end with them."""
    cdef Py_ssize_t at = 0, wide = 2 if width_t is Pairs else 1
    cdef vector_t v, index, blocks = places(-wide, kind)
    while at < n:
        at = min(at, n - lanes(kind))
        v = values_at(values + at * size(kind), kind, content)
        index = indices_at(indices + at, seen, kind)
        if width_t is Pairs:
            # As if all were in the first block.
            index = sum_of_places(index, sum_of_places(blocks, place(-wide * at, 0, kind)))
        fill(row + wide * at * size(kind), v, index, place(label, 0, kind), streamed, seen, width)
        if both:
            fill(other + wide * at * size(kind), v, index, place(other_label, 0, kind), streamed, seen, width)
        at += lanes(kind)


cdef void fill_blocks(char **rows, const int64_t *labels, Py_ssize_t n_rows, const char *values,
                      const int64_t *indices, Py_ssize_t n, bint streamed, Strays *strays, const vector_t *kind,
                      const content_t *content, const width_t *width) noexcept nogil:
    """n values, those of them that go to these rows of their blocks, whose first elements have those labels."""
    cdef char padded[MOST_LANES * 8]
    cdef int64_t padded_indices[MOST_LANES]
    cdef char ends[2][2 * MOST_LANES * 8]
    cdef Py_ssize_t r, i, n_bytes = n * size(kind), wide = 2 if width_t is Pairs else 1
    cdef bint both, short = n < lanes(kind)
    cdef char *row
    cdef char *other
    cdef Seen seen = nothing_seen()
    if short:
        memcpy(padded, values, <size_t>n_bytes)
        for i in range(lanes(kind)):
            padded_indices[i] = indices[i] if i < n else strays.first + (wide * i if width_t is Pairs else 0)
        values = padded
        indices = padded_indices
        n = lanes(kind)
    r = 0
    while r < n_rows:
        # Two rows of channels by turns take a tenth more than one after the other; of pairs, a tenth less.
        both = width_t is Pairs and r + 1 < n_rows
        row, other = rows[r], rows[r + 1 if both else r]
        if short:
            row, other = ends[0], ends[1]
        if both:
            fill_rows(row, labels[r], other, labels[r + 1], True, values, indices, n, streamed, &seen, kind, content,
                      width)
        else:
            fill_rows(row, labels[r], other, 0, False, values, indices, n, streamed, &seen, kind, content, width)
        if short:
            memcpy(rows[r], row, <size_t>(wide * n_bytes))
            if both:
                memcpy(rows[r + 1], other, <size_t>(wide * n_bytes))
        r += 2 if both else 1
    report(&seen, strays, kind)
    # The last ones have been met a second time where vectors overlap.
    strays.values += (n + lanes(kind) - 1) // lanes(kind) * lanes(kind)


cdef tuple addresses(place_t apart, place_t pairs):
    return <size_t><void *>apart, <size_t><void *>pairs


# Addresses by what is placed: bits of 4 or 8 bytes, or floats.
PLACES = {
    "u4": addresses(<place_t>fill_blocks[floats, Bits, Apart], <place_t>fill_blocks[floats, Bits, Pairs]),
    "u8": addresses(<place_t>fill_blocks[doubles, Bits, Apart], <place_t>fill_blocks[doubles, Bits, Pairs]),
    "f4": addresses(<place_t>fill_blocks[floats, Gradients, Apart], <place_t>fill_blocks[floats, Gradients, Pairs]),
    "f8": addresses(<place_t>fill_blocks[doubles, Gradients, Apart], <place_t>fill_blocks[doubles, Gradients, Pairs]),
}
