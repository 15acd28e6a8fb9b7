"""Boxes of an image to bins of one size: bilinear averages and maxima, plain maxima, and their gradients.

What a box reads along y and along x is worked out once (samples.pyx), as a `Table`: for each bin the taps, that is an
index and its weight. A bin reads the product of its taps along both axes, so that an average blends rows first, and
then columns of the blended row.

All loops run over lanes: some channels of one position, side by side. Such a tile of channels is put together for a
whole plane, where many boxes read it, or row by row as boxes ask for it. What is computed does not depend on that.
"""

from cython.parallel cimport prange, threadid
from libc.stdint cimport int64_t, uint8_t
from libc.string cimport memset

cimport numpy as cnp

from cypool._engine.boxes cimport (
    AVERAGE, AWARD, GREATEST, POOL, SPREAD, Job, Scratch, average_box, award_box, greatest_box, pool_box, spread_box,
)
from cypool._engine.tiles cimport BFLOAT, FEW, HALF, MANY, Few, Many, Planes, Table, lanes, lanes_t, move_tile
from cypool._kernels.types cimport combine_t

import numpy as np

cnp.import_array()

cdef enum:
    PLANE_BYTES = 4194304           # the largest tile of a whole plane: about what a core has of its own cache


cdef bint worth_whole(const Job *job, Py_ssize_t first, Py_ssize_t stop, Py_ssize_t width) noexcept nogil:
    """Whether boxes read more than the plane, so that it is better put together at once."""
    cdef Py_ssize_t n_rows, i, box
    cdef double wanted = 0, size = <double>job.y.length * <double>job.x.length
    if size * <double>(width * job.lane_bytes) > PLANE_BYTES:
        return False
    for box in range(first, stop):
        n_rows = 0
        if job.task == POOL:
            for i in range(job.y.n_bins):
                n_rows += (job.stops[box * (job.y.n_bins + job.x.n_bins) + i]
                           - job.starts[box * (job.y.n_bins + job.x.n_bins) + i])
        else:
            n_rows = job.y.first[(box + 1) * job.y.n_bins] - job.y.first[box * job.y.n_bins]
        wanted += <double>n_rows * <double>(job.first_column[box + 1] - job.first_column[box])
    return wanted > size


cdef void one_box(const Job *job, const Scratch *scratch, Py_ssize_t box, char *image, char *bins,
                  Py_ssize_t n_channels, bint whole, const lanes_t *kind) noexcept nogil:
    """One box in one tile of channels, by task and, but for maxima, by the type of the lanes."""
    if job.task == AVERAGE and job.narrow:
        average_box(job, scratch, box, image, bins, n_channels, whole, <float *>NULL, kind)
    elif job.task == AVERAGE:
        average_box(job, scratch, box, image, bins, n_channels, whole, <double *>NULL, kind)
    elif job.task == GREATEST and job.narrow:
        greatest_box(job, scratch, box, image, bins, n_channels, whole, <float *>NULL, kind)
    elif job.task == GREATEST:
        greatest_box(job, scratch, box, image, bins, n_channels, whole, <double *>NULL, kind)
    elif job.task == SPREAD and job.narrow:
        spread_box(job, scratch, box, bins, n_channels, <float *>NULL, kind)
    elif job.task == SPREAD:
        spread_box(job, scratch, box, bins, n_channels, <double *>NULL, kind)
    elif job.task == AWARD and job.narrow:
        award_box(job, scratch, box, bins, n_channels, <float *>NULL, kind)
    elif job.task == AWARD:
        award_box(job, scratch, box, bins, n_channels, <double *>NULL, kind)
    else:
        pool_box(job, scratch, box, image, bins, n_channels, whole, kind)


cdef inline void move_plane(const Job *job, char *plane, char *data, const Planes *planes, Py_ssize_t n_channels,
                            bint store, const lanes_t *kind) noexcept nogil:
    """Load some channels of an image into a plane of lanes, or store them."""
    cdef Py_ssize_t row_bytes = job.x.length * lanes(kind) * job.lane_bytes
    cdef Py_ssize_t y
    for y in range(job.y.length):
        move_tile(job.element, plane + y * row_bytes, data + y * planes.row, job.x.length, NULL, planes, n_channels,
                  store, kind)


cdef void run_unit(const Job *job, const Scratch *scratch, Py_ssize_t unit, const lanes_t *kind) noexcept nogil:
    """Some boxes of one image in one tile of channels."""
    cdef Py_ssize_t width = lanes(kind)
    cdef Py_ssize_t part = unit % job.n_slices
    cdef Py_ssize_t tile = unit // job.n_slices % job.n_tiles
    cdef Py_ssize_t group = unit // job.n_slices // job.n_tiles
    cdef Py_ssize_t size = job.groups[group + 1] - job.groups[group]
    cdef Py_ssize_t first = job.groups[group] + size * part // job.n_slices
    cdef Py_ssize_t stop = job.groups[group] + size * (part + 1) // job.n_slices
    cdef Py_ssize_t n_channels = min(width, job.n_channels - tile * width)
    cdef Py_ssize_t row_bytes = job.x.length * width * job.lane_bytes
    cdef char *image = job.image.data + job.images[group] * job.image.item + tile * width * job.image.channel
    cdef char *bins = job.bins.data + tile * width * job.bins.channel
    cdef Py_ssize_t box
    cdef bint backward = job.task == SPREAD or job.task == AWARD
    cdef bint whole = backward or worth_whole(job, first, stop, width)
    if backward:
        memset(scratch.plane, 0, job.y.length * row_bytes)
    elif whole:
        move_plane(job, scratch.plane, image, &job.image, n_channels, False, kind)
    if job.task == AWARD:
        move_plane(job, scratch.source, job.source.data + job.images[group] * job.source.item
                   + tile * width * job.source.channel, &job.source, n_channels, False, kind)
    for box in range(first, stop):
        one_box(job, scratch, box, image, bins + job.order[box] * job.bins.item, n_channels, whole, kind)
    if backward:
        move_plane(job, scratch.plane, image, &job.image, n_channels, True, kind)


cdef const int64_t *integers(array) except NULL:
    cdef cnp.ndarray checked = array
    assert checked.dtype == np.int64 and checked.flags.c_contiguous
    return <const int64_t *>cnp.PyArray_BYTES(checked)


cdef void set_table(Table *table, tuple parts):
    cdef cnp.ndarray first, index, most, least, outside
    first, index, most, least, outside = parts
    table.first = <const int64_t *>cnp.PyArray_BYTES(first)
    table.index = <const int64_t *>cnp.PyArray_BYTES(index)
    table.most = <const double *>cnp.PyArray_BYTES(most)
    table.least = <const double *>cnp.PyArray_BYTES(least)
    table.outside = <const uint8_t *>cnp.PyArray_BYTES(outside)


cdef Planes planes_of(cnp.ndarray array, bint channels_last):
    cdef Planes planes
    planes.data = cnp.PyArray_BYTES(array)
    planes.item = array.strides[0]
    planes.channel = array.strides[3 if channels_last else 1]
    planes.row = array.strides[1 if channels_last else 2]
    planes.column = array.strides[2 if channels_last else 3]
    return planes


def run(str task, cnp.ndarray image, cnp.ndarray source, cnp.ndarray bins, bint channels_last, str lane, tuple y,
        tuple x, tuple columns, tuple windows, groups, images, order, size_t combine, Py_ssize_t n_slices,
        int n_threads):
    """Fill the bins of boxes from the image, or, for the tasks "spread" and "award", the image from the bins.

    Both are native, aligned arrays of 4 axes and one dtype, and so is `source`, of the shape of image, for the task
    "award": it has what the maxima are of. `lane` is the dtype that it is computed in. `y` and `x`
    are tables and `columns` what `columns_of` gives for x; for the task "pool", tables are () and `windows` has the
    starts and stops of bins, (box, y bins then x bins). Boxes are sorted by image; `order` says where the bins of each
    are. `combine` is the address of the kernel for maxima of rows of lanes. Each n_slices-th of an image's boxes is one
    piece of work.
    """
    cdef Job job
    cdef char *memory
    cdef Py_ssize_t unit, n_units, width, area, row_bytes, line_bytes, plane_bytes, n_planes
    cdef Py_ssize_t height_axis = 1 if channels_last else 2
    cdef bint few
    cdef bint backward = task in ("spread", "award")
    job.task = {"avg": AVERAGE, "max": GREATEST, "pool": POOL, "spread": SPREAD, "award": AWARD}[task]
    job.combine = <combine_t><void *>combine
    job.narrow = lane == "float32"
    job.lane_bytes = np.dtype(lane).itemsize
    job.element = image.itemsize
    if image.itemsize == 2 and job.narrow:
        job.element = BFLOAT if image.dtype.kind == "V" else HALF
    job.image = planes_of(image, channels_last)
    job.source = planes_of(source, channels_last)
    job.bins = planes_of(bins, channels_last)
    job.n_channels = image.shape[3 if channels_last else 1]
    job.y.length, job.x.length = image.shape[height_axis], image.shape[height_axis + 1]
    job.y.n_bins, job.x.n_bins = bins.shape[height_axis], bins.shape[height_axis + 1]
    if task == "pool":
        job.starts, job.stops = integers(windows[0]), integers(windows[1])
    else:
        set_table(&job.y, y)
        set_table(&job.x, x)
    job.first_column, job.columns = integers(columns[0]), integers(columns[1])
    job.slots = integers(columns[2])
    job.groups, job.images, job.order = integers(groups), integers(images), integers(order)
    # A plane of many lanes that is too large for the cache is one of few instead.
    few = job.n_channels <= FEW
    if backward and job.y.length * job.x.length * MANY * job.lane_bytes > 4 * PLANE_BYTES:
        few = True
    width = FEW if few else MANY
    job.n_tiles = (job.n_channels + width - 1) // width
    job.n_slices = n_slices
    n_units = (len(groups) - 1) * job.n_tiles * n_slices
    row_bytes = job.x.length * width * job.lane_bytes
    line_bytes = job.x.n_bins * width * job.lane_bytes
    plane_bytes = row_bytes * job.y.length
    if not backward and plane_bytes > PLANE_BYTES:
        plane_bytes = 0
    # Areas begin on cache lines, so that no lane straddles two.
    row_bytes, line_bytes, plane_bytes = [(size + 63) // 64 * 64 for size in (row_bytes, line_bytes, plane_bytes)]
    n_planes = 2 if task == "award" else 1
    area = n_planes * plane_bytes + 2 * row_bytes + line_bytes
    cdef cnp.ndarray block = np.zeros(area * n_threads + 64, np.uint8)
    memory = cnp.PyArray_BYTES(block)
    memory += (64 - <size_t>memory % 64) % 64
    with nogil:
        if n_threads == 1:
            for unit in range(n_units):
                run_on(&job, memory, plane_bytes, n_planes, row_bytes, unit, few)
        else:
            for unit in prange(n_units, num_threads=n_threads, schedule="dynamic"):
                run_on(&job, memory + threadid() * area, plane_bytes, n_planes, row_bytes, unit, few)


cdef void run_on(const Job *job, char *memory, Py_ssize_t plane_bytes, Py_ssize_t n_planes, Py_ssize_t row_bytes,
                 Py_ssize_t unit, bint few) noexcept nogil:
    """One unit, with a thread's memory."""
    cdef Scratch scratch
    scratch.plane = memory
    scratch.source = memory + (n_planes - 1) * plane_bytes
    scratch.row = memory + n_planes * plane_bytes
    scratch.blend = scratch.row + row_bytes
    scratch.line = scratch.blend + row_bytes
    if few:
        run_unit(job, &scratch, unit, <Few *>NULL)
    else:
        run_unit(job, &scratch, unit, <Many *>NULL)
