"""From a view and a reducer to a plan: the way to walk the arrays, and how much of them at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING

from cypool._engine import across, reducers, shortcuts, slabs
from cypool._engine.chains import chain
from cypool._engine.run import PLANES, SLIDES, Plan
from cypool._engine.spans import (
    BLOCK_BYTES,
    LONG_GROUP,
    TOUCH_FROM,
    WIDE_BYTES,
    apart,
    input_bytes,
    output_bytes,
    overlaps,
    row_tile_of,
    spec_of,
    wide_rows,
)
from cypool._engine.stacking import stack_plan
from cypool._engine.view import LONG_INNER, MOST_SHARED, with_planes_inside, with_pooled_row, with_rows_as_column

if TYPE_CHECKING:
    from typing import Any

    from cypool._engine.reducers import Reducer
    from cypool._engine.view import Axis, View
    from cypool._typing import BothFlags, BothSizes
    from cypool._windows import Phases, Windows

# Bytes of accumulators in a scratch row: rows of up to 8192 floats are read whole, in the order of memory (a tile of
# 8 KiB takes twice as long on rows of 16 KiB).
ROW_BYTES = 32768
# Bytes for the suffixes of van Herk's algorithm, which had better stay in the second level cache.
SUFFIX_BYTES = 512 * 1024
# And for all rows of a block, of which the suffixes take little.
COLUMNS_BYTES = 2**20
# Below this many taps a streamed column costs more than reading the rows again (measured: 3 combinations a row).
STREAM_TAPS = 6
COSTLY_STREAM_TAPS = 3      # where it is a load that takes long
# From this many taps a stride on, sums of integers move along a column: two rows are read for each.
MOVE_TAPS = 4
# Below this many taps a row is combined tap by tap.
WIDEN_TAPS = 7
# A short group of inner elements is picked from a row of outputs at stride 1, if taps times stride, which that takes
# for an output, are not more than so many.
MOST_PICKS = 32
# The same of single elements of up to 4 bytes, of which windows with fewer taps than lanes have no other way in
# vectors; sums of floats would meet in another order.
FOLD_LANES = 8
MOST_PICKS_OF_ONE = 50
# From this many taps on, a window along a row is folded by itself.
FOLD_TAPS = 24

# A window that is a run of a row, of so many bytes of accumulators and up to so many for each tap, is reduced in lanes,
# so many bytes of which stand side by side, more where a window has many. (Rows 4096 bytes apart would take each
# other's places in a cache.)
RUN_BYTES = 8192
RUN_INNER = 512
# Windows of whole rows are runs, too, if they are as long; of floats, which are folded in vectors, from so many taps
# on, or so many where they come from a table and rows are loaded first.
RUN_TAPS = 32
TABLE_TAPS = 512
LANE_BYTES = 992, 4032

# Bytes of input in a block of windows that go straight to the output, and of rows that are gathered for them.
DIRECT_BYTES = 65536
GATHERED_BYTES = 16384
# Bytes of input in a block of rows that are windows far apart: more would leave threads nothing to share.
UNIT_BYTES = 65536
# Inputs of fewer bytes are in a third level cache: there, fetches slow windows of inner rows that share columns.
FETCH_FROM = 2**24
# And of output in a block of rows that repeat.
REPEAT_BYTES = 65536

# What a costly load takes for an element.
COSTLY_NS = 4

# Rows that are blended at once: a tap's weight serves all of them, in a vector.
BLENDED_ROWS = 8

# From so many bytes of input on, planes that are pooled in strips are read in order first.
STRIPS_TOUCH_FROM = 2**20
# Outputs of more bytes do not stay in the cache.
STREAM_FROM = 2**24

# Inputs of so many bytes are read from memory, or nearly. There, long windows of inner rows are read in sequence, a row
# after the other: so many taps, at most one window an element, rows long enough for a call each, and a row of
# accumulators that stays in a first level cache.
SEQUENCE_FROM = 2**23
SEQUENCE_ROWS = 5
SEQUENCE_BYTES = (1024, 16384)


def run_taps(reducer: Reducer) -> tuple[int, int] | None:
    """From how many taps on windows of whole rows are runs, regular ones and those of a table; None if never."""
    if reducer.stacked:
        return None
    if reducer.acc in ("f4", "f8") and reducer.acc_size <= 8:
        return RUN_TAPS, RUN_TAPS if reducer.plain else TABLE_TAPS
    return RUN_BYTES // reducer.acc_size, RUN_BYTES // reducer.acc_size


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Tiling:
    """How the arrays are walked, and how much of them at once: see job.pxd."""

    way: str
    walk: str
    row_tile: int
    inner_tile: int
    span: int
    block: int
    ahead: int = 0
    bare: bool = False
    gathered_rows: int = 0


def make_plan(view: View, reducer: Reducer, *, sizes: BothSizes, aligned: BothFlags, swapped: BothFlags, labelled: bool,
              offsets: BothSizes = (0, 0)) -> Plan:
    """The Plan for a view.

    `sizes` are the bytes of an element of the input and of the output; `aligned` and `swapped` say of each whether
    its elements stand at multiples of their size, and in the other byte order. `offsets` are the bytes from the arrays'
    first elements to the view's.
    """
    planes = across.small_planes(view, reducer, sizes, labelled=labelled)
    if planes is not None:
        within = across.within(planes, reducer, sizes)
        if reducer.stacked:
            inside = stack_plan(within, reducer, sizes, (True, True), (False, False), (0, 0))
        else:
            inside = Plan(_spec(within, reducer, sizes, (True, True), (False, False), labelled=labelled, inside=True))
        return across.across_plan(planes, inside, reducer, sizes, aligned, swapped, offsets)
    if reducer.stacked:
        return stack_plan(view, reducer, sizes, aligned, swapped, offsets)
    if reducer.blend or (not labelled and (view.inner.size == 1 or _is_run(view, reducer))):
        view = with_rows_as_column(view)
    if labelled or not slabs.pays(view, reducer):
        return Plan(_spec(view, reducer, sizes, aligned, swapped, labelled=labelled, offsets=offsets))
    first, second, numbers = slabs.split(view, reducer)
    between = reducer.acc_size
    before = _spec(first, reducers.unfinished(reducer), (sizes[0], between), (aligned[0], True), (swapped[0], False),
                   offsets=(offsets[0], 0), most_rows=numbers.planes)
    after = _spec(second, reducers.of_accumulators(reducer), (between, sizes[1]), (True, aligned[1]),
                  (False, swapped[1]), offsets=(0, offsets[1]))
    return Plan({**after, "cost": before["cost"] + after["cost"], "touched": False, "before": Plan(before),
                 "slabs": numbers})


def _spec(view: View, reducer: Reducer, sizes: BothSizes, aligned: BothFlags, swapped: BothFlags, *,
          labelled: bool = False, offsets: BothSizes = (0, 0), most_rows: int | None = None,
          inside: bool = False) -> dict[str, Any]:
    """What a Plan is made of: one walk over the arrays, of at most so many rows at once, or over some planes side by
    side as the inner axis."""
    in_size, out_size = sizes
    if labelled and _is_ranked(view, reducer, sizes, aligned, swapped):
        reducer = replace(reducer, winners=reducer.ranked, widths=(0, 0))
        shortcut = "direct"
    else:
        shortcut = _shortcut(view, reducer, sizes, aligned, swapped, labelled=labelled)
    widened = labelled and shortcut == "direct" and reducer.widths[0] != 0
    if widened:
        # Rows become floats as they are gathered, and results what they were as they are scattered.
        reducer = replace(reducer, pack=reducer.widths[0], unpack=reducer.widths[1])
        in_size = out_size = shortcuts.FLOAT_BYTES
    if shortcut in ("direct", "repeat"):
        view = with_pooled_row(view)
    elif shortcut == "spread":
        view = with_planes_inside(view)
    lanes = not shortcut and not inside and _is_run(with_pooled_row(view), reducer)
    if lanes:
        view = with_pooled_row(view)
    if shortcut == "direct" and reducer.direct_blocks and view.inner.size > 1:
        reducer = replace(reducer, direct=reducer.direct_pixels)
    pair_load = {1: reducer.pair_loads[0], 3: reducer.pair_loads[1]}.get(view.inner.size, 0)
    if pair_load and shortcut != "direct" and aligned[0] and not swapped[0] and _pairs(view, in_size):
        in_size *= 2
        reducer = replace(reducer, loads=(pair_load,), advance=0)
        view = replace(view, row=_paired(view.row), inner=replace(view.inner, in_stride=in_size))
    row = view.row.windows
    gathered, scattered = [True, True] if widened else apart(view, (in_size, out_size), aligned, swapped)
    if lanes:
        tiling = _in_lanes(view, in_size)
    else:
        tiling = _tiling(view, reducer, shortcut, (in_size, out_size), gathered=gathered, labelled=labelled,
                         at_once=most_rows is None or most_rows >= view.column.n_out)
    if most_rows:
        tiling = replace(tiling, block=min(tiling.block, most_rows))
    walk = tiling.walk
    uneven = (not reducer.divisor and any(not axis.windows.even for axis in view.pooled)) or _counts_taps(view, reducer)
    finish_first = (tiling.way == "weave" and row.phases is not None and row.phases.most == 1
                    and reducer.in_place and not uneven and len(reducer.loads) == 1 and walk == "block")

    return {
        **spec_of(view, reducer, (in_size, out_size), offsets, swapped, [gathered, scattered]),
        "labelled": labelled,
        "uneven": uneven,
        "finish_first": finish_first,
        **{name: getattr(tiling, name) for name in _Tiling.__slots__},
        "chains": (chain(row.taps, overlapping=reducer.idempotent) if tiling.way == "widen" else None,
                   chain(view.column.windows.taps, overlapping=reducer.idempotent) if walk == "wide" else None),
        "touched": (row.length > 1 and not gathered
                    and input_bytes(view, in_size) >= (STRIPS_TOUCH_FROM if walk == "strips" else TOUCH_FROM)),
        "streamed": walk in ("direct", "repeat") and output_bytes(view, out_size) >= STREAM_FROM,
        "row_by_row": walk == "block" and not labelled and _in_sequence(view, reducer, in_size),
        "cost": _cost(view, reducer, walk in ("stream", "columns", "move", "wide")),
    }


def _is_ranked(view: View, reducer: Reducer, sizes: BothSizes, aligned: BothFlags, swapped: BothFlags) -> bool:
    """Whether windows with labels go straight to the output as narrow as they are."""
    view = with_pooled_row(view)
    return shortcuts.goes_ranked(view, reducer, sizes[0]) and not any(apart(view, sizes, aligned, swapped))


def _shortcut(view: View, reducer: Reducer, sizes: BothSizes, aligned: BothFlags, swapped: BothFlags, *,
              labelled: bool) -> str:
    """Another walk without passes that the windows can take, or nothing: "strips", "spread", "direct" or "repeat"."""
    if labelled:
        view = with_pooled_row(view)
        if reducer.widths[0]:
            goes = shortcuts.goes_labelled(view, reducer, shortcuts.FLOAT_BYTES)
        else:
            goes = shortcuts.goes_labelled(view, reducer, sizes[0]) and not any(apart(view, sizes, aligned, swapped))
        return "direct" if goes else ""
    if shortcuts.goes_in_strips(view, reducer, sizes[0]) and not across.goes_alone(view, reducer, sizes[0]):
        return "strips"
    if shortcuts.spreads(view, reducer, sizes[0]) and all(aligned) and not any(swapped):
        return "spread"
    view = with_pooled_row(view)
    gathered, scattered = apart(view, sizes, aligned, swapped)
    if shortcuts.goes_direct(view, reducer, sizes[0]) and (not gathered or shortcuts.gathers_direct(view)):
        return "direct"
    if (shortcuts.repeats(view, reducer) and not gathered and not scattered
            and view.inner.size * reducer.acc_size <= ROW_BYTES):
        return "repeat"
    return ""


def _tiling(view: View, reducer: Reducer, shortcut: str, sizes: BothSizes, *, gathered: bool, labelled: bool,
            at_once: bool) -> _Tiling:
    """The tiles of a walk: that of the shortcut, or what suits passes over scratch rows; of a plane at once, if that
    may be."""
    in_size, out_size = sizes
    acc_size = reducer.acc_size
    row, column, inner = view.row.windows, view.column.windows, view.inner.size
    if shortcut == "spread":
        return _Tiling("table", "spread", row.n_out, min(inner, shortcuts.lanes()), row.length, column.n_out)
    way = _way(row, inner, reducer)
    if way == "widen" and reducer.running and inner == row.dilation == 1:
        way = "run"
    walk = _walk(view, reducer)
    row_bytes = ROW_BYTES
    if walk == "stream":
        row_bytes = max(1024, min(ROW_BYTES, SUFFIX_BYTES // column.taps))
        in_columns = max(1024, min(ROW_BYTES, COLUMNS_BYTES // column.taps))
        if reducer.columns and not gathered and not view.planes and inner * acc_size <= in_columns:
            walk, row_bytes = "columns", in_columns
    inner_tile = min(inner, max(1, row_bytes // acc_size))
    positions = row_bytes // (inner_tile * acc_size)
    if row.phases is not None and (shortcut == "repeat" or _weaves(row.phases, acc_size == out_size, positions)):
        way, row_tile = "weave", min(row.n_out, positions)
        span = (row_tile - 1) // row.phases.stride + 2 + row.phases.reach
    else:
        row_tile, span = row_tile_of(row, positions)
        if way == "fold" and FOLD_LANES < row_tile < row.n_out:
            # One window more would take as long as so many.
            span -= row_tile % FOLD_LANES * row.stride
            row_tile -= row_tile % FOLD_LANES
    block, ahead, bare, gathered_rows = 1, 0, False, 0
    if (way == "fold" and reducer.plain and not gathered and row_tile == row.n_out and row.origin == 0
            and view.column.in_stride == row.length * inner * in_size and 0 < row.length - span <= span // 8):
        span = row.length       # what little a row has beyond its windows is read, and rows are not copied
    one_tile = row_tile == row.n_out and inner_tile == inner
    if (way in ("fold", "table") and span > 4 * positions and row_tile < 8 and not reducer.blend
            and not (labelled and shortcut)):
        span = max(1, positions // row.dilation) * row.dilation
        return _Tiling(way, "pieces", 1, inner_tile, span, block)
    if shortcut:
        walk = shortcut
    if shortcut == "direct":
        if inner_tile < inner:
            row_tile, span = 1, (row.most_taps - 1) * row.dilation + 1
        planes = prod(axis.windows.most_taps for axis in view.planes)
        step = column.stride * span * inner_tile * in_size
        block = GATHERED_BYTES // (planes * step) if gathered else DIRECT_BYTES // step
        ahead = shortcuts.fetched_ahead(view)
        if shortcuts.shares_columns(view) and input_bytes(view, in_size) < FETCH_FROM:
            ahead = 0
    elif shortcut == "repeat":
        block = REPEAT_BYTES // (row_tile * inner * out_size)
    elif shortcut == "strips":
        bare = one_tile and not gathered and shortcuts.needs_no_copy(view, in_size)
        block = shortcuts.STRIPS_BYTES // (span * in_size) - (column.taps - 1) * column.dilation
    elif at_once and one_tile and not labelled and (
            0 < wide_rows(column, reducer) * span * inner * acc_size <= WIDE_BYTES):
        return _Tiling(way, "wide", row_tile, inner_tile, span, column.n_out)
    elif walk == "move":
        block = 4 * -(-column.taps // column.stride)
    elif walk in ("stream", "columns"):
        block = column.taps
    elif one_tile and span * inner * acc_size <= BLOCK_BYTES // 2:
        block = min(column.n_out, BLOCK_BYTES // ((span + row.stride) * inner * acc_size),
                    max(1, UNIT_BYTES // (column.stride * span * inner * in_size)))
        if (way == "slide" and row.stride == 1 and row.n_out == row.length and block > 1
                and not (gathered or labelled or view.planes) and len(reducer.loads) == 1
                and view.column.in_stride == row.length * inner * in_size):
            walk = "flat"
    if reducer.blend and walk == "block":
        block = max(block, BLENDED_ROWS)
    block = _evenly(column.n_out, block)
    if shortcut == "direct" and gathered:
        gathered_rows = ((block - 1) * column.stride + column.most_taps) * prod(
            axis.windows.most_taps for axis in view.planes)
    return _Tiling(way, walk, row_tile, inner_tile, span, block, ahead, bare, gathered_rows)


def _weaves(phases: Phases, same_size: bool, positions: int) -> bool:
    """Whether rows of phases are woven; or repeated, which is for results as wide as accumulators."""
    return (phases.most <= SLIDES and phases.reach <= positions // 4
            and (bool(phases.counts) or (phases.times > 0 and same_size)))


def _in_lanes(view: View, in_size: int) -> _Tiling:
    """The tiles of long runs of a row."""
    few, many = LANE_BYTES
    size = view.inner.size * in_size
    lane = many if view.row.windows.least_taps * size >= 32 * many else few
    column, row = view.column.windows, view.row.windows
    outputs = max(1, UNIT_BYTES // (row.most_taps * size))
    row_tile = _evenly(row.n_out, outputs)
    # Two positions at least: what comes of a part joins what came of those before.
    return _Tiling("fold", "lanes", row_tile, view.inner.size, max(2, lane // size),
                   _evenly(column.n_out, outputs // row_tile))


def _evenly(n: int, most: int) -> int:
    """Of so many in parts of up to so many, each part, all about as long, so that threads have as much to do."""
    return -(-n // -(-n // min(n, max(1, most))))


def _is_run(view: View, reducer: Reducer) -> bool:
    """Whether windows are long runs of a row, which few others share."""
    row, column = view.row.windows, view.column.windows
    inner_bytes = view.inner.size * reducer.acc_size
    return (column.taps == row.dilation == 1 and not view.planes and not reducer.blend and inner_bytes <= RUN_INNER
            and column.regular and row.least_taps * inner_bytes >= RUN_BYTES
            and (row.n_out == 1 or (row.taps <= MOST_SHARED * row.stride if row.regular
                                    else row.overlap <= MOST_SHARED)))


def _walk(view: View, reducer: Reducer) -> str:
    """How the rows of a column are walked, as far as only the column matters: "move", "stream" or "block"."""
    column = view.column.windows
    if not overlaps(column, reducer):
        return "block"
    planes = prod(axis.windows.most_taps for axis in view.planes)
    if reducer.advance and column.taps >= MOVE_TAPS * column.stride and planes <= PLANES:
        return "move"
    least = COSTLY_STREAM_TAPS if reducer.costly else STREAM_TAPS
    if column.stride == 1 and column.taps >= least and column.n_out > column.taps // 2:
        return "stream"
    return "block"


def _pairs(view: View, in_size: int) -> bool:
    """Whether each window takes whole pairs of neighbours, none of them in the padding or by halves."""
    row = view.row.windows
    return ((view.inner.size == 1 or view.inner.in_stride == in_size)
            and view.row.in_stride == view.inner.size * in_size and row.regular and row.dilation == 1
            and row.taps == row.stride and row.taps in (2, 4, 8) and row.origin == 0 and row.end <= row.length
            and all(axis.windows.even for axis in view.pooled))


def _paired(row: Axis) -> Axis:
    """The row with two elements as one."""
    windows, half = row.windows, row.windows.length // 2
    return replace(row, size=half, in_stride=2 * row.in_stride, pooling=replace(
        windows, length=half, stride=windows.stride // 2, taps=windows.taps // 2, cells_to=half))


def _in_sequence(view: View, reducer: Reducer, in_size: int) -> bool:
    """Whether the rows of a window had better be read one after the other, not side by side."""
    column = view.column.windows
    least, most = SEQUENCE_BYTES
    return (reducer.plain and view.inner.size > 1 and view.row.length == 1 and column.taps >= SEQUENCE_ROWS
            and column.stride >= column.taps and least <= view.inner.size * in_size <= most
            and input_bytes(view, in_size) >= SEQUENCE_FROM)


def _counts_taps(view: View, reducer: Reducer) -> bool:
    """Whether the finish needs to know how many taps a window has inside the input, and that differs."""
    if len(reducer.loads) == 1:
        return False
    return any(axis.windows.whole != (0, axis.windows.n_out) for axis in view.pooled)


def _way(row: Windows, inner: int, reducer: Reducer) -> str:
    acc_size = reducer.acc_size
    if not row.regular:
        return "table"
    if row.stride == 1 or (row.n_out == 1 and not row.tiles):
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
    if (reducer.idempotent and reducer.plain and inner == row.dilation == 1 and acc_size <= 4 < row.stride
            and row.taps < FOLD_LANES and row.taps * row.stride <= MOST_PICKS_OF_ONE):
        return "pick"
    if row.taps > min(SLIDES, FOLD_TAPS) or (row.stride > 4 and row.taps >= row.stride and inner == 1):
        return "fold"
    return "split"


def _cost(view: View, reducer: Reducer, streamed: bool) -> float:
    """Rough ns of one thread: what each input element costs, times how often it is read."""
    elements = view.inner.size
    for axis in view.outer:
        elements *= axis.size
    for axis in view.pooled:
        windows = axis.windows
        taps = windows.taps if windows.table is None else -(-int(windows.table.counts.sum()) // windows.n_out)
        if (streamed and axis is view.column) or (windows.stride == 1 and axis is view.row):
            taps = min(taps, 6)
        elements *= max(min(taps * windows.n_out, FAR_READ * windows.length), windows.n_out)
    return elements * (reducer.acc_size * 0.03 * len(reducer.loads) + (COSTLY_NS if reducer.costly else 0))


# A window's taps in the padding cost nothing.
FAR_READ = 2**10
