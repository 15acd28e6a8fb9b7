"""Values to where indices say: the gradient of a maximum, and its inverse."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cypool import _arguments, _isa, _pooling, _threads
from cypool._call import Remembered
from cypool._engine.scatter import BESIDES, COPIES_BYTES, ROWS, TAPS, WINDOWS, offsets, scatter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cypool._typing import AnyArray, Dim, Indices, Lengths, Span

_INT64 = np.dtype(np.int64)

# Planes side by side that one thread scatters at once where the inner axis is long.
_TILE = 256
# Values along a row, or channels, below which one after the other takes less time: in cache, and beyond, from so many
# bytes of the target on. No vector has as many.
_FEWEST_PLACED = 40
_FEWEST = 20
_BEYOND_CACHE = 2**24
# Bytes of the target below which values of overlapping windows are added one by one: those that stay in cache.
_COLLECTED_FROM = 2**24
# About what an index costs.
_SCATTER_NS = 2.0


def checked_indices(indices: object, name: str, shape: tuple[int, ...]) -> NDArray[np.integer[Any]]:
    """Indices as an array of integers, one for each element of the argument `name`."""
    checked = _arguments.any_array("indices", indices)
    if checked.dtype.kind not in "iu":
        raise TypeError(f"indices must be integers, got {checked.dtype}")
    if checked.shape != shape:
        raise ValueError(f"indices must have the shape of {name}, {shape}, got {checked.shape}")
    return checked


def native(array: AnyArray, dtype: np.dtype[Any]) -> AnyArray:
    """The array if it is aligned and of that native dtype, else a copy that is."""
    if array.dtype == dtype and array.flags.aligned:
        return array
    return np.require(array, dtype, "A")


def scattered(values: AnyArray, indices: NDArray[np.integer[Any]], name: str, shape: tuple[int, ...],
              axes: Sequence[int], dtype: np.dtype[Any], out: AnyArray | None, num_threads: int | None, *,
              put: bool = False) -> AnyArray:
    """An array of that shape and dtype, zero but where values are added, or put, by flat indices over its axes.

    `name` is that of the argument that gives the shape; `out` may be None.
    """
    if indices.dtype.kind == "u" and indices.size:
        # Beyond int64 they would come out negative, and be reported so.
        _check(indices, axes, name, shape)
    places = native(indices, _INT64)
    if (out is None or out.dtype != values.dtype or not out.flags.aligned
            or np.may_share_memory(out, values) or np.may_share_memory(out, places)):
        # NumPy's own "K" order is that of Fortran where axes of one element leave both open.
        result = _pooling.empty(shape, values.dtype, None if values.flags.c_contiguous else
                                _pooling.memory_order(values.shape, values.strides))
    else:
        result = out
    if not _scatter(values, places, result, axes, put, result is out, num_threads):
        _check(indices, axes, name, shape)
    if out is None:
        return result if result.dtype == dtype else result.astype(dtype)
    if result is not out:
        np.copyto(out, result, casting="unsafe")
    return out


def _check(indices: NDArray[np.integer[Any]], axes: Sequence[int], name: str, shape: tuple[int, ...]) -> None:
    plane_size = prod(shape[axis] for axis in axes)
    wrong = indices[(indices < 0) | (indices >= plane_size)]
    if wrong.size:
        raise ValueError(f"indices must be in [0, {plane_size}), the positions of the pooled axes of {name} {shape}, "
                         f"got {wrong[0]}")


def _scatter(values: AnyArray, indices: Indices, target: AnyArray, axes: Sequence[int], put: bool, in_use: bool,
             num_threads: int | None) -> bool:
    """Fill target, which may hold anything; False if an index is wrong. `in_use` says that it is the caller's."""
    how = _laid_out(values.shape, values.strides, indices.strides, target.shape, target.strides, tuple(axes),
                    values.dtype.str[1:], put, _isa.kernels().name)
    if not how.fresh or not values.size:
        target.fill(0)
    if not values.size:
        return True
    cost = values.size * _SCATTER_NS
    n_threads = 1
    if cost >= _threads.SERIAL_NS:
        n_threads = _threads.worth(cost, _threads.get_num_threads() if num_threads is None else num_threads)
    # Where there are too few planes for all threads, they share the blocks, but not the channels, which lie side by
    # side: parts of the same memory, written by two, took as long as one needs for both, or twice as long.
    enough = n_threads == 1 or prod(dim[0] for dim in how.plain) >= 2 * n_threads
    n_inner = how.inner[0]
    tile = _TILE
    windows: tuple[Span, ...] = ()
    collect = 0
    if how.fresh and not put and target.nbytes >= _COLLECTED_FROM and prod(how.lengths) < 2**31:
        windows = _overlapping(indices, how.pooled, how.lengths)
        at_once = _collects(windows, how, tile, values.itemsize) if windows else 0
        if at_once:
            channels, neighbours = _isa.kernels().collects.COLLECTS[values.dtype.str[1:]]
            tile, collect = (at_once, channels) if n_inner > 1 else (tile, neighbours)
    place = 0 if collect else how.place
    if place and not enough and (n_inner > 1 or len(how.pooled) > 1):
        n_slabs = min(n_threads, how.pooled[0][0])
        if scatter(values, indices, target, how.plain, how.pooled, how.lengths, how.inner, how.unit, _TILE, how.fresh,
                   put, how.blocks, place, n_slabs, (), 0, in_use, n_threads):
            return True
        place = 0
    return scatter(values, indices, target, how.plain, how.pooled, how.lengths, how.inner, how.unit, tile, how.fresh,
                   put, how.blocks, place, 1, windows, collect, in_use, n_threads)


class _Layout(NamedTuple):
    """How values, indices and the target lie: dims have a size and three strides, see scatter.pyx."""

    plain: list[Dim]
    pooled: list[Dim]
    lengths: list[int]              # of the target's pooled axes
    inner: Dim                      # planes that lie side by side, one element from each other
    unit: int
    fresh: bool                     # the target is cleared on the way
    blocks: tuple[int, ...]
    place: int


@Remembered
def _laid_out(shape: Lengths, value_strides: Lengths, index_strides: Lengths, target_shape: Lengths,
              target_strides: Lengths, axes: Lengths, element: str, put: bool, copy: str) -> _Layout:
    """`copy` is the name of the kernels at hand."""
    dims = [*zip(shape, value_strides, index_strides, target_strides)]
    pooled = [dims[axis] for axis in axes]
    plain = [dim for axis, dim in enumerate(dims) if axis not in axes]
    lengths = [target_shape[axis] for axis in axes]
    itemsize = int(element[1:])
    unit = target_strides[axes[-1]]
    size = unit
    for axis in reversed(axes):
        if target_strides[axis] != size and target_shape[axis] > 1:
            unit = 0
        size *= target_shape[axis]
    inner = (1, 0, 0, 0)
    innermost = min(plain, key=lambda dim: abs(dim[3]), default=None)
    if innermost is not None and abs(innermost[3]) < abs(target_strides[axes[-1]]):
        plain.remove(innermost)
        inner = innermost
    plain = _merged(plain)
    # Cleared on the way, while it is in cache, if an index is a number of bytes and planes lie side by side.
    fresh = unit >= itemsize * inner[0] and inner[3] in (0, itemsize)
    fewest = _FEWEST_PLACED if prod(target_shape) * itemsize < _BEYOND_CACHE else _FEWEST
    blocks, place = _blocks(pooled, lengths, inner, element, put, fewest) if fresh and 0 not in shape else ((), 0)
    return _Layout(plain, pooled, lengths, inner, unit, fresh, blocks, place)


def _merged(dims: list[Dim]) -> list[Dim]:
    """Axes, with neighbours that lie end to end as one."""
    merged: list[Dim] = []
    for size, value, index, target in dims:
        if merged and merged[-1][1:] == (size * value, size * index, size * target):
            merged.append((merged.pop()[0] * size, value, index, target))
        else:
            merged.append((size, value, index, target))
    return merged


def _blocks(pooled: Sequence[Dim], lengths: Sequence[int], inner: Dim, element: str, put: bool,
            fewest: int) -> tuple[tuple[int, ...], int]:
    """Lengths of the blocks that values seem to have, by the lengths alone, and the kernel that fills these, or 0."""
    blocks = tuple(length // dim[0] for dim, length in zip(pooled, lengths))
    channels = inner[0] > 1
    itemsize = int(element[1:])
    row = (min(_TILE, inner[0]), *inner[1:]) if channels else pooled[-1]
    n_rows = prod(blocks if channels else blocks[:-1])
    if (any(dim[0] * block != length for dim, block, length in zip(pooled, blocks, lengths))
            or row[1:] != (itemsize, 8, itemsize) or prod(blocks) == 1 or n_rows > ROWS
            or not (channels or blocks[-1] == 2) or row[0] < fewest or prod(lengths) >= 2**31):
        return (), 0
    apart, pairs = _isa.kernels().places.PLACES.get(f"u{itemsize}" if put else element, (0, 0))
    return blocks, apart if channels else pairs


def _overlapping(indices: Indices, pooled: list[Dim], lengths: list[int]) -> tuple[Span, ...]:
    """Origin, stride and taps that windows seem to have along each pooled axis, by some of their indices; nothing if
    they do not seem to overlap."""
    strides = [max(1, (length + dim[0] // 2) // dim[0]) for dim, length in zip(pooled, lengths)]
    ends = offsets(indices, pooled, lengths, strides)
    windows = [(min(0, least), stride, max(most, stride - 1) - min(0, least) + 1)
               for stride, (least, most) in zip(strides, ends)]
    return tuple(windows) if any(taps > stride for _origin, stride, taps in windows) else ()


def _collects(windows: Sequence[Span], how: _Layout, tile: int, itemsize: int) -> int:
    """Channels that inputs collect at once from such windows, or 1 where there are none; 0 if they cannot."""
    pooled, inner = how.pooled, how.inner
    reach = [-(-taps // stride) for _origin, stride, taps in windows]
    rooms = prod(reach[:-2]) * 2 ** (max([1, *reach[-2:-1]]) - 1).bit_length()
    n, *steps = inner if inner[0] > 1 else pooled[-1]
    if prod(reach) > WINDOWS or rooms > WINDOWS or steps != [itemsize, 8, itemsize]:
        return 0
    if inner[0] > 1:
        most = min(tile, COPIES_BYTES // (rooms * pooled[-1][0] * itemsize))
        tile = -(-n // -(-n // most)) if most else 0
        return tile if tile and (n % tile or tile) >= _FEWEST else 0
    origin, stride, taps = windows[-1]
    fits = (prod(reach[:-1]) <= 2 and n >= _FEWEST and how.lengths[-1] <= stride * n + TAPS
            and (taps <= TAPS if stride == 1 else stride == 2 and taps == 3 and origin >= -1)
            and 2 * rooms * (n + BESIDES) * itemsize <= COPIES_BYTES)
    return 1 if fits else 0


def gathered(values: AnyArray, indices: NDArray[np.integer[Any]], axes: Sequence[int]) -> AnyArray:
    """What indices, flat over those axes of values, point at; checked against their lengths."""
    axes = sorted(axes)
    ends = range(-len(axes), 0)
    plane_size = prod(values.shape[axis] for axis in axes)
    _check(indices, axes, "the array", values.shape)
    flat = np.moveaxis(values, axes, ends)
    flat = flat.reshape(*flat.shape[:flat.ndim - len(axes)], plane_size)
    places = np.moveaxis(indices, axes, ends)
    lengths = places.shape[places.ndim - len(axes):]
    places = places.reshape(*flat.shape[:-1], -1).astype(np.intp)
    found = np.take_along_axis(flat, places, -1)
    return np.moveaxis(found.reshape(*flat.shape[:-1], *lengths), ends, axes)
