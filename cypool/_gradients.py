"""Gradients of pooling with respect to its input.

The gradient of a sum or an average is itself a sum, over the outputs that read an input: the same passes with the
windows transposed. The gradient of max and min goes to the winners, whose indices the forward call gave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cypool import _arguments, _weighted
from cypool._call import Remembered
from cypool._docs import documented
from cypool._pooling import input_lengths
from cypool._scattering import checked_indices, native, scattered
from cypool._spreading import real_gradient, spread, spread_weighted

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cypool._typing import (
        AnyArray,
        Bools,
        Flag,
        Int,
        Integers,
        Lengths,
        OutputSizes,
        Padding,
        Reals,
        Shape,
        Sizes,
    )


@documented
def max_pool_backward(grad_output: ArrayLike, indices: Integers, input_shape: Shape, *, axis: Sizes | None = None,
                      mask: Bools | None = None, out: AnyArray | None = None,
                      num_threads: Int | None = None) -> AnyArray:
    """Gradient of max pooling, from the indices that it gave.

    Parameters
    ----------
    {grad_output}
    indices : ndarray of int, the shape of grad_output
        What the forward call gave with ``return_indices=True``: flat over the pooled axes of the input.
    {input_shape}
    {axis}
        It is what the forward call took: for `max_pool2d` with channels first it is ``(-2, -1)``.
    {mask_gradient}
    {out_gradient}
    {num_threads}

    Returns
    -------
    ndarray, shape input_shape
        Each input gets the sum of the gradients of those outputs whose window it won.

    Raises
    ------
    ValueError, TypeError
        If a shape, a dtype or an index does not fit.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> y, indices = cypool.max_pool(np.array([1.0, 3.0, 2.0, 0.0]), 2, return_indices=True)
    >>> cypool.max_pool_backward(np.array([10.0, 20.0]), indices, (4,))
    array([ 0., 10., 20.,  0.])
    """
    grad_output = real_gradient(grad_output)
    num_threads = None if num_threads is None else _arguments.positive("num_threads", num_threads)
    indices = checked_indices(indices, "grad_output", grad_output.shape)
    input_shape, axes = _shape_and_axes(input_shape, axis, grad_output.shape)
    dtype = _arguments.native(grad_output.dtype)
    if out is not None:
        _arguments.output(out, input_shape, dtype)
    left_out = None if mask is None else _weighted.checked_mask(mask, input_shape)
    # Gradients of 16 bits are summed as float32.
    summed = native(grad_output, np.dtype(np.float64 if grad_output.dtype.itemsize == 8 else np.float32))
    result = scattered(summed, indices, "input_shape", input_shape, axes, dtype, out, num_threads)
    if left_out is not None:
        # A window of nothing else names one of them.
        np.copyto(result, 0, where=left_out, casting="unsafe")
    return result


@Remembered
def _shape_and_axes(input_shape: Shape, axis: Sizes | None, shape: Lengths) -> tuple[Lengths, Lengths]:
    """The input's shape and its pooled axes, in order, checked against the gradient's shape."""
    input_shape = input_lengths(input_shape, len(shape))
    axes = tuple(sorted(_arguments.axes(axis, len(input_shape))))
    for a, (length, n_out) in enumerate(zip(input_shape, shape)):
        if a in axes:
            if length == 0:
                raise ValueError(f"input_shape must not be 0 along a pooled axis, got {input_shape}")
        elif length != n_out:
            raise ValueError(f"input_shape must equal the shape of grad_output, {shape}, along axes that are not "
                             f"pooled, got {input_shape}")
    return input_shape, axes


@documented
def min_pool_backward(grad_output: ArrayLike, indices: Integers, input_shape: Shape, *, axis: Sizes | None = None,
                      mask: Bools | None = None, out: AnyArray | None = None,
                      num_threads: Int | None = None) -> AnyArray:
    """Gradient of min pooling, from the indices that it gave.

    Parameters
    ----------
    {grad_output}
    indices : ndarray of int, the shape of grad_output
        What the forward call gave with ``return_indices=True``: flat over the pooled axes of the input.
    {input_shape}
    {axis}
    {mask_gradient}
    {out_gradient}
    {num_threads}

    Returns
    -------
    ndarray, shape input_shape
        Each input gets the sum of the gradients of those outputs whose window it won.

    Raises
    ------
    ValueError, TypeError
        If a shape, a dtype or an index does not fit.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> y, indices = cypool.min_pool(np.array([1.0, 3.0, 2.0, 0.0]), 2, return_indices=True)
    >>> cypool.min_pool_backward(np.array([10.0, 20.0]), indices, (4,))
    array([10.,  0.,  0., 20.])
    """
    return max_pool_backward(grad_output, indices, input_shape, axis=axis, mask=mask, out=out, num_threads=num_threads)


@documented
def avg_pool_backward(grad_output: ArrayLike, input_shape: Shape, kernel_size: Sizes, stride: Sizes | None = None,
                      padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
                      count_include_pad: Flag = True, divisor_override: Int | None = None, mask: Bools | None = None,
                      weights: Reals | None = None, out: AnyArray | None = None,
                      num_threads: Int | None = None) -> AnyArray:
    """Gradient of average pooling.

    Parameters
    ----------
    {grad_output}
    {input_shape}
    {geometry}
    {dilation}
    {axis}
    {ceil_mode}
    {divisor}
    {mask_gradient}
        For NaNs that ``nan_policy="omit"`` left out it is ``numpy.isnan(x)``.
    {weights_gradient}
    {out_gradient}
    {num_threads}

    Returns
    -------
    ndarray, shape input_shape
        Each input gets the sum of grad_output / divisor over the outputs whose window it is in.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, or grad_output has not the shape that the forward call gives.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.avg_pool_backward(np.array([10.0, 20.0]), (5,), 2)
    array([ 5.,  5., 10., 10.,  0.])
    >>> cypool.avg_pool_backward(np.array([10.0, 20.0]), (5,), 2, mask=[True, False, False, False, False])
    array([ 0., 10., 10., 10.,  0.])
    """
    geometry, flags = (kernel_size, stride, padding, dilation, divisor_override), (ceil_mode, count_include_pad)
    if mask is not None or weights is not None:
        return spread_weighted("avg", "pooled", grad_output, input_shape, axis, geometry + flags, mask, weights, out,
                               num_threads)
    return spread("avg", "pooled", grad_output, input_shape, axis, geometry, flags, out, num_threads)


@documented
def adaptive_avg_pool_backward(grad_output: ArrayLike, input_shape: Shape, output_size: OutputSizes, *,
                               axis: Sizes | None = None, out: AnyArray | None = None,
                               num_threads: Int | None = None) -> AnyArray:
    """Gradient of adaptive average pooling.

    Parameters
    ----------
    {grad_output}
    {input_shape}
    {output_size}
    {axis}
    {out_gradient}
    {num_threads}

    Returns
    -------
    ndarray, shape input_shape
        Each input gets the sum of grad_output / divisor over the outputs whose window it is in.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, or grad_output has not the shape that the forward call gives.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.adaptive_avg_pool_backward(np.array([6.0, 12.0]), (3,), 2)
    array([3., 9., 6.])
    """
    return spread("avg", "adaptive", grad_output, input_shape, axis, (output_size,), (), out, num_threads)


@documented
def sum_pool_backward(grad_output: ArrayLike, input_shape: Shape, kernel_size: Sizes, stride: Sizes | None = None,
                      padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
                      mask: Bools | None = None, weights: Reals | None = None, out: AnyArray | None = None,
                      num_threads: Int | None = None) -> AnyArray:
    """Gradient of sum pooling.

    Parameters
    ----------
    {grad_output}
    {input_shape}
    {geometry}
    {dilation}
    {axis}
    {ceil_mode}
    {mask_gradient}
    {weights_gradient}
    {out_gradient}
    {num_threads}

    Returns
    -------
    ndarray, shape input_shape
        Each input gets the sum of grad_output over the outputs whose window it is in.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, or grad_output has not the shape that the forward call gives.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.sum_pool_backward(np.array([10.0, 20.0]), (3,), 2, 1)
    array([10., 30., 20.])
    """
    geometry, flags = (kernel_size, stride, padding, dilation, None), (ceil_mode, True)
    if mask is not None or weights is not None:
        return spread_weighted("sum", "pooled", grad_output, input_shape, axis, geometry + flags, mask, weights, out,
                               num_threads)
    return spread("sum", "pooled", grad_output, input_shape, axis, geometry, flags, out, num_threads)
