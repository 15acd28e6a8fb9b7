# Units of small planes with windows at stride 1: a copy of the plane with its borders, pooled in strips.

from cypool._engine.direct cimport divide_by
from cypool._engine.job cimport MAX_STRIP, Dim, Job, Work, ceil_div
from cypool._engine.results cimport divide_apart, divides_apart, finishes_block, only_sums, store_rows, target
from cypool._engine.vertical cimport cypool_touch, fill_identity, pack_row
from cypool._kernels.types cimport Direct

cdef enum:
    AT_ONCE_BYTES = 16384   # of the input's planes that one call pools: they stay in the first level cache


cdef inline Py_ssize_t spare_step(const Job *job) noexcept nogil:
    """Bytes from one row of scratch to the next, where the strips need such rows."""
    return (job.row_tile * job.in_size + MAX_STRIP - 1) // MAX_STRIP * MAX_STRIP


cdef inline bint goes_by_fours(const Job *job) noexcept nogil:
    """Whether the strips need such rows: windows are not of 3x3 or 5x5 taps."""
    return job.row.taps != job.column.taps or (job.row.taps != 3 and job.row.taps != 5)


cdef inline Py_ssize_t n_plane_rows(const Job *job, Py_ssize_t n_rows) noexcept nogil:
    """How many rows the windows of n_rows rows of outputs read."""
    return n_rows + (job.column.taps - 1) * job.column.dilation


cdef inline void frame_plane(const Job *job, Work *work, Py_ssize_t n_rows, Py_ssize_t above,
                             Py_ssize_t below) noexcept nogil:
    """The identity wherever the plane's rows do not come; kept while that is the same."""
    cdef Py_ssize_t before = work.real_from - work.base
    cdef Py_ssize_t after = work.base + work.pitch - work.real_to
    if (work.padded_pitch == work.pitch and work.padded_rows == n_rows and work.padded_before == before
            and work.padded_after == after and work.padded_above == above and work.padded_below == below):
        return
    fill_identity(job, work.rows, n_rows * work.pitch)
    work.padded_pitch = work.pitch
    work.padded_rows = n_rows
    work.padded_before = before
    work.padded_after = after
    work.padded_above = above
    work.padded_below = below


cdef inline void touch_plane(const Job *job, const Work *work) noexcept nogil:
    """Read the rows of the unit's windows in order, which is not how strips come to them."""
    cdef Py_ssize_t step = job.column.dim.in_stride
    cdef Py_ssize_t first = max(job.column.origin + work.first_row, 0)
    cdef Py_ssize_t end = min(job.column.origin + work.first_row + n_plane_rows(job, work.end_row - work.first_row),
                              job.column.length)
    cdef Py_ssize_t r
    for r in range(first, end):
        cypool_touch(work.data + r * step + work.real_from * work.n_inner * job.in_size,
                     (work.real_to - work.real_from) * work.n_inner * job.in_size)


cdef inline bint copy_plane(const Job *job, Work *work) noexcept nogil:
    """All rows that the unit's windows read, or would if the input went on; whether they have a NaN."""
    cdef Py_ssize_t n_rows = n_plane_rows(job, work.end_row - work.first_row)
    cdef Py_ssize_t first = job.column.origin + work.first_row
    cdef Py_ssize_t above = min(max(-first, 0), n_rows)
    cdef Py_ssize_t below = min(max(first + n_rows - job.column.length, 0), n_rows)
    cdef Py_ssize_t n = work.real_to - work.real_from
    cdef Py_ssize_t size = work.pitch * job.in_size
    cdef Py_ssize_t step = job.column.dim.in_stride
    cdef const char *data = work.data + (first + above) * step + work.real_from * job.row.dim.in_stride
    cdef char *rows = work.rows + above * size + (work.real_from - work.base) * job.in_size
    cdef Py_ssize_t r
    frame_plane(job, work, n_rows, above, below)
    n_rows -= above + below
    if n_rows <= 0 or n <= 0:
        return False
    if job.gathered:
        for r in range(n_rows):
            pack_row(job, work, rows + r * size, data + r * step)
        data = rows
        step = size
    return job.bring(rows, size, data, step, n_rows, n, NULL, NULL)


cdef inline Py_ssize_t planes_at_once(const Job *job, const Work *work, Py_ssize_t unit,
                                      Py_ssize_t n_units) noexcept nogil:
    """How many of the units from the one at hand on are whole planes that one call can pool."""
    cdef Py_ssize_t step = job.column.dim.in_stride, n_bytes = job.column.length * max(step, -step)
    cdef const Dim *planes = &job.outer[job.n_outer - 1]
    if (n_units == 1 or job.n_outer == 0 or job.n_blocks > 1 or n_bytes == 0 or 2 * n_bytes > AT_ONCE_BYTES
            or target(job, work, 0, job.column.dim.size, job.row.dim.size) == NULL):
        return 1
    return min(n_units, planes.size - unit % planes.size, AT_ONCE_BYTES // n_bytes)


cdef inline void input_rows(const Job *job, Py_ssize_t i, Py_ssize_t n_rows, Direct *how) noexcept nogil:
    """What is in the input of the rows, and of a row, that n_rows rows of outputs from i on read, of one phase of the
    dilation."""
    cdef Py_ssize_t first = job.column.origin + i, dilation = job.column.dilation
    how.row_from = max(-job.row.origin, <Py_ssize_t>0)
    how.row_to = job.row.length - job.row.origin
    how.real_from = ceil_div(max(-first, <Py_ssize_t>0), dilation)
    how.real_to = min(n_rows + job.column.taps - 1, ceil_div(max(job.column.length - first, <Py_ssize_t>0), dilation))


cdef inline void run_squares(const Job *job, Work *work, Py_ssize_t i, Py_ssize_t n_rows, Py_ssize_t n_planes,
                             Direct *how) noexcept nogil:
    """Rows of outputs from i on, those of one phase of the dilation, from the input itself; of some planes."""
    cdef Py_ssize_t step = job.column.dim.in_stride, dilation = job.column.dilation
    cdef Py_ssize_t first = job.column.origin + i, out_size = work.n_outputs * job.out_size
    input_rows(job, i, n_rows, how)
    how.fetched = job.ahead
    how.n_planes = n_planes
    how.plane_step = job.outer[job.n_outer - 1].in_stride if n_planes > 1 else 0
    how.out_plane_step = job.outer[job.n_outer - 1].out_stride if n_planes > 1 else 0
    how.later_rows = (work.data + (first + (n_rows - 1) * dilation + 1) * step
                      + (n_planes - 1) * how.plane_step)
    how.later_results = (work.results[0] + (i - work.first_row + (n_rows - 1) * dilation + 1) * out_size
                         + (n_planes - 1) * how.out_plane_step)
    job.squares(work.results[0] + (i - work.first_row) * out_size, dilation * out_size,
                work.data + first * step + job.row.origin * job.in_size, dilation * step, n_rows, how, NULL, NULL)


cdef inline void run_strips_unit(const Job *job, Work *work, Py_ssize_t n_planes) noexcept nogil:
    """A unit; or of whole planes, straight from the input to the output, some units."""
    cdef Py_ssize_t n_rows = work.end_row - work.first_row
    cdef Py_ssize_t i = work.first_row, end, phase, count, p, dilation = job.column.dilation
    cdef Py_ssize_t size = work.pitch * job.in_size, out_size = work.n_outputs * job.out_size
    cdef char *own = work.results[0]
    cdef char *out
    cdef bint numbers = False, apart
    cdef Direct how, sums
    cdef Direct *given
    work.results_pitch = work.n_outputs
    out = target(job, work, work.first_row, n_rows, work.results_pitch)
    if out != NULL:
        work.results[0] = out
    if job.touched:
        touch_plane(job, work)
    if not job.bare:
        numbers = not copy_plane(job, work)
    while i < work.end_row:
        end = work.end_row
        if job.uneven and not finishes_block(job):
            # Rows that share their divisors.
            end = i + 1
            if job.column.whole_from <= i < job.column.whole_to:
                end = min(work.end_row, job.column.whole_to)
        divide_by(job, work, i, end - i, &how)
        how.numbers = numbers
        how.identity = job.identity
        how.n = work.n_outputs
        how.taps = job.row.taps
        how.column_taps = job.column.taps
        how.tap_step = job.row.dilation * job.in_size
        how.divisors_step *= dilation
        how.spare = work.spare
        how.spare_step = spare_step(job)
        how.fours = work.phases
        given = &how
        apart = divides_apart(job, &how)
        if apart:
            sums = only_sums(&how)
            given = &sums
        for phase in range(i - work.first_row, min(i + dilation, end) - work.first_row):
            # Windows whose rows are those of one phase of the dilation.
            count = ceil_div(end - work.first_row - phase, dilation)
            if job.bare:
                run_squares(job, work, work.first_row + phase, count, n_planes, given)
            else:
                given.real_from = max(ceil_div(work.padded_above - phase, dilation), <Py_ssize_t>0)
                given.real_to = ceil_div(max(work.padded_rows - work.padded_below - phase, <Py_ssize_t>0), dilation)
                given.real_to = min(given.real_to, count + job.column.taps - 1)
                job.strips(work.results[0] + phase * out_size, dilation * out_size, work.rows + phase * size,
                           dilation * size, count, given, NULL, NULL)
            if apart:
                for p in range(n_planes):
                    divide_apart(job, work.results[0] + p * given.out_plane_step + phase * out_size,
                                 dilation * out_size, count, 1, &how)
            if how.divisors != NULL:
                how.divisors += how.divisors_step // dilation
        i = end
    if out == NULL:
        store_rows(job, work, work.first_row, n_rows)
    work.results[0] = own
