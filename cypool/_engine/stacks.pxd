# Units of operations that need all taps of a window at once: each tap is a row of elements, one for each output.
#
# Outputs whose windows lie whole in the row share their rows: the input row itself, from the first tap on, at stride 1;
# else one of its phases. At borders, and where windows have no rule, each output has rows of its own, as long as
# the inner axis.

from libc.string cimport memcpy

from cypool._engine.job cimport Job, Work, window
from cypool._engine.results cimport contiguous, scatter
from cypool._engine.vertical cimport pack_row
from cypool._kernels.ahead cimport fetch_lines, keep_fetches
from cypool._kernels.taps cimport least_outside
from cypool._kernels.types cimport BLOCK_BYTES, Finishing, Sliding

cdef enum:
    MAX_LANES = 16          # parts of one long window that are taken side by side
    FETCHED = 256           # bytes of a row whose windows are made between two fetches


cdef inline const char *plane_row(const Job *job, const Work *work, Py_ssize_t q) noexcept nogil:
    """The first row of plane number q of the unit's window."""
    cdef const char *data = work.data
    cdef Py_ssize_t c
    cdef int p
    for p in range(job.n_planes - 1, -1, -1):
        c = q % work.plane_count[p]
        q //= work.plane_count[p]
        data += (work.plane_first[p] + c * job.planes[p].dilation) * job.planes[p].dim.in_stride
    return data


cdef inline Py_ssize_t list_rows(const Job *job, Work *work, Py_ssize_t i) noexcept nogil:
    """The input rows of output row i, from work.real_from on, contiguous and native; gives their number."""
    cdef Py_ssize_t first, count = window(&job.column, i, &first)
    cdef Py_ssize_t size = (work.real_to - work.real_from) * work.n_inner * job.in_size
    cdef Py_ssize_t q, t, n = 0
    cdef const char *plane
    cdef const char *row
    cdef bint packed = job.gathered or (work.n_inner < job.inner.size and work.real_to - work.real_from > 1)
    for q in range(work.plane_taps):
        plane = plane_row(job, work, q) + work.real_from * job.row.dim.in_stride
        for t in range(count):
            row = plane + (first + t * job.column.dilation) * job.column.dim.in_stride
            if packed:
                pack_row(job, work, work.packed + n * size, row)
                row = work.packed + n * size
            work.stack_rows[n] = row
            n += 1
    return n


cdef inline void load_taps(const Job *job, Work *work, Py_ssize_t n_taps, Py_ssize_t n, bint fresh) noexcept nogil:
    work.loading.pitch = n
    job.load[0](work.rows, work.stack_taps, n_taps, n, fresh, &work.loading)


cdef inline void finish_piece(const Job *job, Work *work, Finishing *how, char *out, Py_ssize_t n_taps,
                              Py_ssize_t n) noexcept nogil:
    how.taps = n_taps
    how.pitch = n
    job.finish(out, NULL, work.rows, NULL, n, how)


cdef inline bint are_few(const Job *job, Py_ssize_t n_taps) noexcept nogil:
    """Whether windows of so many taps are settled in registers."""
    return job.few != NULL and (n_taps == job.few_taps or job.few_taps == 0)


cdef inline void split_row(const Job *job, const Work *work, char *phases, Py_ssize_t n_groups, const char *row,
                           Py_ssize_t n_positions, Py_ssize_t n_phases) noexcept nogil:
    """De-interleave a row of so many positions; of the last groups, what there is."""
    cdef Py_ssize_t size = work.n_inner * job.in_size
    cdef Py_ssize_t stride = job.row.stride
    cdef Py_ssize_t whole = min(n_groups, (n_positions - n_phases) // stride + 1 if n_positions >= n_phases else 0)
    cdef Py_ssize_t i, p
    if whole > 0:
        job.split(phases, n_groups * work.n_inner, row, whole, stride, n_phases, work.n_inner)
    for i in range(max(whole, <Py_ssize_t>0), n_groups):
        for p in range(n_phases):
            if i * stride + p < n_positions:
                memcpy(phases + (p * n_groups + i) * size, row + (i * stride + p) * size, <size_t>size)


cdef inline char *aim(const Job *job, const Work *work, char *row_out, Py_ssize_t j) noexcept nogil:
    """Where results of output j and its followers go: the output itself, or a scratch row."""
    return row_out + j * job.row.dim.out_stride if contiguous(job, work) else work.out_row


cdef inline Py_ssize_t list_taps(const Job *job, Work *work, Py_ssize_t n_rows, Py_ssize_t first,
                                 Py_ssize_t n_outputs) noexcept nogil:
    """A row for each tap of n_outputs whole windows, from the first one's position on; gives their number."""
    cdef Py_ssize_t size = work.n_inner * job.in_size
    cdef Py_ssize_t stride = job.row.stride, dilation = job.row.dilation
    cdef Py_ssize_t reach = (job.row.taps - 1) * dilation
    cdef Py_ssize_t n_phases = stride if dilation > 1 else min(stride, job.row.taps)
    cdef Py_ssize_t n_groups = n_outputs + reach // stride
    cdef Py_ssize_t n_taps = 0, r, t, offset
    cdef const char *row
    cdef char *phases = work.phases
    for r in range(n_rows):
        row = work.stack_rows[r] + (first - work.real_from) * size
        if stride > 1:
            split_row(job, work, phases, n_groups, row, work.real_to - first, n_phases)
        for t in range(job.row.taps):
            offset = t * dilation
            if stride > 1:
                work.stack_taps[n_taps] = phases + (offset % stride * n_groups + offset // stride) * size
            else:
                work.stack_taps[n_taps] = row + offset * size
            n_taps += 1
        phases += n_phases * n_groups * size
    return n_taps


cdef inline void slide(const Job *job, Work *work, char *out, Py_ssize_t n_rows, Py_ssize_t begin, Py_ssize_t end,
                       Py_ssize_t n_out_rows) noexcept nogil:
    """Outputs [begin, end) of some rows, at stride 1; some may reach beyond the ends of the row."""
    cdef Py_ssize_t first = job.row.origin + begin, last = job.row.origin + end - 1 + job.row.taps
    cdef Py_ssize_t r
    cdef Sliding how
    how.flip = job.loading.flip
    how.before = max(-first, <Py_ssize_t>0)
    how.after = max(last - job.row.length, <Py_ssize_t>0)
    how.row_step = job.column.stride * job.column.dim.in_stride
    how.out_step = job.column.dim.out_stride
    how.fillers[0] = job.fillers[0]
    how.fillers[1] = job.fillers[1]
    for r in range(n_rows):
        work.stack_taps[r] = work.stack_rows[r] + (first + how.before - work.real_from) * job.in_size
    job.few_sliding(out, work.stack_taps, end - begin, n_out_rows, &how, NULL)


cdef inline void run_adjacent(const Job *job, Work *work, char *out, Py_ssize_t n_rows, Py_ssize_t n) noexcept nogil:
    """n windows side by side. What a later row of windows reads there is fetched while they are made."""
    cdef Py_ssize_t size = job.row.stride * job.in_size, done = 0, m, t
    # Rows that follow each other in memory are fetched in its order.
    cdef Py_ssize_t together = 1
    if job.column.taps > 1 and job.column.dilation * job.column.dim.in_stride == n * size:
        together = job.column.taps
    while done < n:
        m = n - done if not job.ahead or n - done < 2 * FETCHED // size else FETCHED // size
        if job.ahead:
            t = 0
            while t < n_rows:
                fetch_lines(work.stack_taps[t] + job.ahead + (together - 1) * done * size, together * m * size)
                t += together
        job.few_adjacent(out + done * job.out_size, work.stack_taps, n_rows, m, job.loading.flip, NULL)
        for t in range(n_rows):
            work.stack_taps[t] += m * size
        done += m


cdef inline void run_whole(const Job *job, Work *work, char *row_out, Py_ssize_t n_rows, Py_ssize_t begin,
                           Py_ssize_t end) noexcept nogil:
    """Outputs [begin, end) of the row, whose windows lie whole in it: at once where their taps are few, else in
    pieces."""
    cdef Py_ssize_t n = (end - begin) * work.n_inner
    cdef Py_ssize_t first = job.row.origin + begin * job.row.stride
    cdef Py_ssize_t done = 0, n_taps, m, t
    cdef char *out = aim(job, work, row_out, begin - work.first_output)
    how = job.finishing
    if job.few_adjacent != NULL and are_few(job, n_rows * job.row.taps):
        for t in range(n_rows):
            work.stack_taps[t] = work.stack_rows[t] + (first - work.real_from) * job.in_size
        run_adjacent(job, work, out, n_rows, n)
    else:
        n_taps = list_taps(job, work, n_rows, first, end - begin)
        if are_few(job, n_taps):
            job.few(out, work.stack_taps, n_taps, n, job.loading.flip, NULL)
            done = n
        while done < n:
            m = min(job.piece, n - done)
            load_taps(job, work, n_taps, m, True)
            finish_piece(job, work, &how, out + done * job.out_size, n_taps, m)
            for t in range(n_taps):
                work.stack_taps[t] += m * job.in_size
            done += m
    if out == work.out_row:
        scatter(job, work, row_out + (begin - work.first_output) * job.row.dim.out_stride, out, end - begin)


cdef inline void run_lanes(const Job *job, Work *work, char *out, Py_ssize_t n_rows, Py_ssize_t first,
                           Py_ssize_t count) noexcept nogil:
    """One output whose taps are long pieces of rows: several taps side by side, merged at last."""
    cdef Py_ssize_t r, t, n, done
    cdef const char *row
    cdef bint fresh = True
    how = job.finishing
    for r in range(n_rows):
        row = work.stack_rows[r] + (first - work.real_from) * job.in_size
        done = 0
        while done + MAX_LANES <= count:
            n = min(job.most_taps, (count - done) // MAX_LANES)
            for t in range(n):
                work.stack_taps[t] = row + (done + t * MAX_LANES) * job.in_size
            load_taps(job, work, n, MAX_LANES, fresh)
            fresh = False
            done += n * MAX_LANES
        if done < count:
            # What is left over joins the first lanes.
            work.stack_taps[0] = row + done * job.in_size
            work.loading.pitch = MAX_LANES
            job.load[0](work.rows, work.stack_taps, 1, count - done, False, &work.loading)
    work.loading.pitch = MAX_LANES
    job.fold(work.rows, NULL, MAX_LANES, MAX_LANES, 1, 0, 0, &work.loading)
    how.pitch = MAX_LANES
    job.finish(out, NULL, work.rows, NULL, 1, &how)


cdef inline void run_single(const Job *job, Work *work, char *row_out, Py_ssize_t n_rows, Py_ssize_t j) noexcept nogil:
    """Output j of the row by itself."""
    cdef Py_ssize_t size = work.n_inner * job.in_size
    cdef Py_ssize_t first, count = window(&job.row, j, &first)
    cdef Py_ssize_t done = 0, n_taps, m, r, t
    cdef char *out = aim(job, work, row_out, j - work.first_output)
    cdef bint few = are_few(job, n_rows * count)
    cdef bint fresh
    how = job.finishing
    if job.in_lanes and work.n_inner == 1 and job.row.dilation == 1 and count >= 2 * MAX_LANES:
        run_lanes(job, work, out, n_rows, first, count)
        done = work.n_inner
    while done < work.n_inner:
        m = work.n_inner if few else min(job.piece, work.n_inner - done)
        n_taps = 0
        fresh = True
        for r in range(n_rows):
            for t in range(count):
                work.stack_taps[n_taps] = (work.stack_rows[r] + done * job.in_size
                                           + (first + t * job.row.dilation - work.real_from) * size)
                n_taps += 1
                if n_taps == job.most_taps and job.merged and not few:
                    load_taps(job, work, n_taps, m, fresh)
                    fresh = False
                    n_taps = 0
        if few:
            job.few(out, work.stack_taps, n_taps, m, job.loading.flip, NULL)
        else:
            if n_taps:
                load_taps(job, work, n_taps, m, fresh)
            finish_piece(job, work, &how, out + done * job.out_size, n_rows * count, m)
        done += m
    if out == work.out_row:
        scatter(job, work, row_out + (j - work.first_output) * job.row.dim.out_stride, out, 1)


cdef inline void fill(const Job *job, char *place, Py_ssize_t pitch, Py_ssize_t missing,
                      Py_ssize_t n_rows) noexcept nogil:
    """The missing taps of a column that is so many positions outside, in rows `pitch` bytes apart."""
    cdef Py_ssize_t least = least_outside(n_rows, job.row.taps, missing)
    cdef Py_ssize_t r
    for r in range(n_rows):
        if job.in_size == 1:
            place[r * pitch] = job.fillers[0 if r < least else 1][0]
        else:
            memcpy(place + r * pitch, job.fillers[0 if r < least else 1], <size_t>job.in_size)


cdef inline void run_filled(const Job *job, Work *work, char *row_out, Py_ssize_t n_rows, Py_ssize_t j) noexcept nogil:
    """A block of medians from output j on, of windows that reach beyond an end of the row."""
    cdef Py_ssize_t n = BLOCK_BYTES // job.in_size
    cdef Py_ssize_t first = job.row.origin + j, positions = n + job.row.taps - 1
    cdef Py_ssize_t begin = max(first, <Py_ssize_t>0), end = min(first + positions, job.row.length)
    cdef Py_ssize_t pitch = positions * job.in_size
    cdef Py_ssize_t r, t
    cdef char *row = work.rows
    cdef char *out = aim(job, work, row_out, j - work.first_output)
    for t in range(begin - first):
        fill(job, row + t * job.in_size, pitch, begin - first - t, n_rows)
    for t in range(end - first, positions):
        fill(job, row + t * job.in_size, pitch, first + t - end + 1, n_rows)
    for r in range(n_rows):
        memcpy(row + (begin - first) * job.in_size, work.stack_rows[r] + (begin - work.real_from) * job.in_size,
               <size_t>((end - begin) * job.in_size))
        for t in range(job.row.taps):
            work.stack_taps[r * job.row.taps + t] = row + t * job.in_size
        row += pitch
    job.few(out, work.stack_taps, n_rows * job.row.taps, n, job.loading.flip, NULL)
    if out == work.out_row:
        scatter(job, work, row_out + (j - work.first_output) * job.row.dim.out_stride, out, n)


cdef inline Py_ssize_t run_sliding(const Job *job, Work *work, char *row_out, Py_ssize_t n_rows,
                                   Py_ssize_t i) noexcept nogil:
    """Whole output rows from row i on, at stride 1; gives their number."""
    cdef Py_ssize_t count = 1 if job.gathered else min(work.end_row, job.column.whole_to) - i
    cdef char *out = aim(job, work, row_out, 0)
    if out == work.out_row:
        count = 1
    slide(job, work, out, n_rows, work.first_output, work.first_output + work.n_outputs, count)
    if out == work.out_row:
        scatter(job, work, row_out, out, work.n_outputs)
    return count


cdef inline void fetch_later_rows(const Job *job, const Work *work, Py_ssize_t n_rows, Py_ssize_t i) noexcept nogil:
    """What lies ahead of the rows of output row i that the one before has not read."""
    cdef Py_ssize_t n_bytes = (work.real_to - work.real_from) * work.n_inner * job.in_size
    cdef Py_ssize_t first, count = window(&job.column, i, &first), r
    keep_fetches()
    for r in range(n_rows):
        if r % count >= count - job.column.stride:
            fetch_lines(work.stack_rows[r] + job.ahead, n_bytes)


cdef inline void run_stacked_unit(const Job *job, Work *work) noexcept nogil:
    cdef Py_ssize_t block = BLOCK_BYTES // job.in_size
    cdef Py_ssize_t i = work.first_row, j, n_rows, end, whole_to
    cdef char *row_out
    cdef bint filled
    while i < work.end_row:
        n_rows = list_rows(job, work, i)
        row_out = work.out + i * job.column.dim.out_stride
        if job.few_sliding != NULL and are_few(job, n_rows * job.row.taps):
            i += run_sliding(job, work, row_out, n_rows, i)
            continue
        if job.ahead != 0 and job.few_adjacent == NULL:
            fetch_later_rows(job, work, n_rows, i)
        i += 1
        j = work.first_output
        end = work.first_output + work.n_outputs
        filled = job.filled and are_few(job, n_rows * job.row.taps) and work.n_outputs >= block
        whole_to = min(end, job.row.whole_to)
        if filled and whole_to < end:
            # The last block takes whole windows, too.
            whole_to = max(j, end - block)
        while j < end:
            if job.row.whole_from <= j < whole_to and not job.one_by_one:
                run_whole(job, work, row_out, n_rows, j, whole_to)
                j = whole_to
            elif filled:
                # The last block may take some outputs a second time.
                j = min(j, end - block)
                run_filled(job, work, row_out, n_rows, j)
                j += block
            else:
                run_single(job, work, row_out, n_rows, j)
                j += 1
