# Results: accumulators become elements of the output, wherever those lie.

from libc.stdint cimport int64_t, uint16_t
from libc.string cimport memcpy

from cypool._engine.job cimport MAX_STRIP, Axis, Finishing, Job, Walk, Work, cells, finishes_last, window
from cypool._kernels.types cimport Direct, Division

cdef extern from "denormals.h" nogil:
    bint denormals_noted()

cdef enum:
    ALIKE = -1              # where rows of divisors begin that are the same wherever that is


cdef inline bint contiguous(const Job *job, const Work *work) noexcept nogil:
    """Whether the tile's part of an output row is one piece."""
    return not job.scattered and (work.n_inner == job.inner.size or work.n_outputs == 1)


cdef inline bint finishes_block(const Job *job) noexcept nogil:
    """Whether a block of rows has divisors of its own: they lie end to end, and other planes have the same ones."""
    return job.walk == Walk.FLAT or ((job.walk == Walk.DIRECT or job.walk == Walk.STRIPS) and job.n_blocks == 1)


cdef inline char *target(const Job *job, const Work *work, Py_ssize_t first, Py_ssize_t n_rows,
                         Py_ssize_t pitch) noexcept nogil:
    """Where n_rows rows of results, `pitch` positions apart, can be written straight away; or NULL.

    So can sums that are still to be divided, if they are as large as results: the output's lines then come into the
    cache while the input is read, not in one go afterwards. 2x2 averages gain a tenth.
    """
    if (finishes_last(job) and not job.in_place) or not contiguous(job, work):
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


cdef inline bint contiguous_labels(const Job *job, const Work *work) noexcept nogil:
    """Whether the labels of the tile's part of a row are one piece."""
    cdef Py_ssize_t size = sizeof(int64_t)
    return ((work.n_inner == 1 or job.inner.label_stride == size)
            and (work.n_outputs == 1 or (work.n_inner == job.inner.size
                                         and job.row.dim.label_stride == work.n_inner * size)))


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
    cdef bint direct_labels = job.labelled and contiguous_labels(job, work)
    job.finish(out if direct else work.out_row, labels if direct_labels else <char *>work.label_row,
               work.results[0] + offset, work.results[1] + offset, n * work.n_inner, how)
    if not direct:
        scatter(job, work, out, work.out_row, n)
    if job.labelled and not direct_labels:
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
    how.factor = <uint16_t>(65536 >> how.shift) if 0 < how.shift <= 16 else 0


cdef inline void fill_divisors(const Job *job, Work *work, Py_ssize_t at, Py_ssize_t n, int64_t divisor) noexcept nogil:
    cdef Py_ssize_t i
    if job.acc_size == 4:
        for i in range(at, at + n):
            (<float *>work.divisors)[i] = <float>divisor
    else:
        for i in range(at, at + n):
            (<double *>work.divisors)[i] = <double>divisor


cdef inline Py_ssize_t put_divisors(const Job *job, Work *work, Py_ssize_t at, int64_t row_cells) noexcept nogil:
    """Write the divisors of a row's outputs, from number `at` on; gives what comes after them."""
    cdef Py_ssize_t j = work.first_output, end = work.first_output + work.n_outputs, n
    # A direct kernel takes one for all neighbours.
    cdef Py_ssize_t times = 1 if job.walk == Walk.DIRECT else work.n_inner
    cdef int64_t divisor
    while j < end:
        divisor = row_cells * cells(&job.row, j)
        n = times
        if job.row.starts == NULL and job.row.whole_from <= j < job.row.whole_to:
            # Whole windows are all alike.
            n *= min(end, job.row.whole_to) - j
        fill_divisors(job, work, at, n, divisor)
        at += n
        j += n // times
    return at


cdef inline void make_divisors(const Job *job, Work *work, Py_ssize_t first, Py_ssize_t n_rows) noexcept nogil:
    """The divisors of rows of outputs; kept as long as they are the same."""
    cdef Py_ssize_t i, at = 0
    cdef int64_t row_cells = work.plane_cells * cells(&job.column, first)
    # Rows of whole windows are all alike.
    cdef bint alike = n_rows == 1 or (job.column.starts == NULL and job.column.whole_from <= first
                                      and first + n_rows <= job.column.whole_to)
    cdef Py_ssize_t kind = ALIKE if alike else first
    if (work.divisors_cells == row_cells and work.divisors_rows == n_rows and work.divisors_inner == work.n_inner
            and work.divisors_tile == work.first_output and work.divisors_first == kind):
        return
    for i in range(first, first + n_rows):
        at = put_divisors(job, work, at, work.plane_cells * cells(&job.column, i))
    if job.walk == Walk.STRIPS:
        # A vector may reach beyond the last one, and what stands there may be denormal, by which a division takes long.
        fill_divisors(job, work, at, MAX_STRIP // job.acc_size, 1)
    work.divisors_cells = row_cells
    work.divisors_first = kind
    work.divisors_rows = n_rows
    work.divisors_tile = work.first_output
    work.divisors_inner = work.n_inner


cdef inline bint divides_apart(const Job *job, const Direct *how) noexcept nogil:
    """Whether a kernel that divides what it has summed had better not: there may be denormals, see denormals.h."""
    return job.divided and job.in_place and how.division != Division.NONE and denormals_noted()


cdef inline Direct only_sums(const Direct *how) noexcept nogil:
    cdef Direct sums = how[0]
    sums.division = Division.NONE
    sums.streamed = False
    sums.divisors = NULL
    sums.divisors_step = 0
    return sums


cdef inline void divide_apart(const Job *job, char *sums, Py_ssize_t step, Py_ssize_t n_rows, Py_ssize_t inner,
                              const Direct *how) noexcept nogil:
    """Divide n_rows rows of sums, `step` bytes apart, each of how.n outputs of `inner` neighbours."""
    cdef Py_ssize_t size = inner * job.out_size, _r, j
    cdef const char *divisors = how.divisors
    cdef Py_ssize_t n = how.n * inner
    cdef Finishing finishing = job.finishing
    if divisors == NULL and step == how.n * size:
        n *= n_rows
        n_rows = 1
    for _r in range(n_rows):
        if divisors == NULL or inner == 1:
            finishing.divisors = divisors
            job.finish(sums, NULL, sums, NULL, n, &finishing)
        else:
            # Neighbours share a divisor.
            for j in range(how.n):
                finishing.shift = -1
                if job.acc_size == 4:
                    finishing.divisor = <int64_t>(<const float *>divisors)[j]
                else:
                    finishing.divisor = <int64_t>(<const double *>divisors)[j]
                job.finish(sums + j * size, NULL, sums + j * size, NULL, inner, &finishing)
        sums += step
        if divisors != NULL:
            divisors += how.divisors_step


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
    if job.divided and work.n_outputs > 1:
        # One division by a row of divisors instead of a call for each border.
        make_divisors(job, work, i, 1)
        how.divisors = work.divisors
        finish_run(job, work, &how, out, labels, offset, work.n_outputs)
        return
    row_cells = work.plane_cells * cells(&job.column, i)
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
    cdef Py_ssize_t t, n
    cdef char *out
    if (job.walk == Walk.FLAT and job.uneven and job.divided and contiguous(job, work)
            and job.column.dim.out_stride == work.n_outputs * job.inner.size * job.out_size):
        how = job.finishing
        make_divisors(job, work, first, n_rows)
        how.divisors = work.divisors
        job.finish(work.out + first * job.column.dim.out_stride, NULL, work.results[0], NULL,
                   n_rows * work.n_outputs * work.n_inner, &how)
        return
    if (n_rows > 1 and finishes_last(job) and not job.uneven and not job.labelled and contiguous(job, work)
            and work.results_pitch == work.n_outputs and work.n_inner == job.inner.size
            and job.column.dim.out_stride == work.n_outputs * job.inner.size * job.out_size):
        out = work.out + first * job.column.dim.out_stride
        job.finish(out, NULL, work.results[0], work.results[1], n_rows * work.n_outputs * work.n_inner, &job.finishing)
        return
    if finishes_last(job):
        for t in range(n_rows):
            finish_row(job, work, first + t, t * step)
        return
    n = work.n_outputs * work.n_inner
    step = job.row.dim.out_stride if work.n_inner == 1 else job.inner.out_stride
    if (work.n_inner == job.inner.size and work.results_pitch == work.n_outputs
            and job.row.dim.out_stride == work.n_inner * step and job.column.dim.out_stride == n * step):
        # Rows that follow each other, all elements equally far apart.
        out = work.out + first * job.column.dim.out_stride
        if job.scattered or step != job.out_size:
            # A single element of a row is as far from the next as the rows are.
            job.unpack(out, work.results[0], n_rows * n, step, job.swapped_out)
        else:
            memcpy(out, work.results[0], <size_t>(n_rows * n * step))
        return
    step = work.results_pitch * work.n_inner * job.out_size
    for t in range(n_rows):
        out = work.out + (first + t) * job.column.dim.out_stride
        if contiguous(job, work):
            memcpy(out, work.results[0] + t * step, <size_t>(work.n_outputs * work.n_inner * job.out_size))
        else:
            scatter(job, work, out, work.results[0] + t * step, work.n_outputs)
