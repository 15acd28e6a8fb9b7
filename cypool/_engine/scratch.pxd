# A thread's scratch: which areas it has, and how large they are for each way to walk.

from libc.stdint cimport int64_t
from libc.string cimport memset

from cypool._engine.job cimport MAX_ROWS, MAX_STRIP, N_AREAS, Job, Walk, Way, Work, strides
from cypool._engine.results cimport finishes_block
from cypool._engine.strips cimport goes_by_fours, n_plane_rows, spare_step
from cypool._kernels.types cimport HISTOGRAM_BYTES

cdef enum:
    LINE = 64           # bytes of a cache line: areas start at one
    MAX_STRIPS = 256    # of four vectors, or more

# What each is for stands with Work, in job.pxd.
cdef enum:
    ROWS
    PHASES
    SPARE               # or a stack's rows
    RESULTS
    MORE_RESULTS
    SUFFIXES
    PREFIX
    PACKED
    OUT_ROW
    LABEL_ROW
    DIVISORS
    POINTERS            # to suffixes, or to the taps of a stack
    STARTS


cdef inline Py_ssize_t whole_lines(Py_ssize_t n_bytes) noexcept nogil:
    return (n_bytes + LINE - 1) // LINE * LINE


cdef inline Py_ssize_t set_areas(Job *job, const Py_ssize_t *sizes) noexcept nogil:
    cdef Py_ssize_t used = 0
    cdef int i
    for i in range(N_AREAS):
        job.areas[i] = used
        used += whole_lines(sizes[i])
    return used


cdef inline Py_ssize_t divide_stack(Job *job) noexcept nogil:
    """The areas of stacks."""
    cdef Py_ssize_t sizes[N_AREAS]
    cdef Py_ssize_t pointer = sizeof(char *)
    cdef Py_ssize_t position = job.inner_tile * job.in_size
    cdef Py_ssize_t rows = job.most_rows * job.span * position
    memset(sizes, 0, sizeof(sizes))
    sizes[ROWS] = job.piece * job.acc_size + LINE
    if job.row.stride > 1 and not job.one_by_one:
        sizes[PHASES] = rows + job.most_rows * job.row.stride * position
    sizes[SPARE] = job.most_rows * pointer
    sizes[PACKED] = rows if job.gathered or job.inner_tile < job.inner.size else 0
    sizes[OUT_ROW] = job.row_tile * job.inner_tile * job.out_size
    sizes[POINTERS] = job.most_taps * pointer
    return set_areas(job, sizes)


cdef inline Py_ssize_t divide_across(Job *job) noexcept nogil:
    """The areas of planes side by side, and that of the job within."""
    cdef Py_ssize_t sizes[N_AREAS]
    cdef Py_ssize_t outputs = job.column.dim.size * job.row.dim.size * job.inner_tile
    memset(sizes, 0, sizeof(sizes))
    sizes[PACKED] = job.column.length * job.row.length * job.inner_tile * job.within.in_size
    sizes[ROWS] = sizes[PACKED] if job.gathered else 0
    sizes[RESULTS] = outputs * job.within.out_size
    sizes[OUT_ROW] = sizes[RESULTS] if job.scattered else 0
    sizes[LABEL_ROW] = outputs * <Py_ssize_t>sizeof(int64_t) if job.within.labelled else 0
    sizes[SPARE] = job.within_size
    return set_areas(job, sizes)


cdef inline Py_ssize_t n_drawn(const Job *job) noexcept nogil:
    """Windows of a plane that start elsewhere in others."""
    cdef Py_ssize_t n = job.row.dim.size * job.row.varies + job.column.dim.size * job.column.varies
    cdef int i
    for i in range(job.n_planes):
        n += job.planes[i].dim.size * job.planes[i].varies
    return n


cdef inline Py_ssize_t divide_scratch(Job *job) noexcept nogil:
    """Where each area starts in a thread's scratch; gives the size of all."""
    cdef Py_ssize_t stride = job.row.stride if strides(job) else 1
    cdef Py_ssize_t wide = (job.span + stride) * job.inner_tile
    cdef bint herk = job.walk == Walk.STREAM
    cdef bint at_once = job.walk == Walk.WIDE
    cdef bint in_columns = job.walk == Walk.COLUMNS
    cdef Py_ssize_t n_rows = 1 if herk or in_columns or job.walk == Walk.MOVE or job.walk == Walk.LANES else job.block
    cdef Py_ssize_t results = n_rows * max(wide, job.row_tile * job.inner_tile) * job.acc_size + LINE
    cdef Py_ssize_t out_row = job.row_tile * job.inner_tile
    cdef Py_ssize_t sizes[N_AREAS]
    cdef Py_ssize_t area = n_rows
    if job.walk == Walk.STACK:
        return divide_stack(job)
    if job.walk == Walk.ACROSS:
        return divide_across(job)
    memset(sizes, 0, sizeof(sizes))
    if job.walk == Walk.COUNTED:
        sizes[ROWS] = job.span * HISTOGRAM_BYTES
        return set_areas(job, sizes)
    if job.walk == Walk.SPREAD or job.walk == Walk.SLIM or (job.walk == Walk.ALONG and job.finish == NULL):
        return set_areas(job, sizes)
    if job.walk == Walk.REPEAT:
        sizes[ROWS] = 0 if job.plain else area * job.span * job.inner_tile * job.acc_size
        sizes[RESULTS] = area * job.span * job.inner_tile * job.out_size
        return set_areas(job, sizes)
    sizes[OUT_ROW] = out_row * job.out_size if job.finish != NULL else 0
    sizes[DIVISORS] = (job.block if finishes_block(job) else 1) * out_row * job.acc_size if job.uneven else 0
    if job.walk == Walk.ALONG:
        sizes[RESULTS] = job.block * out_row * job.acc_size
        return set_areas(job, sizes)
    if job.walk == Walk.DIRECT:
        sizes[RESULTS] = job.block * out_row * job.acc_size
        if job.gathered:
            sizes[PACKED] = job.gathered_rows * wide * job.in_size
        return set_areas(job, sizes)
    if job.walk == Walk.STRIPS:
        # A vector may reach beyond the last row, and beyond its divisors.
        sizes[RESULTS] = job.block * out_row * job.acc_size
        sizes[DIVISORS] += LINE
        area = n_plane_rows(job, job.block)
        if not job.bare:
            sizes[ROWS] = area * job.span * job.in_size + LINE
            sizes[PHASES] = sizes[ROWS] + LINE
        if goes_by_fours(job):
            sizes[SPARE] = area * (MAX_STRIP if job.bare else spare_step(job)) + LINE
        return set_areas(job, sizes)
    if job.walk == Walk.FLAT:
        area += 2               # it is read from a span before it to a span behind it
    elif at_once:
        area += job.column.taps
    area = area * wide * job.acc_size + LINE
    sizes[ROWS] = job.block * wide * job.acc_size + LINE if in_columns else area
    sizes[PHASES] = area if strides(job) and job.way != Way.FEW or job.way == Way.WIDEN or at_once else 0
    if job.way == Way.WEAVE and not job.phases.repeats:
        sizes[PHASES] = area * job.phases.stride
    if (job.way == Way.WIDEN or job.way == Way.HALVE or at_once or job.walk == Walk.PIECES
            or job.walk == Walk.LANES):
        sizes[SPARE] = area
    if job.walk == Walk.LANES:      # whose rows of scratch are parts of a window
        results = job.block * out_row * job.acc_size + LINE
    sizes[RESULTS] = results
    sizes[MORE_RESULTS] = results if job.n_sums == 2 else 0
    sizes[SUFFIXES] = job.column.taps * whole_lines(wide * job.acc_size) if herk else area if at_once else 0
    if in_columns:
        sizes[SUFFIXES] = job.column.taps * MAX_STRIPS
    sizes[PREFIX] = wide * job.acc_size if herk else 0
    sizes[PACKED] = MAX_ROWS * wide * job.in_size if job.gathered else 0
    sizes[STARTS] = n_drawn(job) * <Py_ssize_t>sizeof(Py_ssize_t)
    sizes[LABEL_ROW] = (out_row + wide) * <Py_ssize_t>sizeof(int64_t) if job.labelled else 0
    sizes[POINTERS] = job.column.taps * <Py_ssize_t>sizeof(char *) if herk else 0
    return set_areas(job, sizes)


cdef inline void lay_out(const Job *job, Work *work, char *scratch) noexcept nogil:
    """One thread's scratch."""
    memset(work, 0, sizeof(Work))
    work.loading = job.loading
    work.rows = scratch + job.areas[ROWS]
    work.phases = scratch + job.areas[PHASES]
    work.spare = scratch + job.areas[SPARE]
    work.results[0] = scratch + job.areas[RESULTS]
    work.results[1] = scratch + job.areas[MORE_RESULTS]
    work.suffixes = scratch + job.areas[SUFFIXES]
    work.prefix = scratch + job.areas[PREFIX]
    work.packed = scratch + job.areas[PACKED]
    work.out_row = scratch + job.areas[OUT_ROW]
    work.label_row = <int64_t *>(scratch + job.areas[LABEL_ROW])
    work.columns = work.label_row + job.row_tile * job.inner_tile
    work.columns_to = -1
    work.divisors = scratch + job.areas[DIVISORS]
    work.starts = <Py_ssize_t *>(scratch + job.areas[STARTS])
    work.suffix_rows = scratch + job.areas[POINTERS]
    work.stack_rows = <const char **>(scratch + job.areas[SPARE])
    work.stack_taps = <const char **>(scratch + job.areas[POINTERS])
