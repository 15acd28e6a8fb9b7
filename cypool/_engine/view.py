"""The canonical view of a call's arrays: every layout as outer x planes x column x row x inner (see job.pxd).

Axes are sorted by stride, and merged where they are contiguous. Nothing here looks at data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING

from cypool import _windows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cypool._typing import Positions
    from cypool._windows import Windows

# From this many bytes on, the inner axis is long enough to be combined by itself; where windows at stride 1, or those
# of a gradient, share what a row of them has made; and where most of them, of a gradient without a rule, are copies.
LONG_INNER = 64
LONG_SHARED = 256
LONG_COPIED = 1024
# The same where windows of several axes, of up to so many taps, are combined at once; each element may be in so many.
INNER_OF_TAPS = (4, 64), (16, 128), (float("inf"), 512)
OVERLAP = 2.25
# Windows of whole rows are runs if a position is in no more than so many on average.
MOST_SHARED = 2
# What is between two of them is in scratch as well, so no more than so much, unless they are long.
RUNS_APART = 2**16
# Outputs, at most, of two axes that are made one whose only position all of them read: there is a table of them.
MOST_SPREAD = 2**14

_WHOLE = _windows.Windows(1, 1, 0, 1, 1, 1, 0, 1)


@dataclass(slots=True, eq=False, repr=False)
class Axis:
    """One axis of the arrays: its size in the input, its strides in bytes, and its windows if it is pooled."""

    size: int
    in_stride: int
    out_stride: int
    label_stride: int = 0
    pooling: Windows | None = None
    label: int = 0
    pair: bool = False      # of a complex number, which always comes last

    @property
    def n_out(self) -> int:
        return self.size if self.pooling is None else self.pooling.n_out

    @property
    def dim(self) -> tuple[int, int, int, int]:
        return self.n_out, self.in_stride, self.out_stride, self.label_stride

    def turn(self) -> tuple[int, int]:
        """Let the axis begin where it ended; gives the bytes that lead there, of the input and of the output."""
        offsets = (self.size - 1) * self.in_stride, (self.n_out - 1) * self.out_stride
        self.in_stride, self.out_stride = -self.in_stride, -self.out_stride
        if self.pooling is not None:
            self.pooling = self.pooling.mirrored()
        return offsets

    @property
    def windows(self) -> Windows:
        """Those of an axis that is pooled."""
        assert self.pooling is not None
        return self.pooling

    # What follows is what Plan reads of a pooled axis.

    @property
    def length(self) -> int:
        return self.windows.length

    @property
    def rule(self) -> tuple[int, int, int, int]:
        return self.windows.origin, self.windows.stride, self.windows.taps, self.windows.dilation

    @property
    def cells(self) -> tuple[int, int]:
        return self.windows.cells_from, self.windows.cells_to

    @property
    def whole(self) -> tuple[int, int]:
        return self.windows.whole

    @property
    def starts(self) -> Positions | None:
        return None if self.windows.table is None else self.windows.table.starts

    @property
    def draw(self) -> tuple[int, bool] | None:
        """Which sample an axis takes whose starts differ by plane, and whether as a float32."""
        if self.windows.table is None or self.windows.table.draw is None:
            return None
        return self.windows.table.draw.sample, self.windows.table.draw.single

    @property
    def counts(self) -> Positions | None:
        return None if self.windows.table is None else self.windows.table.counts

    @property
    def cell_counts(self) -> Positions | None:
        return None if self.windows.table is None else self.windows.table.cell_counts

    @property
    def weights(self) -> NDArray[np.float64] | None:
        return self.windows.weights


@dataclass(slots=True, eq=False, repr=False)
class View:
    """The canonical view of a call's arrays."""

    outer: list[Axis]
    planes: list[Axis]
    column: Axis
    row: Axis
    inner: Axis

    @property
    def pooled(self) -> list[Axis]:
        return [*self.planes, self.column, self.row]


def canonical(axes: list[Axis], *, element_sizes: tuple[int, int], merge_outer: bool,
              run_taps: tuple[int, int] | None = None) -> View:
    """Sort and merge axes into a View. `merge_outer` lets axes be laid end to end; labels do not survive that.
    Windows of whole rows are runs, if they have `run_taps` elements or more, regular ones and others.
    """
    element_size = element_sizes[0]
    if merge_outer:
        axes = [axis if axis.pooling is None else replace(axis, pooling=axis.pooling.spaced()) for axis in axes]
    axes = [axis for axis in axes if axis.size != 1 or not (axis.pooling is None or axis.pooling.identity)]
    axes = [replace(axis, pooling=None) if axis.pooling is not None and axis.pooling.identity and merge_outer
            else axis for axis in axes]
    axes.sort(key=lambda axis: (axis.pair, -abs(axis.in_stride)))
    merged = merged_alike(axes)
    if run_taps is not None and merged:
        runs = _all_merged(merged, _whole_rows_merged)
        if (last := runs[-1].pooling) is not None and last.least_taps >= run_taps[not last.regular]:
            merged = runs
    if merge_outer:
        merged = _all_merged(merged, _end_to_end)
    pooled = [axis for axis in merged if axis.pooling is not None]
    plain = [axis for axis in merged if axis.pooling is None]
    inner = Axis(1, *element_sizes)
    if plain and (not pooled or plain[-1] is merged[-1]):
        inner = plain.pop()
    if not pooled or _better_vertical(pooled, inner.size * element_size):
        # The inner axis is the row: all passes are vertical.
        pooled.append(point(inner.size * inner.in_stride))
    if len(pooled) == 1:
        pooled.insert(0, point(0))
    return View(plain, pooled[:-2], pooled[-2], pooled[-1], inner)


def _better_vertical(pooled: list[Axis], inner_bytes: int) -> bool:
    """Whether windows of inner rows are better combined at once than axis by axis: one axis, or little overlap, and
    rows the longer the more of them there are."""
    windows = [axis.windows for axis in pooled]
    if len(pooled) == 1:
        only = windows[0]
        shared = only.phases is not None or (only.regular and only.stride == 1 < only.taps)
        copied = not only.regular and only.n_out > only.length
        return inner_bytes >= (LONG_SHARED if shared else LONG_COPIED if copied else LONG_INNER)
    taps = prod(each.taps for each in windows)
    least = next(n_bytes for most, n_bytes in INNER_OF_TAPS if taps <= most)
    return (inner_bytes >= least and all(each.regular and each.stride > 1 for each in windows)
            and taps <= OVERLAP * prod(each.stride for each in windows))


def with_longer_inner(view: View) -> View:
    """The view with the outer axis that is nearest in memory, of those that are long, as the inner one."""
    longer = [axis for axis in view.outer if axis.size > view.inner.size * view.row.n_out]
    if not longer:
        return view
    inner = min(longer, key=lambda axis: (axis.size < 64, abs(axis.in_stride)))
    outer = [axis for axis in view.outer if axis is not inner]
    return replace(view, outer=outer + [view.inner] * (view.inner.size > 1), inner=inner)


def with_rows_as_column(view: View) -> View:
    """The view with the longest outer axis, if there is one, as the column, where one axis alone is pooled: some of its
    rows are pooled at once."""
    if not view.outer or view.planes or view.column.windows != _WHOLE or view.row.windows == _WHOLE:
        return view
    column = max(view.outer, key=lambda axis: axis.size)
    return replace(view, outer=[axis for axis in view.outer if axis is not column],
                   column=replace(column, pooling=_windows.identity(column.size)))


def with_planes_inside(view: View) -> View:
    """The view with the longest outer axis, if there is one, as the inner one, which has one element."""
    if not view.outer:
        return view
    inner = max(view.outer, key=lambda axis: axis.size)
    return replace(view, outer=[axis for axis in view.outer if axis is not inner], inner=inner)


def with_inner_as_row(view: View) -> View:
    """The view with an inner axis of several elements as the row, each of them a window, where something is pooled."""
    pooled = [axis for axis in view.pooled if axis.windows != _WHOLE]
    row = replace(view.inner, pooling=_windows.identity(view.inner.size))
    return View(view.outer, pooled[:-1], pooled[-1], row, Axis(1, 0, 0))


def with_rows_as_planes(view: View, most: int) -> View:
    """The view with a first pooled axis of windows that share nothing cut into pieces of up to so many windows, if that
    can be: what were small planes once, and have been merged."""
    axis = view.pooled[0]
    windows = axis.windows
    rows = max((n for n in range(1, most + 1) if windows.n_out % n == 0), default=0)
    if not (rows and windows.tiles):
        return view
    length = rows * windows.stride
    planes = Axis(windows.n_out // rows, length * axis.in_stride, rows * axis.out_stride)
    piece = replace(axis, size=length, pooling=replace(windows, length=length, n_out=rows, cells_to=length))
    outer = [*view.outer, planes]
    if view.planes:
        return replace(view, outer=outer, planes=[piece, *view.planes[1:]])
    return replace(view, outer=outer, column=piece)


def with_pooled_row(view: View) -> View:
    """The view with the last pooled axis as the row, if that is what the inner axis is."""
    if view.inner.size == 1 or view.row.windows != _WHOLE or view.column.windows == _WHOLE:
        return view
    *planes, column = view.planes or [point(0)]
    return replace(view, planes=planes, column=column, row=view.column)


def with_runs(view: View) -> View:
    """The view with windows of whole rows as runs of one longer row, if it has such windows: a row of one output takes
    as long as one of many."""
    above, below = view.column, view.row
    if view.inner.size > 1 or above.in_stride != below.in_stride * below.size:
        return view
    runs = _whole_rows_merged(above, below)
    if runs is None or runs.windows.stride > RUNS_APART:
        return view
    *planes, column = view.planes or [point(0)]
    return replace(view, planes=planes, column=column, row=runs)


def point(stride: int) -> Axis:
    """A pooled axis of one position."""
    return Axis(1, stride, stride, pooling=_WHOLE)


def merged_alike(axes: list[Axis]) -> list[Axis]:
    """Axes, with neighbours merged that lie end to end, and that are not pooled or that one window covers."""
    return _all_merged(axes, _alike_merged)


def _all_merged(axes: list[Axis], merge: Callable[[Axis, Axis], Axis | None]) -> list[Axis]:
    """Axes, with neighbours merged as far as they can be."""
    merged: list[Axis] = []
    for axis in axes:
        merged.append(axis)
        while len(merged) > 1 and merged[-2].in_stride == merged[-1].in_stride * merged[-1].size:
            both = merge(merged[-2], merged[-1])
            if both is None:
                break
            merged[-2:] = [both]
    return merged


def _alike_merged(above: Axis, below: Axis) -> Axis | None:
    """Two contiguous axes that are not pooled, or that one window covers, as one."""
    a, b = above.pooling, below.pooling
    if a is None and b is None:
        strides = (below.in_stride, below.out_stride, below.label_stride)
        if (above.in_stride, above.out_stride, above.label_stride) == tuple(below.size * each for each in strides):
            return replace(below, size=above.size * below.size)
    elif a is not None and b is not None and a.covers and b.covers and above.label == below.label * below.size:
        size = a.length * b.length
        if a.even and b.even and a.first_cells * b.first_cells == size:
            return replace(below, size=size, pooling=replace(_windows.adaptive(size, 1), cells_to=size))
    elif a is not None and b is not None and _is_spread(a) and _is_spread(b):
        n_out = a.n_out * b.n_out
        if (above.out_stride, above.label_stride) == (below.out_stride * b.n_out, below.label_stride * b.n_out) and (
                n_out <= MOST_SPREAD):
            return replace(below, pooling=_windows.repeated_once(n_out))
    return None


def _whole_rows_merged(above: Axis, below: Axis) -> Axis | None:
    """Two contiguous axes, of which windows take the one below whole, and share little of the other: they are runs."""
    a, b = above.pooling, below.pooling
    if a is None or b is None or not b.covers or b.first_cells != b.length or above.label != below.label * below.size:
        return None
    if a.dilation > 1 or a.weights is not None or a.varied or a.phases is not None or a.overlap > MOST_SHARED:
        return None
    if max(a.stride, a.length, -a.origin, a.taps) * b.length > _windows.LARGEST:
        return None
    return replace(below, size=above.size * below.size, out_stride=above.out_stride, label_stride=above.label_stride,
                   pooling=a.of_rows(b.length))


def _is_spread(windows: Windows) -> bool:
    """Whether all outputs read the one position there is: the gradient of one window that covers the axis."""
    table = windows.table
    return (windows.length == 1 and table is not None and windows.weights is None and not windows.varied
            and bool((table.counts == 1).all() and (table.cell_counts == 1).all()))


def _end_to_end(above: Axis, below: Axis) -> Axis | None:
    """An axis that is not pooled and a pooled one below it, whose windows just go on from one to the next."""
    if (above.pooling is not None or below.pooling is None or not below.pooling.tiles
            or above.out_stride != below.out_stride * below.n_out):
        return None
    windows = below.pooling.repeated(above.size)
    return replace(below, size=windows.length, pooling=windows)
