# Units of long windows along a column: a block of as many rows as a window has taps, of floats or bytes in strips, of
# integers row by row.

from libc.string cimport memcpy

from cypool._engine.horizontal cimport horizontal_pitch
from cypool._engine.job cimport Job, Way, Work
from cypool._engine.results cimport target
from cypool._engine.scratch cimport whole_lines
from cypool._engine.units cimport finish_streamed_row, pad_rows
from cypool._engine.vertical cimport cypool_touch, fill_identity
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


cdef inline bint meets(const Job *job) noexcept nogil:
    """Whether a column that is walked row by row has but rows of the input, as they are."""
    return job.meet != NULL and not job.gathered and job.n_planes == 0 and (
        job.inner_tile == job.inner.size or job.span == 1)


cdef inline void run_met_unit(const Job *job, Work *work) noexcept nogil:
    """Suffixes from the end of the block up; then row after row of windows, from one of them and the prefix, which
    runs on. Rows that are not in the input are left out."""
    cdef Py_ssize_t taps = job.column.taps, step = job.column.dim.in_stride, j
    cdef Py_ssize_t first = job.column.origin + work.first_row
    cdef Py_ssize_t n_bytes = (work.real_to - work.real_from) * work.n_inner * job.acc_size
    cdef Py_ssize_t pitch = whole_lines(n_bytes)
    cdef const char *data = work.data + first * step + work.real_from * job.row.dim.in_stride
    cdef const char *row
    cdef const char *before = NULL
    cdef const char *later = NULL
    cdef const char **suffixes = <const char **>work.suffix_rows
    cdef char *own = work.rows + (work.real_from - work.base) * work.n_inner * job.acc_size
    cdef char *result
    # One tap along the row: windows are what columns come to.
    cdef bint whole = job.way == Way.COPY and n_bytes == work.pitch * work.n_inner * job.acc_size
    work.results_pitch = horizontal_pitch(job, work)
    pad_rows(job, work, 1)
    for j in range(taps - 1, -1, -1):
        if 0 <= first + j < job.column.length:
            row = data + j * step
            if later != NULL:
                job.meet(work.suffixes + j * pitch, NULL, row, later, NULL, n_bytes, NULL, NULL)
                row = work.suffixes + j * pitch
            later = row
        suffixes[j] = later
    for j in range(work.end_row - work.first_row):
        result = target(job, work, work.first_row + j, 1, work.results_pitch) if whole else own
        result = own if result == NULL else result
        row = NULL
        if j > 0 and 0 <= first + taps + j - 1 < job.column.length:
            row = data + (taps + j - 1) * step
        if row != NULL and before != NULL and suffixes[j] != NULL:
            job.meet(result, work.prefix, before, row, suffixes[j], n_bytes, NULL, NULL)
            before = work.prefix
        else:
            if row != NULL and before != NULL:
                job.meet(work.prefix, NULL, before, row, NULL, n_bytes, NULL, NULL)
                before = work.prefix
            elif row != NULL:
                before = row
            if before != NULL and suffixes[j] != NULL:
                job.meet(result, NULL, suffixes[j], before, NULL, n_bytes, NULL, NULL)
            elif before != NULL or suffixes[j] != NULL:
                memcpy(result, before if before != NULL else suffixes[j], <size_t>n_bytes)
            else:
                fill_identity(job, result, n_bytes // job.acc_size)
        finish_streamed_row(job, work, work.rows if result == own else result, work.first_row + j)
