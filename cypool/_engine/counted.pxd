# Units of medians of large windows of bytes at stride 1, by histograms: see histograms.pyx.

from cypool._engine.job cimport Job, Work
from cypool._kernels.types cimport Counted


cdef inline void run_counted_unit(const Job *job, Work *work) noexcept nogil:
    """A block of rows, which are the output's own."""
    cdef Counted how
    how.n = work.n_outputs
    how.n_rows = work.end_row - work.first_row
    how.first_row = job.column.origin + work.first_row
    how.row_taps = job.column.taps
    how.rows = job.column.length
    how.row_step = job.column.dim.in_stride
    how.first_column = job.row.origin + work.first_output
    how.taps = job.row.taps
    how.columns = job.row.length
    how.n_planes = work.n_listed
    how.planes = work.plane_offsets
    how.out_step = job.column.dim.out_stride
    how.flip = <int>job.loading.bias
    how.histograms = work.rows
    job.counted(work.out + work.first_row * how.out_step, work.data, &how)
