# Units of small windows, from the input's rows straight to the output: no vertical pass, no scratch row.

from libc.stdint cimport int64_t
from libc.string cimport memset

from cypool._engine.job cimport Axis, Job, Work, window
from cypool._engine.results cimport (
    divide_apart, divides_apart, finishes_block, make_divisors, only_sums, store_rows, target,
)
from cypool._engine.vertical cimport FETCHED_BYTES, fetched_at_once, fill_identity, pack_rows
from cypool._kernels.ahead cimport fetch_lines, fetch_neighbours
from cypool._kernels.types cimport Direct, Division

cdef extern from "streams.h" nogil:
    void end_streams()

cdef enum:
    MAX_DIRECT_ROWS = 4     # of a window,
    MAX_WINNER_ROWS = 64    # and of one of neighbours with labels
    MOST_FETCHED = 32768    # bytes


# Where the rows of windows are: in the input, or in the scratch that they were gathered in.
cdef struct Source:
    const char *data            # what stands at these positions of the row and of the column
    Py_ssize_t position
    Py_ssize_t row
    Py_ssize_t position_step    # bytes
    Py_ssize_t row_step
    Py_ssize_t plane_step       # of what was gathered; planes of the input are where their offsets say


cdef inline Source source_of(const Job *job, const Work *work, Py_ssize_t first_row, Py_ssize_t n_taps,
                             Py_ssize_t n_rows) noexcept nogil:
    """Of n_rows rows of windows, the first of which takes n_taps rows from first_row on."""
    cdef Source source
    cdef Py_ssize_t count = (n_rows - 1) * job.column.stride + (n_taps - 1) * job.column.dilation + 1
    cdef Py_ssize_t next_bytes = n_rows * job.column.stride * job.column.dim.in_stride
    cdef Py_ssize_t q
    cdef const char *data
    source.data = work.data
    source.position = source.row = 0
    source.position_step = job.row.dim.in_stride
    source.row_step = job.column.dim.in_stride
    if not job.gathered or n_taps == 0:
        return source
    source.data = work.packed
    source.position = work.real_from
    source.row = first_row
    source.position_step = work.n_inner * job.in_size
    source.row_step = (work.real_to - work.real_from) * source.position_step
    source.plane_step = count * source.row_step
    for q in range(work.n_listed):
        data = work.data + work.plane_offsets[q] + work.real_from * job.row.dim.in_stride
        data += first_row * job.column.dim.in_stride
        pack_rows(job, work, work.packed + q * source.plane_step, data, count)
        # What the next rows of windows read comes while these are computed.
        if next_bytes <= MOST_FETCHED:
            fetch_lines(data + count * job.column.dim.in_stride, next_bytes)
    return source


cdef inline void reduce_at_once(const Job *job, char *out, Py_ssize_t out_step, char *labels, const char **rows,
                                const int64_t *row_labels, Py_ssize_t n_taps, Py_ssize_t row_step, Py_ssize_t n_rows,
                                const Direct *how) noexcept nogil:
    if job.labelled:
        job.winners(out, out_step, labels, job.column.dim.label_stride, rows, row_labels, n_taps, row_step, n_rows, how,
                    NULL, NULL)
    else:
        job.direct(out, out_step, rows, n_taps, row_step, n_rows, how, NULL, NULL)


cdef inline void reduce_in_pieces(const Job *job, char *out, Py_ssize_t out_step, char *labels, const char **rows,
                                  const int64_t *row_labels, Py_ssize_t n_taps, Py_ssize_t row_step,
                                  Py_ssize_t n_rows, const Direct *how) noexcept nogil:
    """Windows of neighbours, some at a time, or some of many neighbours: what later ones read is fetched in between."""
    cdef const char *piece[MAX_WINNER_ROWS]
    cdef Direct part = how[0]
    cdef Py_ssize_t neighbours = fetched_at_once(n_taps) // job.in_size
    cdef Py_ssize_t windows = max(<Py_ssize_t>1, FETCHED_BYTES // (n_taps * how.taps * how.inner * job.in_size))
    cdef Py_ssize_t i, j, w, r, begin, at
    part.ahead = 0
    for i in range(n_rows):
        j = 0
        while j < how.n:
            part.n = min(windows, how.n - j)
            part.label = how.label + i * how.row_label + j * how.output_label
            begin = 0
            while begin < how.inner:
                part.inner = neighbours if begin + 2 * neighbours <= how.inner else how.inner - begin
                for r in range(n_taps):
                    piece[r] = rows[r] + i * row_step + j * how.output_step + begin * job.in_size
                for w in range(part.n):
                    fetch_neighbours(piece, n_taps, w * how.output_step, part.inner * job.in_size, how)
                if how.divisors != NULL:
                    part.divisors = how.divisors + i * how.divisors_step + j * job.acc_size
                at = j * how.inner + begin
                reduce_at_once(job, out + at * job.out_size, out_step, labels + at * <Py_ssize_t>sizeof(int64_t), piece,
                               row_labels, n_taps, row_step, 1, &part)
                begin += part.inner
            j += part.n
        out += out_step
        labels += job.column.dim.label_stride


cdef inline void reduce_rows(const Job *job, char *out, Py_ssize_t out_step, char *labels, const char **rows,
                             const int64_t *row_labels, Py_ssize_t n_taps, Py_ssize_t row_step, Py_ssize_t n_rows,
                             const Direct *how) noexcept nogil:
    if job.pieced and how.inner > 0:
        reduce_in_pieces(job, out, out_step, labels, rows, row_labels, n_taps, row_step, n_rows, how)
    else:
        reduce_at_once(job, out, out_step, labels, rows, row_labels, n_taps, row_step, n_rows, how)


cdef inline void reduce_windows(const Job *job, const Work *work, char *out, char *labels, const Source *source,
                                Py_ssize_t position, Py_ssize_t first_row, Py_ssize_t n_taps, Py_ssize_t n_rows,
                                Direct *how) noexcept nogil:
    """Windows from a position of the row on, in each of n_rows rows of outputs; the first one takes n_taps rows from
    first_row on."""
    cdef const char *rows[MAX_WINNER_ROWS]
    cdef int64_t row_labels[MAX_WINNER_ROWS]
    cdef Py_ssize_t out_step = work.results_pitch * work.n_inner * job.out_size
    cdef Py_ssize_t q, t, r = 0
    cdef Direct sums
    how.streamed = (work.streamed and work.aimed and how.inner > 0
                    and not (<Py_ssize_t>out | out_step | how.inner * job.out_size) & 15)
    for q in range(work.n_listed):
        for t in range(n_taps):
            rows[r] = (source.data + (q * source.plane_step if job.gathered else work.plane_offsets[q])
                       + (position - source.position) * source.position_step
                       + (first_row - source.row + t * job.column.dilation) * source.row_step)
            row_labels[r] = work.plane_labels[q] + (first_row + t * job.column.dilation) * job.column.label
            r += 1
    if r == 0 or how.taps == 0:
        # Only a gradient has windows without a tap, and that has no labels. Results that are narrower than accumulators
        # are sums.
        for r in range(n_rows):
            if job.out_size == job.acc_size:
                fill_identity(job, out + r * out_step, how.n * work.n_inner)
            else:
                memset(out + r * out_step, 0, <size_t>(how.n * work.n_inner * job.out_size))
        return
    if job.labelled:
        how.label = work.label + row_labels[0] + position * job.row.label
        how.tap_label = job.row.dilation * job.row.label
        how.output_label = job.row.stride * job.row.label
    elif divides_apart(job, how):
        sums = only_sums(how)
        reduce_rows(job, out, out_step, labels, rows, row_labels, r, job.column.stride * source.row_step, n_rows, &sums)
        divide_apart(job, out, out_step, n_rows, work.n_inner, how)
        return
    reduce_rows(job, out, out_step, labels, rows, row_labels, r, job.column.stride * source.row_step, n_rows, how)


cdef inline void divide_evenly(const Job *job, Direct *how) noexcept nogil:
    """What sums are divided by, where that is the same everywhere."""
    how.divisors = NULL
    how.divisors_step = 0
    how.divisor = <double>job.finishing.divisor
    how.shift = job.finishing.shift
    how.factor = 1 / how.divisor
    how.division = Division.NONE if how.shift == 0 else Division.PRODUCT if how.shift > 0 else Division.QUOTIENT


cdef inline void divide_by(const Job *job, Work *work, Py_ssize_t i, Py_ssize_t n_rows, Direct *how) noexcept nogil:
    """What sums are divided by, in rows of outputs from i on: whole windows of the column, or a single row."""
    divide_evenly(job, how)
    if not job.uneven:
        return
    how.division = Division.QUOTIENTS
    how.divisors = work.divisors
    if finishes_block(job):
        make_divisors(job, work, work.first_row, work.end_row - work.first_row)
        how.divisors_step = work.n_outputs * job.acc_size
        how.divisors += (i - work.first_row) * how.divisors_step
    else:
        make_divisors(job, work, i, 1)


cdef inline void reduce_rows_of_windows(const Job *job, Work *work, Py_ssize_t i, Py_ssize_t n_rows) noexcept nogil:
    """Rows of outputs from i on: the whole windows of a row, many at once, then those at its ends, each by itself."""
    cdef const Axis *row = &job.row
    cdef Py_ssize_t last_output = work.first_output + work.n_outputs
    cdef Py_ssize_t whole_from = max(row.whole_from, work.first_output)
    cdef Py_ssize_t whole_to = max(whole_from, min(row.whole_to, last_output))
    cdef Py_ssize_t j = work.first_output, first, first_row
    cdef Py_ssize_t n_taps = window(&job.column, i, &first_row)
    cdef Py_ssize_t size = work.n_inner * job.out_size
    cdef char *out = work.results[0] + (i - work.first_row) * work.results_pitch * size
    cdef char *labels = work.labels + i * job.column.dim.label_stride
    cdef const char *divisors
    cdef Direct how
    cdef Source source = source_of(job, work, first_row, n_taps, n_rows)
    divide_by(job, work, i, n_rows, &how)
    divisors = how.divisors
    how.identity = job.identity
    how.flip = job.loading.flip
    how.bias = job.loading.bias
    how.ahead = job.ahead
    how.row_label = job.column.stride * job.column.label
    # Rows that are not neighbours are planes of their own.
    how.plane_rows = n_taps if job.column.dilation == 1 else 1
    how.fresh_rows = max(min(how.plane_rows, job.column.stride), 1)
    how.stride = row.stride
    how.taps = row.taps
    how.inner = work.n_inner if job.inner.size > 1 else 0
    how.tap_step = row.dilation * source.position_step
    # One window may be at any stride; what is fetched for a next one is no more than it takes itself.
    how.output_step = row.stride if row.dim.size > 1 else min(row.stride, row.taps * row.dilation)
    how.output_step *= source.position_step
    how.lacks_first = how.lacks_last = False
    if row.taps == 3 and whole_from < whole_to and how.inner == 0 and work.n_listed * n_taps <= MAX_DIRECT_ROWS:
        # One that lacks no more than a tap at its end goes with them.
        if whole_from > work.first_output and row.origin + (whole_from - 1) * row.stride == -1:
            how.lacks_first = True
            whole_from -= 1
        if (whole_to < last_output and (row.stride == 1 or not job.labelled)
                and row.origin + whole_to * row.stride + 2 == row.length):
            how.lacks_last = True
            whole_to += 1
    how.n = whole_to - whole_from
    if how.n:
        if divisors != NULL:
            how.divisors = divisors + (whole_from - work.first_output) * job.acc_size
        reduce_windows(job, work, out + (whole_from - work.first_output) * size,
                       labels + (whole_from - work.first_output) * job.row.dim.label_stride, &source,
                       row.origin + whole_from * row.stride, first_row, n_taps, n_rows, &how)
    how.n = 1
    how.lacks_first = how.lacks_last = False
    while j < last_output:
        if j == whole_from and whole_to > whole_from:
            j = whole_to
            continue
        how.taps = window(row, j, &first)
        if divisors != NULL:
            how.divisors = divisors + (j - work.first_output) * job.acc_size
        reduce_windows(job, work, out + (j - work.first_output) * size,
                       labels + (j - work.first_output) * job.row.dim.label_stride, &source, first, first_row, n_taps,
                       n_rows, &how)
        j += 1


cdef inline char *aimed(const Job *job, Work *work, Py_ssize_t n_rows) noexcept nogil:
    """Where the unit's rows of results can be written straight away, as far apart as the output's are; or NULL."""
    cdef Py_ssize_t size = work.n_inner * job.out_size, step = job.column.dim.out_stride
    cdef char *out = target(job, work, work.first_row, 1, work.results_pitch)
    if out == NULL or n_rows == 1:
        return out
    if step % size:
        return NULL
    work.results_pitch = step // size
    return out


cdef inline void run_direct_unit(const Job *job, Work *work) noexcept nogil:
    cdef Py_ssize_t n_rows = work.end_row - work.first_row
    cdef Py_ssize_t i = work.first_row, end
    cdef char *own = work.results[0]
    cdef char *out
    work.results_pitch = work.n_outputs
    out = aimed(job, work, n_rows)
    work.aimed = out != NULL
    if out != NULL:
        work.results[0] = out
    while i < work.end_row:
        end = i + 1
        if job.column.whole_from <= i < job.column.whole_to:
            end = min(work.end_row, job.column.whole_to)
        reduce_rows_of_windows(job, work, i, end - i)
        i = end
    if work.streamed:
        end_streams()
    if out == NULL:
        store_rows(job, work, work.first_row, n_rows)
    work.results[0] = own
