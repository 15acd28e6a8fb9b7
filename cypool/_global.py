"""Pooling of whole planes: one value for each channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cypool import _arguments
from cypool._docs import documented
from cypool._pooling import pool

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

    from cypool._typing import AnyArray, DataFormat, Flag, Int, NanPolicy, Number


@documented(dtype_of="x")
def global_max_pool(x: ArrayLike, *, data_format: DataFormat = "channels_first", keepdims: Flag = False,
                    nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
                    num_threads: Int | None = None) -> AnyArray:
    """The greatest value of each channel, over all spatial axes.

    Parameters
    ----------
    {x}
    {planes}
    {nan_policy}
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
    >>> cypool.global_max_pool(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[3., 7.]])
    """
    return _global("max", x, data_format, keepdims, nan_policy, None, out, num_threads)


@documented(complex=", complex64 or complex128", dtype_of="x, or ``dtype``",
            usual="By default that of x; an integer or bool mean is rounded half to even.")
def global_avg_pool(x: ArrayLike, *, data_format: DataFormat = "channels_first", keepdims: Flag = False,
                    nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
                    num_threads: Int | None = None) -> AnyArray:
    """The mean of each channel, over all spatial axes.

    Parameters
    ----------
    {x}
    {planes}
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
    >>> cypool.global_avg_pool(np.arange(8.0).reshape(1, 2, 2, 2), keepdims=True).shape
    (1, 2, 1, 1)
    """
    return _global("avg", x, data_format, keepdims, nan_policy, dtype, out, num_threads)


@documented(dtype_of="x (float64 for integers), or ``dtype``", usual="By default that of x; float64 for integers.")
def global_lp_pool(x: ArrayLike, norm_type: Number = 2, *, data_format: DataFormat = "channels_first",
                   keepdims: Flag = False, nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None,
                   out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray:
    """The p-norm of each channel, over all spatial axes. See `lp_pool`.

    Parameters
    ----------
    {x}
    {norm_type}
    {planes}
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
    >>> cypool.global_lp_pool(np.full((1, 2, 3, 3), 2.0))
    array([[6., 6.]])
    """
    return _global("lp", x, data_format, keepdims, nan_policy, dtype, out, num_threads, _arguments.norm(norm_type))


def _global(op: str, x: ArrayLike, data_format: DataFormat, keepdims: Flag, nan_policy: NanPolicy,
            dtype: DTypeLike | None, out: AnyArray | None, num_threads: Int | None,
            parameter: float | None = None) -> AnyArray:
    if type(x) is not np.ndarray:
        x = _arguments.array("x", x)
    if type(keepdims) is not bool:
        keepdims = _arguments.flag("keepdims", keepdims)
    # Any number of spatial axes, beside one of batches and one of channels.
    n = x.ndim - 2
    if n < 1:
        _arguments.spatial_axes(1, data_format, x.ndim)
        raise ValueError(f"x must have axes of batches, of channels and at least one more, got {x.ndim} axes")
    if not keepdims and isinstance(out, np.ndarray):
        axes = _arguments.spatial_axes(n, data_format, x.ndim)
        shape = tuple(length for a, length in enumerate(x.shape) if a not in axes)
        if out.shape != shape:
            raise ValueError(f"out must have the shape {shape}, got {out.shape}")
        pool(op, "adaptive", x, (n, 1), (data_format, nan_policy, False), dtype, np.expand_dims(out, axes), num_threads,
             parameter)
        return out
    result = pool(op, "adaptive", x, (n, 1), (data_format, nan_policy, False), dtype, out, num_threads, parameter)
    if keepdims:
        return result
    return result.reshape(result.shape[0], result.shape[1 if data_format == "channels_first" else -1])
