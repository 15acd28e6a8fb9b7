"""Statistics of each window: medians and majorities, variances and norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cypool import _arguments
from cypool._docs import documented
from cypool._pooling import AXES, pool

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

    from cypool._typing import AnyArray, Flag, Int, NanPolicy, Number, Padding, Sizes


@documented(dtype_of="x")
def median_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
                nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
                num_threads: Int | None = None) -> AnyArray:
    """The median of each window.

    Of an even number of taps it is the lower one in the middle for integers and bools, and the mean of both for
    floats.

    Parameters
    ----------
    {x}
    {geometry}
        The median is of the taps inside x.
    {dilation}
    {axis}
    {ceil_mode}
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
    >>> cypool.median_pool(np.array([1, 9, 2, 200, 3], np.uint8), 3, 1, "same")
    array([1, 2, 9, 3, 3], dtype=uint8)
    >>> cypool.median_pool(np.array([[1.0, 4.0], [2.0, 9.0]]), 2)
    array([[3.]])
    """
    return pool("median", "pooled", x, (axis, kernel_size, stride, padding, dilation, None),
                (AXES, nan_policy, ceil_mode, False), None, out, num_threads)


@documented(dtype_of="x")
def mode_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
              *, axis: Sizes | None = None, ceil_mode: Flag = False, out: AnyArray | None = None,
              num_threads: Int | None = None) -> AnyArray:
    """What each window has most often: the majority label. Of several, the least.

    Parameters
    ----------
    x : array_like
        Labels: integers of 8 to 64 bits, or bools, of any rank, strides and byte order.
    {geometry}
        Only taps inside x count.
    {dilation}
    {axis}
    {ceil_mode}
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
    >>> labels = np.array([[7, 7, 3, 2], [9, 7, 2, 3]], np.uint64)
    >>> cypool.mode_pool(labels, 2)
    array([[7, 2]], dtype=uint64)
    """
    return pool("mode", "pooled", x, (axis, kernel_size, stride, padding, dilation, None),
                (AXES, "propagate", ceil_mode, False), None, out, num_threads)


@documented(dtype_of="x (float64 for integers), or ``dtype``", usual="By default that of x; float64 for integers.")
def var_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, correction: Number = 0,
             nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
             num_threads: Int | None = None) -> AnyArray:
    """The variance of each window: the mean of squared distances from its mean.

    Computed in two passes, in float64: values far from zero lose nothing.

    Parameters
    ----------
    {x}
    {geometry}
        Only taps inside x count.
    {dilation}
    {axis}
    {ceil_mode}
    {correction}
    {nan_policy}
    {dtype}
    {out}
    {num_threads}

    Returns
    -------
    {values}
        NaN where a window has no more taps than the correction.

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.var_pool(np.array([1.0, 3.0, 1e9, 1e9 + 2]), 2)
    array([1., 1.])
    >>> cypool.var_pool(np.array([1.0, 3.0, 1e9, 1e9 + 2]), 2, correction=1)
    array([2., 2.])
    """
    return pool("var", "pooled", x, (axis, kernel_size, stride, padding, dilation, None),
                (AXES, nan_policy, ceil_mode, False), dtype, out, num_threads,
                _arguments.finite("correction", correction))


@documented(dtype_of="x (float64 for integers), or ``dtype``", usual="By default that of x; float64 for integers.")
def std_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, correction: Number = 0,
             nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
             num_threads: Int | None = None) -> AnyArray:
    """The standard deviation of each window: the square root of `var_pool`.

    Parameters
    ----------
    {x}
    {geometry}
        Only taps inside x count.
    {dilation}
    {axis}
    {ceil_mode}
    {correction}
    {nan_policy}
    {dtype}
    {out}
    {num_threads}

    Returns
    -------
    {values}
        NaN where a window has no more taps than the correction.

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.std_pool(np.array([[1, 5], [1, 5]]), 2)
    array([[2.]])
    """
    return pool("std", "pooled", x, (axis, kernel_size, stride, padding, dilation, None),
                (AXES, nan_policy, ceil_mode, False), dtype, out, num_threads,
                _arguments.finite("correction", correction))


@documented(dtype_of="x (float64 for integers), or ``dtype``", usual="By default that of x; float64 for integers.")
def lp_pool(x: ArrayLike, norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
            dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
            nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
            num_threads: Int | None = None) -> AnyArray:
    """The p-norm of each window, ``sum(abs(x) ** p) ** (1 / p)``. It overflows only where the result does.

    Parameters
    ----------
    {x}
    {norm_type}
    {geometry}
        It adds nothing.
    {dilation}
    {axis}
    {ceil_mode}
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
    >>> cypool.lp_pool(np.array([3.0, -4.0, 3e200, 4e200]), 2, 2)
    array([5.e+000, 5.e+200])
    >>> cypool.lp_pool(np.array([3.0, -4.0, 1.0, 0.0]), np.inf, 2)
    array([4., 1.])
    """
    return pool("lp", "pooled", x, (axis, kernel_size, stride, padding, dilation, None),
                (AXES, nan_policy, ceil_mode, False), dtype, out, num_threads, _arguments.norm(norm_type))


@documented(dtype_of="x (float64 for integers), or ``dtype``", usual="By default that of x; float64 for integers.")
def logsumexp_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                   dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, sharpness: Number = 1.0,
                   nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
                   num_threads: Int | None = None) -> AnyArray:
    """The smooth maximum of each window, ``log(sum(exp(r * x))) / r``, which never overflows.

    Parameters
    ----------
    {x}
    {geometry}
        It adds nothing.
    {dilation}
    {axis}
    {ceil_mode}
    {sharpness}
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

    References
    ----------
    S. Boyd, L. Vandenberghe, "Convex Optimization", 2004, section 3.1.5. P. Pinheiro, R. Collobert, "From image-level
    to pixel-level labeling with convolutional networks", CVPR 2015, for its use in pooling.

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.logsumexp_pool(np.array([1000.0, 1000.0, 0.0, 1.0]), 2).round(4)
    array([1000.6931,    1.3133])
    """
    return pool("logsumexp", "pooled", x, (axis, kernel_size, stride, padding, dilation, None),
                (AXES, nan_policy, ceil_mode, False), dtype, out, num_threads, checked_sharpness(sharpness))


def checked_sharpness(value: Number) -> float:
    sharpness = _arguments.finite("sharpness", value)
    if sharpness == 0:
        raise ValueError("sharpness must not be 0, got 0")
    return sharpness
