"""Small planes side by side, as the inner axis: whatever their windows are, each vector has an element of each plane.

What that takes more, turning planes and results, is less than what short rows cost, whose ends come too soon.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

from cypool import _isa, _windows
from cypool._engine import shortcuts, slabs
from cypool._engine.run import Plan
from cypool._engine.spans import WIDE_BYTES, row_span, spec_of, wide_rows
from cypool._engine.tilings import ROW_BYTES, reaches
from cypool._engine.view import Axis, View, point, with_inner_as_row, with_planes_inside, with_rows_as_planes, with_runs

if TYPE_CHECKING:
    from cypool._engine.reducers import Reducer
    from cypool._typing import BothFlags, BothSizes
    from cypool._windows import Windows

# Places of a plane, at most, by bytes of an element.
MOST_PLACES = {1: 1600, 2: 1600, 4: 750, 8: 300}        # of windows at some stride; twice as many where divisors differ
MOST_DIRECT = {1: 1600, 2: 1600, 4: 400, 8: 225}        # of three taps at stride 2, which have a fast way
MOST_BESIDES = {1: 1600, 2: 1024, 4: 200, 8: 24}        # of those that share nothing, merged to one tall plane
MOST_SLIDING = {1: 1600, 2: 1600, 4: 200, 8: 100}       # at stride 1,
MOST_IN_STRIPS = {1: 1600, 2: 1600, 4: 64, 8: 30}       # and there of 3 and 5 taps, on rows as long as a vector
MOST_OF_NARROW = {1: 6400, 2: 3200, 4: 2000, 8: 1000}   # of short rows, see _is_narrow
MOST_OF_VOLUME = {1: 8000, 2: 8000, 4: 2000, 8: 400}
MOST_OF_SHARED = {1: 8000, 2: 8000, 4: 4000, 8: 2000}   # of one whose windows overlap along two axes or more
MOST_OF_ROW = {1: 400, 2: 200, 4: 100, 8: 50}           # of a row that is a plane by itself
MOST_STACKED = {1: 3200, 2: 3200, 4: 1000, 8: 900}      # where a window's taps are stacked
LEAST_STACKED = 16      # outputs of a row, with fewer of which elements of all planes would be gathered one by one:
MOST_GATHERED = {1: 6000, 2: 6000, 4: 5000, 8: 4200}
MOST_ROWS_STACKED = 4   # of windows that make a plane of those that tile and have been merged
MOST_OF_GRADIENT = {1: 3200, 2: 3200, 4: 1600, 8: 800}  # outputs, of windows that overlap,
MOST_REPEATED = {1: 1600, 2: 1600, 4: 800, 8: 200}      # of others,
MOST_OF_VOLUME_GRADIENT = {1: 3200, 2: 3200, 4: 6000, 8: 3000}      # and of volumes
MOST_LABELLED = {1: 900, 2: 500, 4: 330, 8: 150}        # where labels are wanted
# Rows of fewer bytes are short: where windows share taps, where they do not, and at stride 1, without labels. Planes of
# these go side by side as far as so many bytes hold enough of them.
SHORT_ROWS = {"shared": 129, "apart": 64, "sliding": 33}
TOGETHER_BYTES = 2**19
# And at most, where taps meet in another order than elsewhere, so that few planes go side by side, too.
ALONE_PLACES = {1: 400, 2: 400, 4: 800, 8: 200}         # of windows at some stride
ALONE_NARROW = {1: 1000, 2: 1000, 4: 1000, 8: 500}
ALONE_VOLUME = {1: 300, 2: 300, 4: 1000, 8: 400}
ALONE_GRADIENT = {1: 1600, 2: 1600, 4: 1600, 8: 900}     # whichever way windows overlap
# The same at stride 1, where strips or long rows are the other way: of up to three taps, and of more.
ALONE_SLIDING = {1: 200, 2: 200, 4: 64, 8: 30}
ALONE_LONGER = {1: 200, 2: 200, 4: 50, 8: 16}
# Taps at stride 1 of sums of floats, and where there are strips as another way; of a gradient's windows; of uneven
# windows; and those that are folded elsewhere: so many, or so many at strides of 5 and more that leave no gaps.
SLIDING_TAPS = 3, 2
PHASE_TAPS = 3
UNEVEN_TAPS = 2
FOLDED_TAPS = 24, 8
# Rows of so many places and more have a faster way with 2x2 windows side by side, where planes are merged at least.
PAIRS_FROM = {1: 52, 2: 26, 4: 16, 8: 8}
# An inner axis as short as a row of windows apart is taken as the row, of so many planes or more that have at most so
# many bytes without labels, or with them. Without, rows of outputs are shorter than so many, since longer ones go well
# as they are, and floats are summed so in windows along one axis of so many taps, whose order is the same elsewhere.
LEAST_OF_INNER = 16
MOST_OF_INNER = 1024, 2048
SHORT_OF_INNER = 48
INNER_TAPS = 3
# Bytes of a row of outputs whose ends cost most of it, unless windows go straight to the output, ends and all.
SHORT_BYTES = 52
# Planes that there must be, and where fewer do without strips; those of a unit, in steps of so many, at least and at
# most, and their bytes, and those of wide elements at stride 1; these, and the bytes of a place of them, where a
# window's taps are stacked, which takes longer.
LEAST_PLANES = 8
FEW_PLANES = 4
STEP_AT_ONCE = 8
LEAST_AT_ONCE = {1: 16, 2: 16, 4: 8, 8: 8}
MOST_AT_ONCE = 64
BYTES_AT_ONCE = 16384
SLIDING_BYTES = 49152
STACKED_BYTES = 65536
LINE_BYTES = 64
# What an element takes to be turned, there or back.
TURN_NS = 0.1


def small_planes(view: View, reducer: Reducer, sizes: BothSizes, *, labelled: bool) -> View | None:
    """The view with planes as the inner axis, if they had better be pooled side by side."""
    if view.inner.size > 1 and _has_short_inner(view, reducer, sizes[0], labelled=labelled):
        view = with_inner_as_row(view)
    if view.inner.size > 1 or reducer.blend or any(size not in MOST_PLACES for size in sizes):
        return None
    alone = goes_alone(view, reducer, sizes[0])
    if alone:
        view = with_rows_as_planes(view, 1)
    if not alone and not _keeps_order(view, reducer):
        return None
    if not alone and not labelled:
        # What were small planes once, and have been merged.
        first, *others = (axis.windows for axis in view.pooled)
        narrow = _is_narrow(view, sizes[0]) or (reducer.stacked and view.row.n_out < LEAST_STACKED)
        most = MOST_BESIDES[sizes[0]] // max(1, first.stride * prod(windows.length for windows in others))
        if narrow:
            most = max(most, 1)
        if reducer.stacked:
            most = min(most, MOST_ROWS_STACKED)
        if 2 * first.taps > first.stride or narrow:     # else much is turned that no window has
            view = with_rows_as_planes(view, min(most, first.n_out // LEAST_PLANES))
    n_planes = prod(axis.size for axis in view.outer)
    least = LEAST_PLANES
    if alone:
        singly = shortcuts.goes_in_strips(view, reducer, sizes[0]) and _most_at_once(view, reducer) >= STEP_AT_ONCE
        least = FEW_PLANES if singly else 1
    if n_planes < least or not _is_small(view, reducer, sizes[0], labelled=labelled):
        return None
    *arrays, labels = whole_arrays(view, sizes)
    return with_planes_inside(view) if labels and (all(arrays) or not view.planes) else None


def _has_short_inner(view: View, reducer: Reducer, in_size: int, *, labelled: bool) -> bool:
    """Whether an inner axis is so short that planes had better be that instead."""
    windows = [axis.windows for axis in view.pooled if not axis.windows.identity]
    if not windows or view.inner.size * in_size >= SHORT_ROWS["apart"] or reducer.complex_pairs:
        return False
    n_bytes = prod(max(each.length, each.n_out) for each in windows) * view.inner.size * in_size
    if prod(axis.size for axis in view.outer) < LEAST_OF_INNER or n_bytes > MOST_OF_INNER[labelled]:
        return False
    if labelled:
        return True
    row = windows[-1]
    if row.n_out * view.inner.size * in_size >= SHORT_OF_INNER:
        return False
    ordered = not reducer.idempotent and reducer.acc in ("f4", "f8")
    if any(is_gradient(each) for each in windows):
        return not ordered or all(each.most_taps <= 1 for each in windows)
    if len(windows) == 1:
        return row.stride > 1 and not row.tiles and not (ordered and row.most_taps > INNER_TAPS)
    return not ordered


def _keeps_order(view: View, reducer: Reducer) -> bool:
    """Whether taps meet in the same order as elsewhere. Only sums of floats have an order."""
    if reducer.idempotent or reducer.stacked or reducer.acc not in ("f4", "f8"):
        return True
    if slabs.pays(view, reducer):
        return False            # depth first
    if with_runs(view) is not view:
        return False            # rows at once
    windows = [axis.windows for axis in view.pooled]
    row = windows[-1]
    many, apart = FOLDED_TAPS
    if row.phases is None and (row.taps >= many or (row.taps >= apart and row.taps >= row.stride > 4)):
        return False            # folded
    if reducer.costly and any(each.stride == 1 and each.taps > 1 for each in windows):
        return False            # rows are loaded once
    sliding = SLIDING_TAPS[reducer.strips[0] != 0 and sum(each.taps > 1 for each in windows) > 1]
    return all(each.most_taps <= PHASE_TAPS if each.phases is not None
               else each.stride > 1 or each.taps <= sliding if each.regular else each.most_taps <= UNEVEN_TAPS
               for each in windows)


def goes_alone(view: View, reducer: Reducer, in_size: int) -> bool:
    """Whether few planes go side by side as many do, or at least not in strips, because taps meet in another order
    elsewhere: a batch gives the same bits as its parts. A plane by itself takes up to two microseconds more so.

    Planes that their windows tile have been merged: then what one row of windows reads is a plane."""
    view = with_rows_as_planes(view, 1)
    windows = [axis.windows for axis in view.pooled if not axis.windows.identity]
    if view.inner.size > 1 or all(each.tiles for each in windows) or _keeps_order(view, reducer):
        return False
    most = ALONE_PLACES
    if any(is_gradient(each) for each in windows):
        most = ALONE_GRADIENT
    elif view.planes:
        most = ALONE_VOLUME
    elif _is_narrow(view, in_size):
        most = ALONE_NARROW
    elif windows[-1].regular and windows[-1].stride == 1 and (
            len(windows) == 1 or shortcuts.goes_in_strips(view, reducer, in_size)):
        most = ALONE_SLIDING if windows[-1].taps <= 3 or len(windows) == 1 else ALONE_LONGER
    positions = ROW_BYTES // (MOST_AT_ONCE * reducer.acc_size)
    if any(each.phases is not None and not reaches(each.phases, positions) for each in windows):
        return False            # with fewer planes, rows would be woven
    outputs, places = prod(each.n_out for each in windows), prod(each.length for each in windows)
    return max(places, outputs) <= most[in_size] and _is_small(view, reducer, in_size, labelled=False)


def whole_arrays(view: View, sizes: BothSizes) -> list[bool]:
    """Whether a plane of the input, of the output and of the labels, if there are any, is one run of elements."""
    whole = [True, True, True]
    steps = [*sizes, shortcuts.LABEL_BYTES]
    for axis in reversed(view.pooled):
        strides = axis.in_stride, axis.out_stride, axis.label_stride
        for i, (stride, length) in enumerate(zip(strides, (axis.size, axis.n_out, axis.n_out), strict=True)):
            whole[i] &= length == 1 or stride == steps[i] or (i == 2 and stride == 0)
            steps[i] *= length
    return whole


def _is_narrow(view: View, in_size: int) -> bool:
    """Whether a row of outputs does not fill a vector, or is so short that what its ends cost is most of it."""
    row = view.row.windows
    if not row.regular or row.length == 1:
        return False
    whole = row.whole == (0, row.n_out)
    if row.n_out * in_size < shortcuts.STRIP_BYTES:
        return True
    if row.stride == 1:
        return row.taps == 2 and not whole and row.n_out * in_size < SHORT_BYTES
    direct = (row.taps == 3 and row.stride == 2) or (row.taps == row.stride and row.taps in (2, 4) and whole)
    return not direct and row.length * in_size < 2 * SHORT_BYTES


def is_gradient(row: Windows) -> bool:
    """Whether there are more outputs than inputs."""
    return row.phases is not None or (row.table is not None and row.n_out > row.length)


def _share(view: View) -> bool:
    """Whether some windows of a gradient have inputs in common."""
    return any(axis.windows.most_taps > 1 for axis in view.pooled)


def _has_short_rows(view: View, in_size: int, *, labelled: bool) -> bool:
    """Whether the ends of rows are so much of the work that large planes had better go side by side, too."""
    row = view.row.windows
    windows = "apart"
    if is_gradient(row) and _share(view):
        windows = "shared"
    elif row.regular and row.stride < row.taps:
        windows = "sliding" if row.stride == 1 and not labelled else "shared"
    return max(row.length, row.n_out) * in_size < SHORT_ROWS[windows]


def _is_small(view: View, reducer: Reducer, in_size: int, *, labelled: bool) -> bool:
    """Whether a plane is so small that this is faster than other ways."""
    if any(axis.windows.weights is not None or axis.windows.varied for axis in view.pooled):
        return False
    row = view.row.windows
    places = prod(axis.windows.length for axis in view.pooled)
    short = _has_short_rows(view, in_size, labelled=labelled)
    most_of_unit = TOGETHER_BYTES // (in_size * LEAST_AT_ONCE[in_size]) if short else 0
    if places == 0 or (row.most_taps <= 1 and row.phases is None and not row.regular):
        return False
    if is_gradient(row):
        outputs = prod(axis.n_out for axis in view.pooled)
        of_plane = MOST_OF_GRADIENT if _share(view) else MOST_REPEATED
        most = MOST_OF_VOLUME_GRADIENT[in_size] if view.planes else of_plane[in_size]
        return outputs <= max(most, most_of_unit) and not shortcuts.spreads(view, reducer, in_size)
    if labelled and (view.planes or places == row.length):
        outputs = prod(axis.n_out for axis in view.pooled)
        return places * in_size + outputs * shortcuts.LABEL_BYTES <= TOGETHER_BYTES // LEAST_AT_ONCE[in_size]
    if places == row.length:
        return places <= MOST_OF_ROW[in_size]
    if reducer.stacked:
        return places <= (MOST_STACKED if row.n_out >= LEAST_STACKED else MOST_GATHERED)[in_size]
    if view.planes:
        overlapping = [axis for axis in view.pooled if axis.windows.regular and axis.windows.stride < axis.windows.taps]
        most_of_volume = MOST_OF_SHARED if len(overlapping) > 1 else MOST_OF_VOLUME
        return places <= max(most_of_volume[in_size], most_of_unit)
    if places <= most_of_unit:
        return True
    if labelled:
        return places <= MOST_LABELLED[in_size]
    if _is_narrow(view, in_size) and places <= MOST_OF_NARROW[in_size]:
        return True
    inside = all(axis.windows.whole == (0, axis.n_out) for axis in view.pooled)
    if row.regular and row.stride == 1 and (row.taps > 2 or inside):
        in_strips = row.taps in (3, 5) and row.n_out * in_size >= shortcuts.STRIP_BYTES
        return places <= (MOST_IN_STRIPS if in_strips else MOST_SLIDING)[in_size]
    if row.taps == row.stride == 2 and inside and row.length >= PAIRS_FROM[in_size]:
        return places <= MOST_BESIDES[in_size] and not view.pooled[0].windows.tiles
    if (row.taps, row.stride) == (3, 2):
        return places <= MOST_DIRECT[in_size]
    uneven = not reducer.divisor and not all(axis.windows.even for axis in view.pooled)
    return places <= MOST_PLACES[in_size] * (2 if uneven else 1)


def _most_at_once(view: View, reducer: Reducer) -> int:
    """Planes side by side at most, so that whether all rows are in scratch at once does not depend on how many they
    are."""
    rows = wide_rows(view.column.windows, reducer)
    return WIDE_BYTES // (rows * row_span(view.row.windows) * reducer.acc_size) if rows else MOST_AT_ONCE


def _planes_at_once(view: View, reducer: Reducer, in_size: int) -> int:
    """Of the inner axis, in units of the same size."""
    most, n_bytes = MOST_AT_ONCE, BYTES_AT_ONCE
    least = LEAST_AT_ONCE[in_size]
    if view.row.windows.stride == 1 and in_size >= 4:
        n_bytes = SLIDING_BYTES
    if reducer.stacked:
        least, n_bytes = max(least, LINE_BYTES // in_size), STACKED_BYTES
    places, outputs = prod(axis.windows.length for axis in view.pooled), prod(axis.n_out for axis in view.pooled)
    n = min(n_bytes // (places * in_size), TOGETHER_BYTES // (outputs * in_size))
    if not _keeps_order(view, reducer):
        least, n = STEP_AT_ONCE, min(n, _most_at_once(view, reducer))
    n = max(least, min(most, n // least * least))
    n_units = -(-view.inner.size // n)
    return -(-view.inner.size // n_units // STEP_AT_ONCE) * STEP_AT_ONCE


def within(view: View, reducer: Reducer, sizes: BothSizes) -> View:
    """The view of a unit: a plane's axes, and an inner one as long as there are planes."""
    n = _planes_at_once(view, reducer, sizes[0])
    steps = [n * size for size in (*sizes, shortcuts.LABEL_BYTES)]
    pooled: list[Axis] = []
    for axis in reversed(view.pooled):
        pooled.insert(0, replace(axis, in_stride=steps[0], out_stride=steps[1], label_stride=steps[2]))
        steps = [steps[0] * axis.windows.length, steps[1] * axis.n_out, steps[2] * axis.n_out]
    *planes, column, row = pooled
    return View([], planes, column, row, Axis(n, *sizes, shortcuts.LABEL_BYTES))


def across_plan(view: View, inside: Plan, reducer: Reducer, sizes: BothSizes, aligned: BothFlags, swapped: BothFlags,
                offsets: BothSizes) -> Plan:
    """The Plan for a view with planes as the inner axis, of a Plan for some of them side by side."""
    apart = [not (is_whole and is_aligned) or is_swapped for is_whole, is_aligned, is_swapped in zip(
        whole_arrays(view, sizes)[:2], aligned, swapped, strict=True)]
    table = _isa.kernels().turns.TURNS
    turned = sum(prod(lengths) for lengths in zip(*((axis.windows.length, axis.n_out) for axis in view.pooled)))
    return plan_around(inside, view, reducer, sizes, offsets, swapped, apart,
                       at_once=_planes_at_once(view, reducer, sizes[0]), each_ns=TURN_NS * turned,
                       turns=(table[sizes[0]], table[sizes[1]], table[shortcuts.LABEL_BYTES]))


def plan_around(inside: Plan, view: View, reducer: Reducer, sizes: BothSizes, offsets: BothSizes, swapped: BothFlags,
                apart: list[bool], *, at_once: int, each_ns: float, turns: tuple[int, int, int] | None) -> Plan:
    """The Plan for a view with planes as the inner axis, of a Plan for so many of them; with what each of them takes
    besides, and what turns them, or None if they change instead."""
    n_outer, n_planes = prod(axis.size for axis in view.outer), view.inner.size
    if all(whole_arrays(view, sizes)[:2]):
        # All that counts is how many places there are.
        places, outputs = prod(axis.windows.length for axis in view.pooled), prod(axis.n_out for axis in view.pooled)
        run = Axis(places, *sizes, pooling=_windows.Windows(places, outputs, 0, 1, 1, 1, 0, places))
        view = View(view.outer, [], point(0), run, view.inner)
    return Plan({
        **spec_of(view, reducer, sizes, offsets, swapped, apart),
        "way": "table",
        "walk": "across",
        "row_tile": view.row.n_out,
        "inner_tile": at_once,
        "block": view.column.n_out,
        "span": view.row.length,
        "cost": n_outer * (inside.cost * -(-n_planes // at_once) + each_ns * n_planes),
        "within": inside,
        "turns": turns,
    })
