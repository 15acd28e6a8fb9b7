# Units of small planes side by side: planes become the inner axis, as channels are in channels-last order, and so each
# vector has an element of each. How they are pooled is a job of its own.

from libc.stdint cimport int64_t
from libc.string cimport memset

from cypool._engine.job cimport Job, Work


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
