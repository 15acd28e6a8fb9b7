"""From shapes, strides and windows to a plan: the canonical view of the arrays, and the way to walk it.

Axes are sorted by stride and merged where they are contiguous, so that every layout comes out as
outer x planes x column x row x inner (see job.pxd). Nothing here looks at data.
"""

from dataclasses import dataclass, replace
from math import prod

from cypool import _windows
from cypool._engine.run import PLANES, SLIDES, Plan

# Bytes of accumulators in a scratch row: rows of up to 8192 floats are read whole, in the order of memory (a tile of
# 8 KiB takes twice as long on rows of 16 KiB). And in all the rows of a block: two or three such areas stay in a first
# level cache of 32 KiB.
ROW_BYTES = 32768
BLOCK_BYTES = 8192
# Bytes for the suffixes of van Herk's algorithm, which had better stay in the second level cache.
SUFFIX_BYTES = 512 * 1024
# Below this many taps a streamed column costs more than reading the rows again (measured: 3 combinations a row).
STREAM_TAPS = 6
# From this many taps a stride on, sums of integers move along a column: two rows are read for each.
MOVE_TAPS = 4
# Planes of so few bytes, padding included, are pooled at once from this many taps on.
WIDE_TAPS = 5
WIDE_BYTES = 16384
# Below this many taps a row is combined tap by tap.
WIDEN_TAPS = 7
# From this many bytes on, the inner axis is long enough to be combined by itself.
LONG_INNER = 64
# Below this many bytes a group of inner elements is picked from a row of outputs at stride 1, if taps times stride,
# which that takes for an output, are not more than so many.
LONG_GROUP = 256
MOST_PICKS = 32
# From this many taps on, a window along a row is folded by itself.
FOLD_TAPS = 24

# Inputs of this many bytes are not in the second level cache.
TOUCH_FROM = 2**19

_WHOLE = _windows.Windows(1, 1, 0, 1, 1, 1, 0, 1)


@dataclass(slots=True)
class Axis:
    """One axis of the arrays: its size in the input, its strides in bytes, and its windows if it is pooled."""

    size: int
    in_stride: int
    out_stride: int
    label_stride: int = 0
    windows: _windows.Windows | None = None
    label: int = 0
    pair: bool = False      # of a complex number, which always comes last

    @property
    def n_out(self):
        return self.size if self.windows is None else self.windows.n_out

    @property
    def dim(self):
        return self.n_out, self.in_stride, self.out_stride, self.label_stride

    # What follows is what Plan reads of a pooled axis.
    length = property(lambda self: self.windows.length)
    rule = property(lambda self: (self.windows.origin, self.windows.stride, self.windows.taps, self.windows.dilation))
    cells = property(lambda self: (self.windows.cells_from, self.windows.cells_to))
    whole = property(lambda self: self.windows.whole)
    starts = property(lambda self: self.windows.starts)
    counts = property(lambda self: self.windows.counts)
    cell_counts = property(lambda self: self.windows.cell_counts)


@dataclass(slots=True)
class View:
    """The canonical view of a call's arrays."""

    outer: list
    planes: list
    column: Axis
    row: Axis
    inner: Axis

    @property
    def pooled(self):
        return [*self.planes, self.column, self.row]


def canonical(axes, *, element_sizes, merge_outer):
    """Sort and merge axes into a View. `merge_outer` lets axes be laid end to end; labels do not survive that."""
    element_size = element_sizes[0]
    axes = [axis for axis in axes if axis.size != 1 or not (axis.windows is None or axis.windows.identity)]
    axes = [replace(axis, windows=None) if axis.windows is not None and axis.windows.identity and merge_outer
            else axis for axis in axes]
    axes.sort(key=lambda axis: (axis.pair, -abs(axis.in_stride)))
    merged = _all_merged(axes, _alike_merged)
    if merge_outer:
        merged = _all_merged(merged, _end_to_end)
    pooled = [axis for axis in merged if axis.windows is not None]
    plain = [axis for axis in merged if axis.windows is None]
    inner = Axis(1, *element_sizes)
    if plain and (not pooled or plain[-1] is merged[-1]):
        inner = plain.pop()
    if not pooled or (inner.size * element_size >= LONG_INNER and _better_vertical(pooled)):
        # The inner axis is the row: all passes are vertical.
        pooled.append(_point(inner.size * inner.in_stride))
    if len(pooled) == 1:
        pooled.insert(0, _point(0))
    return View(plain, pooled[:-2], pooled[-2], pooled[-1], inner)


def _better_vertical(pooled):
    """Whether windows of inner rows are better combined at once than axis by axis: one axis, or little overlap."""
    if len(pooled) == 1:
        return True
    windows = [axis.windows for axis in pooled]
    if not all(each.regular and each.stride > 1 for each in windows):
        return False
    return prod(each.taps for each in windows) <= 4 * prod(each.stride for each in windows)


def _point(stride):
    return Axis(1, stride, stride, windows=_WHOLE)


def _all_merged(axes, merge):
    """Axes, with neighbours merged as far as they can be."""
    merged = []
    for axis in axes:
        merged.append(axis)
        while len(merged) > 1 and merged[-2].in_stride == merged[-1].in_stride * merged[-1].size:
            both = merge(*merged[-2:])
            if both is None:
                break
            merged[-2:] = [both]
    return merged


def _alike_merged(above, below):
    """Two contiguous axes that are not pooled, or that one window covers, as one."""
    a, b = above.windows, below.windows
    if a is None and b is None:
        strides = (below.in_stride, below.out_stride, below.label_stride)
        if (above.in_stride, above.out_stride, above.label_stride) == tuple(below.size * each for each in strides):
            return replace(below, size=above.size * below.size)
    elif a is not None and b is not None and a.covers and b.covers and above.label == below.label * below.size:
        size = a.length * b.length
        if a.even and b.even and a.first_cells * b.first_cells == size:
            return replace(below, size=size, windows=replace(_windows.adaptive(size, 1), cells_to=size))
    return None


def _end_to_end(above, below):
    """An axis that is not pooled and a pooled one below it, whose windows just go on from one to the next."""
    if (above.windows is not None or below.windows is None or not below.windows.tiles
            or above.out_stride != below.out_stride * below.n_out):
        return None
    windows = below.windows.repeated(above.size)
    return replace(below, size=windows.length, windows=windows)


def make_plan(view, reducer, *, sizes, aligned, swapped, labelled):
    """The Plan for a view.

    `sizes` are the bytes of an element of the input and of the output; `aligned` and `swapped` say of each whether
    its elements stand at multiples of their size, and in the other byte order.
    """
    in_size, out_size = sizes
    pair_load = {1: reducer.pair_loads[0], 3: reducer.pair_loads[1]}.get(view.inner.size, 0)
    if pair_load and aligned[0] and not swapped[0] and _pairs(view, in_size):
        in_size *= 2
        reducer = replace(reducer, loads=(pair_load,), advance=0)
        view = replace(view, row=_paired(view.row), inner=replace(view.inner, in_stride=in_size))
    packed_in, packed_out = (a and not s for a, s in zip(aligned, swapped))
    acc_size = reducer.acc_size
    row, column, inner = view.row.windows, view.column.windows, view.inner.size
    way = _way(row, inner, acc_size)
    contiguous = packed_in and (inner == 1 or view.inner.in_stride == in_size)
    gathered = not (contiguous and (row.length == 1 or view.row.in_stride == inner * in_size))
    contiguous_out = packed_out and (inner == 1 or view.inner.out_stride == out_size)
    scattered = not (contiguous_out and (row.n_out == 1 or view.row.out_stride == inner * out_size))

    overlap = column.regular and column.dilation == 1 and len(reducer.loads) == 1
    moving = (overlap and reducer.advance != 0 and column.taps >= MOVE_TAPS * column.stride
              and prod(axis.windows.taps if axis.windows.regular else int(axis.windows.counts.max())
                       for axis in view.planes) <= PLANES)
    streamed = moving or (overlap and column.stride == 1 and column.taps >= STREAM_TAPS
                          and column.n_out > column.taps // 2)
    row_bytes = max(1024, min(ROW_BYTES, SUFFIX_BYTES // column.taps)) if streamed and not moving else ROW_BYTES
    inner_tile = min(inner, max(1, row_bytes // acc_size))
    positions = row_bytes // (inner_tile * acc_size)
    if row.phases is not None and max(row.phases.counts) <= SLIDES and row.phases.reach <= positions // 4:
        way, row_tile = "weave", min(row.n_out, positions)
        span = (row_tile - 1) // row.phases.stride + 2 + row.phases.reach
    else:
        row_tile, span = _row_tile(row, positions)
    wide = (overlap and column.stride == 1 and column.taps >= WIDE_TAPS and row_tile == row.n_out
            and not (labelled or inner_tile < inner)
            and (column.n_out + column.taps) * span * inner * acc_size <= WIDE_BYTES)
    block = 1
    if way in ("fold", "table") and span > 4 * positions and row_tile < 8:
        way, moving, streamed, wide = "pieces", False, False, False
        row_tile, span = 1, max(1, positions // row.dilation) * row.dilation
    elif wide:
        block, moving, streamed = column.n_out, False, False
    elif moving:
        block = min(column.n_out, 4 * -(-column.taps // column.stride))
    elif streamed:
        block = column.taps
    elif span * inner * acc_size <= BLOCK_BYTES // 2 and row_tile == row.n_out:
        block = max(1, BLOCK_BYTES // ((span + row.stride) * inner * acc_size))
    block = min(block, column.n_out) if not streamed else block
    flat = (way == "slide" and row.stride == 1 and row.n_out == row.length and block > 1 and inner_tile == inner
            and not (gathered or labelled or streamed or wide or view.planes) and len(reducer.loads) == 1
            and view.column.in_stride == row.length * inner * in_size)

    uneven = (not reducer.divisor and any(not axis.windows.even for axis in view.pooled)) or _counts_taps(view, reducer)
    finish_first = (way == "weave" and max(row.phases.counts) == 1 and reducer.in_place and not uneven
                    and len(reducer.loads) == 1 and not (streamed or wide))

    return Plan({
        "outer": [axis.dim for axis in view.outer],
        "planes": view.planes,
        "column": view.column,
        "row": view.row,
        "inner": view.inner.dim,
        "sizes": (in_size, acc_size, out_size),
        "gathered": gathered,
        "scattered": scattered,
        "swapped_in": swapped[0],
        "swapped_out": swapped[1],
        "labelled": labelled,
        "uneven": uneven,
        "finish_first": finish_first,
        "reducer": reducer,
        "way": way,
        "streamed": streamed,
        "moving": moving,
        "wide": wide,
        "flat": flat,
        "row_tile": row_tile,
        "inner_tile": inner_tile,
        "block": block,
        "span": span,
        "touched": row.length > 1 and not gathered and _input_bytes(view, in_size) >= TOUCH_FROM,
        "cost": _cost(view, reducer, streamed),
    })


def _pairs(view, in_size):
    """Whether each window takes whole pairs of neighbours, none of them in the padding or by halves."""
    row = view.row.windows
    return ((view.inner.size == 1 or view.inner.in_stride == in_size)
            and view.row.in_stride == view.inner.size * in_size and row.regular and row.dilation == 1
            and row.taps == row.stride and row.taps in (2, 4, 8) and row.origin == 0 and row.end <= row.length
            and all(axis.windows.even for axis in view.pooled))


def _paired(row):
    """The row with two elements as one."""
    windows, half = row.windows, row.windows.length // 2
    return replace(row, size=half, in_stride=2 * row.in_stride, windows=replace(
        windows, length=half, stride=windows.stride // 2, taps=windows.taps // 2, cells_to=half))


def _input_bytes(view, in_size):
    n_bytes = view.inner.size * in_size
    for axis in [*view.outer, *view.pooled]:
        n_bytes *= axis.size
    return n_bytes


def _counts_taps(view, reducer):
    """Whether the finish needs to know how many taps a window has inside the input, and that differs."""
    if len(reducer.loads) == 1:
        return False
    return any(axis.windows.whole != (0, axis.windows.n_out) for axis in view.pooled)


def _way(row, inner, acc_size):
    if not row.regular:
        return "table"
    if row.stride == 1 or row.n_out == 1:
        if row.taps == 1:
            return "copy"
        if row.n_out == 1 and row.taps >= FOLD_TAPS:
            return "fold"
        return "slide" if row.taps < WIDEN_TAPS else "widen"
    if inner > 1 and inner * acc_size < LONG_GROUP and row.taps * row.stride <= MOST_PICKS:
        return "pick"
    if inner * acc_size >= LONG_INNER:
        return "groups"
    if inner == 1 and row.dilation == 1 and (row.taps, row.stride) in ((2, 2), (3, 2), (4, 4), (8, 8)):
        return "halve"
    if row.taps > min(SLIDES, FOLD_TAPS) or (row.stride > 4 and row.taps >= row.stride and inner == 1):
        return "fold"
    return "split"


def _row_tile(row, positions):
    """Outputs in a tile of about `positions` input positions, and the positions of the widest tile.

    What two tiles both read is loaded twice, so a tile is some windows long.
    """
    if row.regular:
        reach = (row.taps - 1) * row.dilation + 1
        tile = max(1, (max(positions, min(8 * reach, 8 * positions), 2 * reach) - reach) // row.stride + 1)
        tile = min(tile, row.n_out)
        return tile, (tile - 1) * row.stride + reach
    ends = row.starts + (row.counts - 1) * row.dilation + 1
    tile = max(1, min(row.n_out, positions * row.n_out // row.length))
    span = 1
    for begin in range(0, row.n_out, tile):
        some = slice(begin, begin + tile)
        real = row.counts[some] > 0
        if real.any():
            span = max(span, int(ends[some][real].max() - row.starts[some][real].min()))
    return tile, span


def _cost(view, reducer, streamed):
    """Rough ns of one thread: what each input element costs, times how often it is read."""
    elements = view.inner.size
    for axis in view.outer:
        elements *= axis.size
    for axis in view.pooled:
        windows = axis.windows
        taps = windows.taps if windows.regular else -(-int(windows.counts.sum()) // windows.n_out)
        if (streamed and axis is view.column) or (windows.stride == 1 and axis is view.row):
            taps = min(taps, 6)
        elements *= max(min(taps * windows.n_out, FAR_READ * windows.length), windows.n_out)
    return elements * reducer.acc_size * 0.03 * len(reducer.loads)


# A window's taps in the padding cost nothing.
FAR_READ = 2**10
