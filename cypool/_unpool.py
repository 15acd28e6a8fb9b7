"""Max unpooling: the inverse of max pooling, as far as there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cypool import _arguments
from cypool._call import Remembered
from cypool._docs import SIZES, documented
from cypool._scattering import checked_indices, gathered, native, scattered
from cypool._spreading import real_gradient

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike

    from cypool._typing import AnyArray, DataFormat, Int, Integers, Lengths, Sides, Sizes


def _unpool(n: int) -> Callable[..., AnyArray]:
    """max_unpool2d and its like."""
    def function(x: ArrayLike, indices: Integers, kernel_size: Sizes, stride: Sizes | None = None, padding: Sides = 0,
                 *, output_size: Sizes | None = None, data_format: DataFormat = "channels_first",
                 out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray:
        x = _arguments.array("x", x)
        if x.dtype.kind == "c":
            raise TypeError(f"x must have an order for max, got {x.dtype}")
        indices = checked_indices(indices, "x", x.shape)
        num_threads = None if num_threads is None else _arguments.positive("num_threads", num_threads)
        axes = _arguments.spatial_axes(n, data_format, x.ndim)
        shape = _shape(x.shape, axes, kernel_size, stride, padding, output_size)
        dtype = _arguments.native(x.dtype)
        if out is not None:
            _arguments.output(out, shape, dtype)
        return scattered(native(x, dtype), indices, "the output", shape, axes, dtype, out, num_threads, put=True)

    function.__name__ = function.__qualname__ = f"max_unpool{n}d"
    function.__module__ = "cypool"
    shape, result = [(1, 1) + (size,) * n for size in (4, 2)]
    function.__doc__ = f"""\
Put the maxima of `max_pool{n}d` back where they were, among zeros.

    Parameters
    ----------
    x : array_like
        What max pooling gave: any real dtype.
    indices : ndarray of int, the shape of x
        What it gave with ``return_indices=True``: flat over the pooled axes. Where two are equal, the last in row-major
        order wins.
    kernel_size : int or sequence of int
        That of max pooling, like stride and padding: one number for all pooled axes or one for each.
    stride : int or sequence of int, optional
        None means kernel_size.
    padding : int or sequence, default 0
        Elements beyond both ends: an int, one for each pooled axis, or a pair (before, after) for each.
    output_size : sequence of int, optional
        Lengths of the {n} spatial axes, or of all axes, of the output. By default
        ``(length - 1) * stride - padding before and after + kernel_size``; since max pooling drops what is left over,
        up to a stride more or less will do.
    {{data_format}}
    {{out}}
    {{num_threads}}

    Returns
    -------
    {{values}}

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, or an index is outside of the output.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> y, indices = cypool.max_pool{n}d(np.zeros({shape}), 2, return_indices=True)
    >>> y.shape == {result}
    True
    >>> cypool.max_unpool{n}d(y, indices, 2).shape
    {shape}
    """
    return documented(n=n, sizes=SIZES[n], dtype_of="x")(function)


@Remembered
def _shape(shape: Lengths, axes: Lengths, kernel_size: Sizes, stride: Sizes | None, padding: Sides,
           output_size: Sizes | None) -> Lengths:
    """The output's shape."""
    lengths = list(shape)
    for axis, length in zip(axes, _lengths(shape, axes, kernel_size, stride, padding, output_size)):
        lengths[axis] = length
    return _arguments.shape("output_size", tuple(lengths))


def _lengths(shape: Lengths, axes: Lengths, kernel_size: Sizes, stride: Sizes | None, padding: Sides,
             output_size: Sizes | None) -> Sequence[int]:
    """Lengths of the output's spatial axes."""
    n = len(axes)
    kernel_size = _arguments.per_axis("kernel_size", kernel_size, n)
    stride = kernel_size if stride is None else _arguments.per_axis("stride", stride, n)
    ends = _arguments.padding(padding, n)
    sides = [each for each in ends if not isinstance(each, str)]
    if len(sides) < n:
        raise ValueError(f'padding must be ints, since "{ends[0]}" does not tell the input\'s size')
    usual = [(shape[axis] - 1) * s - sum(p) + k for axis, k, s, p in zip(axes, kernel_size, stride, sides)]
    if output_size is None:
        if min(usual) < 1:
            raise ValueError(f"padding must leave an output, got the size {tuple(usual)} with padding {ends}")
        return usual
    sizes = _arguments.shape("output_size", output_size)
    if len(sizes) == len(shape) != n:
        if any(sizes[axis] != length for axis, length in enumerate(shape) if axis not in axes):
            raise ValueError(f"output_size must equal the shape of x, {shape}, along axes that are not pooled, "
                             f"got {sizes}")
        sizes = tuple(sizes[axis] for axis in axes)
    if len(sizes) != n:
        raise ValueError(f"output_size must have one entry for each of the {n} pooled axes or for all axes, "
                         f"got {sizes}")
    for size, length, s in zip(sizes, usual, stride):
        if not max(0, length - s) < size < length + s:
            raise ValueError(f"output_size must be less than a stride from {tuple(usual)}, got {sizes}")
    return sizes


@documented
def max_unpool_backward(grad_output: ArrayLike, indices: Integers, *, axis: Sizes | None = None) -> AnyArray:
    """Gradient of max unpooling.

    Parameters
    ----------
    {grad_output}
    indices : ndarray of int
        What the forward call took, of its x's shape.
    {axis}
        For `max_unpool2d` with channels first it is ``(-2, -1)``.

    Returns
    -------
    ndarray, the shape of indices
        The gradient from where each value was put. A value that a later one wrote over gets 0.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, or an index is outside of grad_output.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.max_unpool_backward(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 3]))
    array([2., 4.])
    """
    grad_output = real_gradient(grad_output)
    indices = _arguments.any_array("indices", indices)
    axes = tuple(sorted(_arguments.axes(axis, grad_output.ndim)))
    shape = tuple(n if a not in axes else indices.shape[a] if a < indices.ndim else 0
                  for a, n in enumerate(grad_output.shape))
    indices = checked_indices(indices, "grad_output but for the pooled axes", shape)
    result = gathered(grad_output, indices, axes)
    # Numbered by position, what is found again where a value was put is the last that was.
    numbers = np.arange(indices.size, dtype=np.int64).reshape(indices.shape)
    kept = scattered(numbers, indices, "grad_output", grad_output.shape, axes, numbers.dtype, None, 1, put=True)
    return np.where(gathered(kept, indices, axes) == numbers, result, result.dtype.type(0))


max_unpool1d, max_unpool2d, max_unpool3d = map(_unpool, (1, 2, 3))
