"""The canonical view of a call's arrays: every layout as outer x planes x column x row x inner (see job.pxd).

Axes are sorted by stride, and merged where they are contiguous. Nothing here looks at data.
"""

from dataclasses import dataclass, replace
from math import prod

from cypool import _windows

# From this many bytes on, the inner axis is long enough to be combined by itself.
LONG_INNER = 64

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
    starts = property(lambda self: self.windows.starts)     # or a row of them for each of the outer planes
    counts = property(lambda self: self.windows.counts)
    cell_counts = property(lambda self: self.windows.cell_counts)
    weights = property(lambda self: self.windows.weights)


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


def with_longer_inner(view):
    """The view with the outer axis that is nearest in memory, of those that are long, as the inner one."""
    longer = [axis for axis in view.outer if axis.size > view.inner.size * view.row.n_out]
    if not longer:
        return view
    inner = min(longer, key=lambda axis: (axis.size < 64, abs(axis.in_stride)))
    outer = [axis for axis in view.outer if axis is not inner]
    return replace(view, outer=outer + [view.inner] * (view.inner.size > 1), inner=inner)


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
