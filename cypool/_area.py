"""Averages over windows that cut through elements: shrinking by any factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cypool import _arguments
from cypool._docs import documented
from cypool._pooling import AXES, pool
from cypool._spreading import spread, spread_weighted

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import ArrayLike, DTypeLike

    from cypool._typing import AnyArray, Bools, Int, NanPolicy, OutputSizes, Shape, Sizes


@documented(complex=", complex64 or complex128", dtype_of="x, or ``dtype``",
            usual="By default that of x; an integer or bool mean is rounded half to even.")
def area_pool(x: ArrayLike, output_size: OutputSizes, *, axis: Sizes | None = None, nan_policy: NanPolicy = "propagate",
              dtype: DTypeLike | None = None, out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray:
    """The mean over windows of equal length, which need not be a whole number of elements.

    Output i of n covers the interval ``[i * L / n, (i + 1) * L / n)`` of an axis of length L; an element counts by the
    part of it that is covered, as with OpenCV's INTER_AREA. Integer means are exact.

    Parameters
    ----------
    {x}
    output_size : int, None, or sequence of them
        Outputs along the pooled axes; None keeps the length.
    {axis}
    {nan_policy}
        What is left of a window counts by its part of that.
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
    >>> cypool.area_pool(np.array([1.0, 2.0, 3.0]), 2)
    array([1.33333333, 2.66666667])
    >>> cypool.area_pool(np.zeros((480, 640, 3), np.uint8), (180, 250), axis=(0, 1)).shape
    (180, 250, 3)
    >>> cypool.area_pool(np.array([1.0, np.nan, 3.0]), 2, nan_policy="omit")
    array([1., 3.])
    """
    x = _arguments.array("x", x)
    _arguments.omit_nan(nan_policy)
    if x.dtype.kind in "biu" and _too_wide(x, output_size, axis):
        # Products of weights and elements leave 64 bits.
        wide = np.rint(area_pool(x.astype(np.float64), output_size, axis=axis, num_threads=num_threads))
        wanted = _arguments.result_dtype(dtype, x.dtype.newbyteorder("="), x.dtype)
        result = _clipped(wide, wanted).astype(wanted)
        if out is None:
            return result
        _arguments.output(out, result.shape, wanted)[...] = result
        return out
    return pool("area", "area", x, (axis, output_size), (AXES, nan_policy, False), dtype, out, num_threads)


def _clipped(wide: AnyArray, wanted: np.dtype[Any]) -> AnyArray:
    """What of float64 the wanted dtype holds, nearest to it."""
    if wanted.kind == "b":
        return np.clip(wide, 0, 1)
    if wanted.kind not in "iu":
        return wide
    info = np.iinfo(wanted)
    highest = float(info.max)
    return np.clip(wide, info.min, highest if highest <= info.max else np.nextafter(highest, 0))


def _too_wide(x: AnyArray, output_size: OutputSizes, axis: Sizes | None) -> np.bool_:
    axes = _arguments.axes(axis, x.ndim)
    sizes = _arguments.output_sizes(output_size, [x.shape[a] for a in axes])
    weights = np.prod([x.shape[a] / np.gcd(x.shape[a], size) for a, size in zip(axes, sizes)], dtype=np.float64)
    return weights * 2.0 ** (8 * x.dtype.itemsize) > 2.0**62


@documented
def area_pool_backward(grad_output: ArrayLike, input_shape: Shape, output_size: OutputSizes, *,
                       axis: Sizes | None = None, mask: Bools | None = None, out: AnyArray | None = None,
                       num_threads: Int | None = None) -> AnyArray:
    """Gradient of `area_pool`.

    Parameters
    ----------
    {grad_output}
    {input_shape}
    output_size : int, None, or sequence of them
        That of the forward call.
    {axis}
    mask : array_like of bool, optional
        True for elements that were left out, which get 0: for ``nan_policy="omit"`` it is ``numpy.isnan(x)``.
    {out_gradient}
    {num_threads}

    Returns
    -------
    ndarray, shape input_shape
        Each input gets the gradients of the outputs that cover it, by the part of them that it is.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, or grad_output has not the shape that the forward call gives.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.area_pool_backward(np.array([3.0, 6.0]), (3,), 2)
    array([2., 3., 4.])
    """
    if mask is not None:
        return spread_weighted("area", "area", grad_output, input_shape, axis, (output_size,), mask, None, out,
                               num_threads)
    return spread("area", "area", grad_output, input_shape, axis, (output_size,), out, num_threads)
