"""Values to where indices say. Floats are added: each output's gradient goes to the input that won. Others are put.

Where windows overlap, an input collects from several outputs; they are met in the order of the outputs, by one
thread, so that the sum, or what is put last, does not depend on the number of threads.
"""

from cython.parallel cimport prange
from libc.stdint cimport INT64_MAX, INT64_MIN, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memset

cimport numpy as cnp

from cypool._engine.collecting cimport collect_planes
from cypool._engine.job cimport MAX_AXES, MAX_ROWS, NEW_MEMORY, ceil_div
from cypool._engine.one_by_one cimport clear, scatter_apart, scatter_row, scatter_rows, value_t
from cypool._engine.placing cimport place_blocks
from cypool._engine.small cimport collect_small
from cypool._kernels.types cimport (
    LABELS_AFTER, LABELS_BEFORE, LABELS_BYTES, MOST_WINDOWS, collect_small_t, collect_t, place_t,
)

cnp.import_array()

# What those who choose a way have to know of it: rows of a block; windows that an input collects from, taps of those
# along a row, what a copy of a row takes besides its windows, and bytes for all copies.
ROWS = MAX_ROWS
WINDOWS = MOST_WINDOWS
TAPS = LABELS_BEFORE
BESIDES = LABELS_BEFORE + LABELS_AFTER
COPIES_BYTES = LABELS_BYTES

cdef enum:
    STREAMED_FROM = 16777216        # bytes of a target that does not stay in cache
    SAMPLE = 8                      # windows along each axis, which tell all others,
    SAMPLES = 64                    # of as many planes as come to so many windows
    PLANE_BYTES = 65536             # of a plane, or of some, that are cleared before anything is added
    JOINED_BYTES = 32768            # of a plane that is done together with others
    FEW_OUTPUTS = 4                 # of such a plane: a loop over them takes longer to begin than to end
    TOGETHER_BYTES = 131072         # of planes that are done together for what they have in common


cdef void scatter_planes(const Planes *planes, Work *work, const char *v, const char *i,
                         const value_t *kind) noexcept nogil:
    """Scatter all outputs of some planes that lie side by side."""
    cdef Py_ssize_t tap[MAX_AXES]
    cdef int axis, last = planes.n_runs - 1
    cdef const Dim *run = &planes.runs[last]
    if planes.end_to_end:
        scatter_end_to_end(planes, work, v, i, kind)
        return
    for axis in range(last):
        tap[axis] = 0
    if planes.fresh and work.n_tiled * <Py_ssize_t>sizeof(value_t) == planes.unit and (
            planes.plane_size <= <uint64_t>(PLANE_BYTES // planes.unit)):
        clear(planes, work, planes.plane_size, sizeof(value_t))
    while True:
        if planes.inner.size > 1:
            scatter_rows(planes, work, v, i, run, kind)
        else:
            scatter_row(planes, work, work.target, v, i, run.size, run, 0, kind)
        if not goes_on(planes.runs, last, tap, &v, &i):
            break
    if planes.fresh and work.cleared < planes.plane_size:
        clear(planes, work, planes.plane_size, sizeof(value_t))


cdef void scatter_end_to_end(const Planes *planes, Work *work, const char *v, const char *i,
                             const value_t *kind) noexcept nogil:
    """Scatter all outputs of some small planes, one plane after the other; all of them are cleared at once."""
    cdef Py_ssize_t n_planes = work.n_tiled, _plane
    cdef const Dim *run = &planes.runs[0]
    memset(work.target, 0, <size_t>(n_planes * planes.tiled.target))
    work.cleared = planes.plane_size
    if run.size * planes.inner.size <= FEW_OUTPUTS:
        scatter_by_output(planes, work, v, i, kind)
        return
    work.n_tiled = planes.inner.size
    for _plane in range(n_planes):
        if planes.inner.size > 1:
            scatter_rows(planes, work, v, i, run, kind)
        else:
            scatter_apart(planes, work, work.target, v, i, run.size, sizeof(value_t), sizeof(int64_t), 0,
                          sizeof(value_t), kind)
        work.target += planes.tiled.target
        v += planes.tiled.value
        i += planes.tiled.index


cdef void scatter_by_output(const Planes *planes, Work *work, const char *v, const char *i,
                            const value_t *kind) noexcept nogil:
    """The same where planes have few outputs: the first ones of all planes, then the next."""
    cdef const Dim *each = &planes.tiled
    cdef Py_ssize_t j, n = planes.inner.size
    for j in range(planes.runs[0].size * n):
        scatter_apart(planes, work, work.target + j % n * <Py_ssize_t>sizeof(value_t),
                      v + j * <Py_ssize_t>sizeof(value_t), i + j * <Py_ssize_t>sizeof(int64_t), work.n_tiled,
                      each.value, each.index, each.target, planes.unit, kind)


cdef bint place_slab(const Planes *planes, Work *work, Py_ssize_t slab, const char *values,
                     const char *indices) noexcept nogil:
    """Fill the blocks of some of the windows along the first pooled axis; False if an index points elsewhere, and all
    has to be done again."""
    cdef Planes part = planes[0]
    cdef Py_ssize_t n = planes.pooled[0].size
    cdef Py_ssize_t first = n * slab // planes.n_slabs
    cdef int axis
    part.pooled[0].size = n * (slab + 1) // planes.n_slabs - first
    work.label = first * planes.blocks[0]
    for axis in range(1, planes.n_pooled):
        work.label *= planes.lengths[axis]
    work.target += first * planes.blocks[0] * planes.pooled[0].target
    return place_blocks(&part, work, values + first * planes.pooled[0].value, indices + first * planes.pooled[0].index)


cdef bint scatter_unit(const Planes *planes, Py_ssize_t unit, const char *values, const char *indices, char *target,
                       Py_ssize_t itemsize, bint put) noexcept nogil:
    """One unit of work; False if an index was outside."""
    cdef Work work
    cdef Py_ssize_t first = 0, slab = 0, i
    cdef int axis
    # Divisions take as long as some values.
    if planes.n_tiles > 1:
        first = unit % planes.n_tiles * planes.tile
        unit //= planes.n_tiles
    if planes.n_slabs > 1:
        slab = unit % planes.n_slabs
        unit //= planes.n_slabs
    for axis in range(planes.n_outer - 1, -1, -1):
        i = unit
        if axis:
            i = unit % planes.outer[axis].size
            unit //= planes.outer[axis].size
        values += i * planes.outer[axis].value
        indices += i * planes.outer[axis].index
        target += i * planes.outer[axis].target
    values += first * planes.tiled.value
    indices += first * planes.tiled.index
    work.target = target + first * planes.tiled.target
    work.n_tiled = min(planes.tile, planes.tiled.size - first)
    work.cleared = 0 if planes.fresh else planes.plane_size
    work.inside = True
    work.label = 0
    if planes.n_slabs > 1:
        return place_slab(planes, &work, slab, values, indices)
    if planes.place != NULL and place_blocks(planes, &work, values, indices):
        return True
    if planes.collect != NULL and collect_planes(planes, &work, values, indices):
        return True
    if planes.collect_small != NULL and collect_small(planes, &work, values, indices):
        return True
    if put and itemsize == 1:
        scatter_planes(planes, &work, values, indices, <uint8_t *>NULL)
    elif put and itemsize == 2:
        scatter_planes(planes, &work, values, indices, <uint16_t *>NULL)
    elif put and itemsize == 4:
        scatter_planes(planes, &work, values, indices, <uint32_t *>NULL)
    elif put:
        scatter_planes(planes, &work, values, indices, <uint64_t *>NULL)
    elif itemsize == 8:
        scatter_planes(planes, &work, values, indices, <double *>NULL)
    else:
        scatter_planes(planes, &work, values, indices, <float *>NULL)
    return work.inside


def offsets(cnp.ndarray indices, list pooled, list lengths, list strides, Py_ssize_t n_planes, Py_ssize_t plane_step):
    """Least and most that some indices are from where their windows would begin, `strides` apart, by axis.

    `pooled` are (size, strides of values, of indices, of target), and `lengths` those of the target. There are n_planes
    that are plane_step bytes of indices apart.
    """
    cdef Py_ssize_t at[MAX_AXES]
    cdef Py_ssize_t sizes[MAX_AXES]
    cdef Py_ssize_t steps[MAX_AXES]
    cdef Py_ssize_t step[MAX_AXES]
    cdef uint32_t length[MAX_AXES]
    cdef int64_t least[MAX_AXES]
    cdef int64_t most[MAX_AXES]
    cdef const char *i = cnp.PyArray_BYTES(indices)
    cdef int axis, n_axes = len(pooled)
    cdef int64_t offset
    cdef uint32_t rest              # divided in half the time; what an index outside is taken for does not matter
    cdef Py_ssize_t n_sampled = SAMPLES, plane = 0
    for axis in range(n_axes):
        at[axis] = 0
        sizes[axis] = min(<Py_ssize_t>pooled[axis][0], <Py_ssize_t>(SAMPLE if n_axes < 3 else SAMPLE // 2))
        steps[axis] = pooled[axis][2]
        step[axis] = strides[axis]
        length[axis] = lengths[axis]
        least[axis] = INT64_MAX
        most[axis] = INT64_MIN
        n_sampled //= sizes[axis]
    n_sampled = max(<Py_ssize_t>1, min(n_planes, n_sampled))
    plane_step *= n_planes // n_sampled
    while True:
        rest = <uint32_t>(<const int64_t *>i)[0]
        for axis in range(n_axes - 1, -1, -1):
            offset = <int64_t>(rest % length[axis]) - at[axis] * step[axis]
            rest //= length[axis]
            least[axis] = min(least[axis], offset)
            most[axis] = max(most[axis], offset)
        for axis in range(n_axes - 1, -1, -1):
            at[axis] += 1
            i += steps[axis]
            if at[axis] < sizes[axis]:
                break
            i -= at[axis] * steps[axis]
            at[axis] = 0
        else:
            plane += 1
            if plane == n_sampled:
                break
            i += plane_step
    return tuple([(least[axis], most[axis]) for axis in range(n_axes)])


cdef int read_pooled(Planes *planes, list pooled, list lengths, tuple windows) except -1:
    """Pooled axes, and the windows along each if there are any."""
    cdef int axis
    planes.n_pooled = len(pooled)
    planes.plane_size = 1
    for axis in range(planes.n_pooled):
        (planes.pooled[axis].size, planes.pooled[axis].value, planes.pooled[axis].index,
         planes.pooled[axis].target) = pooled[axis]
        planes.lengths[axis] = lengths[axis]
        planes.plane_size *= <uint64_t>lengths[axis]
    for axis in range(len(windows)):
        planes.spans[axis].origin, planes.spans[axis].stride, planes.spans[axis].taps = windows[axis]
    return 0


cdef void read_runs(Planes *planes) noexcept nogil:
    """Pooled axes of the output, merged where they lie end to end."""
    cdef int axis
    cdef Dim *run
    planes.n_runs = 0
    for axis in range(planes.n_pooled):
        run = &planes.runs[max(planes.n_runs - 1, 0)]
        if planes.n_runs and run.value == planes.pooled[axis].size * planes.pooled[axis].value and (
                run.index == planes.pooled[axis].size * planes.pooled[axis].index):
            run.size *= planes.pooled[axis].size
            run.value = planes.pooled[axis].value
            run.index = planes.pooled[axis].index
        else:
            planes.runs[planes.n_runs] = planes.pooled[axis]
            planes.n_runs += 1


cdef void join_planes(Planes *planes, Py_ssize_t itemsize, Py_ssize_t n_shares) noexcept nogil:
    """Make planes that follow each other, channels and all, one unit, where one of them takes less time than beginning
    with it."""
    cdef int last = planes.n_outer - 1
    cdef Py_ssize_t n = planes.inner.size, plane_bytes = <Py_ssize_t>planes.plane_size * n * itemsize
    cdef Py_ssize_t at_once = TOGETHER_BYTES if planes.collect_small != NULL else PLANE_BYTES
    cdef const Dim *run = &planes.runs[0]
    if (last < 0 or planes.n_tiles > 1 or not planes.fresh or planes.place != NULL or planes.collect != NULL
            or planes.unit != n * itemsize or (planes.collect_small == NULL and plane_bytes > JOINED_BYTES)
            or planes.outer[last].target != plane_bytes or planes.n_runs > 1
            or run.value != planes.unit or run.index != n * <Py_ssize_t>sizeof(int64_t)
            or (n > 1 and (planes.inner.value != itemsize or planes.inner.index != sizeof(int64_t)))):
        return
    planes.end_to_end = True
    planes.tiled = planes.outer[last]
    planes.n_outer = last
    planes.tile = max(<Py_ssize_t>1, min(ceil_div(planes.tiled.size, n_shares), at_once // plane_bytes))
    planes.n_tiles = ceil_div(planes.tiled.size, planes.tile)


def scatter(cnp.ndarray values, cnp.ndarray indices, cnp.ndarray target, list outer, list pooled, list lengths,
            tuple inner, Py_ssize_t unit, bint fresh, bint put, object way, Py_ssize_t n_slabs, bint in_use,
            int n_threads):
    """Add values (float or double), or put them (1, 2, 4 or 8 bytes), at indices of a target of zeros, or of one
    that is cleared on the way if it is `fresh`.

    False if some index was outside its plane, and so was left out. `outer`, `pooled` and `inner` are (size, strides
    of values, of indices, of target); `lengths` are those of the pooled axes of the target, and `unit` the bytes
    between neighbouring indices where that is one number, or 0: then the target cannot be fresh. `way` is what
    _ways.py chose. Values that turn out to belong elsewhere are added or put after all; but not where blocks are
    filled in several slabs along the first pooled axis: then False says that all has to be done again, in one. The
    target's memory is `in_use` if it is the caller's, as in run.pyx.
    """
    cdef Planes planes
    cdef Py_ssize_t n_units, n, tile
    cdef tuple blocks, windows
    cdef size_t place, collect, small
    cdef Py_ssize_t outside = 0
    cdef const char *v = cnp.PyArray_BYTES(values)
    cdef const char *i = cnp.PyArray_BYTES(indices)
    cdef char *t = cnp.PyArray_BYTES(target)
    cdef Py_ssize_t itemsize = values.itemsize
    cdef int axis
    tile, blocks, place, windows, collect, small = way
    planes.n_outer = len(outer)
    planes.unit = unit
    planes.fresh = fresh
    planes.tile = tile
    planes.n_tiles = ceil_div(inner[0], tile)
    planes.n_slabs = n_slabs
    planes.end_to_end = False
    for axis in range(planes.n_outer):
        (planes.outer[axis].size, planes.outer[axis].value, planes.outer[axis].index,
         planes.outer[axis].target) = outer[axis]
    read_pooled(&planes, pooled, lengths, windows)
    read_runs(&planes)
    planes.place = <place_t><void *>place
    planes.streamed = (in_use or target.nbytes < NEW_MEMORY) and target.nbytes >= STREAMED_FROM
    for axis in range(len(blocks)):
        planes.blocks[axis] = blocks[axis]
    planes.collect = <collect_t><void *>collect
    planes.collect_small = <collect_small_t><void *>small
    planes.inner.size, planes.inner.value, planes.inner.index, planes.inner.target = inner
    planes.tiled = planes.inner
    with nogil:
        join_planes(&planes, itemsize, 1 if n_threads == 1 else 2 * n_threads)
        n_units = planes.n_tiles * n_slabs
        for axis in range(planes.n_outer):
            n_units *= planes.outer[axis].size
        if n_threads == 1 or n_units == 1:
            for n in range(n_units):
                outside += not scatter_unit(&planes, n, v, i, t, itemsize, put)
        else:
            for n in prange(n_units, num_threads=n_threads, schedule="static"):
                outside += not scatter_unit(&planes, n, v, i, t, itemsize, put)
    return outside == 0
