"""Values to where indices say: the gradient of a maximum, and its inverse."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cypool import _arguments, _isa, _threads
from cypool._engine.scatter import scatter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cypool._typing import AnyArray, Dim, Indices

# Planes side by side that one thread scatters at once where the inner axis is long.
_TILE = 256
# Rows of a block that are written whole, as many as placing.pxd has pointers for; and values along them, below which
# one after the other takes less time.
_MOST_ROWS = 16
_FEWEST_PLACED = 20
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


def scattered(values: AnyArray, indices: NDArray[np.integer[Any]], name: str, shape: tuple[int, ...],
              axes: Sequence[int], dtype: np.dtype[Any], out: AnyArray | None, num_threads: int | None, *,
              put: bool = False) -> AnyArray:
    """An array of that shape and dtype, zero but where values are added, or put, by flat indices over its axes.

    `name` is that of the argument that gives the shape; `out` may be None.
    """
    plane_size = prod(shape[axis] for axis in axes)
    if indices.dtype.kind == "u" and indices.size:
        # Beyond int64 they would come out negative, and be reported so.
        _check(indices, plane_size, name, shape)
    places = np.require(indices, np.int64, "A")
    if (out is None or out.dtype != values.dtype or not out.flags.aligned
            or np.may_share_memory(out, values) or np.may_share_memory(out, places)):
        result = np.empty_like(values, shape=shape)
    else:
        result = out
    if not _scatter(values, places, result, axes, put, num_threads):
        _check(indices, plane_size, name, shape)
    if out is None:
        return result.astype(dtype, copy=False)
    if result is not out:
        np.copyto(out, result, casting="unsafe")
    return out


def _check(indices: NDArray[np.integer[Any]], plane_size: int, name: str, shape: tuple[int, ...]) -> None:
    wrong = indices[(indices < 0) | (indices >= plane_size)]
    if wrong.size:
        raise ValueError(f"indices must be in [0, {plane_size}), the positions of the pooled axes of {name} {shape}, "
                         f"got {wrong[0]}")


def _scatter(values: AnyArray, indices: Indices, target: AnyArray, axes: Sequence[int], put: bool,
             num_threads: int | None) -> bool:
    """Fill target, which may hold anything; False if an index is wrong."""
    dims = [*zip(values.shape, values.strides, indices.strides, target.strides)]
    pooled = [dims[axis] for axis in axes]
    plain = [dim for axis, dim in enumerate(dims) if axis not in axes]
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
    # Cleared on the way, while it is in cache, if an index is a number of bytes and planes lie side by side.
    fresh = unit >= target.itemsize * inner[0] and inner[3] in (0, target.itemsize)
    if not fresh:
        target.fill(0)
    if not values.size:
        if fresh:
            target.fill(0)
        return True
    wanted = _threads.get_num_threads() if num_threads is None else num_threads
    n_threads = _threads.worth(values.size * _SCATTER_NS, wanted)
    # Channels are shared only where there are too few other planes for all threads.
    enough = n_threads == 1 or prod(dim[0] for dim in plain) >= 2 * n_threads
    tile = _TILE if enough or inner[0] > _TILE else -(-inner[0] // n_threads)
    blocks, place = _blocks(pooled, lengths, inner, tile, values.dtype, put) if fresh else ((), 0)
    return scatter(values, indices, target, plain, pooled, lengths, inner, unit, tile, fresh, put, blocks, place,
                   n_threads)


def _blocks(pooled: Sequence[Dim], lengths: Sequence[int], inner: Dim, tile: int, dtype: np.dtype[Any],
            put: bool) -> tuple[tuple[int, ...], int]:
    """Lengths of the blocks that values seem to have, by the lengths alone, and the kernel that fills these, or 0."""
    blocks = tuple(length // dim[0] for dim, length in zip(pooled, lengths))
    channels = inner[0] > 1
    row = (min(tile, inner[0]), *inner[1:]) if channels else pooled[-1]
    n_rows = prod(blocks if channels else blocks[:-1])
    if (any(dim[0] * block != length for dim, block, length in zip(pooled, blocks, lengths))
            or row[1:] != (dtype.itemsize, 8, dtype.itemsize) or prod(blocks) == 1 or n_rows > _MOST_ROWS
            or not (channels or blocks[-1] == 2) or row[0] < _FEWEST_PLACED or prod(lengths) >= 2**31):
        return (), 0
    apart, pairs = _isa.kernels().places.PLACES.get(f"u{dtype.itemsize}" if put else dtype.str[1:], (0, 0))
    return blocks, apart if channels else pairs


def gathered(values: AnyArray, indices: NDArray[np.integer[Any]], axes: Sequence[int]) -> AnyArray:
    """What indices, flat over those axes of values, point at; checked against their lengths."""
    axes = sorted(axes)
    ends = range(-len(axes), 0)
    plane_size = prod(values.shape[axis] for axis in axes)
    _check(indices, plane_size, "the array", tuple(values.shape))
    flat = np.moveaxis(values, axes, ends)
    flat = flat.reshape(*flat.shape[:flat.ndim - len(axes)], plane_size)
    places = np.moveaxis(indices, axes, ends)
    lengths = places.shape[places.ndim - len(axes):]
    places = places.reshape(*flat.shape[:-1], -1).astype(np.intp)
    found = np.take_along_axis(flat, places, -1)
    return np.moveaxis(found.reshape(*flat.shape[:-1], *lengths), ends, axes)
