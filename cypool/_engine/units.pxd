# Units of the output: where one lies in the arrays, and the ways to compute it. A thread runs a band of them, and what
# a unit computes depends on nothing but the unit.

from libc.stdint cimport int64_t
from libc.string cimport memcpy

from cypool._engine.horizontal cimport horizontal, horizontal_pitch, made_at_once, reduce_window, slide, widen
from cypool._engine.job cimport MAX_ROWS, MAX_SLIDES, Axis, Job, Walk, Way, Work, cells, finishes_last, strides, window
from cypool._engine.results cimport contiguous, store_rows, target
from cypool._engine.vertical cimport (
    fill_identity, label_columns, list_planes, load_flat_rows, load_output_row, load_output_rows, load_rows,
    load_streamed_row, load_suffixes, load_window, move_row, single_rows,
)
from cypool._kernels.types cimport LEAST_RUN, RUN_WIDTH

cdef extern from "vectors.h" nogil:
    void fetch(const char *address)

cdef enum:
    LANES_ROWS = 64         # of the lanes of one part of a window


cdef inline void pad_rows(const Job *job, Work *work, Py_ssize_t n_rows) noexcept nogil:
    """Put the identity where the tile's span leaves the input. It stays there for the next unit of the same shape."""
    cdef Py_ssize_t size = work.n_inner * job.acc_size
    cdef Py_ssize_t before = work.real_from - work.base
    cdef Py_ssize_t after = work.base + work.pitch - work.real_to
    cdef Py_ssize_t r
    cdef char *row
    if before == 0 and after == 0:
        work.padded_rows = 0        # what stood there is written over
        return
    if (work.padded_before == before and work.padded_after == after and work.padded_pitch == work.pitch
            and work.padded_inner == work.n_inner and work.padded_rows >= n_rows):
        return
    for r in range(n_rows):
        row = work.rows + r * work.pitch * size
        fill_identity(job, row, before * work.n_inner)
        fill_identity(job, row + (work.real_to - work.base) * size, after * work.n_inner)
    work.padded_before = before
    work.padded_after = after
    work.padded_pitch = work.pitch
    work.padded_inner = work.n_inner
    work.padded_rows = n_rows


cdef inline Py_ssize_t next_index(Py_ssize_t *unit, Py_ssize_t size) noexcept nogil:
    """The place along the next axis of so many, from the last to the first, of what is left of a unit's number."""
    cdef Py_ssize_t i
    if size == 1:
        return 0                # as along most axes, and a division takes its time
    i = unit[0] % size
    unit[0] //= size
    return i


cdef inline void place(const Job *job, Work *work, Py_ssize_t unit, const char *data, char *out,
                       char *labels) noexcept nogil:
    """Find the unit's corner, its windows on the planes, and its tile."""
    cdef Py_ssize_t i, tile
    cdef int p
    cdef const Axis *row = &job.row
    i = next_index(&unit, job.n_blocks)
    work.first_row = i * job.block
    work.end_row = min(work.first_row + job.block, job.column.dim.size)
    tile = next_index(&unit, job.n_row_tiles)
    work.first_output = tile * job.row_tile
    work.n_outputs = min(job.row_tile, row.dim.size - work.first_output)
    tile = next_index(&unit, job.n_inner_tiles)
    work.n_inner = min(job.inner_tile, job.inner.size - tile * job.inner_tile)
    data += tile * job.inner_tile * job.inner.in_stride
    out += tile * job.inner_tile * job.inner.out_stride + work.first_output * row.dim.out_stride
    labels += tile * job.inner_tile * job.inner.label_stride + work.first_output * row.dim.label_stride
    work.label = 0
    work.plane_cells = 1
    work.plane_taps = 1
    for p in range(job.n_planes - 1, -1, -1):
        i = next_index(&unit, job.planes[p].dim.size)
        if p == job.n_planes - 1:
            work.plane = i
        work.plane_count[p] = window(&job.planes[p], i, &work.plane_first[p])
        work.plane_taps *= work.plane_count[p]
        work.plane_weights[p] = NULL
        if job.planes[p].weights != NULL:
            work.plane_weights[p] = job.planes[p].weights + i * job.planes[p].weights_width
        work.plane_cells *= cells(&job.planes[p], i)
        out += i * job.planes[p].dim.out_stride
        labels += i * job.planes[p].dim.label_stride
    for p in range(job.n_outer - 1, -1, -1):
        i = next_index(&unit, job.outer[p].size)
        data += i * job.outer[p].in_stride
        out += i * job.outer[p].out_stride
        labels += i * job.outer[p].label_stride
    work.data = data
    work.out = out
    work.labels = labels

    if job.way == Way.WEAVE:
        i = (work.first_output + job.phases.before) // job.phases.stride
        work.base = i - job.phases.reach
        i = (work.first_output + work.n_outputs - 1 + job.phases.before) // job.phases.stride + 1
    elif row.starts == NULL:
        work.base = row.origin + work.first_output * row.stride
        i = work.base + (work.n_outputs - 1) * row.stride + (row.taps - 1) * row.dilation + 1
        if job.walk == Walk.BLOCK and job.way == Way.FOLD and work.base == 0 and job.span == row.length > i:
            i = row.length      # so that rows that lie end to end are as far apart in scratch
    else:
        work.base = row.length
        i = 0
        for tile in range(work.first_output, work.first_output + work.n_outputs):
            if row.counts[tile] > 0:
                work.base = min(work.base, row.starts[tile])
                i = max(i, row.starts[tile] + (row.counts[tile] - 1) * row.dilation + 1)
        if i == 0:
            work.base = 0
    work.pitch = i - work.base
    if strides(job):
        work.pitch = (work.pitch + row.stride - 1) // row.stride * row.stride
    elif job.walk == Walk.FLAT:
        work.base = 0
        work.pitch = row.length
    work.real_from = max(work.base, 0)
    work.real_to = min(work.base + work.pitch, row.length)
    if job.labelled and job.walk != Walk.PIECES and job.walk != Walk.LANES and job.walk != Walk.DIRECT:
        label_columns(job, work)
    list_planes(job, work)


cdef inline void reduce_rows(const Job *job, Work *work, int which, const char *rows, Py_ssize_t first,
                             Py_ssize_t n_rows) noexcept nogil:
    """The horizontal pass of n_rows rows, straight into the output where that is possible."""
    cdef char *out = target(job, work, first, n_rows, work.results_pitch)
    work.results[which] = horizontal(job, work, work.results[which] if out == NULL else out, rows, first,
                                     n_rows)


cdef inline void run_unit(const Job *job, Work *work) noexcept nogil:
    """All rows of a block at once."""
    cdef Py_ssize_t n_rows = work.end_row - work.first_row
    cdef Py_ssize_t step = work.pitch * work.n_inner * job.acc_size
    cdef char *results[2]
    cdef char *out
    cdef const char *rows
    cdef int which
    work.results_pitch = horizontal_pitch(job, work)
    results[0] = work.results[0]
    results[1] = work.results[1]
    out = target(job, work, work.first_row, n_rows, work.results_pitch)
    for which in range(job.n_sums):
        rows = single_rows(job, work, work.first_row, n_rows)
        if rows != NULL and job.finish_first:
            job.finish(work.rows, NULL, <char *>rows, NULL, n_rows * work.pitch * work.n_inner, &job.finishing)
            rows = work.rows
            work.padded_rows = 0
        elif rows == NULL:
            pad_rows(job, work, n_rows)
            rows = work.rows
            if job.way == Way.COPY and job.n_sums == 2:
                rows = results[which]
            elif job.way == Way.COPY and out != NULL and not job.row_by_row:
                rows = out
            load_output_rows(job, work, which,
                             <char *>rows + (work.real_from - work.base) * work.n_inner * job.acc_size, step)
            if job.finish_first:
                job.finish(work.rows, NULL, work.rows, NULL, n_rows * work.pitch * work.n_inner, &job.finishing)
                work.padded_rows = 0
        reduce_rows(job, work, which, rows, work.first_row, n_rows)
    if finishes_last(job) or work.results[0] != out:
        store_rows(job, work, work.first_row, n_rows)
    work.results[0] = results[0]
    work.results[1] = results[1]


cdef inline void run_flat_unit(const Job *job, Work *work) noexcept nogil:
    """A block of rows that are as long as their outputs, in one vertical and one horizontal pass over all of them.

    Padded rows would need a call for each. Here the windows at a border reach into the neighbouring rows at first,
    and are done again.
    """
    cdef Py_ssize_t n_rows = work.end_row - work.first_row
    cdef Py_ssize_t size = work.n_inner * job.acc_size
    cdef Py_ssize_t pitch = work.pitch * work.n_inner
    cdef char *rows = work.rows + job.span * size
    cdef char *own = work.results[0]
    cdef const char *taps[MAX_SLIDES]
    cdef char *out
    cdef Py_ssize_t t, j, first, before, count
    load_flat_rows(job, work, rows)
    for t in range(job.row.taps):
        taps[t] = rows + (job.row.origin + t * job.row.dilation) * size
    work.results_pitch = work.pitch
    out = target(job, work, work.first_row, n_rows, work.pitch)
    if out != NULL:
        work.results[0] = out
    slide(job, work.results[0], taps, job.row.taps, n_rows * pitch)
    j = 0
    while j < work.n_outputs:
        if j == job.row.whole_from:
            j = max(j, job.row.whole_to)
            if j == work.n_outputs:
                break
        count = window(&job.row, j, &first)
        before = (first - job.row.origin - j * job.row.stride) // job.row.dilation
        job.mend(work.results[0], rows, n_rows, pitch, work.n_inner, j * work.n_inner, first * work.n_inner, before,
                 count, job.row.dilation * work.n_inner, NULL)
        j += 1
    if finishes_last(job) or out == NULL:
        store_rows(job, work, work.first_row, n_rows)
    work.results[0] = own


cdef inline void fetch_results(const Job *job, const Work *work, Py_ssize_t i) noexcept nogil:
    """Where the results of row i of outputs go, if there is one: what is written takes its time to come into the cache,
    too."""
    cdef Py_ssize_t line
    if i < job.column.dim.size and contiguous(job, work):
        for line in range(0, work.n_outputs * work.n_inner * job.out_size, 64):
            fetch(work.out + i * job.column.dim.out_stride + line)


cdef inline void finish_streamed_row(const Job *job, Work *work, const char *row, Py_ssize_t i) noexcept nogil:
    """The horizontal pass and the results of output row i, whose vertical pass stands in `row`."""
    cdef char *own = work.results[0]
    cdef char *out = target(job, work, i, 1, work.results_pitch)
    if job.fetched and not (job.way == Way.WIDEN and made_at_once(&job.row_chain)):
        fetch_results(job, work, i + 1)
    reduce_rows(job, work, 0, row, i, 1)
    if finishes_last(job) or work.results[0] != out:
        store_rows(job, work, i, 1)
    work.results[0] = own


cdef inline void run_streamed_unit(const Job *job, Work *work) noexcept nogil:
    """A block of as many rows as the window has taps, row by row, from suffixes and a running prefix."""
    cdef Py_ssize_t row_size = (work.real_to - work.real_from) * work.n_inner * job.acc_size
    cdef char **suffix_rows = <char **>work.suffix_rows
    cdef char *row = work.rows + (work.real_from - work.base) * work.n_inner * job.acc_size
    cdef Py_ssize_t j
    cdef bint started = False
    work.results_pitch = horizontal_pitch(job, work)
    pad_rows(job, work, 1)
    load_suffixes(job, work, 0, suffix_rows, row_size)
    for j in range(work.end_row - work.first_row):
        started = load_streamed_row(job, work, 0, row, j, suffix_rows[j], started)
        finish_streamed_row(job, work, work.rows, work.first_row + j)


cdef inline void run_moving_unit(const Job *job, Work *work) noexcept nogil:
    """A block of rows, each from the one before it."""
    cdef char *row = work.rows + (work.real_from - work.base) * work.n_inner * job.acc_size
    cdef Py_ssize_t i
    work.results_pitch = horizontal_pitch(job, work)
    pad_rows(job, work, 1)
    load_output_row(job, work, 0, row, work.first_row)
    finish_streamed_row(job, work, work.rows, work.first_row)
    for i in range(work.first_row + 1, work.end_row):
        move_row(job, work, row, i)
        finish_streamed_row(job, work, work.rows, i)


cdef inline void load_plane(const Job *job, Work *work, const char *data, Py_ssize_t n_rows) noexcept nogil:
    """All rows of a plane, end to end in memory, to their places: some at once, by way of what the pass comes to."""
    cdef const char *rows[1]
    cdef Py_ssize_t n = (work.real_to - work.real_from) * work.n_inner
    cdef Py_ssize_t first = max(<Py_ssize_t>0, job.column.origin)
    cdef Py_ssize_t end = min(job.column.length, job.column.origin + n_rows + job.column.taps - 1), some, r
    while first < end:
        some = min(end - first, n_rows)
        rows[0] = data + first * job.column.dim.in_stride
        job.load[0](work.suffixes, rows, 1, some * n, True, &work.loading)
        for r in range(some):
            memcpy(work.rows + ((first - job.column.origin + r) * work.pitch + work.real_from - work.base)
                   * work.n_inner * job.acc_size, work.suffixes + r * n * job.acc_size, <size_t>(n * job.acc_size))
        first += some


cdef inline void run_wide_unit(const Job *job, Work *work) noexcept nogil:
    """A small plane at stride 1: every row once, amid the identity; then both passes over all rows at once."""
    cdef Py_ssize_t size = work.n_inner * job.acc_size
    cdef Py_ssize_t taps = job.column.taps
    cdef Py_ssize_t n_rows = job.column.dim.size
    cdef Py_ssize_t n_bytes = (work.real_to - work.real_from) * size
    cdef Py_ssize_t r, position
    cdef char *own = work.results[0]
    cdef char *out
    cdef const char *data = work.data + work.plane_offsets[0] + work.real_from * job.row.dim.in_stride
    cdef bint single = not job.gathered and work.n_listed == 1
    cdef bint plain = job.plain and single
    # Loads take longer to begin than a short row.
    cdef bint at_once = (single and not plain and job.blend == NULL and n_bytes > 0
                         and job.column.dim.in_stride * job.acc_size == n_bytes * job.in_size)
    pad_rows(job, work, n_rows + taps - 1)
    if at_once:
        load_plane(job, work, data, n_rows)
    for r in range(n_rows + taps - 1):
        position = job.column.origin + r
        if at_once and 0 <= position < job.column.length:
            continue
        if plain and 0 <= position < job.column.length:
            memcpy(work.rows + (r * work.pitch + work.real_from - work.base) * size,
                   data + position * job.column.dim.in_stride, <size_t>n_bytes)
        elif work.plane_taps > 0 and 0 <= position < job.column.length:
            load_window(job, work, 0, work.rows + (r * work.pitch + work.real_from - work.base) * size, position, 1,
                        True)
        else:
            fill_identity(job, work.rows + r * work.pitch * size, work.pitch * work.n_inner)
    widen(job, work, &job.column_chain, work.suffixes, work.rows, n_rows * work.pitch * work.n_inner, work.pitch * size,
          0)
    work.results_pitch = horizontal_pitch(job, work)
    out = target(job, work, 0, n_rows, work.results_pitch)
    reduce_rows(job, work, 0, work.suffixes, 0, n_rows)
    if finishes_last(job) or work.results[0] != out:
        store_rows(job, work, 0, n_rows)
    work.results[0] = own


cdef inline void run_pieces(const Job *job, Work *work) noexcept nogil:
    """One output, whose window is longer than a scratch row: its pieces are combined element by element, and what
    comes out is reduced. So a window may be as long as memory."""
    cdef Py_ssize_t size = work.n_inner * job.acc_size
    cdef Py_ssize_t first, end, begin, count = window(&job.row, work.first_output, &first)
    cdef const char *pieces[1]
    cdef char *piece
    cdef int which
    end = first + (count - 1) * job.row.dilation + 1
    work.pitch = job.span
    work.results_pitch = 1
    pieces[0] = work.spare
    if count == 0:
        work.real_from = work.real_to = 0
        fill_identity(job, work.rows, job.span * work.n_inner)
    for which in range(job.n_sums):
        begin = first
        while begin < end:
            piece = work.rows if begin == first else work.spare
            work.base = begin
            work.real_from = begin
            work.real_to = min(begin + job.span, end)
            if job.labelled:
                label_columns(job, work)
            load_output_row(job, work, which, piece, work.first_row)
            fill_identity(job, piece + (work.real_to - begin) * size, (begin + job.span - work.real_to) * work.n_inner)
            if piece == work.spare:
                job.combine(work.rows, pieces, 1, job.span * work.n_inner, False, NULL)
            begin += job.span
        reduce_window(job, work, work.results[which], work.rows, job.span // job.row.dilation)
    store_rows(job, work, work.first_row, 1)


cdef inline void load_lanes(const Job *job, Work *work, int which, Py_ssize_t row, Py_ssize_t first,
                            Py_ssize_t count) noexcept nogil:
    """Taps from `first` on of a row of the column, as rows of a vertical pass: `span` of them side by side."""
    cdef const char *rows[MAX_ROWS]
    cdef int64_t labels[MAX_ROWS]
    cdef const char *data = work.data + row * job.column.dim.in_stride + first * job.row.dim.in_stride
    cdef int64_t label = work.label + row * job.column.label + first * job.row.label
    cdef Py_ssize_t taken = 0, n, r
    while taken < count:
        # What is left over joins the first lanes.
        n = min(job.span, count - taken)
        work.real_from = 0
        work.real_to = n
        if job.labelled:
            label_columns(job, work)
        r = 0
        while r < MAX_ROWS and taken + (r + 1) * n <= count:
            rows[r] = data + (taken + r * n) * job.row.dim.in_stride
            labels[r] = label + (taken + r * n) * job.row.label
            r += 1
        load_rows(job, work, job.load[which], work.rows, rows, labels, r, taken == 0)
        taken += r * n


cdef inline void reduce_in_lanes(const Job *job, Work *work, int which, char *result, Py_ssize_t row, Py_ssize_t first,
                                 Py_ssize_t count) noexcept nogil:
    """A run of a row, part by part, and then what comes of the parts, so that sums of floats stay short."""
    cdef Py_ssize_t taken = 0, n_parts = 0, n
    while taken < count:
        n = min(LANES_ROWS * job.span, count - taken)
        load_lanes(job, work, which, row, first + taken, n)
        if n_parts == job.span:
            reduce_window(job, work, work.spare, work.spare, n_parts)
            n_parts = 1
        reduce_window(job, work, work.spare + n_parts * work.n_inner * job.acc_size, work.rows, min(job.span, n))
        n_parts += 1
        taken += n
    reduce_window(job, work, result, work.spare, n_parts)


cdef inline void run_long_unit(const Job *job, Work *work) noexcept nogil:
    """Outputs whose windows are long runs of a row: as these lie in memory, or each part of one in lanes."""
    cdef Py_ssize_t n_bytes = work.n_inner * job.acc_size
    cdef bint in_place = job.reduce != NULL and not job.gathered and RUN_WIDTH % n_bytes == 0
    cdef Py_ssize_t i, j, row, first, count, at = 0
    cdef const char *data
    cdef int which
    work.results_pitch = work.n_outputs
    for i in range(work.first_row, work.end_row):
        window(&job.column, i, &row)
        for j in range(work.first_output, work.first_output + work.n_outputs):
            count = window(&job.row, j, &first)
            data = work.data + row * job.column.dim.in_stride + first * job.row.dim.in_stride
            for which in range(job.n_sums):
                if not in_place:
                    reduce_in_lanes(job, work, which, work.results[which] + at, row, first, count)
                elif count * n_bytes >= LEAST_RUN:
                    job.reduce(work.results[which] + at, data, count * work.n_inner, work.n_inner, job.ahead,
                               NULL)
                else:       # the rest is padding
                    reduce_window(job, work, work.results[which] + at, data, count)
            at += n_bytes
    store_rows(job, work, work.first_row, work.end_row - work.first_row)
