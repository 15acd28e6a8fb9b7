"""Images and volumes: blocks that lie side by side become one element each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cypool import _arguments
from cypool._docs import documented
from cypool._pooling import AXES, pool

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from numpy.typing import ArrayLike, DTypeLike

    from cypool._typing import AnyArray, Boundary, Int, NanPolicy, Padding, Reduction, Sizes

_OPERATIONS = {"mean": "avg", "max": "max", "min": "min", "sum": "sum", "median": "median", "mode": "mode",
               "var": "var", "std": "std"}
_BOUNDARIES = ("exact", "trim", "pad", "partial")


@documented(complex=", complex64 or complex128 for mean and sum", dtype_of="x, or ``dtype``",
            usual="Only with mean, sum, var and std: by default that of x; int64 or uint64 for sums of integers, "
                  "and float64 for their var and std.")
def block_reduce(x: ArrayLike, block_size: Sizes, func: Reduction = "mean", *, axis: Sizes | None = None,
                 boundary: Boundary = "exact", nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None,
                 out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray:
    """Reduce each block of an array to one element.

    Parameters
    ----------
    {x}
    block_size : int or sequence of int
        Elements of a block: one number for all reduced axes or one for each.
    func : {"mean", "max", "min", "sum", "median", "mode", "var", "std"}
        An integer mean is exact, and rounded half to even. See `median_pool`, `mode_pool` and `var_pool` for the last
        four.
    axis : int or sequence of int, optional
        The reduced axes. None means all axes.
    boundary : {"exact", "trim", "pad", "partial"}
        What to do where blocks do not divide an axis: raise; leave out what is left over; go on with zeros until they
        do, as ``skimage.measure.block_reduce`` does; or reduce those elements of the last block that exist.
    {nan_policy}
    {dtype}
    {out}
    {num_threads}

    Returns
    -------
    {values}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import numpy as np, cypool
    >>> image = np.array([[1, 3, 5], [5, 7, 9]], np.uint8)
    >>> cypool.block_reduce(image, 2, boundary="partial")
    array([[4, 7]], dtype=uint8)
    >>> cypool.block_reduce(image, 2, boundary="pad")
    array([[4, 4]], dtype=uint8)
    >>> cypool.block_reduce(image, (2, 3), "max")
    array([[9]], dtype=uint8)
    """
    _check_choice("func", func, _OPERATIONS)
    _check_choice("boundary", boundary, _BOUNDARIES)
    op = _OPERATIONS[func]
    if op in ("max", "min", "median", "mode") and dtype is not None:
        raise TypeError(f"dtype must be None for {func}, which keeps that of x, got {_arguments.shown(dtype)}")
    x = _arguments.array("x", x)
    axes = _arguments.axes(axis, x.ndim)
    sizes = _arguments.per_axis("block_size", block_size, len(axes))
    rests = {a: x.shape[a] % size for a, size in zip(axes, sizes) if x.shape[a] % size}
    if rests and boundary == "exact":
        a = min(rests)
        raise ValueError(f"block_size must divide the length of each axis, or boundary say what to do: along axis {a} "
                         f"got {sizes[axes.index(a)]}, of {x.shape[a]}")
    for a, size in zip(axes, sizes):
        if boundary == "trim" and 0 < x.shape[a] < size:
            raise ValueError(f"block_size must be at most the length of each axis where boundary is trim: along axis "
                             f"{a} got {size}, of {x.shape[a]}")
    padding: Padding = 0
    omits = _arguments.omit_nan(nan_policy)
    if boundary == "pad" and op in ("avg", "sum") and not omits:
        padding = tuple((0, -x.shape[a] % size) for a, size in zip(axes, sizes))
    elif boundary == "pad" and rests and (omits or op not in ("max", "min")):
        # Only these need the zeros themselves: they are what is left where all else is NaN.
        x = np.pad(x, [(0, -n % dict(zip(axes, sizes)).get(a, 1)) for a, n in enumerate(x.shape)])
    flags = (AXES, nan_policy, boundary in ("pad", "partial"))
    counted = (boundary == "pad",) if op == "avg" else (True,) if op == "sum" else ()
    result: AnyArray = pool(op, "pooled", x, (axes, sizes, None, padding, 1, None), (*flags, *counted, False), dtype,
                            out, num_threads, 0.0 if op in ("var", "std") else None)
    if boundary == "pad" and op in ("max", "min") and not omits:
        # Zeros among the elements of the last block of an axis.
        for a in rests:
            last = result[(slice(None),) * a + (slice(-1, None),)]
            (np.maximum if op == "max" else np.minimum)(last, np.zeros((), result.dtype), out=last)
    return result


@documented(complex=", complex64 or complex128 for mean and sum")
def pyramid(x: ArrayLike, factor: Sizes = 2, *, levels: Int | None = None, func: Reduction = "mean",
            axis: Sizes | None = None, boundary: Boundary = "partial", nan_policy: NanPolicy = "propagate",
            num_threads: Int | None = None) -> list[AnyArray]:
    """Smaller and smaller versions of an image or volume.

    A level is made from the one before it where that gives the same: for max and min, for sums of integers, and for
    means of floats as long as blocks are whole (the same but for rounding). Else it is made from x itself, in blocks
    of ``factor ** level``: no rounding or vote is made twice.

    Parameters
    ----------
    {x}
    factor : int or sequence of int, default 2
        Elements of a block along each axis, from one level to the next.
    levels : int, optional
        How many. By default, as long as all reduced axes are longer than 1, and hold a block where boundary is "trim".
    func : {"mean", "max", "min", "sum", "median", "mode", "var", "std"}
        As in `block_reduce`.
    axis : int or sequence of int, optional
        The reduced axes. None means all axes.
    boundary : {"partial", "exact", "trim"}
        As in `block_reduce`.
    {nan_policy}
    {num_threads}

    Returns
    -------
    list of ndarray
        The levels, from the largest to the smallest, without x.

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import numpy as np, cypool
    >>> [level.shape for level in cypool.pyramid(np.zeros((100, 60), np.uint8))]
    [(50, 30), (25, 15), (13, 8), (7, 4), (4, 2), (2, 1)]
    >>> labels = np.array([[1, 1, 2, 3], [1, 4, 3, 3]])
    >>> cypool.pyramid(labels, (1, 2), func="mode", levels=1)[0]
    array([[1, 2],
           [1, 3]])
    """
    _check_choice("func", func, _OPERATIONS)
    _check_choice("boundary", boundary, [each for each in _BOUNDARIES if each != "pad"])
    _arguments.omit_nan(nan_policy)
    x = _arguments.array("x", x)
    axes = _arguments.axes(axis, x.ndim)
    factors = _arguments.per_axis("factor", factor, len(axes))
    if levels is not None:
        levels = _arguments.positive("levels", levels)
    elif max(factors) == 1:
        raise ValueError("factor must be above 1 along some axis where levels is None, got 1")
    least = {a: each if boundary == "trim" else 2 for a, each in zip(axes, factors) if each > 1}
    options: dict[str, Any] = {"axis": axes, "boundary": boundary, "nan_policy": nan_policy, "num_threads": num_threads}
    result = [x]
    while len(result) <= levels if levels is not None else all(result[-1].shape[a] >= n for a, n in least.items()):
        last, level = result[-1], len(result)
        whole = boundary != "partial" or all(x.shape[a] % each**level == 0 for a, each in zip(axes, factors))
        if _repeats(func, x.dtype, whole, nan_policy):
            result.append(block_reduce(last, factors, func, **options))
        else:
            result.append(block_reduce(x, [each**level for each in factors], func, **options))
    return result[1:]


def _check_choice(name: str, value: object, choices: Collection[str]) -> None:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {_arguments.shown(value)}")


def _repeats(func: Reduction, dtype: np.dtype[Any], whole: bool, nan_policy: NanPolicy) -> bool:
    """Whether a reduction of reductions is the reduction of all."""
    if func in ("max", "min"):
        return True
    if func == "sum":
        return dtype.kind in "biu"
    return func == "mean" and dtype.kind in "fc" and whole and nan_policy == "propagate"
