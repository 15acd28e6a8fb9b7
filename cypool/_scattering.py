"""Values to where indices say: the gradient of a maximum, and its inverse."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from cypool import _arguments, _isa, _threads
from cypool._engine.scatter import scatter
from cypool._layouts import empty_like, may_overlap
from cypool._ways import ONE_BY_ONE, laid_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cypool._typing import AnyArray, Indices, Lengths

_INT64 = np.dtype(np.int64)

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
              axes: Lengths, dtype: np.dtype[Any], out: AnyArray | None, num_threads: int | None, *,
              put: bool = False) -> AnyArray:
    """An array of that shape and dtype, zero but where values are added, or put, by flat indices over its axes.

    `name` is that of the argument that gives the shape; `out` may be None.
    """
    if indices.dtype.kind == "u" and indices.size:
        # Beyond int64 they would come out negative, and be reported so.
        _check(indices, axes, name, shape)
    places = native(indices, _INT64)
    if (out is None or out.dtype != values.dtype or not out.flags.aligned
            or may_overlap(out, values) or may_overlap(out, places)):
        result = empty_like(values, shape, values.dtype)
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


def _scatter(values: AnyArray, indices: Indices, target: AnyArray, axes: Lengths, put: bool, in_use: bool,
             num_threads: int | None) -> bool:
    """Fill target, which may hold anything; False if an index is wrong. `in_use` says that it is the caller's."""
    how = laid_out(values, indices, target, axes, put, _isa.kernels().name)
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
    way = how.way(indices)
    if way.place and not enough and (how.inner[0] > 1 or len(how.pooled) > 1):
        n_slabs = min(n_threads, how.pooled[0][0])
        if scatter(values, indices, target, how.plain, how.pooled, how.lengths, how.inner, how.unit, how.fresh, put,
                   way, n_slabs, in_use, n_threads):
            return True
        way = ONE_BY_ONE
    return scatter(values, indices, target, how.plain, how.pooled, how.lengths, how.inner, how.unit, how.fresh, put,
                   way, 1, in_use, n_threads)


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
