"""Indices of winners in as few bytes as their windows allow, to be kept until the backward pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cypool import _arguments
from cypool._docs import documented
from cypool._pooling import window_origins
from cypool._scattering import checked_indices

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from cypool._typing import Flag, Indices, Integers, Padding, Shape, Sizes
    from cypool._windows import Windows


@documented
def compact_indices(indices: Integers, input_shape: Shape, kernel_size: Sizes, stride: Sizes | None = None,
                    padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None,
                    ceil_mode: Flag = False) -> NDArray[np.unsignedinteger[Any]]:
    """Indices of max or min pooling as numbers of taps within their windows: an eighth of the memory.

    Parameters
    ----------
    indices : ndarray of int
        What pooling gave with ``return_indices=True``.
    {input_shape}
    {geometry}
    {dilation}
        All as in the forward call.
    {axis}
    {ceil_mode}

    Returns
    -------
    ndarray of uint8, uint16, uint32 or uint64
        Of the shape of indices: which tap of its window each is, in row-major order. uint8 where windows have up to 256
        taps. `expand_indices` gives the indices back.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, or an index is not one of its window.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> x = np.array([[1, 7, 2, 0], [3, 4, 5, 6]])
    >>> y, indices = cypool.max_pool(x, 2, return_indices=True)
    >>> offsets = cypool.compact_indices(indices, x.shape, 2)
    >>> indices, offsets
    (array([[1, 7]]), array([[1, 3]], dtype=uint8))
    >>> cypool.expand_indices(offsets, x.shape, 2)
    array([[1, 7]])
    """
    axes, windows, shape = window_origins(input_shape, axis, kernel_size, stride, padding, dilation, ceil_mode)
    indices = checked_indices(indices, "what pooling gives", shape).astype(np.int64)
    taps = 1
    for each in windows:
        taps *= each.taps
    result = np.zeros(shape, np.min_scalar_type(taps - 1))
    right: Flag = (indices >= 0).all()
    rest, scale = indices, 1
    for a, each in reversed(list(zip(axes, windows))):
        rest, position = np.divmod(rest, each.length)
        tap, off = np.divmod(position - _along(each, a, len(shape)), each.dilation)
        right = right and not off.any() and ((tap >= 0) & (tap < each.taps)).all()
        result += (tap * scale).astype(result.dtype)
        scale *= each.taps
    if not right or rest.any():
        raise ValueError("indices must be those of taps of their windows, got others: they are of another call")
    return result


@documented
def expand_indices(offsets: Integers, input_shape: Shape, kernel_size: Sizes, stride: Sizes | None = None,
                   padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None,
                   ceil_mode: Flag = False) -> Indices:
    """The indices that `compact_indices` was given, for `max_pool_backward` and `max_unpool2d`.

    Parameters
    ----------
    offsets : ndarray of int
        What `compact_indices` gave.
    {input_shape}
    {geometry}
    {dilation}
        All as in the forward call.
    {axis}
    {ceil_mode}

    Returns
    -------
    ndarray of int64
        Flat over the pooled axes of the input.

    Raises
    ------
    ValueError, TypeError
        If an argument is wrong, or an offset is not a tap of the window, or one in the padding.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.expand_indices(np.array([1, 0, 1], np.uint8), (6,), 2)
    array([1, 2, 5])
    """
    axes, windows, shape = window_origins(input_shape, axis, kernel_size, stride, padding, dilation, ceil_mode)
    offsets = _arguments.any_array("offsets", offsets)
    if offsets.dtype.kind not in "iu":
        raise TypeError(f"offsets must be integers, got {offsets.dtype}")
    if offsets.shape != shape:
        raise ValueError(f"offsets must have the shape that pooling gives, {shape}, got {offsets.shape}")
    result = np.zeros(shape, np.int64)
    right: Flag = True
    rest, scale = offsets.astype(np.int64), 1
    for a, each in reversed(list(zip(axes, windows))):
        rest, tap = np.divmod(rest, each.taps)
        position = _along(each, a, len(shape)) + tap * each.dilation
        right = right and ((position >= 0) & (position < each.length)).all()
        result += position * scale
        scale *= each.length
    if not right or rest.any():
        raise ValueError("offsets must be those of taps inside the input, got others: they are of another call")
    return result


def _along(windows: Windows, axis: int, ndim: int) -> Indices:
    """The first position of each window, to be broadcast."""
    origins = windows.origin + windows.stride * np.arange(windows.n_out, dtype=np.int64)
    return origins.reshape([-1 if a == axis else 1 for a in range(ndim)])
