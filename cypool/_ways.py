"""Which way values go where indices say: one by one, in blocks that hold one each, or collected by what they go to."""

from __future__ import annotations

from math import ceil, prod
from typing import TYPE_CHECKING, NamedTuple

from cypool import _isa
from cypool._engine.scatter import BESIDES, COPIES_BYTES, ROWS, TAPS, WINDOWS, offsets
from cypool._layouts import RememberedLayouts

if TYPE_CHECKING:
    from cypool._typing import AnyArray, Dim, Indices, Lengths, Offsets, Span

# Planes side by side that one thread scatters at once where the inner axis is long.
TILE = 256
# Values along a row, or channels, below which one after the other takes less time: in cache, and beyond, from so many
# bytes of the target on. No vector has as many.
_FEWEST_PLACED = 40
_MOST_OF_BLOCK = 16             # bytes of a block with channels, in cache: more are written for one value
_FEWEST = 20
_FEWEST_NEIGHBOURS = 13         # along a row of a small plane
_BEYOND_CACHE = 2**24
# In cache, values of overlapping windows are added one by one, but by the copy of the kernels that has vectors for it:
# that one collects so many channels, and in planes of up to so many inputs if most lanes of a vector have some.
_FEWEST_COLLECTED = 48
_MOST_LOOKED_UP = {1: 4, 2: 2}  # windows of an input there, by how many inputs there are for each value,
_MOST_INPUTS = 4                # which beyond the cache are no more than so many
_MOST_SMALL = 2**14
_LANES = 16
_MOST_IDLE = 0.2
# Values below which nothing else is faster than one by one.
_FEWEST_VALUES = 8192
# Ways that are remembered of a layout, since they depend on the indices.
_MOST_WAYS = 32


class Way(NamedTuple):
    """How values go where windows seem to be such."""

    tile: int = TILE                # planes side by side that are one piece of work
    blocks: tuple[int, ...] = ()    # lengths of those that hold a value each
    place: int = 0                  # what fills them; or 0
    windows: tuple[Span, ...] = ()  # origin, stride and taps along each pooled axis, from which is collected
    collect: int = 0                # what does so; or 0
    collect_small: int = 0          # and on small planes


ONE_BY_ONE = Way()


class Layout(NamedTuple):
    """How values, indices and the target lie: dims have a size and three strides, see scatter.pyx."""

    plain: list[Dim]
    pooled: list[Dim]
    lengths: list[int]              # of the target's pooled axes
    inner: Dim                      # planes that lie side by side, one element from each other
    unit: int
    fresh: bool                     # the target is cleared on the way
    element: str                    # type and size of the values, or "u" and their size where they are put
    n_bytes: int                    # of the target
    strides: list[int]              # that windows seem to have
    others: tuple[int, int]         # planes along one axis, and the bytes between their indices
    ways: dict[Offsets, Way] | None    # those that were chosen; None if there is but one

    def way(self, indices: Indices) -> Way:
        """That for such indices."""
        if self.ways is None:
            return ONE_BY_ONE
        ends = offsets(indices, self.pooled, self.lengths, self.strides, *self.others)
        way = self.ways.get(ends)
        if way is None:
            if len(self.ways) == _MOST_WAYS:
                self.ways.clear()
            way = self.ways[ends] = _chosen(self, ends)
        return way


@RememberedLayouts
def laid_out(values: AnyArray, indices: AnyArray, target: AnyArray, axes: Lengths, put: bool, _copy: str) -> Layout:
    """`_copy` is the name of the kernels at hand, on which the ways depend."""
    itemsize = values.dtype.itemsize
    dims = [*zip(values.shape, values.strides, indices.strides, target.strides)]
    plain = [dim for axis, dim in enumerate(dims) if axis not in axes and dim[0] != 1]
    lengths = [target.shape[axis] for axis in axes]
    unit = target.strides[axes[-1]]
    size = unit
    for axis in reversed(axes):
        if target.strides[axis] != size and target.shape[axis] > 1:
            unit = 0
        size *= target.shape[axis]
    inner = (1, 0, 0, 0)
    innermost = min(plain, key=lambda dim: abs(dim[3]), default=None)
    if innermost is not None and abs(innermost[3]) < abs(target.strides[axes[-1]]):
        plain.remove(innermost)
        inner = innermost
    pooled = _closed_up([dims[axis] for axis in axes], inner if inner[0] > 1 else (1, itemsize, 8, itemsize))
    # Cleared on the way, while it is in cache, if an index is a number of bytes and planes lie side by side.
    fresh = unit >= itemsize * inner[0] and inner[3] in (0, itemsize)
    strides = [max(1, (length + dim[0] // 2) // dim[0]) for dim, length in zip(pooled, lengths)] if values.size else []
    # Other ways are for rows of many neighbours.
    row = inner if inner[0] > 1 else pooled[-1]
    many = (fresh and values.size >= _FEWEST_VALUES and prod(lengths) < 2**31 and row[1:] == (itemsize, 8, itemsize)
            and row[0] >= (_FEWEST if inner[0] > 1 else _FEWEST_NEIGHBOURS))
    plain = _merged(plain)
    n_others, _value, step, _target = max([inner, *plain])
    return Layout(plain, pooled, lengths, inner, unit, fresh, f"u{itemsize}" if put else f"f{itemsize}",
                  target.nbytes, strides, (n_others, step), {} if many else None)


def _closed_up(pooled: list[Dim], inner: Dim) -> list[Dim]:
    """Pooled axes, those of one value, whose strides say nothing, with strides as if the values lay end to end."""
    closed: list[Dim] = []
    below = inner
    for size, value, index, target in reversed(pooled):
        if size == 1:
            value, index = below[0] * below[1], below[0] * below[2]
        below = (size, value, index, target)
        closed.insert(0, below)
    return closed


def _merged(dims: list[Dim]) -> list[Dim]:
    """Axes, with neighbours that lie end to end as one."""
    merged: list[Dim] = []
    for size, value, index, target in dims:
        if merged and merged[-1][1:] == (size * value, size * index, size * target):
            merged.append((merged.pop()[0] * size, value, index, target))
        else:
            merged.append((size, value, index, target))
    return merged


def _chosen(how: Layout, ends: Offsets) -> Way:
    """The way for windows whose indices are so far from where they would begin."""
    windows = tuple((min(0, least), stride, max(most, stride - 1) - min(0, least) + 1)
                    for stride, (least, most) in zip(how.strides, ends))
    if all(taps <= stride for _origin, stride, taps in windows):
        return _in_blocks(how)
    if how.element[0] == "u":
        return ONE_BY_ONE
    return _collected(how, windows)


def _in_blocks(how: Layout) -> Way:
    """Where each value may have a block of its own, by the lengths alone."""
    blocks = tuple(length // dim[0] for dim, length in zip(how.pooled, how.lengths))
    channels = how.inner[0] > 1
    n = min(TILE, how.inner[0]) if channels else how.pooled[-1][0]
    n_rows = prod(blocks if channels else blocks[:-1])
    in_cache = how.n_bytes < _BEYOND_CACHE
    fewest = _FEWEST_PLACED if in_cache else _FEWEST
    if channels and in_cache and prod(blocks) * int(how.element[1:]) > _MOST_OF_BLOCK:
        return ONE_BY_ONE
    if (any(dim[0] * block != length for dim, block, length in zip(how.pooled, blocks, how.lengths))
            or prod(blocks) == 1 or n_rows > ROWS or not (channels or blocks[-1] == 2) or n < fewest):
        return ONE_BY_ONE
    apart, pairs = _isa.kernels().places.PLACES.get(how.element, (0, 0))
    return Way(blocks=blocks, place=apart if channels else pairs)


def _collected(how: Layout, windows: tuple[Span, ...]) -> Way:
    """Where windows overlap, and inputs can collect from them."""
    if how.inner[0] > 1:
        return _collected_channels(how, windows)
    if how.n_bytes >= _BEYOND_CACHE:
        return _collected_neighbours(how, windows)
    return _collected_small(how, windows) if len(windows) == 2 else ONE_BY_ONE


def _reach(windows: tuple[Span, ...]) -> list[int]:
    """Windows that an input lies in, at most, along each axis."""
    return [-(-taps // stride) for _origin, stride, taps in windows]


def _collected_channels(how: Layout, windows: tuple[Span, ...]) -> Way:
    """Where channels come last, some at once; in cache by the widest vectors."""
    kernels = _isa.kernels()
    n = how.inner[0]
    tile = -(-n // -(-n // TILE))
    beyond_cache = how.n_bytes >= _BEYOND_CACHE
    fewest = _FEWEST if beyond_cache else _FEWEST_COLLECTED
    if prod(_reach(windows)) > WINDOWS or (n % tile or tile) < fewest:
        return ONE_BY_ONE
    in_cache = how.element == "f4" and kernels.wide_collects and _are_dense(windows)
    if not (in_cache or (beyond_cache and _inputs_of_value(windows) <= _MOST_INPUTS)):
        return ONE_BY_ONE
    kernel = kernels.collects.COLLECTS[how.element][0]
    if kernels.wide_collects:
        kernel = kernels.wide_collects.CHANNELS[how.element]
    return Way(tile, windows=windows, collect=kernel)


def _are_dense(windows: tuple[Span, ...]) -> bool:
    """Whether there are so many values for the inputs that it is less to look them up than to add them one by one."""
    if all((stride, taps) == (2, 3) for _origin, stride, taps in windows):
        return True             # each is read once for four inputs
    return prod(_reach(windows)) <= _MOST_LOOKED_UP.get(_inputs_of_value(windows), 0)


def _inputs_of_value(windows: tuple[Span, ...]) -> int:
    return prod(stride for _origin, stride, _taps in windows)


def _collected_neighbours(how: Layout, windows: tuple[Span, ...]) -> Way:
    """Rows of large planes, from copies of the rows of windows that an input lies in: a power of two of those."""
    reach = _reach(windows)
    n, _value, _index, itemsize = how.pooled[-1]
    origin, stride, taps = windows[-1]
    rooms = prod(reach[:-2]) * 2 ** (max([1, *reach[-2:-1]]) - 1).bit_length()
    fits = (prod(reach) <= WINDOWS and rooms <= WINDOWS and prod(reach[:-1]) <= 2 and n >= _FEWEST
            and how.lengths[-1] <= stride * n + TAPS
            and (taps <= TAPS if stride == 1 else stride == 2 and taps == 3 and origin >= -1)
            and 2 * rooms * (n + BESIDES) * itemsize <= COPIES_BYTES)
    return Way(windows=windows, collect=_isa.kernels().collects.COLLECTS[how.element][1]) if fits else ONE_BY_ONE


def _collected_small(how: Layout, windows: tuple[Span, ...]) -> Way:
    """On small planes, of two axes, where windows follow each other, and so do inputs."""
    kernels = _isa.kernels().wide_collects
    lanes = how.pooled[-1][0] / _LANES
    if (kernels is None or how.element != "f4" or how.unit != 4
            or any(stride != 2 or taps > 3 or origin < -1 for origin, stride, taps in windows)
            or prod(how.lengths) > _MOST_SMALL or lanes < (1 - _MOST_IDLE) * ceil(lanes)):
        return ONE_BY_ONE
    return Way(windows=windows, collect_small=kernels.SMALL)
