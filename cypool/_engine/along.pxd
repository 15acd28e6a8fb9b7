# Units of small windows at stride 1 on long rows: a block of rows, without passes; maxima straight to the output.

from cypool._engine.job cimport Job, Work, ceil_div
from cypool._engine.results cimport store_rows
from cypool._engine.strips cimport input_rows, touch_plane
from cypool._kernels.odd cimport odd_divisor, odd_divisor_t
from cypool._kernels.types cimport Direct, Division, strips_t

cdef enum:
    BYTES_TAPS = 17         # of windows of bytes at most,
    BYTES_REACH = 64        # which end with the vector behind the one in which they begin


cdef inline bint gives_means(const Job *job, Direct *how) noexcept nogil:
    """Whether sums of bytes become means at once, by a divisor that all windows have; and how."""
    cdef odd_divisor_t odd
    how.division = Division.NONE
    if job.in_size != 1 or job.out_size != 1 or job.acc_size != 2 or job.uneven or job.finishing.signed_sums:
        return False
    odd = odd_divisor(job.finishing.divisor)
    if odd.usable:
        how.division = Division.PRODUCT
        how.bias = odd.added
        how.flip = odd.factor
        how.shift = odd.shift
    return odd.usable


cdef inline bint goes_in_bytes(const Job *job, Py_ssize_t inner, bint finished) noexcept nogil:
    """Whether 64 bytes at once do: straight to the output, by few taps, of bytes of both kinds of places."""
    cdef Py_ssize_t step = job.row.dilation * inner
    return (job.along_bytes != NULL and finished and job.row.taps % 2 == 1 and step % 2 == 1
            and 3 <= job.row.taps <= BYTES_TAPS and (job.row.taps - 1) * step < BYTES_REACH)


cdef inline void run_along_unit(const Job *job, Work *work) noexcept nogil:
    cdef Py_ssize_t step = job.column.dim.in_stride, inner = work.n_inner
    cdef Py_ssize_t dilation = job.column.dilation, out_step = job.column.dim.out_stride
    cdef Py_ssize_t i, n_rows
    cdef char *out = work.out + work.first_row * out_step
    cdef Direct how
    cdef bint finished = gives_means(job, &how) or job.finish == NULL
    cdef strips_t kernel = job.along_bytes if goes_in_bytes(job, inner, finished) else job.along
    if job.touched:
        touch_plane(job, work)
    if not finished:
        out = work.results[0]
        out_step = work.n_outputs * inner * job.acc_size
        work.results_pitch = work.n_outputs
    how.n = work.n_outputs * inner
    how.taps = job.row.taps
    how.column_taps = job.column.taps
    how.tap_step = job.row.dilation * inner * job.in_size
    how.identity = job.identity
    how.fetched = job.ahead
    for i in range(work.first_row, min(work.first_row + dilation, work.end_row)):
        # Windows whose rows are those of one phase of the dilation.
        n_rows = ceil_div(work.end_row - i, dilation)
        input_rows(job, i, n_rows, &how)
        how.row_from *= inner
        how.row_to *= inner
        how.later_rows = work.data + (job.column.origin + i + (n_rows + job.column.taps - 2) * dilation + 1) * step
        how.later_results = out + (i - work.first_row + (n_rows - 1) * dilation + 1) * out_step
        kernel(out + (i - work.first_row) * out_step, dilation * out_step,
               work.data + (job.column.origin + i) * step + job.row.origin * inner * job.in_size, dilation * step,
               n_rows, &how, NULL, NULL)
    if not finished:
        store_rows(job, work, work.first_row, work.end_row - work.first_row)
