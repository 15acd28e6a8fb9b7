# Units of long windows along a column, of floats or bytes: a block of as many rows as a window has taps, in strips.

from cypool._engine.horizontal cimport horizontal_pitch
from cypool._engine.job cimport Job, Work
from cypool._engine.units cimport finish_streamed_row, pad_rows
from cypool._engine.vertical cimport cypool_touch
from cypool._kernels.types cimport Columns


cdef inline void run_columns_unit(const Job *job, Work *work) noexcept nogil:
    """All of the block's vertical passes at once, then row by row what is left to do."""
    cdef Py_ssize_t n_rows = work.end_row - work.first_row
    cdef Py_ssize_t step = job.column.dim.in_stride
    cdef Py_ssize_t size = work.n_inner * job.acc_size
    cdef Py_ssize_t first = job.column.origin + work.first_row
    cdef const char *data = work.data + first * step + work.real_from * job.row.dim.in_stride
    cdef Py_ssize_t j
    cdef Columns how
    how.n = (work.real_to - work.real_from) * work.n_inner
    how.taps = job.column.taps
    how.identity = job.identity
    how.spare = work.suffixes
    how.real_from = max(-first, <Py_ssize_t>0)
    how.real_to = min(job.column.length - first, how.taps + n_rows - 1)
    work.results_pitch = horizontal_pitch(job, work)
    pad_rows(job, work, n_rows)
    if job.touched:
        # In order, which is not how strips come to them. Most rows were read for the block before.
        for j in range(max(how.real_from, how.taps - 1 if work.first_row > 0 else 0), how.real_to):
            cypool_touch(data + j * step, how.n * job.in_size)
    if how.n > 0:
        job.columns(work.rows + (work.real_from - work.base) * size, work.pitch * size, data, step, n_rows, &how, NULL,
                    NULL)
    for j in range(n_rows):
        finish_streamed_row(job, work, work.rows + j * work.pitch * size, work.first_row + j)
