"""Pooling where elements are left out, by a mask or in a masked array, or have weights.

It is made of plain pooling calls: elements that are left out are replaced by what never wins or adds nothing, and a
pooling of ranks tells what each window has left. The replaced copies would be as large as x, so x is gone through in
blocks (`_cutting.py`), each with the positions that its outputs read: at least those of one window.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from cypool import _arguments, _arithmetic, _cutting, _pooling
from cypool._layouts import empty_like
from cypool._pooling import AXES

if TYPE_CHECKING:
    from typing import TypeAlias, TypeGuard

    from numpy.typing import DTypeLike, NDArray

    from cypool._typing import AnyArray, Indices, Lengths, Masked, Positions, Slices
    from cypool._windows import Windows

    _Mask: TypeAlias = NDArray[np.bool_]

# What an element is to its window. A window's greatest rank, and where it is first, say what it has left.
LEFT_OUT, OMITTED, COUNTED = 0, 1, 2

_INT64 = np.dtype(np.int64)


def is_masked(x: object) -> TypeGuard[Masked[Any]]:
    """Whether x is a masked array; numpy.ma is not imported for the sake of the answer."""
    return "numpy.ma" in sys.modules and isinstance(x, np.ma.MaskedArray)


# The last flag is return_indices.
@overload
def pool(op: str, x: object, sizes: tuple[Any, ...], flags: tuple[*tuple[Any, ...], Literal[False]], mask: object,
         weights: object, dtype: DTypeLike | None = None, out: AnyArray | None = None,
         num_threads: Any = None) -> AnyArray: ...
@overload
def pool(op: str, x: object, sizes: tuple[Any, ...], flags: tuple[Any, ...], mask: object, weights: object,
         dtype: DTypeLike | None = None, out: AnyArray | None = None,
         num_threads: Any = None) -> AnyArray | tuple[AnyArray, Indices]: ...
def pool(op: str, x: object, sizes: tuple[Any, ...], flags: tuple[Any, ...], mask: object, weights: object,
         dtype: DTypeLike | None = None, out: AnyArray | None = None,
         num_threads: Any = None) -> AnyArray | tuple[AnyArray, Indices]:
    """Pool x, by the arguments of `_pooling.pool`, with a mask, weights, or both, or a masked array as x."""
    if num_threads is not None:
        num_threads = _arguments.positive("num_threads", num_threads)
    masks: list[_Mask] = []
    data = _arguments.array("x", np.ma.getdata(x) if is_masked(x) else x)
    if is_masked(x) and np.ma.getmask(x) is not np.ma.nomask:
        masks.append(np.broadcast_to(np.ma.getmask(x), x.shape))
    geometry = _cutting.geometry_of(op, data, sizes, flags)
    windows, divisor, shape, cells = geometry.windows, geometry.divisor, geometry.shape, geometry.cells
    omit, return_indices = geometry.omit, geometry.return_indices
    if mask is not None:
        masks.append(checked_mask(mask, data.shape))
    weighing = None if weights is None else checked_weights(weights, data.shape)
    usual = _pooling.usual_dtype(op, data.dtype)
    if weighing is not None and data.dtype.kind in "biu":
        usual = np.dtype(np.float64)
    final = _arguments.result_dtype(dtype, usual, data.dtype)
    if out is not None:
        _arguments.output(out, shape, final)

    read = [data, *masks, *([] if weighing is None else [weighing])]
    apart = out is None or any(np.may_share_memory(out, each) for each in read)
    results = empty_like(data, shape, final) if apart else np.asarray(out)
    indices = empty_like(data, shape, _INT64) if return_indices else None
    nothing = np.zeros(shape, bool) if is_masked(x if out is None else out) else None
    if 0 not in shape:
        # Where a sum is infinite or beyond the dtype, the result says so.
        with np.errstate(all="ignore"):
            for source, target, within in geometry.blocks:
                if masks and weighing is None and not (return_indices or divisor):
                    found = _by_omission(op, data[source], [each[source] for each in masks], within, omit=omit,
                                         num_threads=num_threads)
                    if found is not None:
                        results[target] = found[0].astype(final, copy=False)
                        if nothing is not None:
                            nothing[target] = _pooling.pool("min", "pooled", found[1], within,
                                                            (AXES, "propagate", False, False), None, None, num_threads)
                        continue
                block = _Block(data, masks, weighing, source, within, omit=omit, labelled=return_indices,
                               num_threads=num_threads)
                if op in ("max", "min"):
                    values, labels = block.extremum(op)
                    if indices is not None and labels is not None:
                        indices[target] = _in_whole(labels, source, data.shape, windows)
                elif op == "sum":
                    values = block.sum(final)
                else:
                    values = block.mean(final, divisor, {axis: each[target[axis]] for axis, each in cells.items()})
                results[target] = values.astype(final, copy=False)
                if nothing is not None and block.ranks is not None:
                    nothing[target] = block.ranks == LEFT_OUT
    if out is None:
        if is_masked(x) and nothing is not None:
            results = _masked(results, nothing, x)
    else:
        if apart:
            np.asarray(out)[...] = results
        if is_masked(out) and nothing is not None:
            out.mask = nothing
        results = out
    return results if indices is None else (results, indices)


# -- arguments and results -------------------------------------------------------------------------------------------

def checked_mask(mask: object, shape: Lengths) -> _Mask:
    array = _arguments.any_array("mask", mask)
    if array.dtype != bool:
        raise TypeError(f"mask must have the dtype bool, True where an element is left out, got {array.dtype}")
    return _broadcast("mask", array, shape)


def checked_weights(weights: object, shape: Lengths) -> AnyArray:
    array = _arguments.any_array("weights", weights)
    if array.dtype.kind == "c":
        raise TypeError(f"weights must be real, got {array.dtype}")
    _arguments.pooled_dtype("weights", array.dtype)
    # The extremes are NaN where any weight is, and take no memory.
    for extreme in (array.min(), array.max()) if array.size else ():
        if not np.isfinite(extreme):
            raise ValueError(f"weights must be finite, got {extreme}")
    return _broadcast("weights", array, shape)


def _broadcast(name: str, array: AnyArray, shape: Lengths) -> AnyArray:
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        raise ValueError(f"{name} must broadcast to the shape of x, {shape}, got the shape {array.shape}") from None


def _masked(results: AnyArray, nothing: _Mask, x: Masked[Any]) -> Masked[Any]:
    """A masked array with x's fill value, which a dtype of another library has no way to keep."""
    if "V" in (results.dtype.kind, x.dtype.kind):
        return np.ma.MaskedArray(results, nothing)
    with np.errstate(all="ignore"):
        return np.ma.MaskedArray(results, nothing, fill_value=np.asarray(x.fill_value).astype(results.dtype).item())


def _by_omission(op: str, x: AnyArray, masks: list[_Mask], geometry: tuple[Any, ...], *, omit: bool,
                 num_threads: int | None) -> tuple[AnyArray, _Mask] | None:
    """Values of a block, from NaN in the place of what is left out, and where that is.

    None where that is not the same: if padding counts, of sums, which nothing has too, or of extremes if there is a
    NaN. Means with a NaN are made so afterwards: then those without one do not depend on it.
    """
    padding = geometry[3]
    if x.dtype.kind != "f" or op == "sum" or (op == "avg" and any(sides != (0, 0) for sides in padding)):
        return None
    left = masks[0] if len(masks) == 1 else np.logical_or(*masks)
    missing = np.isnan(x) > left        # and not left out
    poisoned = not omit and missing.any()
    if poisoned and op != "avg":
        return None
    copy = _arithmetic.with_nan(x, left)
    values = _pooling.pool(op, "pooled", copy, geometry, (AXES, "omit", False, False),
                           np.float64 if op == "avg" else None, None, num_threads)
    if poisoned:
        values[_pooling.pool("max", "pooled", missing, geometry, (AXES, "propagate", False, False), None, None,
                             num_threads)] = np.nan
    return values, left


# -- blocks ----------------------------------------------------------------------------------------------------------

def _in_whole(labels: Indices, source: Slices, shape: Lengths, windows: dict[int, Windows]) -> Indices:
    """Indices in a block's pooled axes as those in x's."""
    lengths = [shape[a] for a in windows]
    parts = [source[a].stop - source[a].start for a in windows]
    if parts == lengths:
        return labels
    positions = np.unravel_index(labels, parts)
    inside: tuple[Positions, ...] = tuple(each + source[a].start for a, each in zip(windows, positions))
    return np.ravel_multi_index(inside, lengths).astype(np.int64, copy=False)


def product_of_cells(cells: dict[int, Positions], n_axes: int) -> NDArray[np.int64]:
    """How many taps count in each window if none is left out; it broadcasts to the result."""
    count = np.ones((1,) * n_axes, np.int64)
    for axis, each in cells.items():
        count = count * each.reshape([-1 if a == axis else 1 for a in range(n_axes)])
    return count


class _Block:
    """A part of x, and what its windows have left."""

    def __init__(self, x: AnyArray, masks: list[_Mask], weights: AnyArray | None, source: Slices,
                 geometry: tuple[Any, ...], *, omit: bool, labelled: bool, num_threads: int | None) -> None:
        self.x = x[source]
        self.native = _arguments.native(x.dtype)
        self.weights = None if weights is None else weights[source]
        self.geometry = geometry
        self.labelled = labelled
        self.num_threads = num_threads
        # Elements that do not count; each window's greatest rank, and where it is first. None where all count.
        self.left: _Mask | None = None
        self.ranks: NDArray[np.uint8] | None = None
        self.first: Indices | None = None
        omit = omit and x.dtype.kind not in "biu"
        if masks or omit:
            self.left = np.zeros_like(self.x, bool)
            for mask in masks:
                self.left |= mask[source]
            ranks = COUNTED * (~self.left).view(np.uint8)
            if omit:
                omitted = np.isnan(self.x) & ~self.left
                self.left |= omitted
                ranks -= omitted.view(np.uint8)
            if labelled:
                self.ranks, self.first = self.pool_labelled("max", ranks)
            else:
                self.ranks = self.pool("max", ranks)

    def pool(self, op: str, values: AnyArray, *, dtype: DTypeLike | None = None) -> AnyArray:
        return _pooling.pool(op, "pooled", values, self.geometry, (AXES, "propagate", False, False), dtype, None,
                             self.num_threads)

    def pool_labelled(self, op: str, values: AnyArray) -> tuple[AnyArray, Indices]:
        return _pooling.pool(op, "pooled", values, self.geometry, (AXES, "propagate", False, True), None, None,
                             self.num_threads)

    def replaced(self, values: AnyArray, dtype: DTypeLike, value: float = 0) -> AnyArray:
        """A copy with that value in the place of elements that do not count; in x's order of memory, since an axis that
        values are broadcast along has none, and would be another one in a part of a batch."""
        copy = np.empty_like(self.x, dtype, subok=False)
        np.copyto(copy, values, casting="unsafe")
        if self.left is not None:
            _arithmetic.put(copy, self.left, value)
        return copy

    def extremum(self, op: str) -> tuple[AnyArray, Indices | None]:
        """Values, and indices in the block or None."""
        identity = _arithmetic.identity(op, self.native)
        x = self.x if self.ranks is None else self.replaced(self.x, self.native, identity)
        values, labels = self.pool_labelled(op, x) if self.labelled else (self.pool(op, x), None)
        if self.ranks is None:
            return values, labels
        if labels is not None and self.first is not None:
            # The identity may have been found in an element that does not count.
            np.copyto(labels, self.first, where=(self.ranks < COUNTED) | (values == np.array(identity, self.native)))
        values[self.ranks < COUNTED] = _arithmetic.empty_value(self.native)
        return values, labels

    def sum(self, final: np.dtype[Any]) -> AnyArray:
        if self.weights is None and self.native.kind in "biu":
            return self.pool("sum", self.replaced(self.x, self.native), dtype=final)
        total = self.total()
        if self.ranks is not None:
            total[self.ranks == OMITTED] = _arithmetic.empty_value(total.dtype)
        return total

    def mean(self, final: np.dtype[Any], divisor: int, cells: dict[int, Positions]) -> AnyArray:
        """Means, by `divisor` or what counts of `cells`; by weights if there are any."""
        if self.weights is not None:
            weight = divisor or self.pool("sum", self.replaced(self.weights, np.float64))
            values = _arithmetic.divided(self.total(), weight)
            if not divisor:
                values[weight == 0] = _arithmetic.empty_value(values.dtype)
        else:
            count = divisor or self.count(cells)
            whole = self.native.kind in "biu"
            values = self.whole_mean(final, count) if whole else _arithmetic.divided(self.total(), count)
        if self.ranks is not None:
            values[self.ranks < COUNTED] = _arithmetic.empty_value(values.dtype)
        return values

    def total(self) -> AnyArray:
        """Sums of floats, with the weights if there are any."""
        wide = np.dtype(np.complex128 if self.native.kind == "c" else np.float64)
        x = np.array(self.x, wide, order="K")
        if self.weights is not None:
            for part in _arithmetic.parts(x):
                part *= self.weights
        if self.left is not None:
            _arithmetic.put(x, self.left, 0)
        return self.pool("sum", x)

    def count(self, cells: dict[int, Positions]) -> NDArray[np.int64]:
        """How many elements of each window count, and taps in the padding if `cells` has them."""
        count = product_of_cells(cells, self.x.ndim)
        return count if self.left is None else count - self.pool("sum", self.left)

    def whole_mean(self, final: np.dtype[Any], count: int | NDArray[np.int64]) -> AnyArray:
        """Means of integers."""
        negative = isinstance(count, int) and count < 0
        # A window of which nothing counts gets its value later.
        counts = np.maximum(np.abs(count), 1)
        x = self.replaced(self.x, self.native)
        if self.native.itemsize < 8:
            high, low = None, self.pool("sum", x).astype(np.int64, copy=False)
        else:
            # Sums of halves do not overflow.
            high = self.pool("sum", (x >> 32).astype(np.int64))
            low = self.pool("sum", (x & np.array(_arithmetic.LOW_HALF, x.dtype)).astype(np.int64))
        if negative:
            high, low = None if high is None else -high, -low
        if final.kind not in "biu":
            total = low.astype(np.float64)
            if high is not None:
                high += low >> 32
                total = high * 2.0**32 + (low & _arithmetic.LOW_HALF)
            return (total / counts).astype(final)
        lowest, highest = (0, 1) if final.kind == "b" else (np.iinfo(final).min, np.iinfo(final).max)
        if high is None and max(-int(low.min()), int(low.max())) < _arithmetic.TIES_BELOW:
            values = np.clip(np.rint(low / counts), lowest, highest)
        elif high is None:
            values = np.clip(_arithmetic.quotient(low, counts), lowest, min(highest, 2**63 - 1))
        elif counts.max() < 2**31:
            values = _arithmetic.quotient_of_halves(high, low, counts, lowest, highest)
        else:
            total = high.astype(object) * 2**32 + low.astype(object)
            values = np.minimum(np.maximum(_arithmetic.quotient(total, counts.astype(object)), lowest), highest)
        return values.astype(final)
