"""From a view and a reducer to a plan: the way to walk the arrays, and how much of them at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cypool._engine import across, changed, foresight, reducers, shortcuts, slabs, slim
from cypool._engine.chains import Chain, chain, wide_chain
from cypool._engine.run import Plan
from cypool._engine.spans import apart, input_bytes, output_bytes, spec_of
from cypool._engine.stacking import stack_plan
from cypool._engine.tilings import ROW_BYTES, Tiling, in_lanes, is_run, tiling_of
from cypool._engine.view import with_planes_inside, with_pooled_row, with_rows_as_column, with_runs

if TYPE_CHECKING:
    from typing import Any

    from cypool._engine.reducers import Reducer
    from cypool._engine.view import Axis, View
    from cypool._typing import BothFlags, BothSizes
    from cypool._windows import Windows

# Accumulators whose windows along a row are folded in vectors.
FOLDED = "f4", "f8"
# Bytes of the widest vectors, and so many of these a row has at least, by the levels of windows in them, if rows are
# passed one by one: each level takes a row one vector more.
WIDEST = 64
VECTORS_OF_ROW = {3: 2, 4: 4, 6: 18}
# Bytes of a row of a gradient with channels, of which some had better go at once.
SHORT_GRADIENT = 2048
# What a costly load takes for an element.
COSTLY_NS = 4
# Outputs of more bytes do not stay in the cache.
STREAM_FROM = 2**24

# Inputs of so many bytes are read from memory, or nearly. There, long windows of inner rows are read in sequence, a row
# after the other: so many taps, at most one window an element, rows long enough for a call each, and a row of
# accumulators that stays in a first level cache.
SEQUENCE_FROM = 2**23
SEQUENCE_ROWS = 5
SEQUENCE_BYTES = (1024, 16384)


def make_plan(view: View, reducer: Reducer, *, sizes: BothSizes, aligned: BothFlags, swapped: BothFlags, labelled: bool,
              offsets: BothSizes = (0, 0)) -> Plan:
    """The Plan for a view.

    `sizes` are the bytes of an element of the input and of the output; `aligned` and `swapped` say of each whether
    its elements stand at multiples of their size, and in the other byte order. `offsets` are the bytes from the arrays'
    first elements to the view's.
    """
    if reducer.unbounded is not None:
        unbounded = make_plan(view, reducer.unbounded, sizes=sizes, aligned=aligned, swapped=swapped,
                              labelled=labelled, offsets=offsets)
        if swapped[0] or not aligned[0]:
            return unbounded    # numbers are looked at where they stand
        plan = make_plan(view, replace(reducer, unbounded=None), sizes=sizes, aligned=aligned, swapped=swapped,
                         labelled=labelled, offsets=offsets)
        plan.unbounded = unbounded
        return plan
    changes = not labelled and changed.pays(view, reducer, sizes, aligned, swapped)
    planes = None
    if not (changes and changed.is_large(view, reducer)):
        planes = across.small_planes(view, reducer, sizes, labelled=labelled)
    if planes is not None and not labelled and slim.goes_slim(planes, reducer, sizes, aligned, swapped):
        return slim.slim_plan(planes, reducer, sizes, offsets)
    if planes is not None:
        within = across.within(planes, reducer, sizes)
        if reducer.stacked:
            inside = stack_plan(within, reducer, sizes, (True, True), (False, False), (0, 0))
        else:
            inside = Plan(_spec(within, reducer, sizes, (True, True), (False, False), labelled=labelled, inside=True))
        return across.across_plan(planes, inside, reducer, sizes, aligned, swapped, offsets)
    if reducer.stacked:
        return stack_plan(view, reducer, sizes, aligned, swapped, offsets)
    if changes:
        assert reducer.changed is not None
        size = reducer.changed.acc_size
        inside = Plan(_spec(changed.within(view, size), reducer.changed, (size, size), (True, True), (False, False),
                            inside=True))
        return changed.changed_plan(view, inside, reducer, sizes, swapped, offsets)
    if reducer.acc in FOLDED and not labelled and not across.goes_alone(view, reducer, sizes[0]):
        view = with_runs(view)
    rows = with_rows_as_column(view)
    if rows is not view and (reducer.blend or (not labelled and (
            view.inner.size == 1 or is_run(view, reducer) or shortcuts.goes_along(rows, reducer, sizes[0])
            or (across.is_gradient(view.row.windows)
                and view.row.n_out * view.inner.size * sizes[1] <= SHORT_GRADIENT)))):
        view = rows
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
    walk = _passes(view, reducer, sizes) if shortcut == "along" and _has_order(reducer) else ""
    if walk == "flat" or (walk == "direct" and view.inner.size > 1):
        # There windows at the ends of rows have no tap outside, of which a zero would be without a sign.
        reducer = replace(reducer, identity=np.array(-0.0, reducer.acc).tobytes())
    if shortcut in ("direct", "repeat"):
        view = with_pooled_row(view)
    elif shortcut == "spread":
        view = with_planes_inside(view)
    lanes = not shortcut and not inside and is_run(with_pooled_row(view), reducer)
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
        tiling = in_lanes(view, in_size)
    else:
        tiling = tiling_of(view, reducer, shortcut, (in_size, out_size), gathered=gathered, labelled=labelled,
                           at_once=most_rows is None or most_rows >= view.column.n_out)
    if most_rows:
        tiling = replace(tiling, block=min(tiling.block, most_rows))
    walk = tiling.walk
    uneven = (not reducer.divisor and any(not axis.windows.even for axis in view.pooled)) or _counts_taps(view, reducer)
    finish_first = (tiling.way == "weave" and row.phases is not None and row.phases.most == 1
                    and reducer.in_place and not uneven and len(reducer.loads) == 1 and walk == "block")
    read = input_bytes(view, in_size)

    return {
        **spec_of(view, reducer, (in_size, out_size), offsets, swapped, [gathered, scattered]),
        "labelled": labelled,
        "uneven": uneven,
        "finish_first": finish_first,
        **{name: getattr(tiling, name) for name in Tiling.__slots__},
        "chains": (_row_chain(row, reducer, tiling) if tiling.way == "widen" else None,
                   chain(view.column.windows.taps, overlapping=reducer.idempotent) if walk == "wide" else None),
        "touched": (row.length > 1 or (walk == "block" and tiling.ahead != 0)) and not gathered and (
            foresight.touches_strips(read, bare=tiling.bare or walk == "along") if walk in ("strips", "along")
            else foresight.touches_rows(read)),
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
    """Another walk without passes that the windows can take, or nothing: "strips", "along", "spread", "direct" or
    "repeat"."""
    if labelled:
        view = with_pooled_row(view)
        if reducer.widths[0]:
            goes = shortcuts.goes_labelled(view, reducer, shortcuts.FLOAT_BYTES)
        else:
            goes = shortcuts.goes_labelled(view, reducer, sizes[0]) and not any(apart(view, sizes, aligned, swapped))
        return "direct" if goes else ""
    if shortcuts.goes_in_strips(view, reducer, sizes[0]) and not across.goes_alone(view, reducer, sizes[0]):
        return "strips"
    if shortcuts.goes_along(view, reducer, sizes[0]) and not any(apart(view, sizes, aligned, swapped)) and (
            not _has_order(reducer) or _passes(view, reducer, sizes) in ("direct", "block", "flat")):
        return "along"
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


def _has_order(reducer: Reducer) -> bool:
    """Whether it matters in which order taps meet: sums of floats."""
    return not reducer.idempotent and reducer.acc in FOLDED


def _passes(view: View, reducer: Reducer, sizes: BothSizes) -> str:
    """The walk of what goes along rows here, in other copies. Of direct ones, those whose windows lack a tap at most at
    the ends of a row: others are pooled there one by one."""
    if shortcuts.goes_direct(with_pooled_row(view), reducer, sizes[0]):
        row = view.row.windows
        return "direct" if row.origin >= -row.dilation and row.end <= row.length + row.dilation else "singly"
    return tiling_of(view, reducer, "", sizes, gathered=False, labelled=False, at_once=True).walk


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


def _row_chain(row: Windows, reducer: Reducer, tiling: Tiling) -> Chain:
    """How long windows along a row are made, in registers where there are such a kernel and lanes enough."""
    step = row.dilation * tiling.inner_tile * reducer.acc_size
    wide = wide_chain(row.taps, WIDEST // step) if reducer.widen else None
    one_by_one = tiling.walk in ("stream", "columns", "move")
    row_bytes = tiling.row_tile * tiling.inner_tile * reducer.acc_size
    if wide and one_by_one and row_bytes < WIDEST * VECTORS_OF_ROW[len(wide.wider_by)]:
        wide = None
    return wide or chain(row.taps, overlapping=reducer.idempotent)


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
