# Vertical passes: whole rows of the input, combined over every pooled axis but the last.

from libc.stdint cimport int64_t
from libc.string cimport memcpy

from cypool._engine.job cimport MAX_AXES, MAX_PLANES, MAX_ROWS, Job, Way, Work, repeats_row, window
from cypool._kernels.ahead cimport fetch_lines
from cypool._kernels.types cimport load_t


cdef extern from *:
    """
    /* Read a byte of each cache line, in order. Short rows that are combined side by side make no stream that a
     * processor foresees; read in order they do. 2x2 windows on rows of 900 bytes, 12 MB in all, then take half the
     * time, while prefetch instructions gain a quarter. */
    static inline void cypool_touch(const char *row, Py_ssize_t n_bytes)
    {
        Py_ssize_t i;
        for (i = 0; i < n_bytes; i += 64)
            (void)*(const volatile char *)(row + i);
    }
    """
    void cypool_touch(const char *row, Py_ssize_t n_bytes) nogil

cdef enum:
    AHEAD_BYTES = 8192      # rows of as many bytes are read one output ahead
    PIECE_BYTES = 1024      # in pieces of this size;
    FETCHED_BYTES = 1024    # what is fetched is so much at once, of all rows,
    LEAST_FETCHED = 256     # but of each so much at least


cdef inline Py_ssize_t fetched_at_once(Py_ssize_t n_rows) noexcept nogil:
    """Bytes of each of so many rows."""
    return max(<Py_ssize_t>LEAST_FETCHED, FETCHED_BYTES // n_rows)


cdef inline bint fetches(const Job *job) noexcept nogil:
    """Whether what lies ahead of rows is fetched as they are combined; where they are folded it is what lies ahead of
    the runs."""
    return job.ahead != 0 and job.way != Way.FOLD


cdef inline void foresee(const Job *job, const char *row, Py_ssize_t n_bytes) noexcept nogil:
    """Before rows are combined: have what lies as far behind this one as is told fetched, or else read it in order."""
    if fetches(job):
        fetch_lines(row + job.ahead, n_bytes)
    else:
        cypool_touch(row, n_bytes)


cdef inline double weight(const double *weights, Py_ssize_t tap) noexcept nogil:
    return weights[tap] if weights != NULL else 1


cdef inline void list_planes(const Job *job, Work *work) noexcept nogil:
    """List where the planes of the unit's window lie, if they are few."""
    cdef Py_ssize_t p, i, n = 1, filled = 1
    cdef Py_ssize_t position, c
    for p in range(job.n_planes):
        n *= work.plane_count[p]
        if n > MAX_PLANES or n == 0:
            work.n_listed = 0
            return
    work.plane_offsets[0] = 0
    work.plane_labels[0] = 0
    work.plane_scales[0] = 1
    for p in range(job.n_planes):
        # From the end, so that what is multiplied is still there.
        for i in range(filled - 1, -1, -1):
            for c in range(work.plane_count[p] - 1, -1, -1):
                position = work.plane_first[p] + c * job.planes[p].dilation
                n = i * work.plane_count[p] + c
                work.plane_offsets[n] = work.plane_offsets[i] + position * job.planes[p].dim.in_stride
                work.plane_labels[n] = work.plane_labels[i] + position * job.planes[p].label
                work.plane_scales[n] = work.plane_scales[i] * weight(work.plane_weights[p], c)
        filled *= work.plane_count[p]
    work.n_listed = filled


cdef inline void pack_row(const Job *job, const Work *work, char *row, const char *data) noexcept nogil:
    """Gather the tile's part of an input row."""
    cdef Py_ssize_t i, n = work.real_to - work.real_from
    if work.n_inner == 1:
        job.pack(row, data, n, job.row.dim.in_stride, job.swapped_in)
    else:
        for i in range(n):
            job.pack(row + i * work.n_inner * job.in_size, data + i * job.row.dim.in_stride, work.n_inner,
                     job.inner.in_stride, job.swapped_in)


cdef inline void pack_rows(const Job *job, const Work *work, char *rows, const char *data,
                           Py_ssize_t n_rows) noexcept nogil:
    """Gather n_rows input rows that follow each other; in one go if all their elements do."""
    cdef Py_ssize_t n = (work.real_to - work.real_from) * work.n_inner, r
    cdef Py_ssize_t step = job.row.dim.in_stride if work.n_inner == 1 else job.inner.in_stride
    if (work.n_inner == job.inner.size and job.row.dim.in_stride == work.n_inner * step
            and job.column.dim.in_stride == n * step):
        job.pack(rows, data, n_rows * n, step, job.swapped_in)
        return
    for r in range(n_rows):
        pack_row(job, work, rows + r * n * job.in_size, data + r * job.column.dim.in_stride)


cdef inline void label_columns(const Job *job, Work *work) noexcept nogil:
    """What each element of the tile adds to the label of its row."""
    cdef Py_ssize_t i, c, n = work.n_inner
    if (work.columns_from == work.real_from and work.columns_to == work.real_to and work.columns_inner == n):
        return
    for i in range(work.real_to - work.real_from):
        for c in range(n):
            work.columns[i * n + c] = (work.real_from + i) * job.row.label
    work.columns_from = work.real_from
    work.columns_to = work.real_to
    work.columns_inner = n


cdef inline void load_rows(const Job *job, Work *work, load_t load, char *acc, const char **rows, int64_t *labels,
                           Py_ssize_t n_rows, bint fresh) noexcept nogil:
    """Load up to MAX_ROWS rows of the input into acc. A row that is NULL stays so."""
    cdef Py_ssize_t r, i, n = work.real_to - work.real_from
    work.loading.labels = labels
    work.loading.columns = work.columns
    if job.gathered:
        for r in range(n_rows):
            if rows[r] != NULL:
                pack_row(job, work, work.packed + r * n * work.n_inner * job.in_size, rows[r])
                rows[r] = work.packed + r * n * work.n_inner * job.in_size
    elif work.n_inner < job.inner.size and n > 1:
        # A tile of the inner axis: each position is a row of its own.
        for i in range(n):
            load(acc + i * work.n_inner * job.acc_size, rows, n_rows, work.n_inner, fresh, &work.loading)
            work.loading.columns += work.n_inner
            for r in range(n_rows):
                if rows[r] != NULL:
                    rows[r] += job.row.dim.in_stride
        return
    load(acc, rows, n_rows, n * work.n_inner, fresh, &work.loading)


cdef inline Py_ssize_t rows_at_once(const Job *job, bint fresh) noexcept nogil:
    """How many rows of a window a kernel takes. It adds the first four by twos, so these are taken together."""
    if not job.row_by_row:
        return MAX_ROWS
    return 4 if fresh else 1


cdef inline void load_window(const Job *job, Work *work, int which, char *acc, Py_ssize_t first, Py_ssize_t count,
                             bint fresh) noexcept nogil:
    """Load all rows of a window: `count` positions of the column from `first` on, in each plane of the window."""
    cdef const char *rows[MAX_ROWS]
    cdef int64_t labels[MAX_ROWS]
    cdef double scales[MAX_ROWS]
    cdef double plane_scale
    cdef Py_ssize_t tap[MAX_AXES]
    cdef const char *data = work.data + first * job.column.dim.in_stride + work.real_from * job.row.dim.in_stride
    cdef const char *plane
    cdef int64_t label = work.label + first * job.column.label
    cdef int64_t plane_label
    cdef Py_ssize_t step = job.column.dilation * job.column.dim.in_stride
    cdef Py_ssize_t label_step = job.column.dilation * job.column.label
    cdef Py_ssize_t i, q, n_rows = 0
    cdef Py_ssize_t n_bytes = (work.real_to - work.real_from) * work.n_inner * job.in_size
    cdef int p
    if job.blend != NULL:
        work.loading.scales = scales
    for q in range(work.n_listed):
        plane = data + work.plane_offsets[q]
        plane_label = label + work.plane_labels[q]
        for i in range(count):
            rows[n_rows] = plane + i * step
            labels[n_rows] = plane_label + i * label_step
            if job.blend != NULL:
                scales[n_rows] = work.plane_scales[q] * weight(work.column_weights, i)
            if job.touched and i >= count - job.column.stride:
                foresee(job, rows[n_rows], n_bytes)
            n_rows += 1
            if n_rows == rows_at_once(job, fresh):
                load_rows(job, work, job.load[which], acc, rows, labels, n_rows, fresh)
                fresh = False
                n_rows = 0
    if work.n_listed:
        if n_rows:
            load_rows(job, work, job.load[which], acc, rows, labels, n_rows, fresh)
        return
    for p in range(job.n_planes):
        tap[p] = 0
    while True:
        plane = data
        plane_label = label
        plane_scale = 1
        for p in range(job.n_planes):
            plane_scale *= weight(work.plane_weights[p], tap[p])
            i = work.plane_first[p] + tap[p] * job.planes[p].dilation
            plane += i * job.planes[p].dim.in_stride
            plane_label += i * job.planes[p].label
        for i in range(count):
            rows[n_rows] = plane + i * step
            labels[n_rows] = plane_label + i * label_step
            scales[n_rows] = plane_scale * weight(work.column_weights, i)
            n_rows += 1
            if n_rows == rows_at_once(job, fresh):
                load_rows(job, work, job.load[which], acc, rows, labels, n_rows, fresh)
                fresh = False
                n_rows = 0
        p = job.n_planes - 1
        while p >= 0:
            tap[p] += 1
            if tap[p] < work.plane_count[p]:
                break
            tap[p] = 0
            p -= 1
        if p < 0:
            break
    if n_rows:
        load_rows(job, work, job.load[which], acc, rows, labels, n_rows, fresh)


cdef inline Py_ssize_t piece_of(const Job *job, Py_ssize_t n_rows, Py_ssize_t n) noexcept nogil:
    """How many of the n elements of each row had better be combined at once, while what comes later is on its way from
    memory."""
    cdef Py_ssize_t n_bytes = PIECE_BYTES
    if not job.touched or job.labelled:
        return n
    if fetches(job):
        n_bytes = fetched_at_once(n_rows)
    if n * job.in_size < (2 * n_bytes if fetches(job) else AHEAD_BYTES):
        return n
    return n_bytes // job.in_size


cdef inline void load_in_pieces(const Job *job, Work *work, int which, char *acc, const char **rows, Py_ssize_t n_rows,
                                Py_ssize_t n, Py_ssize_t most, Py_ssize_t step) noexcept nogil:
    """The vertical pass of a long row in pieces of up to `most` elements, each after a reading of what the next output
    needs there, `step` bytes behind (0 if there is none), or after what lies ahead is fetched. That waits for memory
    while the piece at hand, which is in cache, is computed.
    """
    cdef const char *piece[MAX_ROWS]
    cdef Py_ssize_t done = 0, m, r, q, t
    cdef Py_ssize_t fresh = max(<Py_ssize_t>0, job.column.taps - job.column.stride)
    if fetches(job):
        step = 0
    if work.n_inner < most:
        most -= most % work.n_inner
    while done < n:
        m = min(most, n - done)
        for r in range(n_rows):
            piece[r] = rows[r] + done * job.in_size
        if step or fetches(job):
            for q in range(work.n_listed):
                for t in range(fresh, job.column.taps):
                    foresee(job, piece[q * job.column.taps + t] + step, m * job.in_size)
        job.load[which](acc + done * job.acc_size, piece, n_rows, m, True, &work.loading)
        done += m


cdef inline void load_output_rows(const Job *job, Work *work, int which, char *acc, Py_ssize_t acc_step) noexcept nogil:
    """The vertical passes of all output rows of the unit.

    Whole windows of few rows, the usual ones, only move their row pointers from one output to the next.
    """
    cdef const char *rows[MAX_ROWS]
    cdef int64_t labels[MAX_ROWS]
    cdef Py_ssize_t n = (work.real_to - work.real_from) * work.n_inner
    cdef Py_ssize_t n_rows = work.n_listed * job.column.taps
    cdef Py_ssize_t step = job.column.stride * job.column.dim.in_stride
    cdef Py_ssize_t label_step = job.column.stride * job.column.label
    cdef Py_ssize_t i = work.first_row, end = min(work.end_row, job.column.whole_to)
    cdef Py_ssize_t q, t, r = 0, position, most
    if n_rows > 0 and n_rows <= rows_at_once(job, True) and not job.gathered and n > 0 and job.blend == NULL and (
            work.n_inner == job.inner.size or work.real_to - work.real_from == 1):
        while i < min(end, job.column.whole_from):
            load_output_row(job, work, which, acc, i)
            acc += acc_step
            i += 1
        position = job.column.origin + i * job.column.stride
        for q in range(work.n_listed):
            for t in range(job.column.taps):
                rows[r] = (work.data + work.plane_offsets[q] + work.real_from * job.row.dim.in_stride
                           + (position + t * job.column.dilation) * job.column.dim.in_stride)
                labels[r] = (work.label + work.plane_labels[q]
                             + (position + t * job.column.dilation) * job.column.label)
                r += 1
        work.loading.labels = labels
        work.loading.columns = work.columns
        most = piece_of(job, n_rows, n)
        while i < end:
            if most < n:
                load_in_pieces(job, work, which, acc, rows, n_rows, n, most, step if i + 1 < end else 0)
            else:
                if job.touched:
                    for q in range(work.n_listed):
                        for t in range(max(<Py_ssize_t>0, job.column.taps - job.column.stride), job.column.taps):
                            foresee(job, rows[q * job.column.taps + t], n * job.in_size)
                job.load[which](acc, rows, n_rows, n, True, &work.loading)
            acc += acc_step
            i += 1
            for r in range(n_rows):
                rows[r] += step
            if job.labelled:
                for r in range(n_rows):
                    labels[r] += label_step
    while i < work.end_row:
        if i == work.first_row or not repeats_row(job, i):
            load_output_row(job, work, which, acc, i)
        acc += acc_step
        i += 1


cdef inline void load_flat_rows(const Job *job, Work *work, char *acc) noexcept nogil:
    """The vertical passes of a block whose rows lie end to end: all whole windows in one go."""
    cdef const char *rows[MAX_ROWS]
    cdef Py_ssize_t n = work.real_to * work.n_inner
    cdef Py_ssize_t i = work.first_row, end, t
    while i < work.end_row:
        end = min(work.end_row, job.column.whole_to)
        if job.column.whole_from <= i < end and job.column.stride == 1 and job.column.taps <= MAX_ROWS:
            for t in range(job.column.taps):
                rows[t] = work.data + (job.column.origin + i + t * job.column.dilation) * job.column.dim.in_stride
            if job.touched:
                foresee(job, rows[job.column.taps - 1], (end - i) * n * job.in_size)
            job.load[0](acc, rows, job.column.taps, (end - i) * n, True, &work.loading)
        else:
            end = i + 1
            load_output_row(job, work, 0, acc, i)
        acc += (end - i) * n * job.acc_size
        i = end


cdef inline const char *single_rows(const Job *job, const Work *work, Py_ssize_t i, Py_ssize_t n_rows) noexcept nogil:
    """The first of the input rows that output rows from i on consist of, each of one, where they can be used in place;
    or NULL.

    Not where they would be the results as well, since a finish may work in place.
    """
    cdef Py_ssize_t first
    cdef Py_ssize_t step = job.column.stride * job.column.dim.in_stride
    if n_rows > 1 and (step != work.pitch * work.n_inner * job.acc_size or job.column.taps != 1
                       or i < job.column.whole_from or i + n_rows > job.column.whole_to):
        return NULL
    if job.way == Way.COPY and job.finish != NULL:
        return NULL
    if (not job.plain or job.gathered or work.n_inner < job.inner.size or work.real_from != work.base
            or work.real_to - work.base != work.pitch or job.n_planes or window(&job.column, i, &first) != 1):
        return NULL
    return work.data + first * job.column.dim.in_stride + work.real_from * job.row.dim.in_stride


cdef inline void fill_identity(const Job *job, char *row, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t i, filled
    if n <= 0:
        return
    for i in range(min(n, <Py_ssize_t>4)):
        memcpy(row + i * job.acc_size, job.identity, <size_t>job.acc_size)
    filled = min(n, <Py_ssize_t>4)
    while filled < n:
        i = min(filled, n - filled)
        memcpy(row + filled * job.acc_size, row, <size_t>(i * job.acc_size))
        filled += i


cdef inline void load_output_row(const Job *job, Work *work, int which, char *acc, Py_ssize_t i) noexcept nogil:
    """The vertical pass of output row i. Only a gradient has windows without a tap; its rows are short, and few rows
    of the input go straight to the kernel."""
    cdef Py_ssize_t first, count = window(&job.column, i, &first), t
    cdef const char *rows[MAX_ROWS]
    cdef const char *data
    if (job.column.starts != NULL and 0 < count <= MAX_ROWS and job.n_planes == 0 and not job.gathered
            and not job.row_by_row and not job.touched and not job.labelled and job.blend == NULL
            and work.real_to > work.real_from
            and (work.n_inner == job.inner.size or work.real_to - work.real_from == 1)):
        data = work.data + work.real_from * job.row.dim.in_stride
        for t in range(count):
            rows[t] = data + (first + t * job.column.dilation) * job.column.dim.in_stride
        job.load[which](acc, rows, count, (work.real_to - work.real_from) * work.n_inner, True, &work.loading)
        return
    work.column_weights = NULL
    if job.column.weights != NULL:
        work.column_weights = job.column.weights + i * job.column.weights_width
    if count == 0 or work.plane_taps == 0:
        fill_identity(job, acc, (work.real_to - work.real_from) * work.n_inner)
    elif work.real_to > work.real_from:
        load_window(job, work, which, acc, first, count, True)


cdef inline void move_row(const Job *job, Work *work, char *acc, Py_ssize_t i) noexcept nogil:
    """The vertical pass of output row i from that of the row before it: some rows come in, as many go out."""
    cdef const char *rows[2]
    cdef Py_ssize_t stride = job.column.stride
    cdef Py_ssize_t leaving = job.column.origin + (i - 1) * stride
    cdef Py_ssize_t t, q, r, position
    if work.real_to == work.real_from:
        return
    for t in range(leaving, leaving + stride):
        for q in range(work.n_listed):
            for r in range(2):
                position = t if r else t + job.column.taps
                rows[r] = NULL
                if 0 <= position < job.column.length:
                    rows[r] = (work.data + work.plane_offsets[q] + position * job.column.dim.in_stride
                               + work.real_from * job.row.dim.in_stride)
            load_rows(job, work, job.advance, acc, rows, NULL, 2, False)


cdef inline void load_suffixes(const Job *job, Work *work, int which, char **suffixes,
                               Py_ssize_t row_size) noexcept nogil:
    """Combine the rows of a block from its end (van Herk 1992; Gil and Werman 1993).

    Output i of the block that starts at output b reads the rows i .. i + taps - 1: the end of the block of rows
    that starts at b, and the start of the next one. suffixes[i - b] is NULL while no row is inside the input.
    """
    cdef Py_ssize_t taps = job.column.taps
    cdef Py_ssize_t j, position
    cdef const char *rows[1]
    cdef char *later = NULL
    for j in range(taps - 1, -1, -1):
        position = job.column.origin + work.first_row + j
        if work.plane_taps > 0 and 0 <= position < job.column.length:
            suffixes[j] = work.suffixes + j * row_size
            load_window(job, work, which, suffixes[j], position, 1, True)
            if later != NULL:
                rows[0] = later
                job.combine(suffixes[j], rows, 1, (work.real_to - work.real_from) * work.n_inner, False, NULL)
            later = suffixes[j]
        else:
            suffixes[j] = later


cdef inline bint load_streamed_row(const Job *job, Work *work, int which, char *acc, Py_ssize_t j, const char *suffix,
                                   bint started) noexcept nogil:
    """Output row j of the block, from its suffix and the running prefix; True once the prefix has a row."""
    cdef Py_ssize_t n = (work.real_to - work.real_from) * work.n_inner
    cdef Py_ssize_t position = job.column.origin + work.first_row + job.column.taps + j - 1
    cdef const char *rows[2]
    cdef Py_ssize_t n_rows = 0
    if j > 0 and work.plane_taps > 0 and 0 <= position < job.column.length:
        load_window(job, work, which, work.prefix, position, 1, not started)
        started = True
    if suffix != NULL:
        rows[0] = suffix
        n_rows = 1
    if started:
        rows[n_rows] = work.prefix
        n_rows += 1
    if n_rows == 0:
        fill_identity(job, acc, n)
    else:
        job.combine(acc, rows, n_rows, n, True, NULL)
    return started
