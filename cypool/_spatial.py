"""Pooling under PyTorch's names: over the last one, two or three axes, or over those before the channels.

The names, defaults and indices are those of `torch.nn.functional`; any number of axes may come before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cypool import _arguments
from cypool._docs import SIZES, documented
from cypool._pooling import pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from numpy.typing import ArrayLike, DTypeLike

    from cypool._typing import AnyArray, DataFormat, Flag, Indices, Int, NanPolicy, Number, OutputSizes, Padding, Sizes

    _Function = TypeVar("_Function", bound=Callable[..., Any])

_EXTREMA = {"max": "greatest", "min": "least"}


def _extremum(op: str, n: int) -> Callable[..., AnyArray | tuple[AnyArray, Indices]]:
    """max_pool2d and its like."""
    def function(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                 dilation: Sizes = 1, *, ceil_mode: Flag = False, return_indices: Flag = False,
                 data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                 out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]:
        return pool(op, "pooled", x, (n, kernel_size, stride, padding, dilation, None),
                    (data_format, nan_policy, ceil_mode, return_indices), None, out, num_threads)

    shape, result = [(1, 1) + (size,) * n for size in (4, 2)]
    return _named(function, f"{op}_pool{n}d", n, f"""\
The {_EXTREMA[op]} value of each window, over {n} spatial {"axis" if n == 1 else "axes"}. See `{op}_pool`.

    Parameters
    ----------
    {{x}}
    {{geometry}}
        Padding never wins.
    {{dilation}}
    {{ceil_mode}}
    {{return_indices}}
    {{data_format}}
    {{nan_policy}}
    {{out}}
    {{num_threads}}

    Returns
    -------
    {{values}}
    {{indices}}

    Raises
    ------
    {{raises}}

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.{op}_pool{n}d(np.zeros({shape}), 2).shape
    {result}
    """)


def _average(n: int) -> Callable[..., AnyArray]:
    """avg_pool2d and its like."""
    def function(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                 dilation: Sizes = 1, *, ceil_mode: Flag = False, count_include_pad: Flag = True,
                 divisor_override: Int | None = None, data_format: DataFormat = "channels_first",
                 nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
                 num_threads: Int | None = None) -> AnyArray:
        return pool("avg", "pooled", x, (n, kernel_size, stride, padding, dilation, divisor_override),
                    (data_format, nan_policy, ceil_mode, count_include_pad, False), dtype, out, num_threads)

    shape, result = [(1, 1) + (size,) * n for size in (4, 2)]
    return _named(function, f"avg_pool{n}d", n, f"""\
The mean of each window, over {n} spatial {"axis" if n == 1 else "axes"}. See `avg_pool`.

    Parameters
    ----------
    {{x}}
    {{geometry}}
        Padding counts as 0, see count_include_pad.
    {{dilation}}
    {{ceil_mode}}
    {{divisor}}
    {{data_format}}
    {{nan_policy}}
    {{dtype}}
    {{out}}
    {{num_threads}}

    Returns
    -------
    {{values}}

    Raises
    ------
    {{raises}}

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.avg_pool{n}d(np.zeros({shape}), 2).shape
    {result}
    """)


def _norm(n: int) -> Callable[..., AnyArray]:
    """lp_pool2d and its like."""
    def function(x: ArrayLike, norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                 dilation: Sizes = 1, *, ceil_mode: Flag = False, data_format: DataFormat = "channels_first",
                 nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
                 num_threads: Int | None = None) -> AnyArray:
        return pool("lp", "pooled", x, (n, kernel_size, stride, padding, dilation, None),
                    (data_format, nan_policy, ceil_mode, False), dtype, out, num_threads, _arguments.norm(norm_type))

    shape, result = [(1, 1) + (size,) * n for size in (4, 2)]
    return _named(function, f"lp_pool{n}d", n, f"""\
The p-norm of each window, over {n} spatial {"axis" if n == 1 else "axes"}. See `lp_pool`.

    Parameters
    ----------
    {{x}}
    {{norm_type}}
    {{geometry}}
    {{dilation}}
    {{ceil_mode}}
    {{data_format}}
    {{nan_policy}}
    {{dtype}}
    {{out}}
    {{num_threads}}

    Returns
    -------
    {{values}}

    Raises
    ------
    {{raises}}

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.lp_pool{n}d(np.zeros({shape}), 2, 2).shape
    {result}
    """)


def _adaptive_max(n: int) -> Callable[..., AnyArray | tuple[AnyArray, Indices]]:
    """adaptive_max_pool2d and its like."""
    def function(x: ArrayLike, output_size: OutputSizes, *, return_indices: Flag = False,
                 data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                 out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]:
        return pool("max", "adaptive", x, (n, output_size), (data_format, nan_policy, return_indices), None, out,
                    num_threads)

    shape, result = [(1, 1) + (size,) * n for size in (7, 3)]
    return _named(function, f"adaptive_max_pool{n}d", n, f"""\
The greatest value of each window, for a wanted number of outputs along {n} spatial {"axis" if n == 1 else "axes"}.

    Parameters
    ----------
    {{x}}
    {{output_size}}
    {{return_indices}}
    {{data_format}}
    {{nan_policy}}
    {{out}}
    {{num_threads}}

    Returns
    -------
    {{values}}
    {{indices}}

    Raises
    ------
    {{raises}}

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.adaptive_max_pool{n}d(np.zeros({shape}), 3).shape
    {result}
    """)


def _adaptive_average(n: int) -> Callable[..., AnyArray]:
    """adaptive_avg_pool2d and its like."""
    def function(x: ArrayLike, output_size: OutputSizes, *, data_format: DataFormat = "channels_first",
                 nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
                 num_threads: Int | None = None) -> AnyArray:
        return pool("avg", "adaptive", x, (n, output_size), (data_format, nan_policy, False), dtype, out,
                    num_threads)

    shape, result = [(1, 1) + (size,) * n for size in (7, 3)]
    return _named(function, f"adaptive_avg_pool{n}d", n, f"""\
The mean of each window, for a wanted number of outputs along {n} spatial {"axis" if n == 1 else "axes"}.

    Parameters
    ----------
    {{x}}
    {{output_size}}
    {{data_format}}
    {{nan_policy}}
    {{dtype}}
    {{out}}
    {{num_threads}}

    Returns
    -------
    {{values}}

    Raises
    ------
    {{raises}}

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.adaptive_avg_pool{n}d(np.zeros({shape}), 3).shape
    {result}
    """)


def _named(function: _Function, name: str, n: int, doc: str) -> _Function:
    function.__name__ = function.__qualname__ = name
    function.__module__ = "cypool"
    function.__doc__ = doc
    if "lp" in name:
        return documented(n=n, sizes=SIZES[n], dtype_of="x (float64 for integers), or ``dtype``",
                          usual="By default that of x; float64 for integers.")(function)
    average = "avg" in name
    return documented(n=n, sizes=SIZES[n], dtype_of="x, or ``dtype``" if average else "x",
                      complex=", complex64 or complex128" if average else "",
                      usual="By default that of x; an integer or bool mean is rounded half to even.")(function)


max_pool1d, max_pool2d, max_pool3d = (_extremum("max", n) for n in (1, 2, 3))
min_pool1d, min_pool2d, min_pool3d = (_extremum("min", n) for n in (1, 2, 3))
avg_pool1d, avg_pool2d, avg_pool3d = map(_average, (1, 2, 3))
lp_pool1d, lp_pool2d, lp_pool3d = map(_norm, (1, 2, 3))
adaptive_max_pool1d, adaptive_max_pool2d, adaptive_max_pool3d = map(_adaptive_max, (1, 2, 3))
adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d = map(_adaptive_average, (1, 2, 3))
