"""The plan of an operation that needs all taps of a window at once: see stacks.pxd."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

from cypool._engine import fetching
from cypool._engine.run import LANES, MOST_PIECE, PLANES, Plan
from cypool._engine.spans import BLOCK_BYTES, LONG_GROUP, apart, input_bytes, most_taps, row_tile_of, spec_of
from cypool._engine.view import with_longer_inner

if TYPE_CHECKING:
    from cypool._engine.reducers import Reducer
    from cypool._engine.view import View
    from cypool._typing import BothFlags, BothSizes
    from cypool._windows import Windows

# Rows of a window and their accumulators in a first level cache; but at least 16 outputs at a time, as long
# as they take no more than this (with 4 of them a float64 median of 9x9 took 8 times as long).
STACK_BYTES = 16384
MOST_STACK_BYTES = 2**20
# Outputs of a row below which, with so few taps, an outer axis takes the place of the inner one; taps that are merged
# at once; and the most that a run of outputs has a pointer for each of.
FEW_OUTPUTS = 16
# Elements that are gathered at once, at least; and no more if they are a multiple of so many bytes apart, which leads
# to one of two places in a first level cache.
LEAST_GATHERED = 16
SAME_LINES = 2048
FEW_TAPS = 1024
MERGED_TAPS = 256
MOST_POINTERS = 8192
# Windows of runs of so many taps and bytes, which no other window has, are merged each by itself, in lanes. That is up
# to the window alone, so that it gives the same bits wherever it is.
LANE_TAPS = 256
LANE_BYTES = 1024
# Bytes of the input that the windows of a unit read where they slide, each as often as there are windows with it.
SLID_BYTES = 163840
# Bytes of an input that is in no cache of a core's own, and little of it in a shared one.
FETCH_FROM = 12 * 2**20
# Windows of so many taps (fewer are sorted), and at most so many in a column, are counted in histograms: of so many
# columns at once, for so many rows of outputs or more, some times what a window has, since it takes as many to begin
# with. So many nanoseconds a median takes, and an element that comes or goes; and a tap otherwise.
COUNTED_TAPS = 37
COUNTED_MOST = 255
COUNTED_COLUMNS = 768
COUNTED_ROWS = 32
COUNTED_TIMES = 2
COUNTED_NS = 13
EXCHANGED_NS = 2.2
TAP_NS = 0.5
# Taps along the row of windows of so many taps that are settled side by side.
ADJACENT_TAPS = {4: 2, 8: 2, 9: 3}


def stack_plan(view: View, reducer: Reducer, sizes: BothSizes, aligned: BothFlags, swapped: BothFlags,
               offsets: BothSizes) -> Plan:
    """The Plan for a view; see make_plan."""
    in_size = sizes[0]
    most_rows = most_taps(view.column.windows) * prod(most_taps(axis.windows) for axis in view.planes)
    row_taps = most_taps(view.row.windows)
    if (view.inner.size * view.row.n_out < FEW_OUTPUTS and most_rows * row_taps <= FEW_TAPS
            and not (reducer.merged and _goes_in_lanes(view.row.windows, view.inner.size, in_size))):
        view = with_longer_inner(view)
    row, column, inner = view.row.windows, view.column.windows, view.inner.size
    gathered, scattered = apart(view, sizes, aligned, swapped)
    taps = most_rows * row_taps
    if not (row.dilation == inner == 1 and row.stride == row.taps == ADJACENT_TAPS.get(taps)):
        reducer = replace(reducer, few_adjacent=0)
    at_stride_one = row.regular and row.dilation == row.stride == inner == 1 and row.taps <= row.length
    if not (at_stride_one and reducer.few):
        reducer = replace(reducer, filled=False)
    if not (at_stride_one and column.dilation == column.stride == 1 and row.taps == column.taps == most_rows
            and column.taps <= column.length):
        reducer = replace(reducer, few_sliding=0)
    counting = _counting(column, most_rows, taps) if (
        reducer.counted and at_stride_one and not gathered and not scattered) else None
    # A run of outputs needs a pointer for each tap; of one output, taps can be merged some at a time.
    in_lanes = reducer.merged and _goes_in_lanes(row, inner, in_size)
    few_at_once = in_lanes or (reducer.merged and taps > MOST_POINTERS)
    # Rows of a window that are gathered or split stay in cache.
    positions = max(64, STACK_BYTES // (most_rows * in_size))
    inner_tile = min(inner, max(LEAST_GATHERED, positions // (row_taps if gathered else 1)))
    if gathered and view.inner.in_stride % SAME_LINES == 0:
        inner_tile = min(inner, LEAST_GATHERED)
    positions = max(1, positions // inner_tile)
    row_tile, span = row_tile_of(row, positions)
    one_by_one = (few_at_once or not row.regular or row.stride > max(span, positions)
                  or (row.stride > 1 and inner * in_size >= LONG_GROUP))
    at_once = min(taps, MERGED_TAPS) if few_at_once else taps
    piece = max(STACK_BYTES // reducer.acc_size // 32 * 32, min(LANES, MOST_STACK_BYTES // reducer.acc_size), 1)
    piece = min(MOST_PIECE, piece, row_tile * inner_tile)
    piece = max(piece, LANES if reducer.merged else 1)
    row_bytes = span * inner_tile * in_size * most_rows
    block = max(1, min(column.n_out, (SLID_BYTES if reducer.few_sliding else BLOCK_BYTES) // row_bytes))
    cost = taps * (1.0 if reducer.merged else 0.25 * in_size)
    if counting:
        row_tile, span = row_tile_of(row, COUNTED_COLUMNS)
        block, cost = counting
    ahead, read = 0, input_bytes(view, in_size)
    if reducer.few_adjacent and not gathered:       # windows side by side
        ahead = fetching.fetched_ahead(view) if read >= FETCH_FROM else 0
    elif not gathered and view.row.length == 1:
        ahead = fetching.rows_ahead(view, reducer, in_size, read)
    return Plan({
        **spec_of(view, reducer, sizes, offsets, swapped, [gathered, scattered]),
        "way": "table" if not row.regular else "slide",
        "walk": "counted" if counting else "stack",
        "row_tile": row_tile,
        "inner_tile": inner_tile,
        "block": block,
        "span": span,
        "ahead": ahead,
        "stack": (piece, most_rows, at_once, one_by_one, few_at_once),
        "cost": view.inner.size * prod(axis.size for axis in view.outer) * prod(axis.n_out for axis in view.pooled)
                * cost,
    })


def _goes_in_lanes(row: Windows, inner: int, in_size: int) -> bool:
    """Whether each window is made of long runs of rows that it does not share."""
    taps = max(LANE_TAPS, LANE_BYTES // in_size)
    return inner == row.dilation == 1 and row.regular and row.stride >= row.taps >= taps


def _counting(column: Windows, most_rows: int, taps: int) -> tuple[int, float] | None:
    """Output rows of a block, and nanoseconds of a median, where histograms are the faster way."""
    if not (column.regular and column.stride == column.dilation == 1 and taps >= COUNTED_TAPS
            and 1 < column.taps <= column.length and most_rows <= min(COUNTED_MOST, PLANES * column.taps)):
        return None
    block = min(column.n_out, max(COUNTED_ROWS, COUNTED_TIMES * column.taps))
    # All blocks are as long, so that threads have as much to do.
    block = -(-column.n_out // -(-column.n_out // block))
    cost = COUNTED_NS + EXCHANGED_NS * (most_rows // column.taps) * (2 + column.taps / block)
    return (block, cost) if cost <= TAP_NS * taps else None
