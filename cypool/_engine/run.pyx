"""A planned pooling call: tables and tiles in, filled outputs out.

The output is cut into units: a block of rows, a tile of the row axis, a tile of the inner axis. A thread takes a
band of units. Within a unit, rows of the input are combined into scratch rows (vertical), those into rows of results
(horizontal), and those are written out. What a unit computes depends on nothing but the unit.
"""

from cython.parallel cimport prange
from cpython.mem cimport PyMem_RawFree, PyMem_RawMalloc
from libc.stdint cimport int64_t
from libc.string cimport memcpy, memset

cimport numpy as cnp

from cypool._engine.horizontal cimport horizontal, horizontal_pitch, reduce_window, slide
from cypool._engine.job cimport (
    MAX_ROWS, MAX_SLIDES, Axis, Dim, Job, Way, Work, ceil_div, cells, window,
)
from cypool._engine.results cimport set_divisor, store_rows, target
from cypool._engine.vertical cimport (
    fill_identity, label_columns, list_planes, load_flat_rows, load_output_row, load_output_rows, load_streamed_row,
    load_suffixes, single_row,
)
from cypool._kernels.types cimport combine_t, finish_t, fold_t, halve_t, load_t, mend_t, pack_t, split_t, unpack_t

cnp.import_array()

WAYS = {"copy": Way.COPY, "slide": Way.SLIDE, "double": Way.DOUBLE, "halve": Way.HALVE, "split": Way.SPLIT,
        "groups": Way.GROUPS, "fold": Way.FOLD, "table": Way.TABLE, "pieces": Way.PIECES}
SLIDES = MAX_SLIDES

cdef enum:
    LINE = 64   # bytes of a cache line: scratch areas start at one


cdef void pad_rows(const Job *job, Work *work, Py_ssize_t n_rows) noexcept nogil:
    """Put the identity where the tile's span leaves the input."""
    cdef Py_ssize_t size = work.n_inner * job.acc_size
    cdef Py_ssize_t before = work.real_from - work.base
    cdef Py_ssize_t after = work.base + work.pitch - work.real_to
    cdef Py_ssize_t r
    cdef char *row
    if before == 0 and after == 0:
        return
    for r in range(n_rows):
        row = work.rows + r * work.pitch * size
        fill_identity(job, row, before * work.n_inner)
        fill_identity(job, row + (work.real_to - work.base) * size, after * work.n_inner)


cdef void place(const Job *job, Work *work, Py_ssize_t unit, const char *data, char *out, char *labels) noexcept nogil:
    """Find the unit's corner, its windows on the planes, and its tile."""
    cdef Py_ssize_t i, tile
    cdef int p
    cdef const Axis *row = &job.row
    i = unit % job.n_blocks
    unit //= job.n_blocks
    work.first_row = i * job.block
    work.end_row = min(work.first_row + job.block, job.column.dim.size)
    tile = unit % job.n_row_tiles
    unit //= job.n_row_tiles
    work.first_output = tile * job.row_tile
    work.n_outputs = min(job.row_tile, row.dim.size - work.first_output)
    tile = unit % job.n_inner_tiles
    unit //= job.n_inner_tiles
    work.n_inner = min(job.inner_tile, job.inner.size - tile * job.inner_tile)
    data += tile * job.inner_tile * job.inner.in_stride
    out += tile * job.inner_tile * job.inner.out_stride + work.first_output * row.dim.out_stride
    labels += tile * job.inner_tile * job.inner.label_stride + work.first_output * row.dim.label_stride
    work.label = 0
    work.plane_cells = 1
    work.plane_taps = 1
    for p in range(job.n_planes - 1, -1, -1):
        i = unit % job.planes[p].dim.size
        unit //= job.planes[p].dim.size
        work.plane_count[p] = window(&job.planes[p], i, &work.plane_first[p])
        work.plane_taps *= work.plane_count[p]
        work.plane_cells *= cells(&job.planes[p], i)
        out += i * job.planes[p].dim.out_stride
        labels += i * job.planes[p].dim.label_stride
    for p in range(job.n_outer - 1, -1, -1):
        i = unit % job.outer[p].size
        unit //= job.outer[p].size
        data += i * job.outer[p].in_stride
        out += i * job.outer[p].out_stride
        labels += i * job.outer[p].label_stride
    work.data = data
    work.out = out
    work.labels = labels

    if row.starts == NULL:
        work.base = row.origin + work.first_output * row.stride
        i = work.base + (work.n_outputs - 1) * row.stride + (row.taps - 1) * row.dilation + 1
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
    if job.way == Way.SPLIT or job.way == Way.HALVE:
        work.pitch = (work.pitch + row.stride - 1) // row.stride * row.stride
    elif job.flat:
        work.base = 0
        work.pitch = row.length
    work.real_from = max(work.base, 0)
    work.real_to = min(work.base + work.pitch, row.length)
    if job.labelled and job.way != Way.PIECES:
        label_columns(job, work)
    list_planes(job, work)


cdef void reduce_rows(const Job *job, Work *work, int which, const char *rows, Py_ssize_t first,
                      Py_ssize_t n_rows) noexcept nogil:
    """The horizontal pass of n_rows rows, straight into the output where that is possible."""
    cdef char *out = target(job, work, first, n_rows, work.results_pitch)
    work.results[which] = horizontal(job, work, work.results[which] if out == NULL else out, rows, n_rows)


cdef void run_unit(const Job *job, Work *work) noexcept nogil:
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
        rows = single_row(job, work, work.first_row) if n_rows == 1 else NULL
        if rows == NULL:
            pad_rows(job, work, n_rows)
            rows = work.rows
            if job.way == Way.COPY and job.n_sums == 2:
                rows = results[which]
            elif job.way == Way.COPY and out != NULL:
                rows = out
            load_output_rows(job, work, which,
                             <char *>rows + (work.real_from - work.base) * work.n_inner * job.acc_size, step)
        reduce_rows(job, work, which, rows, work.first_row, n_rows)
    if job.finish != NULL or work.results[0] != out:
        store_rows(job, work, work.first_row, n_rows)
    work.results[0] = results[0]
    work.results[1] = results[1]


cdef void run_flat_unit(const Job *job, Work *work) noexcept nogil:
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
    cdef Py_ssize_t t, j, first, count
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
        job.mend(work.results[0], rows, n_rows, pitch, work.n_inner, j * work.n_inner, first * work.n_inner, count,
                 job.row.dilation * work.n_inner, NULL)
        j += 1
    if job.finish != NULL or out == NULL:
        store_rows(job, work, work.first_row, n_rows)
    work.results[0] = own


cdef void run_streamed_unit(const Job *job, Work *work) noexcept nogil:
    """A block of as many rows as the window has taps, row by row, from suffixes and a running prefix."""
    cdef Py_ssize_t row_size = (work.real_to - work.real_from) * work.n_inner * job.acc_size
    cdef char *results[2]
    cdef char *out
    cdef char **suffix_rows
    cdef char *row = work.rows + (work.real_from - work.base) * work.n_inner * job.acc_size
    cdef Py_ssize_t j
    cdef bint started = False
    suffix_rows = <char **>work.suffix_rows
    work.results_pitch = horizontal_pitch(job, work)
    results[0] = work.results[0]
    pad_rows(job, work, 1)
    load_suffixes(job, work, 0, suffix_rows, row_size)
    for j in range(work.end_row - work.first_row):
        started = load_streamed_row(job, work, 0, row, j, suffix_rows[j], started)
        work.results[0] = results[0]
        out = target(job, work, work.first_row + j, 1, work.results_pitch)
        reduce_rows(job, work, 0, work.rows, work.first_row + j, 1)
        if job.finish != NULL or work.results[0] != out:
            store_rows(job, work, work.first_row + j, 1)
    work.results[0] = results[0]


cdef void run_pieces(const Job *job, Work *work) noexcept nogil:
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


cdef Py_ssize_t lay_out(const Job *job, Work *work, char *scratch) noexcept nogil:
    """Divide one thread's scratch; gives its size. Called with NULL it measures."""
    cdef Py_ssize_t stride = job.row.stride if job.way == Way.SPLIT or job.way == Way.HALVE else 1
    cdef Py_ssize_t wide = (job.span + stride) * job.inner_tile
    cdef Py_ssize_t n_rows = 1 if job.streamed else job.block
    # A flat block is read from a span before it to a span behind it.
    cdef Py_ssize_t area = (n_rows + 2 * job.flat) * wide * job.acc_size + LINE
    cdef Py_ssize_t results = n_rows * max(wide, job.row_tile * job.inner_tile) * job.acc_size + LINE
    cdef Py_ssize_t out_row = job.row_tile * job.inner_tile
    cdef Py_ssize_t used = 0
    cdef Py_ssize_t sizes[12]
    cdef char *areas[12]
    cdef int i
    sizes[0] = area
    sizes[1] = area if job.way == Way.SPLIT or job.way == Way.DOUBLE or job.way == Way.HALVE else 0
    sizes[2] = area if job.way == Way.DOUBLE or job.way == Way.PIECES or job.way == Way.HALVE else 0
    sizes[3] = results
    sizes[4] = results if job.n_sums == 2 else 0
    sizes[5] = job.column.taps * wide * job.acc_size if job.streamed else 0
    sizes[6] = wide * job.acc_size if job.streamed else 0
    sizes[7] = MAX_ROWS * wide * job.in_size if job.gathered else 0
    sizes[8] = out_row * job.out_size if job.finish != NULL else 0
    sizes[9] = (out_row + wide) * <Py_ssize_t>sizeof(int64_t) if job.labelled else 0
    sizes[10] = (job.block if job.flat else 1) * out_row * job.acc_size if job.uneven else 0
    sizes[11] = job.column.taps * <Py_ssize_t>sizeof(char *) if job.streamed else 0
    for i in range(12):
        areas[i] = scratch + used
        used += (sizes[i] + LINE - 1) // LINE * LINE
    if scratch != NULL:
        memset(work, 0, sizeof(Work))
        work.loading = job.loading
        work.rows = areas[0]
        work.phases = areas[1]
        work.spare = areas[2]
        work.results[0] = areas[3]
        work.results[1] = areas[4]
        work.suffixes = areas[5]
        work.prefix = areas[6]
        work.packed = areas[7]
        work.out_row = areas[8]
        work.label_row = <int64_t *>areas[9]
        work.columns = work.label_row + out_row
        work.columns_to = -1
        work.divisors = areas[10]
        work.suffix_rows = areas[11]
    return used


cdef void run_band(const Job *job, const char *data, char *out, char *labels, Py_ssize_t begin, Py_ssize_t end,
                   char *scratch) noexcept nogil:
    cdef Work work
    cdef Py_ssize_t unit
    lay_out(job, &work, scratch)
    for unit in range(begin, end):
        place(job, &work, unit, data, out, labels)
        if job.way == Way.PIECES:
            run_pieces(job, &work)
        elif job.flat:
            run_flat_unit(job, &work)
        elif job.streamed:
            run_streamed_unit(job, &work)
        else:
            run_unit(job, &work)


cdef Dim read_dim(tuple numbers):
    cdef Dim dim
    dim.size, dim.in_stride, dim.out_stride, dim.label_stride = numbers
    return dim


cdef class Plan:
    """A pooling call of arrays with given shapes, strides and dtypes; may run on any such arrays, at any time."""

    def __init__(self, dict spec):
        cdef Job *job = &self.job
        cdef int i
        memset(job, 0, sizeof(Job))
        self.tables = []
        self.cost = spec["cost"]
        job.n_outer = len(spec["outer"])
        job.n_planes = len(spec["planes"])
        for i in range(job.n_outer):
            job.outer[i] = read_dim(spec["outer"][i])
        for i in range(job.n_planes):
            self.read_axis(&job.planes[i], spec["planes"][i])
        self.read_axis(&job.column, spec["column"])
        self.read_axis(&job.row, spec["row"])
        job.inner = read_dim(spec["inner"])
        job.in_size, job.acc_size, job.out_size = spec["sizes"]
        job.gathered = spec["gathered"]
        job.scattered = spec["scattered"]
        job.swapped_in = spec["swapped_in"]
        job.swapped_out = spec["swapped_out"]
        job.labelled = spec["labelled"]
        job.uneven = spec["uneven"]
        job.way = <Way><int>WAYS[spec["way"]]
        job.streamed = spec["streamed"]
        job.flat = spec["flat"]
        job.row_tile = spec["row_tile"]
        job.inner_tile = spec["inner_tile"]
        job.block = spec["block"]
        job.span = spec["span"]
        job.touched = spec["touched"]
        job.n_row_tiles = ceil_div(job.row.dim.size, job.row_tile)
        job.n_inner_tiles = ceil_div(job.inner.size, job.inner_tile)
        job.n_blocks = ceil_div(job.column.dim.size, job.block)
        job.n_units = job.n_row_tiles * job.n_inner_tiles * job.n_blocks
        for i in range(job.n_outer):
            job.n_units *= job.outer[i].size
        for i in range(job.n_planes):
            job.n_units *= job.planes[i].dim.size
        self.read_reducer(spec["reducer"])
        self.scratch_size = lay_out(job, NULL, NULL)

    cdef read_axis(self, Axis *axis, object numbers):
        cdef const Py_ssize_t[::1] table
        axis.dim = read_dim(numbers.dim)
        axis.length = numbers.length
        axis.origin, axis.stride, axis.taps, axis.dilation = numbers.rule
        axis.cells_from, axis.cells_to = numbers.cells
        axis.whole_from, axis.whole_to = numbers.whole
        axis.label = numbers.label
        if numbers.starts is not None:
            self.tables += [numbers.starts, numbers.counts, numbers.cell_counts]
            self.table_bytes += 3 * numbers.starts.nbytes
            table = numbers.starts
            axis.starts = &table[0]
            table = numbers.counts
            axis.counts = &table[0]
            table = numbers.cell_counts
            axis.cell_counts = &table[0]

    cdef read_reducer(self, object reducer):
        cdef Job *job = &self.job
        cdef const unsigned char[::1] identity = reducer.identity
        job.n_sums = len(reducer.loads)
        job.load[0] = <load_t><void *><size_t>reducer.loads[0]
        job.load[1] = <load_t><void *><size_t>reducer.loads[job.n_sums - 1]
        job.combine = <combine_t><void *><size_t>reducer.combine
        job.halve = <halve_t><void *><size_t>reducer.halve
        job.mend = <mend_t><void *><size_t>reducer.mend
        job.fold = <fold_t><void *><size_t>reducer.fold
        job.finish = <finish_t><void *><size_t>reducer.finish
        job.pack = <pack_t><void *><size_t>reducer.pack
        job.unpack = <unpack_t><void *><size_t>reducer.unpack
        job.split = <split_t><void *><size_t>reducer.split
        job.in_place = reducer.in_place
        job.plain = reducer.plain
        job.divided = reducer.divided
        job.idempotent = reducer.idempotent
        memcpy(job.identity, &identity[0], <size_t>identity.shape[0])
        job.loading.flip = job.finishing.flip = reducer.flip
        job.loading.bias = job.finishing.bias = reducer.bias
        job.loading.infinity = reducer.infinity
        job.loading.nan = reducer.nan
        job.loading.complex_pairs = reducer.complex_pairs
        job.finishing.signed_sums = reducer.signed_sums
        job.finishing.lowest, job.finishing.highest = reducer.limits
        job.finishing.taps = reducer.taps
        job.finishing.fixed_divisor = reducer.divisor != 0
        job.fixed_divisor = reducer.divisor
        set_divisor(job, &job.finishing, reducer.cells)

    @property
    def n_units(self):
        """Pieces of work that threads can share."""
        return self.job.n_units

    cdef int pool(self, cnp.ndarray x, cnp.ndarray out, cnp.ndarray labels, int n_threads) except -1:
        """Pool x into out, and the winners' indices into labels where those are wanted."""
        cdef const Job *job = &self.job
        cdef const char *data = cnp.PyArray_BYTES(x)
        cdef char *results = cnp.PyArray_BYTES(out)
        cdef char *indices = cnp.PyArray_BYTES(labels) if labels is not None else NULL
        cdef Py_ssize_t n_units = job.n_units
        cdef Py_ssize_t size = self.scratch_size
        cdef char *scratch
        cdef char *aligned
        cdef int thread
        n_threads = <int>max(<Py_ssize_t>1, min(<Py_ssize_t>n_threads, n_units))
        scratch = <char *>PyMem_RawMalloc(<size_t>(size * n_threads + LINE))
        if scratch == NULL:
            raise MemoryError(f"no memory for {size * n_threads} bytes of scratch")
        with nogil:
            aligned = scratch + (LINE - <size_t>scratch % LINE) % LINE
            if n_threads == 1:
                run_band(job, data, results, indices, 0, n_units, aligned)
            else:
                for thread in prange(n_threads, num_threads=n_threads, schedule="static", chunksize=1):
                    run_band(job, data, results, indices, n_units * thread // n_threads,
                             n_units * (thread + 1) // n_threads, aligned + thread * size)
        PyMem_RawFree(scratch)
        return 0
