"""Small planes whole, in wide vectors (slim.pyx): which ones, and the tables of what a plane's steps load and take."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from cypool import _isa
from cypool._engine.run import Plan
from cypool._engine.slabs import is_plain
from cypool._engine.spans import spec_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cypool._engine.reducers import Reducer
    from cypool._engine.view import View
    from cypool._typing import BothFlags, BothSizes, Positions
    from cypool._windows import Windows

# Taps of a window along both axes.
TAPS = 2, 3
# Rows of windows of a plane at most: its steps stay in a first level cache. Their offsets are 32 bits wide.
MOST_ROWS = 256
MOST_BYTES = 2**31
# Results of a step, at least: with fewer, planes side by side take less time.
LEAST_RESULTS = 8
# Bytes of the planes that are one unit of work.
UNIT_BYTES = 32768
# What a step takes, twice over, as much as other estimates are above what they estimate.
STEP_NS = 8
OUTSIDE = -1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Steps:
    """The tables of the kernel: what each step loads and stores; and for each tap the lanes of a step's results."""

    steps: NDArray[np.int32]
    places: NDArray[np.int32]
    two: bool       # vectors that a step has


def goes_slim(view: View, reducer: Reducer, sizes: BothSizes, aligned: BothFlags, swapped: BothFlags) -> bool:
    """Whether planes, which are the inner axis, are pooled so. Bits are those of planes side by side."""
    lanes = _lanes()
    if not (reducer.slim and not view.planes and all(aligned) and not any(swapped)):
        return False
    column, row = view.column, view.row
    if column.windows.most_taps != row.windows.most_taps or row.windows.most_taps not in TAPS:
        return False
    if not all(is_plain(axis.windows) and (reducer.idempotent or (axis.windows.regular and axis.windows.even))
               for axis in (column, row)):
        return False
    longest = lanes - 1 if row.windows.tiles else 2 * lanes     # where windows share nothing, halves gain nothing
    padded = not reducer.idempotent and row.windows.whole != (0, row.n_out)
    if column.n_out > MOST_ROWS or row.n_out > lanes or row.length + padded > longest:
        return False
    if _rows_at_once(view, sizes[0], lanes, padded=padded)[0] * row.n_out < LEAST_RESULTS:
        return False
    return (row.in_stride == sizes[0] and row.out_stride == sizes[1] and column.out_stride == row.n_out * sizes[1]
            and min(column.in_stride, view.inner.in_stride) > 0 and column.in_stride % sizes[0] == 0
            and column.in_stride * column.length < MOST_BYTES)


def slim_plan(view: View, reducer: Reducer, sizes: BothSizes, offsets: BothSizes) -> Plan:
    """The Plan for such a view."""
    elements = prod(axis.length for axis in view.pooled) + prod(axis.n_out for axis in view.pooled)
    n_planes = view.inner.size * prod(axis.size for axis in view.outer)
    steps = steps_of(view, sizes[0], _lanes(), idempotent=reducer.idempotent)
    return Plan({
        **spec_of(view, reducer, sizes, offsets, (False, False), [False, False]),
        "way": "table",
        "walk": "slim",
        "row_tile": view.row.n_out,
        "inner_tile": max(1, min(view.inner.size, UNIT_BYTES // (elements * sizes[0]))),
        "block": view.column.n_out,
        "span": view.row.length,
        "cost": n_planes * len(steps.steps) * STEP_NS,
        "slim": steps,
    })


def steps_of(view: View, in_size: int, lanes: int, *, idempotent: bool) -> Steps:
    """The steps of a plane: each is of one row of windows in one vector or two, of two rows in a vector each, or of
    several in one vector. Taps outside are others of their window where one may be met twice, else the identity."""
    column, width, n_out = view.column, view.row.length, view.row.n_out
    row_step = column.in_stride // in_size
    columns = _positions(view.row.windows, twice=idempotent)
    padded = bool((columns == OUTSIDE).any())
    at_once, pair = _rows_at_once(view, in_size, lanes, padded=padded)
    rows = _positions(column.windows, twice=idempotent and (pair or at_once == 1))

    # Of both vectors, the row of the step and the column of the plane that each lane has.
    lane = np.arange(2 * lanes)
    lane_row, lane_column = np.divmod(lane, lanes if pair else width)
    used = (lane_column < width) & (lane_row < at_once)
    free = int(np.argmin(used))         # has the identity, unless vectors are loaded whole
    place = np.full((at_once, width - OUTSIDE), free)
    place[lane_row[used], lane_column[used]] = lane[used]
    result = np.minimum(np.arange(lanes), at_once * n_out - 1)
    places = place[result // n_out, columns[result % n_out].T]
    two = bool(used[lanes:].any()) or (padded and free == lanes)

    # The last step may have fewer rows; what takes their place is not stored.
    n_steps = -(-len(rows) // at_once)
    missing = n_steps * at_once - len(rows)
    rows = np.concatenate([rows, rows[len(rows) - missing:] if pair else np.full_like(rows[:missing], OUTSIDE)])
    taken = rows.reshape(n_steps, at_once, -1)[:, np.where(used, lane_row, 0)]
    inside = used[:, None] & (taken != OUTSIDE)
    first = np.arange(n_steps) * at_once * n_out
    n_results = np.minimum(at_once * n_out, column.n_out * n_out - first)
    whole = (inside == used[:, None]).all((1, 2)) & (not padded)
    loads = _loads(taken * row_step + (lane_column - lane % lanes)[:, None], inside, lanes)
    steps = np.column_stack([first, (1 << n_results) - 1, whole, loads])
    return Steps(np.ascontiguousarray(steps, np.int32), np.ascontiguousarray(places, np.int32), two)


def _loads(origins: Positions, inside: NDArray[np.bool_], lanes: int) -> Positions:
    """Where each vector of a step begins, for each tap, and the mask of its lanes. Of both vectors' lanes and all taps,
    `origins` says where one would begin that has the lane's element there, and `inside` whether it is wanted."""
    n_steps, _, taps = inside.shape
    begins = np.where(inside, origins, -MOST_BYTES).reshape(n_steps, 2, lanes, taps).max(2)
    masks = (inside.reshape(n_steps, 2, lanes, taps) * (1 << np.arange(lanes))[:, None]).sum(2)
    return np.stack([np.where(masks, begins, 0), masks], -1).reshape(n_steps, -1)


def _lanes() -> int:
    """Floats of a vector, where there are such kernels."""
    return kernels.LANES if (kernels := _isa.kernels().slim) else 0


def _rows_at_once(view: View, in_size: int, lanes: int, *, padded: bool) -> tuple[int, bool]:
    """Rows of windows of a step, and whether each has a vector of its own, of which a lane is left for the padding."""
    column, width, n_out = view.column, view.row.length, view.row.n_out
    if column.windows.regular and column.windows.stride == 1 and column.in_stride == width * in_size:
        # Of the rows of several, those of the same tap follow each other in memory.
        packed = min((lanes - padded) // width, lanes // n_out, column.n_out)
        if packed > 1:
            return packed, False
    pair = width + padded <= lanes and 2 * n_out <= lanes
    return (2, True) if pair else (1, False)


def _positions(windows: Windows, *, twice: bool) -> Positions:
    """The positions of each window's taps; OUTSIDE, or that of the nearest of its taps that is inside, if it is met
    twice: so the first of equal ones stays the first."""
    starts = windows.origin + np.arange(windows.n_out) * windows.stride
    counts = np.full_like(starts, windows.taps)
    if windows.table is not None:
        starts, counts = windows.table.starts, windows.table.counts
    taps = np.arange(windows.most_taps)
    positions = starts[:, None] + taps * windows.dilation
    inside = (taps < counts[:, None]) & (positions >= 0) & (positions < windows.length)
    if not twice:
        return np.where(inside, positions, OUTSIDE)
    first = np.where(inside, positions, windows.length).min(axis=1, keepdims=True)
    last = np.where(inside, positions, OUTSIDE).max(axis=1, keepdims=True)
    nearest: Positions = np.clip(positions, first, last)
    return nearest
