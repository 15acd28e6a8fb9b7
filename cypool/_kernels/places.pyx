"""Values to their places in blocks that lie side by side, one value in each: unpooling, and gradients of maxima.

Each row of a block is written whole, with zeros where no value goes, so that nothing has to be cleared before.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

from cypool._kernels.types cimport PLACED, Strays, place_t

cdef extern from "streams.h" nogil:
    void stream_bytes(char *out, const char *block, size_t n)

# Floats are gradients, which are added to 0: of -0 that makes +0.
ctypedef fused value_t:
    uint32_t
    uint64_t
    float
    double

# Whether blocks are as wide as a value, or twice as wide.  A typed NULL chooses it at compile time.
cdef struct Apart:
    char unused

cdef struct Pairs:
    char unused

ctypedef fused width_t:
    Apart
    Pairs


cdef inline void place_some(char **rows, int32_t one, int32_t other, const value_t *values, const int64_t *indices,
                            int64_t first, Py_ssize_t at, Py_ssize_t n, bint streamed, Strays *strays,
                            const width_t *width) noexcept nogil:
    """PLACED values from number `at` on, of which n are stored, in two rows, whose labels are so far from the first."""
    cdef value_t above[2 * PLACED]
    cdef value_t below[2 * PLACED]
    cdef Py_ssize_t step = 2 if width_t is Pairs else 1, i
    cdef size_t size = <size_t>(step * n) * sizeof(value_t)
    cdef uint64_t place, outside = 0
    cdef int32_t near, hits = 0
    cdef value_t value
    for i in range(PLACED):
        # Without a sign, since it may overflow.
        place = <uint64_t>indices[at + i] - <uint64_t>(first + (2 * i if width_t is Pairs else 0))
        outside |= place
        near = <int32_t>place
        value = values[at + i] + <value_t>0
        if width_t is Pairs:
            above[2 * i] = value if near == one else <value_t>0
            above[2 * i + 1] = value if near == one + 1 else <value_t>0
            below[2 * i] = value if near == other else <value_t>0
            below[2 * i + 1] = value if near == other + 1 else <value_t>0
            hits += (near == one) | (near == one + 1) | (near == other) | (near == other + 1)
        else:
            above[i] = value if near == one else <value_t>0
            below[i] = value if near == other else <value_t>0
            hits += (near == one) | (near == other)
    strays.outside |= outside
    strays.hits += hits
    at *= step
    # A row alone comes twice: what goes above is stored last.
    if streamed:
        stream_bytes(<char *>(<value_t *>rows[1] + at), <const char *>below, size)
        stream_bytes(<char *>(<value_t *>rows[0] + at), <const char *>above, size)
    elif n == PLACED:
        memcpy(<value_t *>rows[1] + at, below, <size_t>(step * PLACED) * sizeof(value_t))
        memcpy(<value_t *>rows[0] + at, above, <size_t>(step * PLACED) * sizeof(value_t))
    else:
        memcpy(<value_t *>rows[1] + at, below, size)
        memcpy(<value_t *>rows[0] + at, above, size)


cdef void place(char **rows, const int64_t *labels, Py_ssize_t n_rows, const value_t *values, const int64_t *indices,
                Py_ssize_t n, bint streamed, Strays *strays, const width_t *width) noexcept nogil:
    """n values, of which those are placed that go to these rows of their blocks, of an even number, whose first
    elements have those labels."""
    cdef value_t padded[PLACED]
    cdef int64_t padded_indices[PLACED]
    cdef Py_ssize_t at = 0, i, r
    if n < PLACED:
        for i in range(PLACED):
            padded[i] = values[i] if i < n else <value_t>0
            padded_indices[i] = indices[i] if i < n else strays.first + (2 * i if width_t is Pairs else 0)
        values = padded
        indices = padded_indices
    while at < n:
        # The last ones may take some a second time.
        i = max(min(at, n - PLACED), <Py_ssize_t>0)
        for r in range(0, n_rows, 2):
            # Read from memory each time: in a register, it would push out others.
            place_some(rows + r, <int32_t>(labels[r] - strays.first), <int32_t>(labels[r + 1] - strays.first),
                       values, indices, strays.first + (2 * i if width_t is Pairs else 0), i,
                       min(n, <Py_ssize_t>PLACED), streamed, strays, width)
        strays.values += PLACED
        at += PLACED


cdef tuple both(place_t apart, place_t pairs):
    return <size_t><void *>apart, <size_t><void *>pairs


# Addresses by what is placed: bits of 4 or 8 bytes, or floats.
PLACES = {
    "u4": both(<place_t>place[uint32_t, Apart], <place_t>place[uint32_t, Pairs]),
    "u8": both(<place_t>place[uint64_t, Apart], <place_t>place[uint64_t, Pairs]),
    "f4": both(<place_t>place[float, Apart], <place_t>place[float, Pairs]),
    "f8": both(<place_t>place[double, Apart], <place_t>place[double, Pairs]),
}
