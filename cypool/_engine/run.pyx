"""A planned pooling call: tables and tiles in, filled outputs out.

The output is cut into units: a block of rows, a tile of the row axis, a tile of the inner axis. A thread takes a
band of units. Within a unit, rows of the input are combined into scratch rows (vertical), those into rows of results
(horizontal), and those are written out. What a unit computes depends on nothing but the unit.
"""

from cython.parallel cimport prange
from cpython.mem cimport PyMem_RawFree, PyMem_RawMalloc
from libc.stdint cimport int32_t
from libc.string cimport memcpy, memset

cimport numpy as cnp

from cypool._engine.direct cimport MAX_DIRECT_ROWS, MAX_WINNER_ROWS
from cypool._engine.fractional cimport MOST_SHIFT as SHIFT
from cypool._engine.job cimport (
    MAX_LEVELS, MAX_PARTS, MAX_PLANES, MAX_RADIX, MAX_SLIDES, MAX_WIDER, NEW_MEMORY, Axis, Chain, Dim, Job, Units, Walk,
    Way, ceil_div,
)
from cypool._engine.results cimport set_divisor
from cypool._engine.scratch cimport LINE, divide_scratch
from cypool._engine.stacks cimport MAX_LANES
from cypool._engine.walks cimport run_band
from cypool._kernels.types cimport (
    MAX_PIECE, blend_t, bounded_t, bring_t, columns_t, combine_t, counted_t, direct_t, few_t, finish_t, fold_t, halve_t,
    load_t, meet_t, mend_t, pack_t, pick_t, powers_t, reduce_t, repeat_t, running_t, slide_t, slim_t, split_t,
    spread_t, strips_t, table_t, turn_t, unpack_t, weave_t, widen_t, winners_t,
)

cdef extern from *:
    """
    #include <time.h>
    #ifdef _OPENMP
    #  include <omp.h>
    static double cypool_seconds(void) { return omp_get_wtime(); }
    #else
    static double cypool_seconds(void) { return 0; }
    #endif
    /* Seconds that a processor has worked for this thread; nothing where that is not known. */
    static double cypool_worked(void)
    {
    #ifdef CLOCK_THREAD_CPUTIME_ID
        struct timespec now;
        if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0)
            return now.tv_sec + 1e-9 * now.tv_nsec;
    #endif
        return cypool_seconds();
    }
    """
    double cypool_seconds() nogil
    double cypool_worked() nogil

cnp.import_array()

WAYS = {"copy": Way.COPY, "slide": Way.SLIDE, "widen": Way.WIDEN, "run": Way.RUN, "halve": Way.HALVE,
        "split": Way.SPLIT, "pick": Way.PICK, "few": Way.FEW, "weave": Way.WEAVE, "groups": Way.GROUPS,
        "fold": Way.FOLD, "table": Way.TABLE}
WALKS = {"block": Walk.BLOCK, "flat": Walk.FLAT, "stream": Walk.STREAM, "columns": Walk.COLUMNS, "move": Walk.MOVE,
         "wide": Walk.WIDE, "lanes": Walk.LANES, "pieces": Walk.PIECES, "direct": Walk.DIRECT, "strips": Walk.STRIPS,
         "along": Walk.ALONG,
         "repeat": Walk.REPEAT, "alike": Walk.ALIKE, "across": Walk.ACROSS, "spread": Walk.SPREAD, "slim": Walk.SLIM,
         "counted": Walk.COUNTED, "stack": Walk.STACK}
SLIDES = MAX_SLIDES
PLANES = MAX_PLANES
DIRECT_ROWS = MAX_DIRECT_ROWS
WINNER_ROWS = MAX_WINNER_ROWS
MOST_PIECE = MAX_PIECE
LANES = MAX_LANES
MOST_SHIFT = SHIFT

cdef enum:
    WAITED = 3          # a band that takes as many times the work in it was held up

# What came of a band of units, as bits.
cdef enum Outcome:
    HELD_UP = 1         # its thread had to wait for a processor
    UNBOUNDED = 2       # it met a number that is not within the job's bounds, and went no further


cdef int run_units(const Job *job, const Units *units, const char *data, char *out, char *labels, int n_threads,
                   char *scratch, Py_ssize_t size):
    """Units in bands, one for each thread; gives the Outcomes of all.

    Each thread has `size` bytes of scratch, and one more behind them all.
    """
    cdef char *outcomes = scratch + n_threads * size
    cdef int outcome = 0
    cdef bint bounded
    cdef double begin, worked
    cdef int thread
    n_threads = <int>max(<Py_ssize_t>1, min(<Py_ssize_t>n_threads, units.count))
    if n_threads == 1:
        with nogil:
            bounded = run_band(job, units, 0, units.count, data, out, labels, scratch)
        return 0 if bounded else UNBOUNDED
    begin = cypool_seconds()
    for thread in prange(n_threads, num_threads=n_threads, schedule="static", chunksize=1, nogil=True):
        worked = cypool_worked()
        outcomes[thread] = 0
        if not run_band(job, units, units.count * thread // n_threads, units.count * (thread + 1) // n_threads, data,
                        out, labels, scratch + thread * size):
            outcomes[thread] |= UNBOUNDED
        # To wake a thread takes up to 50 us.
        if cypool_seconds() - begin > WAITED * (cypool_worked() - worked) + 100e-6:
            outcomes[thread] |= HELD_UP
    for thread in range(n_threads):
        outcome |= outcomes[thread]
    return outcome


cdef Dim read_dim(tuple numbers):
    cdef Dim dim
    dim.size, dim.in_stride, dim.out_stride, dim.label_stride = numbers
    return dim


cdef read_chain(Chain *chain, Py_ssize_t taps, object numbers):
    cdef int i
    if numbers is None:
        return
    radices, counts, wider_by = numbers
    if (len(radices) > MAX_LEVELS or sum(counts) > MAX_PARTS or len(wider_by) > MAX_WIDER
            or max(radices[1:] if wider_by else radices, default=1) > MAX_RADIX):
        raise ValueError(f"windows of {taps} taps are made of too many parts: {numbers}")
    chain.n_wider = len(wider_by)
    for i in range(chain.n_wider):
        chain.wider_by[i] = wider_by[i]
    chain.taps = taps
    chain.n_levels = len(radices)
    for i in range(chain.n_levels):
        chain.radices[i] = radices[i]
    for i in range(chain.n_levels + 1):
        chain.counts[i] = counts[i]


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
        job.in_offset, job.out_offset = spec["offsets"]
        job.in_size, job.acc_size, job.out_size = spec["sizes"]
        job.gathered = spec["gathered"]
        job.scattered = spec["scattered"]
        job.swapped_in, job.swapped_out = spec["swapped"]
        job.labelled = spec["labelled"]
        job.uneven = spec["uneven"]
        job.way = <Way><int>WAYS[spec["way"]]
        job.walk = <Walk><int>WALKS[spec["walk"]]
        job.row_tile = spec["row_tile"]
        job.inner_tile = spec["inner_tile"]
        job.block = spec["block"]
        job.span = spec["span"]
        job.touched = spec["touched"]
        job.row_by_row = spec["row_by_row"]
        job.ahead = spec["ahead"]
        job.pieced = spec["pieced"]
        job.fetched = spec["fetched"]
        job.streamed = spec["streamed"]
        job.bare = spec["bare"]
        job.gathered_rows = spec["gathered_rows"]
        job.piece, job.most_rows, job.most_taps, job.one_by_one, job.in_lanes = spec["stack"]
        job.n_row_tiles = ceil_div(job.row.dim.size, job.row_tile)
        job.n_inner_tiles = ceil_div(job.inner.size, job.inner_tile)
        job.n_blocks = ceil_div(job.column.dim.size, job.block)
        job.n_units = job.n_row_tiles * job.n_inner_tiles * job.n_blocks
        for i in range(job.n_outer):
            job.n_units *= job.outer[i].size
        for i in range(job.n_planes):
            job.n_units *= job.planes[i].dim.size
        job.plane_units = job.n_units
        for i in range(job.n_outer):
            job.plane_units //= max(job.outer[i].size, <Py_ssize_t>1)
        job.finish_first = spec["finish_first"]
        if job.way == Way.WEAVE:
            phases = spec["row"].windows.phases
            job.phases.before, job.phases.stride = phases.before, phases.stride
            job.phases.step, job.phases.reach = phases.step, phases.reach
            for i in range(len(phases.counts)):
                job.phases.counts[i], job.phases.shifts[i] = phases.counts[i], phases.shifts[i]
            job.phases.times = phases.times
            job.phases.repeats = phases.times > 0 and job.acc_size == job.out_size  # which repeat is for
        read_chain(&job.row_chain, job.row.taps, spec["chains"][0])
        read_chain(&job.column_chain, job.column.taps, spec["chains"][1])
        self.read_reducer(spec["reducer"])
        self.within = spec["within"]
        if self.within is not None:
            job.within = &self.within.job
            job.within_size = self.within.scratch_size
            job.changes = spec["turns"] is None
            if not job.changes:
                job.turn = <turn_t><void *><size_t>spec["turns"][0]
                job.turn_back = <turn_t><void *><size_t>spec["turns"][1]
                job.turn_labels = <turn_t><void *><size_t>spec["turns"][2]
            self.table_bytes += self.within.table_bytes
        if spec["slim"] is not None:
            self.read_steps(spec["slim"])
        self.scratch_size = divide_scratch(job)
        self.before = spec["before"]
        if self.before is not None:
            self.read_slabs(spec["slabs"])

    cdef read_steps(self, object numbers):
        cdef const int32_t[:, ::1] steps = numbers.steps, places = numbers.places
        self.tables += [numbers.steps, numbers.places]
        self.table_bytes += numbers.steps.nbytes + numbers.places.nbytes
        self.job.slim_steps, self.job.n_slim_steps = &steps[0, 0], steps.shape[0]
        self.job.slim_places, self.job.slim_two = &places[0, 0], numbers.two
        self.job.n_slim_taps = places.shape[0]

    cdef read_slabs(self, object numbers):
        cdef Slabs *slabs = &self.slabs
        cdef const Job *first
        slabs.n_volumes, slabs.volumes, slabs.volume_bytes = numbers.n_volumes, numbers.volumes, numbers.volume_bytes
        slabs.n_planes, slabs.plane_bytes = numbers.n_planes, numbers.plane_bytes
        first = &self.before.job
        slabs.blocks = first.n_blocks
        if numbers.planes < slabs.n_planes:
            slabs.blocks = max(<Py_ssize_t>1, <Py_ssize_t>numbers.planes // first.block)
        self.slab_bytes = min(slabs.blocks * first.block, slabs.n_planes) * slabs.plane_bytes
        self.slab_bytes *= min(slabs.volumes, slabs.n_volumes)
        self.slab_bytes += (LINE - self.slab_bytes % LINE) % LINE
        self.scratch_size = max(self.scratch_size, self.before.scratch_size)
        self.table_bytes += self.before.table_bytes

    cdef read_axis(self, Axis *axis, object numbers):
        cdef const Py_ssize_t[::1] table
        cdef const double[:, ::1] weights
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
        if numbers.draw is not None:
            axis.varies = True
            axis.sample, axis.single = numbers.draw
            self.job.n_samples += 1
        if numbers.weights is not None:
            self.tables.append(numbers.weights)
            self.table_bytes += numbers.weights.nbytes
            weights = numbers.weights
            axis.weights = &weights[0, 0]
            axis.weights_width = weights.shape[1]

    cdef read_reducer(self, object reducer):
        cdef Job *job = &self.job
        cdef const unsigned char[::1] identity = reducer.identity
        cdef const unsigned char[::1] fillers
        cdef const int32_t[:, ::1] exchanges
        job.n_sums = len(reducer.loads)
        job.load[0] = <load_t><void *><size_t>reducer.loads[0]
        job.load[1] = <load_t><void *><size_t>reducer.loads[job.n_sums - 1]
        job.advance = <load_t><void *><size_t>reducer.advance
        job.combine = <combine_t><void *><size_t>reducer.combine
        job.reduce = <reduce_t><void *><size_t>reducer.reduce
        job.halve = <halve_t><void *><size_t>reducer.halve
        job.running = <running_t><void *><size_t>reducer.running
        job.bounded = <bounded_t><void *><size_t>reducer.bounded
        job.bounds.added, job.bounds.limit = reducer.bounds
        job.widen = <widen_t><void *><size_t>reducer.widen
        job.meet = <meet_t><void *><size_t>reducer.meet
        job.columns = <columns_t><void *><size_t>reducer.columns
        job.direct = <direct_t><void *><size_t>reducer.direct
        job.winners = <winners_t><void *><size_t>reducer.winners
        job.repeat = <repeat_t><void *><size_t>reducer.repeat
        job.spread = <spread_t><void *><size_t>reducer.spread
        job.slim = <slim_t><void *><size_t>reducer.slim
        job.strips = <strips_t><void *><size_t>reducer.strips[0]
        job.bring = <bring_t><void *><size_t>reducer.strips[1]
        job.squares = <strips_t><void *><size_t>reducer.strips[2]
        job.along = <strips_t><void *><size_t>reducer.along[0]
        job.along_bytes = <strips_t><void *><size_t>reducer.along_bytes
        job.mend = <mend_t><void *><size_t>reducer.mend
        job.fold = <fold_t><void *><size_t>reducer.fold
        job.fold_table = <table_t><void *><size_t>reducer.fold_table
        job.finish = <finish_t><void *><size_t>reducer.finish
        job.pack = <pack_t><void *><size_t>reducer.pack
        job.unpack = <unpack_t><void *><size_t>reducer.unpack
        job.split = <split_t><void *><size_t>reducer.split
        job.weave = <weave_t><void *><size_t>reducer.weave
        job.blend = <blend_t><void *><size_t>reducer.blend
        job.counted = <counted_t><void *><size_t>reducer.counted
        job.few = <few_t><void *><size_t>reducer.few
        job.few_adjacent = <few_t><void *><size_t>reducer.few_adjacent
        job.few_sliding = <slide_t><void *><size_t>reducer.few_sliding
        job.filled = reducer.filled
        if reducer.fillers:
            fillers = reducer.fillers
            memcpy(job.fillers[0], &fillers[0], <size_t>job.in_size)
            memcpy(job.fillers[1], &fillers[job.in_size], <size_t>job.in_size)
        job.few_taps = reducer.few_taps
        job.pick = <pick_t><void *><size_t>reducer.pick
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
        job.merged = reducer.merged
        job.loading.omit = job.finishing.omit = reducer.omit
        job.loading.unscaled = job.finishing.unscaled = reducer.unscaled
        job.loading.powers = <powers_t><void *><size_t>reducer.powers
        job.finishing.roots = <powers_t><void *><size_t>reducer.roots
        job.loading.parameter = job.finishing.parameter = reducer.parameter
        job.finishing.most_sorted = reducer.most_sorted
        if reducer.network is not None:
            exchanges = reducer.network.exchanges
            self.tables.append(reducer.network)
            job.finishing.exchanges = &exchanges[0, 0]
            job.finishing.n_exchanges = exchanges.shape[0]
            job.finishing.network_taps = reducer.network.taps
        job.finishing.signed_sums = reducer.signed_sums
        job.finishing.lowest, job.finishing.highest = reducer.limits
        job.finishing.taps = reducer.taps
        job.finishing.near = reducer.near
        job.finishing.fixed_divisor = reducer.divisor != 0
        job.fixed_divisor = reducer.divisor
        set_divisor(job, &job.finishing, reducer.cells)

    @property
    def n_units(self):
        """Pieces of work that threads can share."""
        return self.job.n_units

    cdef int pool(self, cnp.ndarray x, cnp.ndarray out, cnp.ndarray labels, cnp.ndarray samples, bint in_use,
                  int n_threads) except -1:
        """Pool x into out, and the winners' indices into labels where those are wanted.

        Windows that start elsewhere in each plane need samples, doubles of the shape (planes, axes), in C order.

        The memory of out is `in_use` if it is the caller's. That of a new large array has still to be cleared by the
        system, which leaves it in cache: stores past the cache then take three times as long as others.

        Gives 1 if some of the threads had to wait for a processor that does other work, else 0.
        """
        cdef const Job *job = &self.job
        cdef const char *data = cnp.PyArray_BYTES(x)
        cdef char *results = cnp.PyArray_BYTES(out) + job.out_offset
        cdef char *indices = cnp.PyArray_BYTES(labels) if labels is not None else NULL
        cdef Py_ssize_t size = self.scratch_size
        cdef char *memory
        cdef char *scratch
        cdef Units units
        cdef int outcome
        if job.n_samples * job.n_units // job.plane_units != (samples.size if samples is not None else 0):
            raise ValueError(f"samples must be {job.n_samples} for each of {job.n_units // job.plane_units} planes")
        n_threads = <int>max(<Py_ssize_t>1, min(<Py_ssize_t>n_threads, job.n_units))
        memory = <char *>PyMem_RawMalloc(<size_t>(LINE + self.slab_bytes + (size + 1) * n_threads))
        if memory == NULL:
            raise MemoryError(f"no memory for {self.slab_bytes + size * n_threads} bytes of scratch")
        scratch = memory + (LINE - <size_t>memory % LINE) % LINE
        if self.before is None:
            units.first, units.count, units.run, units.step = 0, job.n_units, job.n_units, 0
            units.samples = <const double *>cnp.PyArray_DATA(samples) if samples is not None else NULL
            units.streamed = in_use or out.nbytes < NEW_MEMORY
            outcome = run_units(job, &units, data + job.in_offset, results, indices, n_threads, scratch, size)
        else:
            outcome = self.pool_slabs(data, results, in_use or out.nbytes < NEW_MEMORY, n_threads, scratch,
                                      scratch + self.slab_bytes)
        PyMem_RawFree(memory)
        if outcome & UNBOUNDED:
            outcome = self.unbounded.pool(x, out, labels, samples, in_use, n_threads)
        return outcome & HELD_UP

    cdef int pool_slabs(self, const char *data, char *results, bint in_use, int n_threads, char *slab, char *scratch):
        """The plan before this one and this one by turns, a slab of accumulators at a time."""
        cdef const Job *first = &self.before.job
        cdef const Job *second = &self.job
        cdef const Slabs *slabs = &self.slabs
        cdef Py_ssize_t size = self.scratch_size
        cdef Py_ssize_t volume_units = first.n_units // slabs.n_volumes
        cdef Py_ssize_t plane_units = second.n_units // (slabs.n_volumes * slabs.n_planes)
        cdef Py_ssize_t volume, volumes, block, planes
        cdef char *origin
        cdef Units units
        cdef int outcome = 0
        data += first.in_offset
        for volume in range(0, slabs.n_volumes, slabs.volumes):
            volumes = min(slabs.volumes, slabs.n_volumes - volume)
            for block in range(0, first.n_blocks, slabs.blocks):
                origin = slab - volume * slabs.volume_bytes - block * first.block * slabs.plane_bytes
                units.first = volume * volume_units + block
                units.run = min(slabs.blocks, first.n_blocks - block)
                units.step = first.n_blocks
                units.samples = NULL
                units.streamed = False
                units.count = volumes * (volume_units // first.n_blocks) * units.run
                outcome |= run_units(first, &units, data, origin, NULL, n_threads, scratch, size)
                if outcome & UNBOUNDED:
                    return outcome
                planes = min(slabs.blocks * first.block, slabs.n_planes - block * first.block)
                units.first = (volume * slabs.n_planes + block * first.block) * plane_units
                units.count = units.run = volumes * planes * plane_units
                units.streamed = in_use
                outcome |= run_units(second, &units, origin, results, NULL, n_threads, scratch, size)
        return outcome
