"""How far ahead of what is read memory is fetched, by the walk that reads it; 0 where it is not."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from cypool._engine import foresight, shortcuts

if TYPE_CHECKING:
    from cypool._engine.reducers import Reducer
    from cypool._engine.view import View

FETCH_BYTES = 8192
FETCH_FAR = 65536           # a later output's rows are, at most
# Inputs of fewer bytes are in a third level cache: there, fetches slow windows of inner rows that share columns.
SHARED_FROM = 2**24
# Rows of neighbours that are read by turns are not foreseen from so many bytes an output on, in one plane; of several
# axes of planes if each is shorter than FORESEEN_BYTES, as are those along an axis at stride 1.
TURNS_BYTES = 512
FORESEEN_BYTES = 2048
FEW_ROWS = 16
# Rows of so many bytes are foreseen, or read in order one output ahead.
LONG_ROWS = 16384


def goes_in_pieces(view: View, reducer: Reducer, in_size: int, n_bytes: int, *, labelled: bool) -> bool:
    """Whether windows of neighbours that go straight from an input of n_bytes to the output do so piece by piece,
    between which what later ones read is fetched: those with labels, and those along a row of many neighbours."""
    if view.inner.size == 1 or not foresight.fetches_far(n_bytes):
        return False
    if labelled:
        return reducer.winners != reducer.ranked and _rows_read(view) > 1
    return _lie_in_a_row(view) and view.row.windows.stride > 1 and view.inner.size * in_size >= FORESEEN_BYTES


def direct_ahead(view: View, reducer: Reducer, in_size: int, n_bytes: int, *, labelled: bool) -> int:
    """Of windows that go straight from an input of n_bytes to the output."""
    if shortcuts.shares_columns(view):
        return fetched_ahead(view) if n_bytes >= SHARED_FROM else 0
    if goes_in_pieces(view, reducer, in_size, n_bytes, labelled=labelled):
        return fetched_ahead(view, each=True)
    if view.inner.size > 1 and not labelled:
        if _lie_in_a_row(view) and view.row.windows.stride == 1 and view.inner.size * in_size >= FORESEEN_BYTES:
            return 0        # one after the other, they are foreseen
        if reducer.direct_inner or _lie_in_a_row(view):
            return fetched_ahead(view, each=True) if foresight.fetches_far(n_bytes) else 0
        if _by_turns(view) and reducer.plain and not reducer.direct_blocks:
            return fetched_ahead(view, foresight.turns_ahead(n_bytes))
    return fetched_ahead(view)


def rows_ahead(view: View, reducer: Reducer, in_size: int, n_bytes: int) -> int:
    """Of rows that are combined, of an input of n_bytes. Where numbers are looked at before, they are in cache."""
    row_bytes = view.row.length * view.inner.size * in_size
    if not foresight.fetches_far(n_bytes) or reducer.bounded or row_bytes >= LONG_ROWS:
        return 0
    if view.row.length == 1 and _is_foreseen(view, row_bytes):
        return 0
    return fetched_ahead(view, each=True)


def fetched_ahead(view: View, n_bytes: int = FETCH_BYTES, *, each: bool = False) -> int:
    """About n_bytes: what stands in the same place of a later output's rows; or just of a later row or position, where
    `each` is read by itself and outputs are too far apart.

    Where windows have several planes, and these are small, it is that of the next planes' output.
    """
    if n_bytes == 0:
        return 0
    for axis in [*view.planes, view.column, *([view.row] if each else [])]:
        step = axis.windows.stride * axis.in_stride
        if each and abs(step) > FETCH_FAR and axis.windows.stride <= axis.windows.most_taps:
            step = axis.in_stride
        if axis.n_out > 1 and axis.windows.most_taps > 1 and 0 < abs(step) <= FETCH_FAR:
            return step * max(1, round(n_bytes / abs(step)))
    return n_bytes


def _lie_in_a_row(view: View) -> bool:
    return all(axis.windows.most_taps == 1 for axis in [*view.planes, view.column])


def _rows_read(view: View) -> int:
    """How many rows a window has that those before it in the column have not read."""
    column = view.column.windows
    return prod(axis.windows.most_taps for axis in view.planes) * min(column.stride, column.most_taps)


def _is_foreseen(view: View, row_bytes: int) -> bool:
    """Whether a processor foresees what is read of rows of neighbours: in one plane one after the other, or little at a
    time; in planes long ones, along one axis no more than a few."""
    n_rows = _rows_read(view)
    if len(view.planes) > 1:
        return row_bytes >= FORESEEN_BYTES
    if view.planes:
        return row_bytes >= 2 * FORESEEN_BYTES and n_rows <= FEW_ROWS
    return n_rows == 1 or n_rows * row_bytes < TURNS_BYTES


def _by_turns(view: View) -> bool:
    """Whether these are two or more of one plane, of neighbours by turns."""
    column = view.column.windows
    return min(column.stride, column.taps if column.dilation == 1 else 1) > 1
