# Results: accumulators become elements of the output, wherever those lie.

from libc.stdint cimport int64_t
from libc.string cimport memcpy

from cypool._engine.job cimport Axis, Finishing, Job, Work, cells, window


cdef inline bint contiguous(const Job *job, const Work *work) noexcept nogil:
    """Whether the tile's part of an output row is one piece."""
    return not job.scattered and (work.n_inner == job.inner.size or work.n_outputs == 1)


cdef inline char *target(const Job *job, const Work *work, Py_ssize_t first, Py_ssize_t n_rows,
                         Py_ssize_t pitch) noexcept nogil:
    """Where n_rows rows of results, `pitch` positions apart, can be written straight away; or NULL.

    So can sums that are still to be divided, if they are as large as results: the output's lines then come into the
    cache while the input is read, not in one go afterwards. 2x2 averages gain a tenth.
    """
    if (job.finish != NULL and not job.in_place) or not contiguous(job, work):
        return NULL
    if n_rows > 1 and (pitch != work.n_outputs or work.n_inner < job.inner.size
                       or job.column.dim.out_stride != pitch * job.inner.size * job.out_size):
        return NULL
    return work.out + first * job.column.dim.out_stride


cdef inline void scatter(const Job *job, const Work *work, char *out, const char *row, Py_ssize_t n) noexcept nogil:
    """Write n outputs of a row to any strides, in any byte order."""
    cdef Py_ssize_t j
    if work.n_inner == 1:
        job.unpack(out, row, n, job.row.dim.out_stride, job.swapped_out)
    else:
        for j in range(n):
            job.unpack(out + j * job.row.dim.out_stride, row + j * work.n_inner * job.out_size, work.n_inner,
                       job.inner.out_stride, job.swapped_out)


cdef inline void scatter_labels(const Job *job, const Work *work, char *out, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t j, c
    for j in range(n):
        for c in range(work.n_inner):
            (<int64_t *>(out + j * job.row.dim.label_stride + c * job.inner.label_stride))[0] = \
                work.label_row[j * work.n_inner + c]


cdef inline void finish_run(const Job *job, Work *work, const Finishing *how, char *out, char *labels,
                            Py_ssize_t offset, Py_ssize_t n) noexcept nogil:
    """Finish n outputs that share a divisor; `offset` bytes into the accumulators."""
    cdef bint direct = contiguous(job, work)
    job.finish(out if direct else work.out_row, <char *>work.label_row, work.results[0] + offset,
               work.results[1] + offset, n * work.n_inner, how)
    if not direct:
        scatter(job, work, out, work.out_row, n)
    if job.labelled:
        scatter_labels(job, work, labels, n)


cdef inline void set_divisor(const Job *job, Finishing *how, int64_t divisor) noexcept nogil:
    divisor = job.fixed_divisor if job.fixed_divisor else divisor
    how.divisor = divisor
    how.shift = -1
    if divisor > 0 and divisor & (divisor - 1) == 0:
        how.shift = 0
        while divisor > 1:
            divisor >>= 1
            how.shift += 1


cdef inline void make_divisors(const Job *job, Work *work, int64_t row_cells) noexcept nogil:
    """The divisors of the tile's outputs; kept as long as the tile and the other axes' cells stay the same."""
    cdef Py_ssize_t j, c, n = work.n_inner
    cdef int64_t divisor
    if work.divisors_rows == 0 and work.divisors_for == row_cells and work.divisors_tile == work.first_output and work.divisors_inner == n:
        return
    for j in range(work.n_outputs):
        divisor = row_cells * cells(&job.row, work.first_output + j)
        for c in range(n):
            if job.acc_size == 4:
                (<float *>work.divisors)[j * n + c] = <float>divisor
            else:
                (<double *>work.divisors)[j * n + c] = <double>divisor
    work.divisors_for = row_cells
    work.divisors_rows = 0
    work.divisors_tile = work.first_output
    work.divisors_inner = n


cdef inline void make_block_divisors(const Job *job, Work *work) noexcept nogil:
    """The divisors of all outputs of a flat block; mostly the same for every block."""
    cdef Py_ssize_t i, j, c, k = 0
    cdef int64_t row_cells, divisor
    if (work.divisors_for == work.plane_cells and work.divisors_tile == work.first_row
            and work.divisors_rows == work.end_row - work.first_row):
        return
    for i in range(work.first_row, work.end_row):
        row_cells = work.plane_cells * cells(&job.column, i)
        for j in range(work.n_outputs):
            divisor = row_cells * cells(&job.row, j)
            for c in range(work.n_inner):
                if job.acc_size == 4:
                    (<float *>work.divisors)[k] = <float>divisor
                else:
                    (<double *>work.divisors)[k] = <double>divisor
                k += 1
    work.divisors_for = work.plane_cells
    work.divisors_tile = work.first_row
    work.divisors_rows = work.end_row - work.first_row


cdef inline void finish_row(const Job *job, Work *work, Py_ssize_t i, Py_ssize_t offset) noexcept nogil:
    """Finish output row i, whose accumulators start `offset` bytes into the results."""
    cdef char *out = work.out + i * job.column.dim.out_stride
    cdef char *labels = work.labels + i * job.column.dim.label_stride
    cdef const Axis *row = &job.row
    cdef Py_ssize_t size = work.n_inner * job.acc_size
    cdef Py_ssize_t j = 0, end, first
    cdef int64_t row_cells, row_taps
    if not job.uneven:
        finish_run(job, work, &job.finishing, out, labels, offset, work.n_outputs)
        return
    how = job.finishing
    row_cells = work.plane_cells * cells(&job.column, i)
    if job.divided:
        # One division by a row of divisors instead of a call for each border.
        make_divisors(job, work, row_cells)
        how.divisors = work.divisors
        finish_run(job, work, &how, out, labels, offset, work.n_outputs)
        return
    row_taps = work.plane_taps * window(&job.column, i, &first)
    while j < work.n_outputs:
        # Whole windows share their divisor; at the borders each has its own.
        end = j + 1
        if row.whole_from <= work.first_output + j < row.whole_to:
            end = min(work.n_outputs, row.whole_to - work.first_output)
        set_divisor(job, &how, row_cells * cells(row, work.first_output + j))
        how.taps = row_taps * window(row, work.first_output + j, &first)
        finish_run(job, work, &how, out + j * row.dim.out_stride, labels + j * row.dim.label_stride,
                   offset + j * size, end - j)
        j = end


cdef inline void store_rows(const Job *job, Work *work, Py_ssize_t first, Py_ssize_t n_rows) noexcept nogil:
    """Write n_rows rows of results to the output, from output row `first` on."""
    cdef Py_ssize_t step = work.results_pitch * work.n_inner * job.acc_size
    cdef Py_ssize_t t
    cdef char *out
    if (job.flat and job.uneven and job.divided and contiguous(job, work)
            and job.column.dim.out_stride == work.n_outputs * job.inner.size * job.out_size):
        how = job.finishing
        make_block_divisors(job, work)
        how.divisors = work.divisors
        job.finish(work.out + first * job.column.dim.out_stride, NULL, work.results[0], NULL,
                   n_rows * work.n_outputs * work.n_inner, &how)
        return
    if (n_rows > 1 and job.finish != NULL and not job.uneven and not job.labelled and contiguous(job, work)
            and work.results_pitch == work.n_outputs and work.n_inner == job.inner.size
            and job.column.dim.out_stride == work.n_outputs * job.inner.size * job.out_size):
        out = work.out + first * job.column.dim.out_stride
        job.finish(out, NULL, work.results[0], work.results[1], n_rows * work.n_outputs * work.n_inner, &job.finishing)
        return
    for t in range(n_rows):
        if job.finish != NULL:
            finish_row(job, work, first + t, t * step)
            continue
        out = work.out + (first + t) * job.column.dim.out_stride
        if contiguous(job, work):
            memcpy(out, work.results[0] + t * step, <size_t>(work.n_outputs * work.n_inner * job.out_size))
        else:
            scatter(job, work, out, work.results[0] + t * step, work.n_outputs)
