# Units of planes whose elements change before they are pooled, and whose results change back: 16-bit floats. Those of
# maxima become integer keys, as rows are loaded and finished elsewhere, and lie as changed.py wants them: whole and in
# the native byte order. Others become float32 as they are gathered. How they are pooled is a job of its own.

from libc.string cimport memset

from cypool._engine.job cimport Job, Work


cdef inline void change(const Job *job, Work *work) noexcept nogil:
    """The unit's planes into scratch, one after the other."""
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
