# Units of small planes, as the inner axis: gradients of overlapping windows, of as many planes side by side as a vector
# has lanes, and small windows of planes whose rows fit in two vectors, one plane after the other.

from cypool._engine.direct cimport divide_evenly
from cypool._engine.job cimport Job, Work
from cypool._kernels.types cimport Direct, Division, Slim, Spreading


cdef inline void run_spread_unit(const Job *job, Work *work) noexcept nogil:
    """Some planes, whole; the inner axis leads from one to the next."""
    cdef Spreading how
    cdef Direct division
    divide_evenly(job, &division)
    how.n_planes = work.n_inner
    how.plane_step = job.inner.in_stride
    how.places = job.column.length * job.row.length
    how.width = job.row.length
    how.out_plane_step = job.inner.out_stride
    how.out_row_step = job.column.dim.out_stride
    how.n_rows = job.column.dim.size
    how.n = job.row.dim.size
    how.column_starts = job.column.starts
    how.column_counts = job.column.counts
    how.row_starts = job.row.starts
    how.row_counts = job.row.counts
    how.divisor = 1 if division.division == Division.NONE else <float>division.divisor
    job.spread(work.out, work.data, &how)


cdef inline void run_slim_unit(const Job *job, Work *work) noexcept nogil:
    cdef Slim how
    cdef Direct division
    divide_evenly(job, &division)
    how.division, how.factor, how.divisor = division.division, division.factor, division.divisor
    how.n_planes = work.n_inner
    how.plane_step = job.inner.in_stride
    how.out_plane_step = job.inner.out_stride
    how.taps = job.n_slim_taps
    how.n_steps = job.n_slim_steps
    how.steps = job.slim_steps
    how.places = job.slim_places
    how.two = job.slim_two
    job.slim(work.out, work.data, &how, NULL)
