"""How arrays are walked, and how much of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from cypool._engine import fetching, foresight, shortcuts
from cypool._engine.run import PLANES, SLIDES
from cypool._engine.spans import BLOCK_BYTES, LONG_GROUP, WIDE_BYTES, input_bytes, overlaps, row_tile_of, wide_rows
from cypool._engine.view import LONG_INNER, MOST_SHARED

if TYPE_CHECKING:
    from cypool._engine.reducers import Reducer
    from cypool._engine.view import View
    from cypool._typing import BothSizes
    from cypool._windows import Phases, Windows

# Bytes of accumulators in a scratch row: rows of up to 8192 floats are read whole, in the order of memory (a tile of
# 8 KiB takes twice as long on rows of 16 KiB).
ROW_BYTES = 32768
# Bytes for the suffixes of van Herk's algorithm, which had better stay in the second level cache.
SUFFIX_BYTES = 512 * 1024
# And for all rows of a block, of which the suffixes take little.
COLUMNS_BYTES = 2**20
# A block's rows of so many bytes leave room in that cache for where results go, which is fetched.
FETCHED_BYTES = 2**18
# Rows of so many bytes, of elements of one, are walked down one by one, where there is a kernel; others in strips.
MET_FROM = 1536
MET_TO = 2**14
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
# The same of single integers of up to 4 bytes, of which windows with few taps have no other way in vectors.
MOST_PICKS_OF_ONE = 50
# Windows of floats with fewer taps than lanes are folded at any stride from so many on (of one tap at any), unless they
# share taps at up to the second: those of all rows at once, or of each row where these are read in place and have so
# many windows. Windows with more taps are folded so many at once.
FOLD_LANES = 8
FEW_STRIDES = 3, 4
FEW_IN_PLACE = 64
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
# And of output in a block of rows that repeat.
REPEAT_BYTES = 65536
# Rows of outputs for each that differs from the one before it, of all planes, from which on those are copied.
LEAST_ALIKE = 1.4
# Rows that are blended at once: a tap's weight serves all of them, in a vector.
BLENDED_ROWS = 8


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tiling:
    """How the arrays are walked, and how much of them at once: see job.pxd."""

    way: str
    walk: str
    row_tile: int
    inner_tile: int
    span: int
    block: int
    ahead: int = 0
    fetched: bool = False
    bare: bool = False
    pieced: bool = False
    gathered_rows: int = 0


def tiling_of(view: View, reducer: Reducer, shortcut: str, sizes: BothSizes, *, gathered: bool, labelled: bool,
              at_once: bool) -> Tiling:
    """The tiles of a walk: that of the shortcut, or what suits passes over scratch rows; of a plane at once, if that
    may be."""
    in_size, out_size = sizes
    acc_size = reducer.acc_size
    row, column, inner = view.row.windows, view.column.windows, view.inner.size
    if shortcut == "spread":
        return Tiling("table", "spread", row.n_out, min(inner, shortcuts.lanes()), row.length, column.n_out)
    if shortcut == "along":
        results = acc_size if reducer.finish else 0
        most = min(shortcuts.ALONG_BYTES // (row.length * inner * in_size),
                   shortcuts.ALONG_RESULTS // max(1, row.n_out * inner * results))
        block = max(shortcuts.ALONG_AT_ONCE, most // shortcuts.ALONG_AT_ONCE * shortcuts.ALONG_AT_ONCE)
        return Tiling("table", "along", row.n_out, inner, row.length, block,
                      foresight.strips_fetch(input_bytes(view, in_size), bare=True))
    way = _way(row, inner, reducer)
    if way == "widen" and reducer.running and inner == row.dilation == 1:
        way = "run"
    if (way == "few" and column.taps == 1 and reducer.plain and not (gathered or view.planes) and row.origin == 0
            and row.n_out >= FEW_IN_PLACE):
        way = "fold"
    walk = _walk(view, reducer)
    row_bytes = ROW_BYTES
    if walk == "stream":
        row_bytes = max(1024, min(ROW_BYTES, SUFFIX_BYTES // column.taps))
        in_columns = max(1024, min(ROW_BYTES, COLUMNS_BYTES // column.taps))
        by_rows = reducer.meet and MET_FROM <= row.length * inner * acc_size <= min(MET_TO, row_bytes)
        if reducer.columns and not by_rows and not gathered and not view.planes and inner * acc_size <= in_columns:
            walk, row_bytes = "columns", in_columns
    inner_tile = min(inner, max(1, row_bytes // acc_size))
    positions = row_bytes // (inner_tile * acc_size)
    if row.phases is not None and (shortcut == "repeat" or _weaves(row.phases, acc_size == out_size, positions)):
        way, row_tile = "weave", min(row.n_out, positions)
        span = (row_tile - 1) // row.phases.stride + 2 + row.phases.reach
    else:
        row_tile, span = row_tile_of(row, positions)
        if row.stride > max(span, positions) and way in ("pick", "halve", "few", "split"):
            way = "slide" if row.taps > 1 else "copy"   # one window in a tile: what is behind it is not read
        if way == "fold" and FOLD_LANES < row_tile < row.n_out:
            # One window more would take as long as so many.
            span -= row_tile % FOLD_LANES * row.stride
            row_tile -= row_tile % FOLD_LANES
    block, ahead, fetched, bare, pieced, gathered_rows = 1, 0, False, False, False, 0
    if (way == "fold" and reducer.plain and not gathered and row_tile == row.n_out and row.origin == 0
            and view.column.in_stride == row.length * inner * in_size and 0 < row.length - span <= span // 8):
        span = row.length       # what little a row has beyond its windows is read, and rows are not copied
    one_tile = row_tile == row.n_out and inner_tile == inner
    if way == "fold" and reducer.plain and not gathered:
        ahead = foresight.run_ahead(input_bytes(view, in_size))
    if (way in ("fold", "table") and span > 4 * positions and row_tile < 8 and not reducer.blend
            and not (labelled and shortcut)):
        span = max(1, positions // row.dilation) * row.dilation
        return Tiling(way, "pieces", 1, inner_tile, span, block, ahead)
    if shortcut:
        walk = shortcut
    if shortcut == "direct":
        if inner_tile < inner:
            row_tile, span = 1, (row.most_taps - 1) * row.dilation + 1
        planes = prod(axis.windows.most_taps for axis in view.planes)
        step = column.stride * span * inner_tile * in_size
        block = GATHERED_BYTES // (planes * step) if gathered else DIRECT_BYTES // step
        read = input_bytes(view, in_size)
        ahead = fetching.direct_ahead(view, reducer, in_size, read, labelled=labelled)
        pieced = fetching.goes_in_pieces(view, reducer, in_size, read, labelled=labelled)
    elif shortcut == "repeat":
        block = REPEAT_BYTES // (row_tile * inner * out_size)
    elif shortcut == "strips":
        bare = one_tile and not gathered and shortcuts.needs_no_copy(view, in_size)
        ahead = foresight.strips_fetch(input_bytes(view, in_size), bare=bare)
        block = shortcuts.STRIPS_BYTES // (span * in_size) - (column.taps - 1) * column.dilation
    elif at_once and one_tile and not labelled and (
            0 < wide_rows(column, reducer) * span * inner * acc_size <= WIDE_BYTES):
        return Tiling(way, "wide", row_tile, inner_tile, span, column.n_out)
    elif walk == "move":
        block = 4 * -(-column.taps // column.stride)
    elif walk in ("stream", "columns"):
        block = column.taps
        fetched = (block * span * inner_tile * acc_size <= FETCHED_BYTES
                   and foresight.fetches_results(input_bytes(view, in_size)))
    elif one_tile and span * inner * acc_size <= BLOCK_BYTES // 2:
        block = min(column.n_out, BLOCK_BYTES // ((span + row.stride) * inner * acc_size),
                    max(1, UNIT_BYTES // (column.stride * span * inner * in_size)))
        if (way == "slide" and row.stride == 1 and row.n_out == row.length and block > 1
                and not (gathered or labelled or view.planes) and len(reducer.loads) == 1
                and view.column.in_stride == row.length * inner * in_size):
            walk = "flat"
    if (walk == "block" and not labelled and len(reducer.loads) == 1 and not reducer.blend
            and prod(map(_alike, [column, *(axis.windows for axis in view.planes[-1:])])) >= LEAST_ALIKE):
        walk = "alike"
    if walk in ("block", "flat") and way != "fold" and not gathered:
        ahead = fetching.rows_ahead(view, reducer, in_size, input_bytes(view, in_size))
    if reducer.blend and walk == "block":
        block = max(block, BLENDED_ROWS)
    block = _evenly(column.n_out, block)
    if shortcut == "direct" and gathered:
        gathered_rows = ((block - 1) * column.stride + column.most_taps) * prod(
            axis.windows.most_taps for axis in view.planes)
    return Tiling(way, walk, row_tile, inner_tile, span, block, ahead, fetched, bare, pieced, gathered_rows)


def _alike(windows: Windows) -> float:
    """How many windows there are for each that differs from the one before it, as in gradients."""
    table = windows.table
    if table is None or windows.varied or windows.weights is not None:
        return 1
    differ = np.any([np.diff(numbers) != 0 for numbers in (table.starts, table.counts, table.cell_counts)], axis=0)
    return windows.n_out / (int(np.count_nonzero(differ)) + 1)


def _weaves(phases: Phases, same_size: bool, positions: int) -> bool:
    """Whether rows of phases are woven; or repeated, which is for results as wide as accumulators."""
    return (phases.most <= SLIDES and reaches(phases, positions)
            and (bool(phases.counts) or (phases.times > 0 and same_size)))


def reaches(phases: Phases, positions: int) -> bool:
    """Whether rows of so many positions are enough for phases that are woven."""
    return phases.reach <= positions // 4


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
    least, shared = FEW_STRIDES
    if (inner == row.dilation == 1 and reducer.acc in ("f4", "f8") and row.taps < FOLD_LANES
            and (row.stride >= least or row.taps == 1) and (row.stride > shared or row.taps <= row.stride)):
        return "few"
    if (reducer.idempotent and reducer.plain and inner == row.dilation == 1 and acc_size <= 4 < row.stride
            and row.taps < FOLD_LANES and row.taps * row.stride <= MOST_PICKS_OF_ONE):
        return "pick"
    if row.taps > min(SLIDES, FOLD_TAPS) or (row.stride > 4 and row.taps >= row.stride and inner == 1):
        return "fold"
    return "split"


def run_taps(reducer: Reducer) -> tuple[int, int] | None:
    """From how many taps on windows of whole rows are runs, regular ones and those of a table; None if never."""
    if reducer.stacked:
        return None
    if reducer.acc in ("f4", "f8") and reducer.acc_size <= 8:
        return RUN_TAPS, RUN_TAPS if reducer.plain else TABLE_TAPS
    return RUN_BYTES // reducer.acc_size, RUN_BYTES // reducer.acc_size


def is_run(view: View, reducer: Reducer) -> bool:
    """Whether windows are long runs of a row, which few others share."""
    row, column = view.row.windows, view.column.windows
    inner_bytes = view.inner.size * reducer.acc_size
    return (column.taps == row.dilation == 1 and not view.planes and not reducer.blend and inner_bytes <= RUN_INNER
            and column.regular and row.least_taps * inner_bytes >= RUN_BYTES
            and (row.n_out == 1 or (row.taps <= MOST_SHARED * row.stride if row.regular
                                    else row.overlap <= MOST_SHARED)))


def in_lanes(view: View, in_size: int) -> Tiling:
    """The tiles of long runs of a row."""
    few, many = LANE_BYTES
    size = view.inner.size * in_size
    lane = many if view.row.windows.least_taps * size >= 32 * many else few
    column, row = view.column.windows, view.row.windows
    outputs = max(1, UNIT_BYTES // (row.most_taps * size))
    row_tile = _evenly(row.n_out, outputs)
    # Two positions at least: what comes of a part joins what came of those before.
    return Tiling("fold", "lanes", row_tile, view.inner.size, max(2, lane // size),
                  _evenly(column.n_out, outputs // row_tile), foresight.run_ahead(input_bytes(view, in_size)))


def _evenly(n: int, most: int) -> int:
    """How long each part of n is, of up to `most`: about as long as the others, so that threads have as much to do."""
    return -(-n // -(-n // min(n, max(1, most))))
