# One pooling call in numbers: the canonical view of its arrays, its windows, its tiles and its kernel functions.
#
# Every array is seen as outer x planes x column x row x inner. The pooled axes are planes, column and row, from the
# largest stride to the smallest; `row` is walked by horizontal passes, the others by vertical ones. `inner` is
# contiguous with nothing but the row axis above it, and `outer` is all the rest. Strides are in bytes.

from libc.stdint cimport int32_t, int64_t

from cypool._kernels.types cimport (
    Bounds, Finishing, Loading, blend_t, bounded_t, bring_t, columns_t, combine_t, counted_t, direct_t, few_t, finish_t,
    fold_t, halve_t, load_t, meet_t, mend_t, pack_t, pick_t, reduce_t, repeat_t, running_t, slide_t, slim_t, split_t,
    spread_t, strips_t, table_t, turn_t, unpack_t, weave_t, widen_t, winners_t,
)

cdef enum:
    MAX_AXES = 64       # NumPy's own limit
    MAX_ROWS = 16       # row pointers handed to a kernel at once
    MAX_STRIP = 64      # bytes of a vector that strips are as wide as, or more
    MAX_WIDER = 6       # levels that are made in registers
    MAX_LEVELS = 64     # of windows that are made of narrower ones, each of two or more,
    MAX_RADIX = 6       # and up to so many;
    MAX_PARTS = 64      # the last one of so many at most, and of those of the levels before
    MAX_PLANES = 64     # rows of the planes' windows that are listed once a unit
    MAX_SLIDES = 32     # taps of a horizontal pass that are read one by one
    N_AREAS = 13        # of a thread's scratch
    MAX_PHASES = 16     # of the windows of a gradient
    NEW_MEMORY = 33554432   # bytes from which glibc takes new pages for an array; smaller ones it has had before

# The ways of a horizontal pass.
cdef enum Way:
    COPY                # one tap, stride 1: nothing to do
    SLIDE               # stride 1: the row combined with itself at several offsets
    WIDEN               # stride 1, many taps: windows of narrower windows
    RUN                 # the same for sums of integers: each from the one before it
    HALVE               # two or three taps at stride 2; 4 at 4; 8 at 8
    SPLIT               # de-interleave into phases, then slide
    WEAVE               # windows of a gradient: phase by phase at stride 1, then woven
    PICK                # a short inner axis: slide at stride 1, then pick the outputs
    FEW                 # fold windows of few floats, all rows at once
    GROUPS              # a long inner axis: one elementwise pass an output
    FOLD                # many taps, far apart: reduce each window by itself
    TABLE               # windows without a rule


# The ways to walk a unit of the output.
cdef enum Walk:
    BLOCK               # some rows, each from the rows of its window
    FLAT                # rows that lie end to end and are as long as outputs: one pass for a block, borders mended
    STREAM              # row by row, by van Herk's prefixes and suffixes
    COLUMNS             # the same in strips, of floats, and of bytes in short rows, see columns.pxd
    MOVE                # row by row, each from the one before it
    WIDE                # a small plane at once
    LANES               # one output, whose window is a long run of a row
    PIECES              # one output, whose window is longer than a scratch row: piece by piece
    DIRECT              # from the input's rows straight to the output, see direct.pxd
    STRIPS              # a plane in strips, see strips.pxd
    ALONG               # small windows on long rows, see along.pxd
    REPEAT              # gradients of windows side by side, see repeats.pxd
    ALIKE               # gradients of which some rows are alike, see alike.pxd
    ACROSS              # small planes side by side, see across.pxd
    SPREAD              # gradients of overlapping windows on small planes, see planes.pxd
    SLIM                # small planes whole, see planes.pxd
    COUNTED             # medians of large windows of bytes, see counted.pxd
    STACK               # all taps of a window at once, as rows, see stacks.pxd


cdef struct Dim:
    Py_ssize_t size
    Py_ssize_t in_stride
    Py_ssize_t out_stride
    Py_ssize_t label_stride


# An axis and its windows: output i reads `taps` positions from origin + i * stride on, `dilation` apart, as far as
# they lie in the axis; or starts[i] and counts[i] say it.
cdef struct Axis:
    Dim dim                     # size is the number of outputs
    Py_ssize_t length
    Py_ssize_t origin
    Py_ssize_t stride
    Py_ssize_t taps
    Py_ssize_t dilation
    Py_ssize_t cells_from       # taps in [cells_from, cells_to) count in the divisor
    Py_ssize_t cells_to
    Py_ssize_t whole_from       # outputs in [whole_from, whole_to) have all their taps inside
    Py_ssize_t whole_to
    Py_ssize_t label            # what one position adds to a label
    const Py_ssize_t *starts
    bint varies                 # they differ by outer plane, which has a sample for each such axis, see fractional.pxd:
    int sample                  # its number,
    bint single                 # as a float32
    const Py_ssize_t *counts
    const Py_ssize_t *cell_counts
    const double *weights       # of the taps of each window, `weights_width` apart; NULL where all are 1
    Py_ssize_t weights_width


# The row's windows by phase, see Phases in _windows.py.
cdef struct Phases:
    Py_ssize_t before
    Py_ssize_t stride
    Py_ssize_t step
    Py_ssize_t reach
    Py_ssize_t counts[MAX_PHASES]
    Py_ssize_t shifts[MAX_PHASES]
    Py_ssize_t times            # outputs that follow each other of a position that has no others, or 0
    bint repeats                # whether rows of accumulators are repeated so; the rest of a stride is 0


# How windows at stride 1 are made of narrower ones, see chains.py.
cdef struct Chain:
    Py_ssize_t taps
    int n_wider                 # the first level in registers: windows that become wider by so many taps, and so on
    Py_ssize_t wider_by[MAX_WIDER]
    int n_levels
    Py_ssize_t radices[MAX_LEVELS]
    Py_ssize_t counts[MAX_LEVELS + 1]


cdef struct Job:
    int n_outer
    int n_planes
    Dim outer[MAX_AXES]
    Axis planes[MAX_AXES]
    Axis column
    Axis row
    Dim inner

    Py_ssize_t in_offset        # bytes from the arrays' first elements to those of the view
    Py_ssize_t out_offset
    Py_ssize_t in_size
    Py_ssize_t acc_size
    Py_ssize_t out_size
    bint gathered               # input rows are not contiguous native elements
    bint scattered              # output rows are not
    bint swapped_in
    bint swapped_out
    bint labelled

    int n_sums                  # 2: two accumulators a window, by the two loads
    load_t load[2]
    load_t advance              # NULL, or sums that move along the column
    running_t running           # the same along a row
    bounded_t bounded           # NULL, or tells of numbers whether they are within
    Bounds bounds
    combine_t combine
    fold_t fold
    table_t fold_table
    reduce_t reduce             # NULL, or a run of elements as they are
    halve_t halve
    mend_t mend
    direct_t direct             # NULL where there is none
    winners_t winners           # the same with labels
    strips_t strips             # the same
    bring_t bring               # what copies a plane for them
    strips_t squares            # strips without a copy
    bint bare                   # those are taken
    strips_t along              # small windows on long rows
    strips_t along_bytes        # and of bytes with an odd number of taps
    Py_ssize_t gathered_rows    # of the planes that windows of a block have, where these go straight to the output
    widen_t widen               # the first level of a chain, in registers
    meet_t meet                 # rows of long windows along a column, or NULL
    columns_t columns           # long windows along a column in strips; NULL where there are none
    repeat_t repeat
    spread_t spread
    slim_t slim                 # small planes whole, by the tables of slim.py
    const int32_t *slim_steps
    const int32_t *slim_places
    Py_ssize_t n_slim_steps
    Py_ssize_t n_slim_taps
    bint slim_two               # a step has a second vector
    bint changes                # across: planes change instead of being turned
    turn_t turn                 # rows as columns, of elements of the input
    turn_t turn_back            # and of the output,
    turn_t turn_labels          # and labels
    const Job *within           # across: what is done with planes side by side, or with changed ones; else NULL
    Py_ssize_t within_size      # of its scratch
    finish_t finish             # NULL: the accumulators are the results
    pack_t pack
    unpack_t unpack
    split_t split
    pick_t pick
    weave_t weave
    blend_t blend               # NULL but for weighted sums
    char identity[16]
    bint in_place               # accumulators can become results where they stand
    bint plain                  # accumulators are elements as they are
    bint idempotent             # a tap may be met twice
    Loading loading
    Finishing finishing
    bint uneven                 # the divisor depends on the window
    bint divided                # by a row of divisors, where the divisor depends on the window
    int64_t fixed_divisor       # or 0

    Way way
    Phases phases               # of the row, for WEAVE
    Chain row_chain             # for WIDEN
    Chain column_chain          # for the walk WIDE
    bint finish_first           # a row's outputs are copies of its positions: finish those
    Walk walk
    Py_ssize_t row_tile         # outputs
    Py_ssize_t inner_tile       # elements
    Py_ssize_t block            # output rows
    Py_ssize_t span             # positions of the widest tile
    Py_ssize_t n_row_tiles
    Py_ssize_t n_inner_tiles
    Py_ssize_t n_blocks
    Py_ssize_t n_units
    Py_ssize_t areas[N_AREAS]   # where they start in a thread's scratch
    bint touched                # rows are read in order before they are combined, or what lies ahead is fetched
    bint row_by_row             # rows of a window are combined one after the other, not side by side
    bint streamed               # direct, repeat: results go past the cache, if they may
    bint fetched                # stream, columns: where the next row of results goes is fetched
    bint pieced                 # direct: windows of neighbours go piece by piece
    Py_ssize_t ahead            # direct, blocks, runs, some stacks: what is so many bytes behind what is read is
    #                             fetched; of strips, and of windows along rows: so many bytes of the next ones for each

    int n_samples               # of an outer plane, if windows start elsewhere in each
    Py_ssize_t plane_units      # units of such a plane

    # Of stacks.
    Py_ssize_t piece            # elements of the output that a kernel takes at once
    Py_ssize_t most_rows        # input rows of a window
    counted_t counted           # medians of large windows at stride 1, from histograms; or NULL
    few_t few                   # windows of `few_taps` taps, or of any if that is 0, straight from the rows; or NULL
    few_t few_adjacent          # the same of windows side by side, from whole rows; or NULL
    slide_t few_sliding         # the same of windows at stride 1; or NULL
    Py_ssize_t few_taps
    bint filled                 # missing taps of medians are made up for before `few`, which knows no others
    char fillers[2][8]          # by these, the least and the greatest element; `few_sliding` does so itself
    Py_ssize_t most_taps        # taps that are handed to a load at once
    bint merged                 # a window's taps may come in several loads,
    bint in_lanes               # side by side if they are a long run
    bint one_by_one             # an output at a time


# Units of a job: runs of neighbours, `run` long and `step` apart.
cdef struct Units:
    Py_ssize_t first
    Py_ssize_t count
    Py_ssize_t run
    Py_ssize_t step
    const double *samples       # of all outer planes, or NULL
    bint streamed               # results may go past the cache


# Where one thread is, and its scratch.
cdef struct Work:
    Loading loading             # the job's, with what belongs to the rows at hand
    const char *data            # the unit's corner of the input, the output and the labels
    char *out
    char *labels
    Py_ssize_t plane            # output along the last axis of planes
    Py_ssize_t plane_first[MAX_AXES]
    Py_ssize_t plane_count[MAX_AXES]
    const double *plane_weights[MAX_AXES]   # of the unit's window, or NULL
    const double *column_weights
    Py_ssize_t n_listed         # offsets and labels of the planes in the window, or 0 if they are too many
    Py_ssize_t plane_offsets[MAX_PLANES]
    int64_t plane_labels[MAX_PLANES]
    double plane_scales[MAX_PLANES]
    int64_t plane_cells         # what the planes give to the divisor
    int64_t plane_taps
    int64_t label               # label of the unit's corner
    Py_ssize_t first_row        # output rows [first_row, end_row)
    Py_ssize_t end_row
    Py_ssize_t first_output     # outputs of a row
    Py_ssize_t n_outputs
    Py_ssize_t n_inner
    Py_ssize_t base             # position of the first tap, which may lie in the padding
    Py_ssize_t real_from        # the part of the tile's span that lies in the input
    Py_ssize_t real_to
    Py_ssize_t pitch            # positions from one scratch row to the next
    Py_ssize_t padded_before    # where the scratch rows hold the identity
    Py_ssize_t padded_after
    Py_ssize_t padded_pitch
    Py_ssize_t padded_inner
    Py_ssize_t padded_rows
    Py_ssize_t padded_above
    Py_ssize_t padded_below
    Py_ssize_t columns_from     # what the labels of columns were made for
    Py_ssize_t columns_to
    Py_ssize_t columns_inner

    bint nan_before             # in the row before, of maxima: then taps are not said to be numbers

    char *rows                  # accumulators of whole rows
    char *phases
    char *spare
    char *results[2]
    Py_ssize_t results_pitch
    bint aimed                  # direct: results are the output itself
    bint streamed               # they go past the cache
    char *suffixes
    Py_ssize_t *starts          # of the axes that vary
    char *suffix_rows           # pointers to them
    char *prefix
    char *packed
    char *out_row
    int64_t *label_row
    int64_t *columns
    const char **stack_rows     # input rows of the window at hand
    const char **stack_taps
    char *divisors              # of rows of outputs, in the type of the accumulators
    int64_t divisors_cells      # what they were made for: the other axes' cells, the rows, and the tile
    Py_ssize_t divisors_first
    Py_ssize_t divisors_rows
    Py_ssize_t divisors_tile
    Py_ssize_t divisors_inner


cdef inline bint strides(const Job *job) noexcept nogil:
    """Whether a row of results comes from a scratch row, `stride` times as long, as one."""
    return job.way == Way.SPLIT or job.way == Way.HALVE or job.way == Way.PICK or job.way == Way.FEW


cdef inline bint finishes_last(const Job *job) noexcept nogil:
    """Whether what a horizontal pass gives is not the results yet."""
    return job.finish != NULL and not job.finish_first and job.walk != Walk.DIRECT and job.walk != Walk.STRIPS


cdef inline Py_ssize_t ceil_div(Py_ssize_t a, Py_ssize_t b) noexcept nogil:
    if b == 1:
        return a                # a division takes as long as ten additions
    return a // b + (1 if a % b > 0 else 0)


cdef inline Py_ssize_t taps_between(const Axis *axis, Py_ssize_t i, Py_ssize_t low, Py_ssize_t high,
                                    Py_ssize_t *first) noexcept nogil:
    """How many taps of window i lie in [low, high), and the position of the first of them."""
    cdef Py_ssize_t start, skipped, stop
    if axis.starts != NULL:
        first[0] = axis.starts[i]
        return axis.counts[i]
    start = axis.origin + i * axis.stride
    if i >= axis.whole_from and i < axis.whole_to:
        first[0] = start
        return axis.taps
    skipped = ceil_div(low - start, axis.dilation) if start < low else 0
    stop = ceil_div(high - start, axis.dilation)
    stop = axis.taps if stop > axis.taps else stop
    first[0] = start + skipped * axis.dilation
    return stop - skipped


cdef inline Py_ssize_t window(const Axis *axis, Py_ssize_t i, Py_ssize_t *first) noexcept nogil:
    return taps_between(axis, i, 0, axis.length, first)


cdef inline Py_ssize_t cells(const Axis *axis, Py_ssize_t i) noexcept nogil:
    cdef Py_ssize_t first
    if axis.cell_counts != NULL:
        return axis.cell_counts[i]
    return taps_between(axis, i, axis.cells_from, axis.cells_to, &first)


cdef inline bint repeats_row(const Job *job, Py_ssize_t i) noexcept nogil:
    """Whether output row i is the one before it: by a table, where outputs are more than inputs. Units of rows that are
    alike have each but once."""
    cdef const Axis *axis = &job.column
    return (job.way == Way.TABLE and job.walk != Walk.ALIKE and job.row.weights == NULL and axis.starts != NULL
            and axis.counts != NULL and axis.weights == NULL and axis.starts[i] == axis.starts[i - 1]
            and axis.counts[i] == axis.counts[i - 1])
