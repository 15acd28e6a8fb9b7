"""Gradients of pooling with respect to its input.

The gradient of a sum or an average is itself a sum, over the outputs that read an input: the same passes with the
windows transposed. The gradient of max and min goes to the winners, whose indices the forward call gave.
"""

from math import prod

import numpy as np

from cypool import _arguments, _pooling, _threads
from cypool._docs import documented
from cypool._engine.scatter import scatter

# Planes side by side that one thread scatters at once where the inner axis is long.
_TILE = 256
# About what an index costs.
_SCATTER_NS = 2.0


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
    grad_output = _gradient(grad_output)
    if grad_output.dtype.kind == "c":
        raise TypeError(f"grad_output must be real, since complex numbers have no greatest, got {grad_output.dtype}")
    num_threads = None if num_threads is None else _arguments.positive("num_threads", num_threads)
    indices = np.asarray(indices)
    if indices.dtype.kind not in "iu":
        raise TypeError(f"indices must be integers, got {indices.dtype}")
    if indices.shape != grad_output.shape:
        raise ValueError(f"indices must have the shape of grad_output, {grad_output.shape}, got {indices.shape}")
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
    return _scattered(grad_output, indices, input_shape, axes, out, num_threads)


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
    return _spread("avg", grad_output, input_shape, axis, geometry, out, num_threads)


@documented
def sum_pool_backward(grad_output, input_shape, kernel_size, stride=None, padding=0, dilation=1, *, axis=None,
                      ceil_mode=False, out=None, num_threads=None):
    """Gradient of sum pooling.

    Parameters
    ----------
    {grad_output}
    {input_shape}
    {geometry}
    {axis}
    {ceil_mode}
    {out_gradient}
    {num_threads}

    Returns
    -------
    ndarray, shape input_shape
        Each input gets the sum of grad_output over the outputs whose window it is in.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.sum_pool_backward(np.array([10.0, 20.0]), (3,), 2, 1)
    array([10., 30., 20.])
    """
    geometry = (kernel_size, stride, padding, dilation, None, ceil_mode, True)
    return _spread("sum", grad_output, input_shape, axis, geometry, out, num_threads)


def _gradient(grad_output):
    grad_output = _arguments.array("grad_output", grad_output)
    if grad_output.dtype.kind not in "fc" and not _arguments.is_bfloat(grad_output.dtype):
        raise TypeError(f"grad_output must have a floating dtype, got {grad_output.dtype}")
    return grad_output


def _spread(op, grad_output, input_shape, axis, geometry, out, num_threads):
    """The gradient of a sum or an average."""
    grad_output = _gradient(grad_output)
    input_shape = _arguments.shape("input_shape", input_shape)
    if len(input_shape) != grad_output.ndim:
        raise ValueError(f"input_shape must have the {grad_output.ndim} axes of grad_output, got {input_shape}")
    cells = _pooling.check_gradient(grad_output.shape, input_shape, axis, *geometry)
    if op == "avg" and cells is not None:
        # Each output has its own divisor. Gradients of 16 bits are divided, and then summed, as float32.
        narrow = grad_output.dtype.itemsize == 2
        dtype = grad_output.dtype
        grad_output = grad_output.astype(np.float32 if narrow else dtype, copy=False)
        grad_output = grad_output / cells.astype(grad_output.real.dtype)
        op = "sum"
        if narrow and out is None:
            out = np.empty_like(grad_output, dtype, shape=input_shape)
    *sizes, ceil_mode, count_include_pad = geometry
    return _pooling.pool(op, "transposed", grad_output, (axis, op, input_shape, *sizes),
                         (_pooling.AXES, "propagate", ceil_mode, count_include_pad, False), None, out, num_threads)


def _scattered(grad_output, indices, input_shape, axes, out, num_threads):
    # Gradients of 16 bits are summed as float32.
    gradient = np.require(grad_output, np.float64 if grad_output.dtype.itemsize == 8 else np.float32, "A")
    plane_size = prod(input_shape[axis] for axis in axes)
    if indices.dtype.kind == "u" and indices.size:
        # Beyond int64 they would come out negative, and be reported so.
        _check_indices(indices, plane_size, input_shape)
    indices = np.require(indices, np.int64, "A")
    result = out
    if (out is None or out.dtype != gradient.dtype or not out.flags.aligned
            or np.may_share_memory(out, gradient) or np.may_share_memory(out, indices)):
        result = np.empty_like(gradient, shape=input_shape)
    if not _scatter(gradient, indices, result, axes, num_threads):
        _check_indices(indices, plane_size, input_shape)
    if out is None:
        return result.astype(grad_output.dtype, copy=False)
    if result is not out:
        np.copyto(out, result, casting="unsafe")
    return out


def _check_indices(indices, plane_size, input_shape):
    wrong = indices[(indices < 0) | (indices >= plane_size)]
    if wrong.size:
        raise ValueError(f"indices must be in [0, {plane_size}), the positions of the pooled axes of input_shape "
                         f"{input_shape}, got {wrong[0]}")


def _scatter(gradient, indices, target, axes, num_threads):
    """Fill target, which may hold anything; False if an index is wrong."""
    dims = [(n, *strides) for n, *strides in zip(gradient.shape, gradient.strides, indices.strides, target.strides)]
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
    if not gradient.size:
        if fresh:
            target.fill(0)
        return True
    wanted = _threads.get_num_threads() if num_threads is None else num_threads
    n_threads = _threads.worth(gradient.size * _SCATTER_NS, wanted)
    tile = _TILE if inner[0] > _TILE or n_threads == 1 else -(-inner[0] // n_threads)
    return scatter(gradient, indices, target, plain, pooled, lengths, inner, unit, tile, fresh, n_threads)
