# Lanes: some channels of one position, side by side, in the type that they are computed in. How they come from memory
# and go there, and what is done with rows of them.

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

from cypool._kernels.types cimport bfloat_t, float_sum_t, half_t

cdef extern from "numbers.h" nogil:
    float half_to_float(uint16_t half)
    uint16_t float_to_half(float value)
    float bfloat_to_float(uint16_t half)
    uint16_t float_to_bfloat(float value)

ctypedef fused element_t:
    half_t
    bfloat_t
    uint8_t
    uint16_t
    uint32_t
    uint64_t


# How many lanes, known at compile time; neither struct is ever filled.
cdef struct Few:
    char unused

cdef struct Many:
    char unused

ctypedef fused lanes_t:
    Few
    Many

cdef enum:
    FEW = 4
    MANY = 16

# Elements in memory, by how they become lanes: as they are, by their size, or as floats.
cdef enum Element:
    HALF = 100
    BFLOAT = 101

# An array of channels x rows x columns, one for each image or box. Strides in bytes.
cdef struct Planes:
    char *data
    Py_ssize_t item
    Py_ssize_t channel
    Py_ssize_t row
    Py_ssize_t column


# The taps of bin i of box b are those from first[b * n_bins + i] up to the next bin's.
cdef struct Table:
    Py_ssize_t n_bins
    Py_ssize_t length               # of the image's axis
    const int64_t *first
    const int64_t *index
    const double *most              # the weight; for a maximum, the greatest that a sample gives to this index
    const double *least             # and the least
    const uint8_t *outside          # whether a sample of the bin lies outside of the image


cdef inline Py_ssize_t lanes(const lanes_t *kind) noexcept nogil:
    if lanes_t is Few:
        return FEW
    else:
        return MANY


cdef inline void move_one(char *lane, char *place, bint store, const element_t *element) noexcept nogil:
    """Load one element into a lane, or store it."""
    if element_t is half_t:
        if store:
            (<uint16_t *>place)[0] = float_to_half((<float *>lane)[0])
        else:
            (<float *>lane)[0] = half_to_float((<uint16_t *>place)[0])
    elif element_t is bfloat_t:
        if store:
            (<uint16_t *>place)[0] = float_to_bfloat((<float *>lane)[0])
        else:
            (<float *>lane)[0] = bfloat_to_float((<uint16_t *>place)[0])
    elif store:
        (<element_t *>place)[0] = (<element_t *>lane)[0]
    else:
        (<element_t *>lane)[0] = (<element_t *>place)[0]


cdef inline void move_row(char *row, char *data, Py_ssize_t n, const int64_t *columns, Py_ssize_t column,
                          Py_ssize_t channel, Py_ssize_t n_channels, bint store, const element_t *element,
                          const lanes_t *kind) noexcept nogil:
    """Load n columns of some channels into the lanes of a row, or store them."""
    cdef Py_ssize_t lane_bytes = 4 if element_t is half_t or element_t is bfloat_t else sizeof(element_t)
    cdef Py_ssize_t pitch = lanes(kind) * lane_bytes
    cdef Py_ssize_t i, c, x
    # In the order of memory, as far as it can be told.
    if channel == sizeof(element_t):
        for i in range(n):
            x = columns[i] if columns != NULL else i
            for c in range(n_channels):
                move_one(row + x * pitch + c * lane_bytes, data + x * column + c * <Py_ssize_t>sizeof(element_t), store,
                         element)
    else:
        # Four at once, so that stores are of vectors.
        for c in range(0, n_channels - 3, 4):
            for i in range(n):
                x = columns[i] if columns != NULL else i
                move_one(row + x * pitch + c * lane_bytes, data + x * column + c * channel, store, element)
                move_one(row + x * pitch + (c + 1) * lane_bytes, data + x * column + (c + 1) * channel, store, element)
                move_one(row + x * pitch + (c + 2) * lane_bytes, data + x * column + (c + 2) * channel, store, element)
                move_one(row + x * pitch + (c + 3) * lane_bytes, data + x * column + (c + 3) * channel, store, element)
        for c in range(n_channels // 4 * 4, n_channels):
            for i in range(n):
                x = columns[i] if columns != NULL else i
                move_one(row + x * pitch + c * lane_bytes, data + x * column + c * channel, store, element)


cdef inline void move_tile(int element, char *row, char *data, Py_ssize_t n, const int64_t *columns,
                           const Planes *planes, Py_ssize_t n_channels, bint store,
                           const lanes_t *kind) noexcept nogil:
    """`move_row` by elements."""
    cdef Py_ssize_t column = planes.column, channel = planes.channel
    if element == HALF:
        move_row(row, data, n, columns, column, channel, n_channels, store, <half_t *>NULL, kind)
    elif element == BFLOAT:
        move_row(row, data, n, columns, column, channel, n_channels, store, <bfloat_t *>NULL, kind)
    elif element == 1:
        move_row(row, data, n, columns, column, channel, n_channels, store, <uint8_t *>NULL, kind)
    elif element == 2:
        move_row(row, data, n, columns, column, channel, n_channels, store, <uint16_t *>NULL, kind)
    elif element == 4:
        move_row(row, data, n, columns, column, channel, n_channels, store, <uint32_t *>NULL, kind)
    else:
        move_row(row, data, n, columns, column, channel, n_channels, store, <uint64_t *>NULL, kind)


cdef inline void blend(float_sum_t *out, const float_sum_t *base, const int64_t *index, Py_ssize_t step,
                       const double *weights, Py_ssize_t n, bint fresh, const lanes_t *kind) noexcept nogil:
    """Add up n weighted positions."""
    cdef float_sum_t acc[MANY]
    cdef float_sum_t weight
    cdef const float_sum_t *p
    cdef Py_ssize_t k, c, width = lanes(kind)
    for c in range(width):
        acc[c] = 0 if fresh else out[c]
    for k in range(n):
        weight = <float_sum_t>weights[k]
        p = base + index[k] * step
        for c in range(width):
            acc[c] += weight * p[c]
    for c in range(width):
        out[c] = acc[c]


cdef inline void blend_rows(float_sum_t *out, const char *plane, Py_ssize_t pitch, Py_ssize_t left,
                            Py_ssize_t n_columns, const int64_t *index, const double *weights,
                            Py_ssize_t n_rows) noexcept nogil:
    """Add up some columns of n weighted rows of one channel, `pitch` bytes apart."""
    cdef float_sum_t weight, other
    cdef const float_sum_t *p
    cdef const float_sum_t *q
    cdef Py_ssize_t k, i
    for i in range(n_columns):
        out[i] = 0
    # Two rows at once, in the order of one after the other.
    for k in range(0, n_rows - 1, 2):
        weight = <float_sum_t>weights[k]
        other = <float_sum_t>weights[k + 1]
        p = <const float_sum_t *>(plane + index[k] * pitch) + left
        q = <const float_sum_t *>(plane + index[k + 1] * pitch) + left
        for i in range(n_columns):
            out[i] = out[i] + weight * p[i] + other * q[i]
    if n_rows % 2:
        weight = <float_sum_t>weights[n_rows - 1]
        p = <const float_sum_t *>(plane + index[n_rows - 1] * pitch) + left
        for i in range(n_columns):
            out[i] += weight * p[i]


cdef inline void pick(float_sum_t *out, const float_sum_t *base, const Table *table, Py_ssize_t first, Py_ssize_t n,
                      double most, double least, const lanes_t *kind) noexcept nogil:
    """The greatest of n positions times any of their weights; those of the row are `most` and `least`."""
    cdef float_sum_t acc[MANY]
    cdef float_sum_t high, low, a, b, best
    cdef const float_sum_t *p
    cdef Py_ssize_t k, c, width = lanes(kind)
    for c in range(width):
        acc[c] = out[c]
    for k in range(first, first + n):
        high = <float_sum_t>most * <float_sum_t>table.most[k]
        low = <float_sum_t>least * <float_sum_t>table.least[k]
        p = base + table.index[k] * width
        for c in range(width):
            # One selection a line, since compilers make vectors of these.
            a = high * p[c]
            b = low * p[c]
            best = acc[c]
            best = a if a > best else best
            best = b if b > best else best
            acc[c] = a if a != a else best
    for c in range(width):
        out[c] = acc[c]


cdef inline void find_winners(int64_t *winners, const float_sum_t *plane, const Table *rows, Py_ssize_t first_row,
                              Py_ssize_t n_rows, const Table *columns, Py_ssize_t first_column, Py_ssize_t n_columns,
                              bint outside, Py_ssize_t n_lanes, const lanes_t *kind) noexcept nogil:
    """Which of the taps of a bin is the greatest in each of n_lanes lanes, by `pick`; the first of equals, row by row.

    It is -1 for a zero outside of the image. There is at least one tap. A loop over all lanes, whose number is known,
    GCC would unroll before it makes vectors, and then make none.
    """
    cdef float_sum_t best[MANY]
    # As wide as a lane, so that both fit the same vectors.
    cdef int32_t narrow[MANY]
    cdef int64_t wide[MANY]
    cdef float_sum_t a, b, value, most, least
    cdef const float_sum_t *p
    cdef bint wins
    cdef Py_ssize_t k, m, c, tap = 0, width = lanes(kind)
    for c in range(n_lanes):
        best[c] = 0 if outside else -INFINITY
        narrow[c] = -1 if outside else 0
        wide[c] = -1 if outside else 0
    for k in range(first_row, first_row + n_rows):
        for m in range(first_column, first_column + n_columns):
            most = <float_sum_t>rows.most[k] * <float_sum_t>columns.most[m]
            least = <float_sum_t>rows.least[k] * <float_sum_t>columns.least[m]
            p = plane + (rows.index[k] * columns.length + columns.index[m]) * width
            for c in range(n_lanes):
                a = most * p[c]
                b = least * p[c]
                value = b if b > a else a
                wins = (value > best[c]) | ((value != value) & (best[c] == best[c]))
                best[c] = value if wins else best[c]
                if float_sum_t is float:
                    narrow[c] = <int32_t>tap if wins else narrow[c]
                else:
                    wide[c] = tap if wins else wide[c]
            tap += 1
    for c in range(n_lanes):
        winners[c] = narrow[c] if float_sum_t is float else wide[c]
