"""Gradients of pooling with respect to its input.

The gradient of a sum or an average is itself a sum, over the outputs that read an input: the same passes with the
windows transposed. The gradient of max and min goes to the winners, whose indices the forward call gave.
"""

# Its types are in the stub beside it, so that parameters have none here.
# pyright: standard

import numpy as np

from cypool import _arguments, _pooling
from cypool._docs import documented
from cypool._scattering import checked_indices, scattered


@documented
def max_pool_backward(grad_output, indices, input_shape, *, axis=None, out=None, num_threads=None):
    """Gradient of max pooling, from the indices that it gave.

    Parameters
    ----------
    {grad_output}
    indices : ndarray of int, the shape of grad_output
        What the forward call gave with ``return_indices=True``: flat over the pooled axes of the input.
    {input_shape}
    {axis}
        It is what the forward call took: for `max_pool2d` with channels first it is ``(-2, -1)``.
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
    input_shape = _arguments.shape("input_shape", input_shape)
    if len(input_shape) != grad_output.ndim:
        raise ValueError(f"input_shape must have the {grad_output.ndim} axes of grad_output, got {input_shape}")
    axes = sorted(_arguments.axes(axis, len(input_shape)))
    for a, (length, n_out) in enumerate(zip(input_shape, grad_output.shape)):
        if a in axes:
            if length == 0:
                raise ValueError(f"input_shape must not be 0 along a pooled axis, got {input_shape}")
        elif length != n_out:
            raise ValueError(f"input_shape must equal the shape of grad_output, {grad_output.shape}, along axes that "
                             f"are not pooled, got {input_shape}")
    if out is not None:
        _arguments.output(out, input_shape, grad_output.dtype)
    # Gradients of 16 bits are summed as float32.
    summed = np.require(grad_output, np.float64 if grad_output.dtype.itemsize == 8 else np.float32, "A")
    return scattered(summed, indices, "input_shape", input_shape, axes, grad_output.dtype, out, num_threads)


@documented
def min_pool_backward(grad_output, indices, input_shape, *, axis=None, out=None, num_threads=None):
    """Gradient of min pooling, from the indices that it gave.

    Parameters
    ----------
    {grad_output}
    indices : ndarray of int, the shape of grad_output
        What the forward call gave with ``return_indices=True``: flat over the pooled axes of the input.
    {input_shape}
    {axis}
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
    return max_pool_backward(grad_output, indices, input_shape, axis=axis, out=out, num_threads=num_threads)


@documented
def avg_pool_backward(grad_output, input_shape, kernel_size, stride=None, padding=0, dilation=1, *, axis=None,
                      ceil_mode=False, count_include_pad=True, divisor_override=None, out=None, num_threads=None):
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
    """
    geometry = (kernel_size, stride, padding, dilation, divisor_override, ceil_mode, count_include_pad)
    return spread("avg", "pooled", grad_output, input_shape, axis, geometry, out, num_threads)


@documented
def adaptive_avg_pool_backward(grad_output, input_shape, output_size, *, axis=None, out=None, num_threads=None):
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
    return spread("avg", "adaptive", grad_output, input_shape, axis, (output_size,), out, num_threads)


@documented
def sum_pool_backward(grad_output, input_shape, kernel_size, stride=None, padding=0, dilation=1, *, axis=None,
                      ceil_mode=False, out=None, num_threads=None):
    """Gradient of sum pooling.

    Parameters
    ----------
    {grad_output}
    {input_shape}
    {geometry}
    {dilation}
    {axis}
    {ceil_mode}
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
    geometry = (kernel_size, stride, padding, dilation, None, ceil_mode, True)
    return spread("sum", "pooled", grad_output, input_shape, axis, geometry, out, num_threads)


def real_gradient(grad_output):
    grad_output = _gradient(grad_output)
    if grad_output.dtype.kind == "c":
        raise TypeError(f"grad_output must be real, got {grad_output.dtype}")
    return grad_output


def _gradient(grad_output):
    grad_output = _arguments.array("grad_output", grad_output)
    if grad_output.dtype.kind not in "fc" and not _arguments.is_bfloat(grad_output.dtype):
        raise TypeError(f"grad_output must have a floating dtype, got {grad_output.dtype}")
    return grad_output


def spread(op, maker, grad_output, input_shape, axis, geometry, out, num_threads):
    """The gradient of a sum or an average, whose windows `maker` makes from `geometry`."""
    grad_output = _gradient(grad_output)
    input_shape = _arguments.shape("input_shape", input_shape)
    if len(input_shape) != grad_output.ndim:
        raise ValueError(f"input_shape must have the {grad_output.ndim} axes of grad_output, got {input_shape}")
    cells = _pooling.check_gradient(grad_output.shape, maker, input_shape, axis, *geometry)
    if op == "avg" and cells is not None:
        # Each output has its own divisor. Gradients of 16 bits are divided, and then summed, as float32.
        narrow = grad_output.dtype.itemsize == 2
        dtype = grad_output.dtype
        grad_output = grad_output.astype(np.float32 if narrow else dtype, copy=False)
        grad_output = grad_output / cells.astype(np.real(grad_output).dtype)
        op = "sum"
        if narrow and out is None:
            out = np.empty_like(grad_output, dtype, shape=input_shape)
    flags = ()
    if maker == "pooled":
        *geometry, ceil_mode, count_include_pad = geometry
        flags = (ceil_mode, count_include_pad)
    return _pooling.pool(op, "transposed", grad_output, (axis, op, maker, input_shape, *geometry),
                         (_pooling.AXES, "propagate", *flags, False), None, out, num_threads)
