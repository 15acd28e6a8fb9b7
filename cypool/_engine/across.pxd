# Units of small planes side by side: planes become the inner axis, as channels are in channels-last order, and so each
# vector has an element of each. Or of planes of 16-bit floats that change. How they are pooled is a job of its own.

from libc.stdint cimport int64_t
from libc.string cimport memset

from cypool._engine.job cimport Job, Work


cdef inline void change(const Job *job, Work *work) noexcept nogil:
    """The unit's planes into scratch, one after the other, as floats, or as keys if maxima are wanted."""
    cdef Py_ssize_t n = job.column.length * job.row.length, size = job.within.in_size, p, r
    cdef const char *row
    if work.n_inner < job.inner_tile:
        memset(work.packed + work.n_inner * n * size, 0, <size_t>((job.inner_tile - work.n_inner) * n * size))
    for p in range(work.n_inner):
        for r in range(job.column.length):
            row = work.data + p * job.inner.in_stride + r * job.column.dim.in_stride
            if job.idempotent:
                job.load[0](work.packed + (p * n + r * job.row.length) * size, &row, 1, job.row.length, True,
                            &work.loading)
            else:
                job.pack(work.packed + (p * n + r * job.row.length) * size, row, job.row.length,
                         job.row.dim.in_stride, job.swapped_in)


cdef inline void change_back(const Job *job, const Work *work) noexcept nogil:
    """Their results to the output."""
    cdef Py_ssize_t n_rows = job.column.dim.size, n = job.row.dim.size, p, r
    cdef char *row
    cdef char *results
    for p in range(work.n_inner):
        for r in range(n_rows):
            row = work.out + p * job.inner.out_stride + r * job.column.dim.out_stride
            results = work.results[0] + (p * n_rows + r) * n * job.within.out_size
            if job.idempotent:
                job.finish(row, NULL, results, NULL, n, &job.finishing)
            else:
                job.unpack(row, results, n, job.row.dim.out_stride, job.swapped_out)


cdef inline void bring_together(const Job *job, const Work *work) noexcept nogil:
    """The unit's planes from the input into scratch; first each as one run of elements, if it is none yet."""
    cdef Py_ssize_t n = job.column.length * job.row.length, step = job.inner.in_stride
    cdef const char *planes = work.data
    cdef Py_ssize_t p, r
    if work.n_inner < job.inner_tile:
        # What other planes would be is computed, too, and must not be denormal.
        memset(work.packed, 0, <size_t>(n * job.inner_tile * job.in_size))
    if job.gathered:
        planes = work.rows
        for p in range(work.n_inner):
            for r in range(job.column.length):
                job.pack(work.rows + (p * n + r * job.row.length) * job.in_size,
                         work.data + p * step + r * job.column.dim.in_stride, job.row.length, job.row.dim.in_stride,
                         job.swapped_in)
        step = n * job.in_size
    job.turn(work.packed, job.inner_tile * job.in_size, planes, step, work.n_inner, n)


cdef inline void bring_back(const Job *job, const Work *work) noexcept nogil:
    """Their results to the output."""
    cdef Py_ssize_t n_rows = job.column.dim.size, n = n_rows * job.row.dim.size, step = job.inner.out_stride
    cdef char *planes = work.out
    cdef Py_ssize_t p, r
    if job.scattered:
        planes = work.out_row
        step = n * job.out_size
    job.turn_back(planes, step, work.results[0], job.inner_tile * job.out_size, n, work.n_inner)
    if job.within.labelled:
        job.turn_labels(work.labels, job.inner.label_stride, <char *>work.label_row,
                        job.inner_tile * <Py_ssize_t>sizeof(int64_t), n, work.n_inner)
    if job.scattered:
        for p in range(work.n_inner):
            for r in range(n_rows):
                job.unpack(work.out + p * job.inner.out_stride + r * job.column.dim.out_stride,
                           planes + p * step + r * job.row.dim.size * job.out_size, job.row.dim.size,
                           job.row.dim.out_stride, job.swapped_out)
