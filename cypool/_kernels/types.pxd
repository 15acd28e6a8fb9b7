# The types that the engine and every copy of the kernels share.
#
# A kernel function takes checked, native, contiguous rows and cannot fail.  Rows travel as `char *` between
# the engine and the kernels; each function knows its own element type.

from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t


cdef extern from "numbers.h" nogil:
    # Structs, since fused types do not tell apart two names of one integer.
    ctypedef struct half_t:
        uint16_t bits
    ctypedef struct bfloat_t:
        uint16_t bits


# An accumulator of the widest kind: the order of the value, and which tap it came from.
cdef struct Winner:
    int64_t key
    int64_t label


cdef enum:
    LEAST_RUN = 512             # bytes of a run that is reduced side by side,
    RUN_WIDTH = 128             # and what its inner elements' bytes divide
    MAX_PIECE = 256             # outputs that the kernels of stacks take at once
    BLOCK_BYTES = 64            # of windows that are settled in registers, side by side
    MOST_WINDOWS = 4            # that an input collects from
    LABELS_BYTES = 65536        # of copies of the rows that these are in, where there are no channels
    LABELS_BEFORE = 8           # windows that such a row has before the first one,
    LABELS_AFTER = 24           # and after the last: nothing comes from them
    HISTOGRAM_BYTES = 288       # of a column of bytes: 256 bins, and those of them all


# What a pass does with two taps.  The struct is never filled: a typed NULL chooses the rule at compile time.
cdef struct Greatest:
    char unused

cdef struct Least:
    char unused

cdef struct Sum:
    char unused

ctypedef fused rule_t:
    Greatest
    Least
    Sum

ctypedef fused integer_t:
    int8_t
    uint8_t
    int16_t
    uint16_t
    int32_t
    uint32_t
    int64_t
    uint64_t

ctypedef fused unsigned_t:
    uint8_t
    uint16_t
    uint32_t
    uint64_t


# Wider than what a sum of 64 bits holds.
ctypedef fused wide_t:
    int64_t
    uint64_t

ctypedef fused real_t:
    half_t
    bfloat_t
    float
    double

# What elements are summed in.
ctypedef fused float_sum_t:
    float
    double

ctypedef fused integer_sum_t:
    uint16_t
    uint32_t
    uint64_t


# Powers, or roots, of a row.
ctypedef void (*powers_t)(double *out, const double *row, Py_ssize_t n, double p) noexcept nogil


# How input elements become accumulators.
cdef struct Loading:
    int64_t flip                # keys: -1 turns the greatest into the least
    int64_t bias                # keys: where the ring of float keys starts, see keys.pyx
    int64_t infinity            # winners: the bits of +inf
    int64_t nan                 # winners: the bits of the one NaN
    const int64_t *labels       # winners: the label of each row
    const int64_t *columns      # winners: what each element of a row adds to its row's label
    bint complex_pairs          # omit: two neighbours are one number
    Py_ssize_t pitch            # stacks: elements from one row of accumulators to the next
    bint omit                   # stacks: NaN is left out
    double parameter            # stacks: the norm, the sharpness
    bint unscaled               # norms: sums of powers as they are
    powers_t powers             # norms: what makes powers that are not products, or NULL
    const double *scales        # weighted sums: the weight of each row; else NULL


# Numbers of 64 bits that are small enough: with `added` they are below a power of two.
cdef struct Bounds:
    uint64_t added
    uint64_t limit


# How accumulators become results.
cdef struct Finishing:
    int64_t flip
    int64_t bias
    int64_t divisor
    const char *divisors        # one for each output, in the type of the sums, or NULL
    int shift                   # divisor == 1 << shift, or -1
    uint16_t factor             # 2^16 >> shift, from 1 to 16 on
    bint signed_sums            # the sums are two's complement
    int64_t lowest              # what a rounded mean is clipped to
    int64_t highest
    int64_t taps                # omit: taps inside the input
    bint fixed_divisor          # the divisor does not count taps
    bint near                   # a float holds the sums (of 64 bits, a double), and tells their quotients from ties
    Py_ssize_t pitch            # stacks: as above, as are the next two
    bint omit
    double parameter            # and the correction
    bint unscaled
    powers_t roots               # norms: what takes roots of sums of powers; NULL is for some orders
    const int32_t *exchanges    # of a network that sorts as much of a window as its median needs, in threes
    Py_ssize_t n_exchanges
    Py_ssize_t network_taps     # the windows that it is for
    Py_ssize_t most_sorted      # longer windows are counted, not sorted


# Medians of windows at stride 1.
cdef struct Sliding:
    int64_t flip
    Py_ssize_t before           # columns that the first window of a row lacks, and the last one
    Py_ssize_t after
    Py_ssize_t row_step         # bytes from the rows of an output row to those of the next
    Py_ssize_t out_step
    const char *fillers[2]      # the least and the greatest element, for what is lacking


# Medians of large windows of bytes at stride 1, see histograms.pyx.
cdef struct Counted:
    Py_ssize_t n                # windows of a row
    Py_ssize_t n_rows
    Py_ssize_t first_row        # of the input, that the first window begins with; it may lie outside
    Py_ssize_t row_taps         # rows of a window in a plane
    Py_ssize_t rows             # of the input
    Py_ssize_t row_step         # bytes
    Py_ssize_t first_column     # the same along the row
    Py_ssize_t taps
    Py_ssize_t columns
    Py_ssize_t n_planes         # of the window
    const Py_ssize_t *planes    # bytes to each
    Py_ssize_t out_step
    int flip                    # what numbers with a sign differ by from the place of their bin
    char *histograms            # room for one for each column that the windows have


# Of values that are placed in blocks: whether some belong elsewhere.
cdef struct Strays:
    int64_t first               # the label of the first block's first element
    bint outside                # a place is negative, or far away
    Py_ssize_t values
    Py_ssize_t hits             # those of them that are in a row of their block


# An axis and its windows, of which number i has `taps` positions from origin + i * stride on, as far as they lie in the
# axis. Steps in bytes.
cdef struct Spans:
    Py_ssize_t n
    Py_ssize_t length
    Py_ssize_t origin
    Py_ssize_t stride
    Py_ssize_t taps
    Py_ssize_t value_step
    Py_ssize_t index_step
    Py_ssize_t target_step


# Inputs that collect the gradients of overlapping windows, see collects.pyx.
cdef struct Collected:
    Spans column
    Spans row                   # where there are no channels, at stride 1; or at 2, of three taps
    Py_ssize_t row_first        # the first window of the row that has the first position, if all were there
    Py_ssize_t n_inner          # channels
    int64_t label               # of the first input
    Py_ssize_t n_rooms          # for copies of rows, a power of two
    Py_ssize_t room_size        # elements
    bint beyond_cache
    bint streamed


# Small planes whose inputs collect, see wide_collects.pyx.
cdef struct SmallPlanes:
    Spans column
    Spans row
    Py_ssize_t value_step       # from a plane to the next
    Py_ssize_t index_step
    Py_ssize_t target_step


# Windows that go straight from the input's rows to the output, see direct.pyx; or that are pooled in strips, see
# strips.pyx.
# How sums of floats become means.
cdef enum Division:
    NONE                        # not at all
    PRODUCT                     # by a factor, which is exact
    QUOTIENT                    # by a divisor
    QUOTIENTS                   # by the divisors

cdef struct Direct:
    Py_ssize_t n                # windows of a row
    Py_ssize_t taps             # of them along the row
    Py_ssize_t stride
    bint lacks_first            # the first of three taps of a row's first window lies outside
    bint lacks_last             # so does the last one's last; with labels, at stride 1
    const char *identity        # what stands for those
    Py_ssize_t inner            # neighbours that are pooled alike, as channels are; 0 where taps are neighbours
    Py_ssize_t tap_step         # of such: bytes from tap to tap, and from window to window
    Py_ssize_t output_step
    Py_ssize_t ahead            # what lies as many bytes behind a row that is read is fetched,
    Py_ssize_t plane_rows       # of as many rows a plane
    Py_ssize_t fresh_rows       # the last ones, which the row of windows before has not read
    bint streamed               # results of neighbours go past the cache; vectors of them are aligned to 16 bytes
    Division division
    double factor
    double divisor
    int shift                   # of integers: the divisor is 1 << shift
    const char *divisors        # one for each output of a row, in the type of the sums, or NULL
    Py_ssize_t divisors_step    # bytes from those of a row to those of the next
    int64_t flip                # of keys, see pairs.pyx, and of whole numbers' winners
    int64_t bias
    # Of winners.
    int64_t label               # of the first window's first tap
    int64_t tap_label           # what the next tap of the row adds,
    int64_t output_label        # the next window,
    int64_t row_label           # and the next row of windows
    # Of strips.
    Py_ssize_t column_taps
    Py_ssize_t real_from        # rows [real_from, real_to) from the first window's first one on are of the input,
    Py_ssize_t real_to
    Py_ssize_t row_from         # and positions [row_from, row_to) of each, from the first window's first tap on
    Py_ssize_t row_to
    Py_ssize_t n_planes         # at once, of the input itself,
    Py_ssize_t plane_step       # so many bytes from one to the next
    Py_ssize_t out_plane_step
    const char *later_rows      # what is fetched meanwhile, line by line, for the next strips to read and to write
    const char *later_results
    Py_ssize_t fetched          # bytes from one to the next; 0 where nothing is to be fetched
    bint numbers                # there is no NaN
    char *spare                 # as many rows as windows read
    Py_ssize_t spare_step
    char *fours                 # the same, as far apart as in the plane: windows of four taps


# Long windows along a column, see columns.pyx.
cdef struct Columns:
    Py_ssize_t n                # elements of a row
    Py_ssize_t taps
    Py_ssize_t real_from        # rows [real_from, real_to) from the first window's first one on are in the input
    Py_ssize_t real_to
    const char *identity
    char *spare                 # for four vectors for each tap


# Rows whose elements stand several times: gradients of windows that lie side by side.
cdef struct Repeats:
    Py_ssize_t rows             # how often a row stands,
    Py_ssize_t times            # and in it each element,
    Py_ssize_t group            # or each group of so many neighbours,
    Py_ssize_t gap              # and then as often 0
    Py_ssize_t skipped          # of the first ones, which lie before the row's begin
    Py_ssize_t n                # outputs of a row that have an element, or group
    Py_ssize_t n_blank          # outputs behind them
    bint streamed               # groups go past the cache


# Small planes side by side: gradients of overlapping windows, whose tables are of both axes.
cdef struct Spreading:
    Py_ssize_t n_planes         # as many as a vector has lanes, or fewer
    Py_ssize_t plane_step       # bytes
    Py_ssize_t places           # of an input plane
    Py_ssize_t width            # of its rows, which lie end to end
    Py_ssize_t out_plane_step
    Py_ssize_t out_row_step
    Py_ssize_t n_rows           # of outputs
    Py_ssize_t n                # outputs of a row
    const Py_ssize_t *column_starts
    const Py_ssize_t *column_counts
    const Py_ssize_t *row_starts
    const Py_ssize_t *row_counts
    float divisor               # of all sums


# Small planes whole, see slim.pyx.
cdef struct Slim:
    Py_ssize_t n_planes
    Py_ssize_t plane_step       # bytes
    Py_ssize_t out_plane_step
    Py_ssize_t taps             # of a window along both axes
    Py_ssize_t n_steps
    const int32_t *steps
    const int32_t *places       # the lanes that each tap takes, of both vectors
    bint two                    # there is a second vector
    Division division
    double factor
    double divisor


# How windows with weights lie along rows.
cdef struct Blending:
    const Py_ssize_t *starts
    const Py_ssize_t *counts
    const double *weights       # of each window, `width` apart
    Py_ssize_t width
    Py_ssize_t step             # positions from tap to tap
    Py_ssize_t base             # the position that rows start at
    Py_ssize_t inner
    Py_ssize_t n_rows
    Py_ssize_t pitch            # elements from row to row, and from one row of accumulators to the next
    Py_ssize_t acc_pitch


ctypedef void (*load_t)(char *acc, const char **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                        const Loading *how) noexcept nogil
ctypedef void (*combine_t)(char *acc, const char **rows, Py_ssize_t n_rows, Py_ssize_t n, bint fresh,
                           const void *rule) noexcept nogil
ctypedef void (*fold_t)(char *acc, const char *row, Py_ssize_t taps, Py_ssize_t step, Py_ssize_t n, Py_ssize_t stride,
                        Py_ssize_t ahead, const void *rule) noexcept nogil
ctypedef void (*reduce_t)(char *acc, const char *row, Py_ssize_t n_elements, Py_ssize_t inner, Py_ssize_t ahead,
                          const void *rule) noexcept nogil
ctypedef void (*halve_t)(char *acc, const char *row, Py_ssize_t taps, Py_ssize_t n, const void *rule) noexcept nogil
ctypedef void (*mend_t)(char *acc, const char *rows, Py_ssize_t n_rows, Py_ssize_t pitch, Py_ssize_t inner,
                        Py_ssize_t output, Py_ssize_t first, Py_ssize_t before, Py_ssize_t taps, Py_ssize_t step,
                        const void *rule) noexcept nogil
ctypedef void (*table_t)(char *acc, const char *row, const Py_ssize_t *starts, const Py_ssize_t *counts,
                         Py_ssize_t step, Py_ssize_t n, const char *identity, const void *rule) noexcept nogil
ctypedef void (*finish_t)(char *out, char *labels, char *acc, const char *acc2, Py_ssize_t n,
                          const Finishing *how) noexcept nogil
ctypedef void (*direct_t)(char *out, Py_ssize_t out_step, const char **rows, Py_ssize_t n_rows, Py_ssize_t row_step,
                          Py_ssize_t n_out_rows, const Direct *how, const void *kind, const void *rule) noexcept nogil
ctypedef void (*winners_t)(char *out, Py_ssize_t out_step, char *labels, Py_ssize_t label_step, const char **rows,
                           const int64_t *row_labels, Py_ssize_t n_rows, Py_ssize_t row_step, Py_ssize_t n_out_rows,
                           const Direct *how, const void *kind, const void *rule) noexcept nogil
ctypedef void (*strips_t)(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                          const Direct *how, const void *kind, const void *rule) noexcept nogil
ctypedef void (*columns_t)(char *out, Py_ssize_t out_step, const char *row, Py_ssize_t row_step, Py_ssize_t n_rows,
                           const Columns *how, const void *kind, const void *rule) noexcept nogil
ctypedef bint (*widen_t)(char *out, const char *row, Py_ssize_t taps, Py_ssize_t step, Py_ssize_t n_bytes,
                         Py_ssize_t ahead, const Py_ssize_t *wider_by, int n_levels, bint numbers, const void *kind,
                         const void *rule) noexcept nogil
ctypedef void (*meet_t)(char *out, char *longer, const char *before, const char *row, const char *suffix,
                        Py_ssize_t n_bytes, const void *kind, const void *rule) noexcept nogil
ctypedef bint (*bounded_t)(const char *row, Py_ssize_t n, Py_ssize_t stride, const Bounds *bounds) noexcept nogil
ctypedef void (*running_t)(char *acc, const char *row, Py_ssize_t taps, Py_ssize_t n) noexcept nogil
ctypedef void (*repeat_t)(char *out, Py_ssize_t out_step, const char *rows, Py_ssize_t row_step, Py_ssize_t n_rows,
                          const Repeats *how) noexcept nogil
ctypedef void (*turn_t)(char *out, Py_ssize_t out_step, const char *rows, Py_ssize_t step, Py_ssize_t n_rows,
                        Py_ssize_t n) noexcept nogil
ctypedef void (*spread_t)(char *out, const char *planes, const Spreading *how) noexcept nogil
ctypedef void (*slim_t)(char *out, const char *planes, const Slim *how, const void *rule) noexcept nogil
ctypedef bint (*bring_t)(char *rows, Py_ssize_t step, const char *data, Py_ssize_t data_step, Py_ssize_t n_rows,
                         Py_ssize_t n, const void *kind, const void *rule) noexcept nogil
ctypedef void (*few_t)(char *out, const char **rows, Py_ssize_t n_rows, Py_ssize_t n, int64_t flip,
                       const void *order) noexcept nogil
ctypedef void (*slide_t)(char *out, const char **rows, Py_ssize_t n, Py_ssize_t n_rows, const Sliding *how,
                         const void *side) noexcept nogil
ctypedef void (*counted_t)(char *out, const char *data, const Counted *how) noexcept nogil
ctypedef void (*place_t)(char **rows, const int64_t *labels, Py_ssize_t n_rows, const char *values,
                         const int64_t *indices, Py_ssize_t n, bint streamed, Strays *strays, const void *kind,
                         const void *content, const void *width) noexcept nogil
ctypedef void (*collect_t)(char *out, const char **values, const int64_t **indices, Py_ssize_t n_leads, char *copies,
                           const Collected *how, Strays *strays, const void *kind) noexcept nogil
ctypedef void (*collect_small_t)(char *out, const char *values, const int64_t *indices, Py_ssize_t n_planes,
                                 const SmallPlanes *how, Strays *strays) noexcept nogil
ctypedef void (*pack_t)(char *row, const char *data, Py_ssize_t n, Py_ssize_t stride, bint swapped) noexcept nogil
ctypedef void (*unpack_t)(char *data, const char *row, Py_ssize_t n, Py_ssize_t stride, bint swapped) noexcept nogil
ctypedef void (*split_t)(char *phases, Py_ssize_t phase_size, const char *row, Py_ssize_t n_groups, Py_ssize_t stride,
                         Py_ssize_t n_phases, Py_ssize_t group) noexcept nogil
ctypedef void (*pick_t)(char *out, const char *row, Py_ssize_t n_groups, Py_ssize_t group,
                        Py_ssize_t step) noexcept nogil
ctypedef void (*blend_t)(char *acc, const char *rows, const Blending *how, Py_ssize_t n) noexcept nogil
ctypedef void (*weave_t)(char *out, const char **phases, Py_ssize_t n_phases, Py_ssize_t n, Py_ssize_t group,
                         Py_ssize_t size) noexcept nogil
