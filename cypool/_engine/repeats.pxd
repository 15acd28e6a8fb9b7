# Units of gradients of windows that lie side by side, or with gaps between them.
#
# Such a window has each input to itself, so nothing is added: rows of the gradient are divided, and stored as often as
# their windows have taps. What lies in a gap is 0.

from libc.string cimport memset

from cypool._engine.alike cimport n_alike
from cypool._engine.job cimport Job, Work, window
from cypool._kernels.types cimport Repeats

cdef extern from "streams.h" nogil:
    void end_streams()


cdef inline const char *finished_rows(const Job *job, Work *work, const char *data, Py_ssize_t n_rows,
                                      Py_ssize_t n) noexcept nogil:
    """n_rows rows of the gradient as they are in the output, in scratch: all at once if they lie end to end."""
    cdef const char *rows[1]
    cdef Py_ssize_t r, m = n
    if job.column.dim.in_stride == n * job.in_size:
        m = n * n_rows
        n_rows = 1
    for r in range(n_rows):
        rows[0] = data + r * job.column.dim.in_stride
        if not job.plain:
            job.load[0](work.rows, rows, 1, m, True, &work.loading)
            rows[0] = work.rows
        job.finish(work.results[0] + r * n * job.out_size, NULL, <char *>rows[0], NULL, m, &job.finishing)
    return work.results[0]


cdef inline void run_repeated_unit(const Job *job, Work *work) noexcept nogil:
    """All rows of a block. Outputs that no window has are 0."""
    cdef Py_ssize_t out_step = job.column.dim.out_stride
    cdef Py_ssize_t n_bytes = work.n_outputs * work.n_inner * job.out_size
    cdef Py_ssize_t stride = job.phases.stride
    cdef Py_ssize_t at = work.first_output + job.phases.before
    # None where all that is of a tile lies in a gap.
    cdef Py_ssize_t n = max(<Py_ssize_t>0, work.real_to - at // stride) * work.n_inner
    cdef Py_ssize_t i = work.first_row, t, n_rows, first
    cdef const char *data = work.data + at // stride * job.row.dim.in_stride
    cdef Py_ssize_t group_bytes = work.n_inner * job.out_size
    cdef char *out
    cdef Repeats how
    how.times = job.phases.times
    how.gap = stride - how.times
    # Others would be copied by a call each.
    how.streamed = work.streamed and not (<Py_ssize_t>work.out | out_step | group_bytes) & 15
    how.group = work.n_inner
    how.skipped = at % stride
    how.n = max(<Py_ssize_t>0, min(work.n_outputs, job.row.length * stride - at))
    how.n_blank = work.n_outputs - how.n
    while i < work.end_row:
        out = work.out + i * out_step
        how.rows = n_alike(&job.column, i, work.end_row)
        if how.n == 0 or work.plane_taps == 0 or window(&job.column, i, &first) == 0:
            for t in range(how.rows):
                memset(out + t * out_step, 0, <size_t>n_bytes)
            i += how.rows
            continue
        n_rows = 0
        while (i < work.end_row and window(&job.column, i, &t) == 1 and t == first + n_rows
               and n_alike(&job.column, i, work.end_row) == how.rows):
            i += how.rows
            n_rows += 1
        job.repeat(out, out_step,
                   finished_rows(job, work, data + work.plane_offsets[0] + first * job.column.dim.in_stride, n_rows, n),
                   n * job.out_size, n_rows, &how)
    if how.streamed:
        end_streams()
