# What is done with one box of an image, in one tile of channels: bilinear averages and maxima, plain maxima, and
# gradients.

from libc.math cimport INFINITY
from libc.stdint cimport int64_t
from libc.string cimport memset

from cypool._engine.tiles cimport (
    MANY, Planes, Table, blend, blend_rows, find_winners, lanes, lanes_t, move_tile, pick,
)
from cypool._kernels.types cimport combine_t, float_sum_t


cdef enum:
    ROWS = 16               # that are combined at once

# What is done with a box.
cdef enum Task:
    AVERAGE
    GREATEST
    POOL
    SPREAD                      # the gradient of averages
    AWARD                       # that of maxima, to those who won


cdef struct Job:
    int task
    int element
    bint narrow                     # lanes of 4 bytes, else of 8, if they are floats
    Py_ssize_t lane_bytes
    Py_ssize_t n_channels
    Py_ssize_t n_tiles
    Py_ssize_t n_slices             # of the boxes of an image
    Planes image
    Planes source                   # AWARD: what the maxima are of; then image is the gradient
    Planes bins
    Table y
    Table x
    const int64_t *slots            # AVERAGE, SPREAD: the taps along x, as positions among the box's columns
    const int64_t *first_column     # columns that a box reads at all
    const int64_t *columns
    combine_t combine               # POOL: maxima of rows of lanes
    const int64_t *starts           # POOL: windows (y, x) of each box and bin instead of tables
    const int64_t *stops
    const int64_t *groups           # boxes groups[g] up to groups[g + 1] lie in image images[g]
    const int64_t *images
    const int64_t *order            # where each box's bins are


# What one thread writes to, in lanes.
cdef struct Scratch:
    char *plane
    char *source                    # AWARD: the plane of what the maxima are of
    char *row                       # of the image
    char *blend                     # a row of the box's columns
    char *line                      # a row of bins


cdef inline const char *row_of(const Job *job, const Scratch *scratch, char *image, Py_ssize_t y, Py_ssize_t box,
                               Py_ssize_t n_channels, bint whole, const lanes_t *kind) noexcept nogil:
    """The lanes of row y of the image, or at least of the columns that the box reads."""
    cdef Py_ssize_t first = job.first_column[box]
    if whole:
        return scratch.plane + y * job.x.length * lanes(kind) * job.lane_bytes
    move_tile(job.element, scratch.row, image + y * job.image.row, job.first_column[box + 1] - first,
              job.columns + first,
              &job.image, n_channels, False, kind)
    return scratch.row


cdef inline bint is_flat(const Job *job, Py_ssize_t lane_bytes) noexcept nogil:
    """Whether rows of a plane are vectors of lanes as they are: then rows are combined before lanes are made of them,
    which takes far less for large boxes that overlap little."""
    return job.image.column == lane_bytes == job.element


cdef inline void reach(const int64_t *columns, Py_ssize_t n, Py_ssize_t *left, Py_ssize_t *right) noexcept nogil:
    """The range that n columns, at least one, lie in."""
    cdef Py_ssize_t i
    left[0] = columns[0]
    right[0] = columns[0] + 1
    for i in range(n):
        left[0] = min(left[0], <Py_ssize_t>columns[i])
        right[0] = max(right[0], <Py_ssize_t>columns[i] + 1)


cdef inline void greatest_rows(const Job *job, char *out, const char *row, Py_ssize_t pitch, Py_ssize_t n_rows,
                               Py_ssize_t n) noexcept nogil:
    """The greatest of n_rows rows, at least one, of n elements each, `pitch` bytes apart."""
    cdef const char *rows[ROWS]
    cdef Py_ssize_t done = 0, r, some
    while done < n_rows:
        some = min(<Py_ssize_t>ROWS, n_rows - done)
        for r in range(some):
            rows[r] = row + (done + r) * pitch
        job.combine(out, rows, some, n, done == 0, NULL)
        done += some


cdef inline void flat_tile(const Job *job, char *row, char *rows, Py_ssize_t left, Py_ssize_t right,
                           const int64_t *columns, Py_ssize_t n_columns, Py_ssize_t n_channels,
                           const lanes_t *kind) noexcept nogil:
    """Make lanes of one row a channel, each of the columns from left to right; `row` and `columns` count from 0."""
    cdef Planes planes
    planes.channel = (right - left) * job.lane_bytes
    planes.column = job.lane_bytes
    move_tile(job.element, row, rows - left * job.lane_bytes, n_columns, columns, &planes, n_channels, False, kind)


cdef inline void average_box(const Job *job, const Scratch *scratch, Py_ssize_t box, char *image, char *bins,
                             Py_ssize_t n_channels, bint whole, const float_sum_t *type,
                             const lanes_t *kind) noexcept nogil:
    """The bins of one box in one tile of channels: averages."""
    cdef Py_ssize_t width = lanes(kind), pitch = job.x.length * width
    cdef Py_ssize_t n_columns = job.first_column[box + 1] - job.first_column[box]
    cdef const int64_t *columns = job.columns + job.first_column[box]
    cdef float_sum_t *row = <float_sum_t *>scratch.blend
    cdef float_sum_t *line = <float_sum_t *>scratch.line
    cdef const float_sum_t *source
    cdef int64_t here = 0
    cdef Py_ssize_t i, j, k, c, first, n
    cdef const int64_t *slots = job.slots
    cdef Py_ssize_t left, right
    cdef bint flat = not whole and n_columns and is_flat(job, sizeof(float_sum_t))
    if flat:
        # By its index a column is found where it is, not in a list.
        reach(columns, n_columns, &left, &right)
        slots = job.x.index
        row -= left * width
    for i in range(job.y.n_bins):
        first = job.y.first[box * job.y.n_bins + i]
        n = job.y.first[box * job.y.n_bins + i + 1] - first
        if flat:
            for c in range(n_channels):
                blend_rows(<float_sum_t *>scratch.row + c * (right - left), image + c * job.image.channel,
                           job.image.row, left, right - left, job.y.index + first, job.y.most + first, n)
            flat_tile(job, <char *>row, scratch.row, left, right, columns, n_columns, n_channels, kind)
        elif whole or n == 0:
            for j in range(n_columns):
                blend(row + j * width, <float_sum_t *>scratch.plane + columns[j] * width, job.y.index + first, pitch,
                      job.y.most + first, n, True, kind)
        else:
            for k in range(first, first + n):
                source = <const float_sum_t *>row_of(job, scratch, image, job.y.index[k], box, n_channels, False, kind)
                for j in range(n_columns):
                    blend(row + j * width, source + columns[j] * width, &here, 0, job.y.most + k, 1, k == first, kind)
        for j in range(job.x.n_bins):
            first = job.x.first[box * job.x.n_bins + j]
            n = job.x.first[box * job.x.n_bins + j + 1] - first
            blend(line + j * width, row, slots + first, width, job.x.most + first, n, True, kind)
        move_tile(job.element, scratch.line, bins + i * job.bins.row, job.x.n_bins, NULL, &job.bins, n_channels,
                  True, kind)


cdef inline void greatest_box(const Job *job, const Scratch *scratch, Py_ssize_t box, char *image, char *bins,
                              Py_ssize_t n_channels, bint whole, const float_sum_t *type,
                              const lanes_t *kind) noexcept nogil:
    """The bins of one box in one tile of channels: the greatest weighted corner of a sample.

    The weights of one position are the products of those along y and along x, and none is below zero: so the greatest
    product is that of a value with the greatest weight, or, if it is below zero, with the least.
    """
    cdef Py_ssize_t width = lanes(kind)
    cdef float_sum_t *line = <float_sum_t *>scratch.line
    cdef const float_sum_t *source
    cdef float_sum_t floor
    cdef Py_ssize_t i, j, k, c, first
    for i in range(job.y.n_bins):
        for j in range(job.x.n_bins):
            # Samples outside of the image are zeros.
            floor = -INFINITY
            if job.y.outside[box * job.y.n_bins + i] or job.x.outside[box * job.x.n_bins + j]:
                floor = 0
            for c in range(width):
                line[j * width + c] = floor
        for k in range(job.y.first[box * job.y.n_bins + i], job.y.first[box * job.y.n_bins + i + 1]):
            source = <const float_sum_t *>row_of(job, scratch, image, job.y.index[k], box, n_channels, whole, kind)
            for j in range(job.x.n_bins):
                first = job.x.first[box * job.x.n_bins + j]
                pick(line + j * width, source, &job.x, first, job.x.first[box * job.x.n_bins + j + 1] - first,
                     job.y.most[k], job.y.least[k], kind)
        move_tile(job.element, scratch.line, bins + i * job.bins.row, job.x.n_bins, NULL, &job.bins, n_channels,
                  True, kind)


cdef inline void pool_box(const Job *job, const Scratch *scratch, Py_ssize_t box, char *image, char *bins,
                          Py_ssize_t n_channels, bint whole, const lanes_t *kind) noexcept nogil:
    """The bins of one box in one tile of channels: plain maxima, of lanes of any type."""
    cdef Py_ssize_t lane_bytes = job.lane_bytes, position_bytes = lanes(kind) * lane_bytes
    cdef Py_ssize_t n_columns = job.first_column[box + 1] - job.first_column[box]
    cdef const int64_t *columns = job.columns + job.first_column[box]
    cdef Py_ssize_t left = columns[0] if n_columns else 0
    cdef const int64_t *starts = job.starts + box * (job.y.n_bins + job.x.n_bins)
    cdef const int64_t *stops = job.stops + box * (job.y.n_bins + job.x.n_bins)
    cdef char *row = scratch.blend
    cdef const char *source
    cdef Py_ssize_t i, j, c, x, y, n, n_rows
    for i in range(job.y.n_bins):
        n_rows = stops[i] - starts[i] if n_columns else 0
        if whole and n_rows > 0:
            greatest_rows(job, row, scratch.plane + (starts[i] * job.x.length + left) * position_bytes,
                          job.x.length * position_bytes, n_rows, n_columns * lanes(kind))
        elif n_rows > 0 and is_flat(job, lane_bytes):
            for c in range(n_channels):
                greatest_rows(job, scratch.row + c * n_columns * lane_bytes,
                              image + c * job.image.channel + starts[i] * job.image.row + left * lane_bytes,
                              job.image.row, n_rows, n_columns)
            flat_tile(job, row - left * position_bytes, scratch.row, left, left + n_columns, columns, n_columns,
                      n_channels, kind)
        else:
            for y in range(starts[i], starts[i] + n_rows):
                source = row_of(job, scratch, image, y, box, n_channels, False, kind) + left * position_bytes
                job.combine(row, &source, 1, n_columns * lanes(kind), y == starts[i], NULL)
        for j in range(job.x.n_bins):
            x = starts[job.y.n_bins + j]
            n = stops[job.y.n_bins + j] - x
            if n > 0 and n_rows > 0:
                greatest_rows(job, scratch.line + j * position_bytes, row + (x - left) * position_bytes,
                              position_bytes, n, lanes(kind))
            else:
                memset(scratch.line + j * position_bytes, 0, position_bytes)
        move_tile(job.element, scratch.line, bins + i * job.bins.row, job.x.n_bins, NULL, &job.bins, n_channels,
                  True, kind)


cdef inline void spread_box(const Job *job, const Scratch *scratch, Py_ssize_t box, char *bins, Py_ssize_t n_channels,
                            const float_sum_t *type, const lanes_t *kind) noexcept nogil:
    """Add the gradient of one box's averages to the plane."""
    cdef Py_ssize_t width = lanes(kind)
    cdef Py_ssize_t n_columns = job.first_column[box + 1] - job.first_column[box]
    cdef const int64_t *columns = job.columns + job.first_column[box]
    cdef float_sum_t *row = <float_sum_t *>scratch.blend
    cdef float_sum_t *line = <float_sum_t *>scratch.line
    cdef float_sum_t *target
    cdef float_sum_t weight
    cdef Py_ssize_t i, j, k, c
    for i in range(job.y.n_bins):
        if job.y.first[box * job.y.n_bins + i] == job.y.first[box * job.y.n_bins + i + 1]:
            continue
        move_tile(job.element, scratch.line, bins + i * job.bins.row, job.x.n_bins, NULL, &job.bins, n_channels,
                  False, kind)
        memset(row, 0, n_columns * width * sizeof(float_sum_t))
        for j in range(job.x.n_bins):
            for k in range(job.x.first[box * job.x.n_bins + j], job.x.first[box * job.x.n_bins + j + 1]):
                weight = <float_sum_t>job.x.most[k]
                target = row + job.slots[k] * width
                for c in range(width):
                    target[c] += weight * line[j * width + c]
        for k in range(job.y.first[box * job.y.n_bins + i], job.y.first[box * job.y.n_bins + i + 1]):
            weight = <float_sum_t>job.y.most[k]
            for j in range(n_columns):
                target = <float_sum_t *>scratch.plane + (job.y.index[k] * job.x.length + columns[j]) * width
                for c in range(width):
                    target[c] += weight * row[j * width + c]


cdef inline void award_box(const Job *job, const Scratch *scratch, Py_ssize_t box, char *bins, Py_ssize_t n_channels,
                           const float_sum_t *type, const lanes_t *kind) noexcept nogil:
    """Add the gradient of one box's maxima to the plane, each to the position that won, times its weight."""
    cdef Py_ssize_t width = lanes(kind)
    cdef const float_sum_t *source = <const float_sum_t *>scratch.source
    cdef float_sum_t *plane = <float_sum_t *>scratch.plane
    cdef float_sum_t *line = <float_sum_t *>scratch.line
    cdef int64_t winners[MANY]
    cdef float_sum_t most, least
    cdef Py_ssize_t i, j, k, m, c, y, x, n_rows, n_columns, at
    for i in range(job.y.n_bins):
        y = job.y.first[box * job.y.n_bins + i]
        n_rows = job.y.first[box * job.y.n_bins + i + 1] - y
        move_tile(job.element, scratch.line, bins + i * job.bins.row, job.x.n_bins, NULL, &job.bins, n_channels,
                  False, kind)
        for j in range(job.x.n_bins):
            x = job.x.first[box * job.x.n_bins + j]
            n_columns = job.x.first[box * job.x.n_bins + j + 1] - x
            if n_rows == 0 or n_columns == 0:
                continue
            find_winners(winners, source, &job.y, y, n_rows, &job.x, x, n_columns,
                         job.y.outside[box * job.y.n_bins + i] or job.x.outside[box * job.x.n_bins + j],
                         n_channels, kind)
            for c in range(n_channels):
                if winners[c] < 0:
                    continue
                k = y + winners[c] // n_columns
                m = x + winners[c] % n_columns
                at = (job.y.index[k] * job.x.length + job.x.index[m]) * width + c
                most = <float_sum_t>job.y.most[k] * <float_sum_t>job.x.most[m]
                least = <float_sum_t>job.y.least[k] * <float_sum_t>job.x.least[m]
                plane[at] += line[j * width + c] * (least if least * source[at] > most * source[at] else most)
