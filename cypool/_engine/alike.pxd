# Units of gradients, of whose rows and planes some follow each other that are alike: of the same ones of what is
# spread. Each is made once, and copied.

from libc.string cimport memcpy

from cypool._engine.horizontal cimport horizontal, horizontal_pitch
from cypool._engine.job cimport Axis, Job, Work, cells, window
from cypool._engine.results cimport contiguous, store_rows
from cypool._engine.units cimport pad_rows
from cypool._engine.vertical cimport load_output_row

cdef enum:
    AT_ONCE = 64            # rows in one horizontal pass


cdef inline Py_ssize_t n_alike(const Axis *axis, Py_ssize_t i, Py_ssize_t end) noexcept nogil:
    """How many outputs from i on, before `end`, are of the same positions along the axis, or of none, and give as much
    to a divisor."""
    cdef Py_ssize_t first, other, j = i + 1
    cdef Py_ssize_t count = window(axis, i, &first)
    while (j < end and window(axis, j, &other) == count and (count == 0 or other == first)
           and cells(axis, j) == cells(axis, i)):
        j += 1
    return j - i


cdef inline void copy_scattered(const Job *job, const Work *work, char *to, const char *row) noexcept nogil:
    """A row of the output whose elements do not follow each other to another one. What it was made of may have been
    divided in place."""
    cdef Py_ssize_t j, c, at
    for j in range(work.n_outputs):
        for c in range(work.n_inner):
            at = j * job.row.dim.out_stride + c * job.inner.out_stride
            memcpy(to + at, row + at, <size_t>job.out_size)


cdef inline void store_alike(const Job *job, Work *work, Py_ssize_t i, Py_ssize_t n_rows) noexcept nogil:
    """Write the row of results at hand to n_rows rows of the output, from row i on."""
    cdef Py_ssize_t step = job.column.dim.out_stride, size = work.n_outputs * work.n_inner * job.out_size
    cdef Py_ssize_t done = 1, some
    cdef char *out = work.out + i * step
    store_rows(job, work, i, 1)
    while done < n_rows:
        some = 1
        if not contiguous(job, work):
            copy_scattered(job, work, out + done * step, out)
        elif step == size:
            some = min(done, n_rows - done)
            memcpy(out + done * step, out, <size_t>(some * size))
        else:
            memcpy(out + done * step, out, <size_t>size)
        done += some


cdef inline bint copies_planes(const Job *job, const Work *work) noexcept nogil:
    """Whether planes that are alike are copies of the first of them."""
    return job.n_planes > 0 and not job.scattered and job.n_inner_tiles == 1 and not job.streamed


cdef inline bint is_copy(const Job *job, const Work *work) noexcept nogil:
    """Whether the unit is of a plane that is like the one before it, whose unit fills both."""
    return (copies_planes(job, work) and work.plane > 0
            and n_alike(&job.planes[job.n_planes - 1], work.plane - 1, work.plane + 1) > 1)


cdef inline void copy_planes(const Job *job, const Work *work) noexcept nogil:
    """The unit's rows to the planes that are like its own."""
    cdef const Axis *planes = &job.planes[job.n_planes - 1]
    cdef Py_ssize_t step = job.column.dim.out_stride, size = work.n_outputs * work.n_inner * job.out_size
    cdef Py_ssize_t n_rows = work.end_row - work.first_row, plane, r
    cdef char *out = work.out + work.first_row * step
    cdef char *other
    if not copies_planes(job, work):
        return
    if step == size:
        size *= n_rows
        n_rows = 1
    for plane in range(1, n_alike(planes, work.plane, planes.dim.size)):
        other = out + plane * planes.dim.out_stride
        for r in range(n_rows):
            memcpy(other + r * step, out + r * step, <size_t>size)


cdef inline void run_alike_unit(const Job *job, Work *work) noexcept nogil:
    """All rows of a block: those that differ side by side in scratch."""
    cdef Py_ssize_t firsts[AT_ONCE + 1]
    cdef Py_ssize_t step = work.pitch * work.n_inner * job.acc_size
    cdef Py_ssize_t i = work.first_row, n_rows, r
    cdef char *own = work.results[0]
    cdef char *row = work.rows + (work.real_from - work.base) * work.n_inner * job.acc_size
    work.results_pitch = horizontal_pitch(job, work)
    while i < work.end_row:
        pad_rows(job, work, min(work.end_row - i, <Py_ssize_t>AT_ONCE))
        n_rows = 0
        while i < work.end_row and n_rows < AT_ONCE:
            firsts[n_rows] = i
            load_output_row(job, work, 0, row + n_rows * step, i)
            i += n_alike(&job.column, i, work.end_row)
            n_rows += 1
        firsts[n_rows] = i
        work.results[0] = horizontal(job, work, own, work.rows, firsts[0], n_rows)
        for r in range(n_rows):
            store_alike(job, work, firsts[r], firsts[r + 1] - firsts[r])
            work.results[0] += work.results_pitch * work.n_inner * job.acc_size
    work.results[0] = own
