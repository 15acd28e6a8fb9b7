"""Planes whose elements change first, some planes at a time, and whose results change back: 16-bit floats, which become
float32 for means, and integer keys for maxima, where windows at stride 1 of such need no passes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cypool._engine import across, shortcuts
from cypool._engine.view import Axis, View, with_planes_inside, with_pooled_row

if TYPE_CHECKING:
    from cypool._engine.reducers import Reducer
    from cypool._engine.run import Plan
    from cypool._typing import BothFlags, BothSizes

# Bytes of the changed planes of a unit, and of one, with its results.
UNIT_BYTES = 2**17
PLANE_BYTES = 2**18
# Taps of a row, and places of a plane, from which on means take less time so than side by side.
LARGE_TAPS = 3
LARGE_PLACES = 400
# Taps of maxima that take no longer as they are, where a row has as many outputs as inputs.
FLAT_TAPS = 3
# What an element takes to change, there or back.
CHANGE_NS = 0.05


def pays(view: View, reducer: Reducer, sizes: BothSizes, aligned: BothFlags, swapped: BothFlags) -> bool:
    """Whether to change planes and results takes less than passes do."""
    inside = reducer.changed
    row = view.row.windows
    if (inside is None or view.inner.size > 1 or view.planes or row.stride > 1
            or inside.acc_size * _elements(view) > PLANE_BYTES):
        return False
    if reducer.idempotent:
        return (all(across.whole_arrays(view, sizes)[:2]) and all(aligned) and not any(swapped)
                and not (row.taps <= FLAT_TAPS and row.n_out == row.length)
                and shortcuts.goes_along(view, inside, inside.acc_size))
    # However arrays lie: elsewhere, sums meet in another order.
    return (shortcuts.goes_in_strips(view, inside, inside.acc_size)
            or shortcuts.goes_along(view, inside, inside.acc_size)
            or shortcuts.goes_direct(with_pooled_row(view), inside, inside.acc_size))


def is_large(view: View, reducer: Reducer) -> bool:
    """Whether planes that could go side by side take less time so."""
    return (not reducer.idempotent and view.row.windows.taps >= LARGE_TAPS
            and view.column.windows.length * view.row.windows.length >= LARGE_PLACES)


def _elements(view: View) -> int:
    """Of a plane, and its results."""
    return view.column.windows.length * view.row.windows.length + view.column.n_out * view.row.n_out


def _planes_at_once(view: View, n_planes: int, size: int) -> int:
    """In units of the same size."""
    most = max(1, min(n_planes, UNIT_BYTES // (size * _elements(view))))
    return -(-n_planes // -(-n_planes // most))


def within(view: View, size: int) -> View:
    """The view of a unit: changed planes that follow each other."""
    row = replace(view.row, in_stride=size, out_stride=size)
    column = replace(view.column, in_stride=size * row.windows.length, out_stride=size * row.n_out)
    n = _planes_at_once(view, max((axis.size for axis in view.outer), default=1), size)
    plane = Axis(n, column.in_stride * column.windows.length, column.out_stride * column.n_out)
    return replace(view, outer=[plane], column=column, row=row)


def changed_plan(view: View, inside: Plan, reducer: Reducer, sizes: BothSizes, swapped: BothFlags,
                 offsets: BothSizes) -> Plan:
    """The Plan for a view, of a Plan for some changed planes."""
    assert reducer.changed is not None
    view = with_planes_inside(view)
    pack, unpack = reducer.widths
    return across.plan_around(
        inside, view, replace(reducer, pack=pack, unpack=unpack), sizes, offsets, swapped, [False, False],
        at_once=_planes_at_once(view, view.inner.size, reducer.changed.acc_size), each_ns=CHANGE_NS * _elements(view),
        turns=None)
