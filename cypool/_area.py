"""Averages over windows that cut through elements: shrinking by any factor."""

from __future__ import annotations

from math import gcd, prod
from typing import TYPE_CHECKING

import numpy as np

from cypool import _arguments, _arithmetic
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
        wanted = _arguments.result_dtype(dtype, x.dtype.newbyteorder("="), x.dtype)
        if wanted.kind not in "biu":
            return area_pool(x.astype(np.float64), output_size, axis=axis, dtype=wanted, out=out,
                             num_threads=num_threads)
        result = _wide_means(x, output_size, axis, wanted, num_threads)
        if out is None:
            return result
        _arguments.output(out, result.shape, wanted)[...] = result
        return out
    return pool("area", "area", x, (axis, output_size), (AXES, nan_policy, False), dtype, out, num_threads)


def _weight(x: AnyArray, output_size: OutputSizes, axis: Sizes | None) -> tuple[int, int]:
    """What the weights of a window add up to, as whole numbers; and how many taps it has at most."""
    axes = _arguments.axes(axis, x.ndim)
    sizes = _arguments.output_sizes(output_size, [x.shape[a] for a in axes])
    lengths = [x.shape[a] for a in axes]
    return (prod(length // gcd(length, size) for length, size in zip(lengths, sizes)),
            prod(length // size + 2 for length, size in zip(lengths, sizes)))


def _too_wide(x: AnyArray, output_size: OutputSizes, axis: Sizes | None) -> bool:
    return _weight(x, output_size, axis)[0] << 8 * x.dtype.itemsize > 2**62


def _wide_means(x: AnyArray, output_size: OutputSizes, axis: Sizes | None, wanted: np.dtype[Any],
                num_threads: Int | None) -> AnyArray:
    """Means of integers, rounded half to even, from sums of some bits of them at a time: those are exact in float64."""
    weight, taps = _weight(x, output_size, axis)
    bits = next(bits for bits in (16, 8, 4, 2, 1) if weight * taps << bits < 2**51 or bits == 1)
    native = x.astype(x.dtype.newbyteorder("="))
    sums: dict[int, AnyArray] = {}
    for shift in range(0, 8 * x.dtype.itemsize, bits):
        # The highest have the sign.
        part = native >> shift
        if shift + bits < 8 * x.dtype.itemsize:
            part &= native.dtype.type(2**bits - 1)
        means = area_pool(part.astype(np.float64), output_size, axis=axis, num_threads=num_threads)
        sums[shift] = np.rint(means * weight).astype(np.int64)
    lowest, highest = (0, 1) if wanted.kind == "b" else (np.iinfo(wanted).min, np.iinfo(wanted).max)
    if bits == 16 and weight < 2**30:
        zero = np.zeros_like(sums[0])
        high, low = (sums.get(shift, zero) + (sums.get(shift + 16, zero) << 16) for shift in (32, 0))
        return _arithmetic.quotient_of_halves(high, low, weight, lowest, highest).astype(wanted)
    total: AnyArray = np.zeros_like(sums[0], object)
    for shift, each in sums.items():
        total += each.astype(object) << shift
    return np.clip(_arithmetic.quotient(total, weight), lowest, highest).astype(wanted)


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
    return spread("area", "area", grad_output, input_shape, axis, (output_size,), (), out, num_threads)
