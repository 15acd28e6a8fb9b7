# Horizontal passes: scratch rows of accumulators, combined along the last pooled axis.
#
# The rows of a block lie one behind the other, `pitch` positions apart, padded with the identity. What can be done
# elementwise is done over the whole block at once: the outputs that come out between two rows are not used.

from libc.string cimport memcpy

from cypool._engine.job cimport (
    MAX_PARTS, MAX_PHASES, MAX_RADIX, MAX_ROWS, MAX_SLIDES, Chain, Job, Way, Work, repeats_row, strides, window,
)
from cypool._engine.vertical cimport fill_identity
from cypool._kernels.types cimport Blending, Repeats


cdef enum:
    WIDEN_BYTES = 4096      # of a piece of a row that is widened by itself,
    WIDEN_REACHES = 4       # or as many times the reach of its windows
    RUN_BYTES = 2304        # of windows that are reduced in no order, of elements of up to RUN_SIZE bytes
    RUN_SIZE = 4


cdef inline void slide(const Job *job, char *out, const char **taps, Py_ssize_t n_taps, Py_ssize_t n) noexcept nogil:
    """Combine any number of rows."""
    cdef Py_ssize_t done = 0, m
    while done < n_taps:
        m = min(<Py_ssize_t>MAX_ROWS, n_taps - done)
        job.combine(out, taps + done, m, n, done == 0, NULL)
        done += m


cdef inline void widen_level(const Job *job, char *out, const char *level, Py_ssize_t radix, Py_ssize_t step,
                             Py_ssize_t n) noexcept nogil:
    """Windows of as many of the narrower ones of a level, `step` bytes apart."""
    cdef const char *rows[MAX_RADIX]
    cdef Py_ssize_t t
    for t in range(radix):
        rows[t] = level + t * step
    job.combine(out, rows, radix, n, True, NULL)


cdef inline bint made_at_once(const Chain *chain) noexcept nogil:
    """Whether registers reach as far as windows do."""
    return chain.n_wider > 0 and chain.n_levels == 1 and chain.counts[1] == 1


cdef inline void widen_piece(const Job *job, Work *work, const Chain *chain, char *out, const char *row, Py_ssize_t n,
                             Py_ssize_t step) noexcept nogil:
    """Windows at stride 1 from narrower ones, see chains.py; n outputs, `step` bytes from tap to tap."""
    cdef const char *parts[MAX_PARTS]
    cdef const char *level = row
    cdef char *buffers[2]
    cdef Py_ssize_t width = 1, covered = 0, _t, n_parts = 0
    cdef bint fresh = True, passing = False
    cdef int i
    buffers[0] = work.spare
    buffers[1] = work.phases
    for i in range(chain.n_levels + 1):
        if i > 2 and passing:
            # Parts in the place that this level needs are taken before; the row itself stays.
            job.combine(out, parts, n_parts, n, fresh, NULL)
            fresh = passing = False
            n_parts = 0
        if i == 1 and chain.n_wider > 0:
            width = chain.radices[0]
            work.nan_before = job.widen(work.spare, row, width, step, n * job.acc_size + (chain.taps - width) * step, 0,
                                        chain.wider_by, chain.n_wider, not work.nan_before, NULL, NULL)
            level = work.spare
        elif i > 0:
            widen_level(job, buffers[(i - 1) % 2], level, chain.radices[i - 1], width * step,
                        n + (chain.taps - width * chain.radices[i - 1]) * (step // job.acc_size))
            level = buffers[(i - 1) % 2]
            width *= chain.radices[i - 1]
        for _t in range(chain.counts[i]):
            parts[n_parts] = level + min(covered, chain.taps - width) * step
            n_parts += 1
            covered += width
            passing = i > 0
    job.combine(out, parts, n_parts, n, fresh, NULL)


cdef inline void widen(const Job *job, Work *work, const Chain *chain, char *out, const char *row, Py_ssize_t n,
                       Py_ssize_t step, Py_ssize_t ahead) noexcept nogil:
    """The same in pieces, so that the widths on the way stay in the first level cache. Where later results go, so many
    bytes ahead, is fetched where they are made at once."""
    cdef Py_ssize_t piece = max(WIDEN_BYTES, WIDEN_REACHES * chain.taps * step) // job.acc_size
    cdef Py_ssize_t done = 0
    if made_at_once(chain):
        work.nan_before = job.widen(out, row, chain.taps, step, n * job.acc_size, ahead, chain.wider_by, chain.n_wider,
                                    not work.nan_before, NULL, NULL)
        return
    while done < n:
        widen_piece(job, work, chain, out + done * job.acc_size, row + done * job.acc_size, min(piece, n - done), step)
        done += piece


cdef inline void reduce_window(const Job *job, Work *work, char *out, const char *row,
                               Py_ssize_t n_taps) noexcept nogil:
    """One window, whose first tap is the first position of row."""
    cdef Py_ssize_t step = job.row.dilation * work.n_inner * job.acc_size
    cdef const char *taps[MAX_ROWS]
    cdef Py_ssize_t t, n = 0
    cdef bint fresh = True
    if work.n_inner == 1:
        job.fold(out, row, n_taps, job.row.dilation, 1, 0, job.ahead, NULL)
        return
    for t in range(n_taps):
        taps[n] = row + t * step
        n += 1
        if n == MAX_ROWS or t == n_taps - 1:
            job.combine(out, taps, n, work.n_inner, fresh, NULL)
            fresh = False
            n = 0


cdef inline bint is_long_run(const Job *job) noexcept nogil:
    """Whether windows are runs whose maxima or minima take less time in no order; sums, folded, take less."""
    return (job.reduce != NULL and job.idempotent and job.acc_size <= RUN_SIZE and job.row.dilation == 1
            and job.row.taps * job.acc_size >= RUN_BYTES)


cdef inline void by_table(const Job *job, Work *work, char *out, const char *row) noexcept nogil:
    """Windows one by one: from a table, or far apart, or with a long inner axis."""
    cdef Py_ssize_t size = work.n_inner * job.acc_size
    cdef Py_ssize_t j, first, count, before = 0, as_many = 0
    cdef const char *made = out
    cdef bint more = job.row.dim.size > job.row.length      # than inputs, as in a gradient: most are as the one before
    if work.n_inner == 1 and job.row.starts != NULL and job.row.counts != NULL:
        j = work.first_output
        job.fold_table(out, row - work.base * size, job.row.starts + j, job.row.counts + j, job.row.dilation,
                       work.n_outputs, job.identity, NULL)
        return
    if job.row.starts == NULL and work.n_inner == 1 and is_long_run(job):
        for j in range(work.n_outputs):
            job.reduce(out + j * size, row + j * job.row.stride * size, job.row.taps, 1, job.ahead, NULL)
        return
    if job.row.starts == NULL and work.n_inner == 1:
        job.fold(out, row, job.row.taps, job.row.dilation, work.n_outputs, job.row.stride, job.ahead, NULL)
        return
    for j in range(work.n_outputs):
        first = j * job.row.stride
        count = job.row.taps
        if job.row.starts != NULL:
            count = window(&job.row, work.first_output + j, &first)
            first -= work.base
            if more and j > 0 and first == before and count == as_many:
                memcpy(out + j * size, made, <size_t>size)
                continue
            before, as_many, made = first, count, out + j * size
        if count == 0:
            fill_identity(job, out + j * size, work.n_inner)
        else:
            reduce_window(job, work, out + j * size, row + first * size, count)


cdef inline void blend(const Job *job, Work *work, char *out, const char *rows, Py_ssize_t n_rows) noexcept nogil:
    """Windows whose taps have weights, of all rows."""
    cdef Blending how
    cdef Py_ssize_t j = work.first_output
    how.starts = job.row.starts + j
    how.counts = job.row.counts + j
    how.weights = job.row.weights + j * job.row.weights_width
    how.width = job.row.weights_width
    how.step = job.row.dilation
    how.base = work.base
    how.inner = work.n_inner
    how.n_rows = n_rows
    how.pitch = work.pitch * work.n_inner
    how.acc_pitch = work.n_outputs * work.n_inner
    job.blend(out, rows, &how, work.n_outputs)


cdef inline void repeated(const Job *job, Work *work, char *out, const char *rows, Py_ssize_t n_rows) noexcept nogil:
    """Windows that repeat and have no more than one tap each, the same all of them: nothing is added along the row."""
    cdef Py_ssize_t size = work.n_inner * job.acc_size
    cdef Repeats how
    how.rows = 1
    how.times = job.phases.times
    how.gap = job.phases.stride - how.times
    how.group = work.n_inner
    how.skipped = (work.first_output + job.phases.before) % job.phases.stride
    how.n = work.n_outputs
    how.n_blank = 0
    how.streamed = False
    job.repeat(out, work.n_outputs * size, rows + job.phases.reach * size, work.pitch * size, n_rows, &how)


cdef inline void woven(const Job *job, Work *work, char *out, const char *rows, Py_ssize_t n_rows) noexcept nogil:
    """Windows that repeat every few outputs: each phase at stride 1, over all rows at once, and one row of them all."""
    cdef const char *taps[MAX_SLIDES]
    cdef const char *sources[MAX_PHASES]
    cdef const char *turn[MAX_PHASES]
    cdef Py_ssize_t size = work.n_inner * job.acc_size
    cdef Py_ssize_t n = (n_rows * work.pitch - job.phases.reach) * work.n_inner
    cdef Py_ssize_t stride = job.phases.stride
    cdef Py_ssize_t first = (work.first_output + job.phases.before) % stride
    cdef Py_ssize_t r, t, count
    cdef char *phase
    for r in range(stride):
        count = job.phases.counts[r]
        for t in range(count):
            taps[t] = rows + (job.phases.reach + job.phases.shifts[r] - t * job.phases.step) * size
        phase = work.phases + r * n_rows * work.pitch * size
        sources[r] = taps[0] if count == 1 else phase
        if count == 0:
            fill_identity(job, phase, n)
        elif count > 1:
            slide(job, phase, taps, count, n)
    for t in range(n_rows):
        for r in range(stride):
            turn[r] = sources[(first + r) % stride] + (t * work.pitch + (first + r) // stride) * size
        job.weave(out + t * work.n_outputs * size, turn, stride, work.n_outputs, work.n_inner, job.acc_size)


cdef inline Py_ssize_t horizontal_pitch(const Job *job, const Work *work) noexcept nogil:
    """Positions from one row of results to the next."""
    if job.way == Way.COPY or job.way == Way.SLIDE or job.way == Way.WIDEN or job.way == Way.RUN:
        return work.pitch
    elif strides(job):
        return work.pitch // job.row.stride
    return work.n_outputs


cdef inline char *horizontal(const Job *job, Work *work, char *out, const char *rows, Py_ssize_t first,
                             Py_ssize_t n_rows) noexcept nogil:
    """Reduce n_rows scratch rows, those of output rows from `first` on, along the row axis into out; gives where the
    results are."""
    cdef const char *taps[MAX_SLIDES]
    cdef Py_ssize_t size = work.n_inner * job.acc_size
    cdef Py_ssize_t pitch = horizontal_pitch(job, work)
    cdef Py_ssize_t n = ((n_rows - 1) * pitch + work.n_outputs) * work.n_inner
    cdef Py_ssize_t stride = job.row.stride, dilation = job.row.dilation
    cdef Py_ssize_t n_phases, phase_size, t
    cdef char *halves[2]
    cdef int turn = 0
    cdef bint later
    if job.way == Way.COPY:
        return <char *>rows
    elif job.way == Way.SLIDE:
        for t in range(job.row.taps):
            taps[t] = rows + t * dilation * size
        slide(job, out, taps, job.row.taps, n)
    elif job.way == Way.RUN:
        job.running(out, rows, job.row.taps, n)
    elif job.way == Way.WIDEN:
        # Not where results are to be finished, elsewhere.
        later = job.fetched and out != work.results[0] and first + n_rows < job.column.dim.size
        widen(job, work, &job.row_chain, out, rows, n, dilation * size, job.column.dim.out_stride if later else 0)
    elif job.way == Way.HALVE:
        # 4 and 8 taps at as much stride are halves of halves.
        halves[0] = work.phases
        halves[1] = work.spare
        t = stride
        while t > 2:
            job.halve(halves[turn], rows, 2, n * (t // 2), NULL)
            rows = halves[turn]
            turn ^= 1
            t //= 2
        job.halve(out, rows, job.row.taps if stride == 2 else 2, n, NULL)
    elif job.way == Way.WEAVE and job.phases.repeats:
        repeated(job, work, out, rows, n_rows)
    elif job.way == Way.WEAVE:
        woven(job, work, out, rows, n_rows)
    elif job.way == Way.PICK:
        for t in range(job.row.taps):
            taps[t] = rows + t * dilation * size
        n = ((n_rows * pitch - (pitch - work.n_outputs) - 1) * stride + 1) * work.n_inner
        slide(job, work.phases, taps, job.row.taps, n)
        job.pick(out, work.phases, n_rows * pitch - (pitch - work.n_outputs), size, stride * size)
    elif job.way == Way.FEW:
        job.fold(out, rows, job.row.taps, 1, n, stride, 0, NULL)
    elif job.way == Way.SPLIT:
        n_phases = stride if dilation > 1 else min(stride, job.row.taps)
        phase_size = n_rows * pitch * work.n_inner
        job.split(work.phases, phase_size, rows, n_rows * pitch, stride, n_phases, work.n_inner)
        for t in range(job.row.taps):
            taps[t] = (work.phases + (t * dilation % stride) * phase_size * job.acc_size
                       + (t * dilation // stride) * size)
        slide(job, out, taps, job.row.taps, n)
    elif job.row.weights != NULL:
        blend(job, work, out, rows, n_rows)
    else:
        n = work.n_outputs * size
        for t in range(n_rows):
            if t > 0 and repeats_row(job, first + t):
                memcpy(out + t * n, out + (t - 1) * n, <size_t>n)
            else:
                by_table(job, work, out + t * n, rows + t * work.pitch * size)
    return out
