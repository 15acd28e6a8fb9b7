# Units of small planes, narrower than a vector: some of them in one call, or two where windows of a border have rows
# outside. Where that is not enough, planes are copied first, each amid a frame of what changes no result. To see to the
# borders of each plane by itself would take longer than its windows.

from libc.string cimport memcpy, memmove, memset

from cypool._engine.direct cimport BEYOND, divide_by
from cypool._engine.job cimport Job, Work
from cypool._engine.vertical cimport fill_identity
from cypool._kernels.types cimport ENDS_BYTES, Direct

cdef enum:
    MAX_FRAMED_ROWS = 4         # of a window
    FRAMED_ROW = 32             # bytes of a vector, which results have room for


cdef inline Py_ssize_t framed_rows(const Job *job) noexcept nogil:
    """Rows that the windows of a plane have, in the padding too."""
    return (job.column.dim.size - 1) * job.column.stride + (job.column.taps - 1) * job.column.dilation + 1


cdef inline void copy_short(char *to, const char *data, Py_ssize_t n) noexcept nogil:
    """A short row, in pieces of one size, of which the last ends with it."""
    cdef Py_ssize_t at = 0
    if n >= 32:
        while at < n:
            at = min(at, n - 32)
            memcpy(to + at, data + at, 32)
            at += 32
    elif n >= 16:
        memcpy(to, data, 16)
        memcpy(to + n - 16, data + n - 16, 16)
    elif n >= 8:
        memcpy(to, data, 8)
        memcpy(to + n - 8, data + n - 8, 8)
    else:
        memcpy(to, data, <size_t>n)


# Where the planes of a unit are: in the input; or in scratch, all elements one after the other.
cdef struct Planes:
    const char *data
    const char *end             # of memory that may be read
    Py_ssize_t row_step
    Py_ssize_t plane_step
    bint native                 # rows need not be gathered


cdef inline Planes planes_of(const Job *job, const Work *work) noexcept nogil:
    cdef Planes planes
    cdef Py_ssize_t step = job.row.dim.in_stride, n = job.row.length * job.column.length
    planes.data = work.data
    planes.end = work.data_end
    planes.row_step = job.column.dim.in_stride
    planes.plane_step = job.inner.in_stride
    planes.native = not job.gathered
    if (job.gathered and (job.column.length == 1 or planes.row_step == job.row.length * step)
            and (work.n_inner == 1 or planes.plane_step == n * step)):
        # Gathered at once, since they follow each other.
        job.pack(work.packed, work.data, work.n_inner * n, step, job.swapped_in)
        planes.data = work.packed
        planes.row_step = job.row.length * job.in_size
        planes.plane_step = n * job.in_size
        planes.end = work.packed + work.n_inner * planes.plane_step + BEYOND
        planes.native = True
    return planes


cdef inline void copy_planes(const Job *job, const Work *work, const Planes *planes, char *frame, Py_ssize_t height,
                             Py_ssize_t step) noexcept nogil:
    """The rows of all planes to their places in frames of that height, `step` bytes apart."""
    cdef Py_ssize_t n = work.real_to - work.real_from, p, _position
    cdef Py_ssize_t row_step = job.in_size if planes.native else job.row.dim.in_stride
    cdef Py_ssize_t first = max(job.column.origin, <Py_ssize_t>0)
    cdef Py_ssize_t end = min(job.column.length, job.column.origin + height)
    cdef const char *data
    cdef char *row
    frame += (first - job.column.origin) * step + (work.real_from - work.base) * job.in_size
    for p in range(work.n_inner):
        data = planes.data + p * planes.plane_step + work.real_from * row_step + first * planes.row_step
        row = frame + p * height * step
        for _position in range(first, end):
            if planes.native:
                copy_short(row, data, n * job.in_size)
            else:
                job.pack(row, data, n, job.row.dim.in_stride, job.swapped_in)
            row += step
            data += planes.row_step


cdef inline void set_up(const Job *job, Work *work, Direct *how) noexcept nogil:
    """What is the same for all planes."""
    memset(how, 0, sizeof(Direct))
    divide_by(job, work, 0, job.column.dim.size, how)
    how.identity = job.identity
    how.plane_rows = how.fresh_rows = 1
    how.stride = job.row.stride
    how.taps = job.row.taps
    how.n = work.n_outputs
    how.roomy = True
    how.flip = job.loading.flip
    how.bias = job.loading.bias
    how.n_planes = work.n_inner
    how.out_plane_step = job.column.dim.size * FRAMED_ROW


cdef inline void set_ends(const Job *job, Work *work, Direct *how) noexcept nogil:
    """What the kernel does where the last window lacks its third tap."""
    cdef Py_ssize_t at = (work.n_outputs - 1) * job.acc_size
    memset(work.spare, 0xff, ENDS_BYTES)
    memset(work.spare + at, 0, <size_t>job.acc_size)
    memset(work.spare + ENDS_BYTES, 0, ENDS_BYTES)
    memcpy(work.spare + ENDS_BYTES + at, job.identity, <size_t>job.acc_size)
    how.ends = work.spare


cdef inline void pool_in_place(const Job *job, const Work *work, const Planes *planes, Direct *how) noexcept nogil:
    """All planes without a copy. Rows outside of them are in scratch."""
    cdef const char *rows[MAX_FRAMED_ROWS]
    cdef const char *divisors = how.divisors
    cdef const char *data = planes.data + work.base * job.in_size
    cdef Py_ssize_t i = 0, end, t, position, step = planes.row_step
    while i < job.column.dim.size:
        end = i + 1
        if job.column.whole_from <= i < job.column.whole_to:
            end = job.column.whole_to
        for t in range(job.column.taps):
            position = job.column.origin + i * job.column.stride + t * job.column.dilation
            rows[t] = work.rows
            how.plane_steps[t] = 0
            if 0 <= position < job.column.length:
                rows[t] = data + position * step
                how.plane_steps[t] = planes.plane_step
        if divisors != NULL:
            how.divisors = divisors + i * how.divisors_step
        job.direct(work.results[0] + i * FRAMED_ROW, FRAMED_ROW, rows, job.column.taps, job.column.stride * step,
                   end - i, how, NULL, NULL)
        i = end


cdef inline void pool_frames(const Job *job, const Work *work, const char *frame, Py_ssize_t step, Py_ssize_t size,
                             Direct *how) noexcept nogil:
    cdef const char *rows[MAX_FRAMED_ROWS]
    cdef Py_ssize_t t
    for t in range(job.column.taps):
        rows[t] = frame + t * job.column.dilation * step
        how.plane_steps[t] = size
    job.direct(work.results[0], FRAMED_ROW, rows, job.column.taps, job.column.stride * step, job.column.dim.size, how,
               NULL, NULL)


cdef inline void store_planes(const Job *job, const Work *work) noexcept nogil:
    """Results, whose rows have more room than they need, to the output."""
    cdef Py_ssize_t n_rows = job.column.dim.size, n_bytes = work.n_outputs * job.out_size, p, _r, r = 0
    cdef Py_ssize_t n = work.n_inner * n_rows, step = job.row.dim.out_stride
    cdef char *row = work.results[0]
    cdef char *out = work.out
    if ((n_rows == 1 or job.column.dim.out_stride == work.n_outputs * step)
            and (work.n_inner == 1 or job.inner.out_stride == n_rows * work.n_outputs * step)):
        if job.scattered:
            out = row
        # What a row has too much is written over by the next one.
        while r * n_bytes + FRAMED_ROW <= n * n_bytes:
            memmove(out + r * n_bytes, row + r * FRAMED_ROW, FRAMED_ROW)
            r += 1
        while r < n:
            memmove(out + r * n_bytes, row + r * FRAMED_ROW, <size_t>n_bytes)
            r += 1
        if job.scattered:
            job.unpack(work.out, out, n * work.n_outputs, step, job.swapped_out)
        return
    for p in range(work.n_inner):
        out = work.out + p * job.inner.out_stride
        for _r in range(n_rows):
            job.unpack(out, row, work.n_outputs, step, job.swapped_out)
            out += job.column.dim.out_stride
            row += FRAMED_ROW


cdef inline void run_framed_unit(const Job *job, Work *work) noexcept nogil:
    """Some planes; the inner axis leads from one to the next."""
    cdef Py_ssize_t height = framed_rows(job), step = work.pitch * job.in_size
    cdef Py_ssize_t lacks = work.real_from - work.base, lacks_end = work.base + work.pitch - work.real_to
    cdef Planes planes = planes_of(job, work)
    cdef const char *last = (planes.data + max((work.n_inner - 1) * planes.plane_step, <Py_ssize_t>0)
                             + max((job.column.length - 1) * planes.row_step, <Py_ssize_t>0)
                             + work.real_to * job.in_size)
    cdef Direct how
    if work.padded_rows == 0:
        fill_identity(job, work.rows, (1 + job.inner_tile * height) * work.pitch + BEYOND // job.acc_size)
        work.padded_rows = 1
    set_up(job, work, &how)
    # Of three taps the first may be outside, and the last.
    if (planes.native and planes.end - last >= BEYOND
            and ((lacks == 0 and lacks_end == 0) or (lacks <= 1 and lacks_end <= 1 and how.taps == 3))):
        how.lacks_first = lacks == 1
        if lacks_end:
            set_ends(job, work, &how)
        pool_in_place(job, work, &planes, &how)
    else:
        # Behind a row of its own, for those outside.
        copy_planes(job, work, &planes, work.rows + step + BEYOND, height, step)
        pool_frames(job, work, work.rows + step + BEYOND, step, height * step, &how)
    store_planes(job, work)
