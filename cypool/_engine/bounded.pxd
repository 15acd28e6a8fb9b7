# Whether the numbers that a unit reads are as small as the job takes them to be: exact means of 64-bit integers need
# one sum of 64 bits a window as long as it cannot overflow, and two otherwise, see _wide_mean in reducers.py.

from cypool._engine.job cimport Job, Work, window


cdef inline bint part_is_bounded(const Job *job, const Work *work, const char *data, Py_ssize_t n_rows) noexcept nogil:
    """The tile's part of some rows, one after the other."""
    cdef Py_ssize_t n = work.real_to - work.real_from
    cdef Py_ssize_t step = job.column.dim.in_stride
    # Positions of a tile of the inner axis are apart.
    cdef bint in_a_row = not job.gathered and (n == 1 or work.n_inner == job.inner.size)
    cdef Py_ssize_t r, i
    data += work.real_from * job.row.dim.in_stride
    if in_a_row and step == n * work.n_inner * job.in_size:
        return job.bounded(data, n_rows * n * work.n_inner, job.in_size, &job.bounds)
    for r in range(n_rows):
        if in_a_row:
            if not job.bounded(data + r * step, n * work.n_inner, job.in_size, &job.bounds):
                return False
        elif work.n_inner == 1:
            if not job.bounded(data + r * step, n, job.row.dim.in_stride, &job.bounds):
                return False
        else:
            for i in range(n):
                if not job.bounded(data + r * step + i * job.row.dim.in_stride, work.n_inner, job.inner.in_stride,
                                   &job.bounds):
                    return False
    return True


cdef inline bint rows_are_bounded(const Job *job, const Work *work, Py_ssize_t begin, Py_ssize_t end) noexcept nogil:
    """Those positions of the column, in all planes of the unit's window."""
    cdef Py_ssize_t p
    for p in range(work.n_listed):
        if not part_is_bounded(job, work, work.data + work.plane_offsets[p] + begin * job.column.dim.in_stride,
                               end - begin):
            return False
    return True


cdef inline bint reads_bounded(const Job *job, const Work *work) noexcept nogil:
    """All that the unit's windows reach, and what lies between their taps."""
    cdef Py_ssize_t begin = 0, end = 0, first, count, i
    if work.n_listed == 0 and work.plane_taps > 0:
        return False            # more planes than are listed: such jobs are never taken to be bounded
    for i in range(work.first_row, work.end_row):
        count = window(&job.column, i, &first)
        if count == 0:
            continue
        if begin < end and (first > end or first < begin):
            if not rows_are_bounded(job, work, begin, end):
                return False
            begin = end = 0
        if begin == end:
            begin = end = first
        end = max(end, first + (count - 1) * job.column.dilation + 1)
    return rows_are_bounded(job, work, begin, end)
