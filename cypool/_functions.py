"""Pooling over any axes of arrays of any rank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy import ndarray

from cypool import _weighted
from cypool._docs import documented
from cypool._pooling import AXES, pool

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike

    from cypool._typing import AnyArray, Bools, Flag, Indices, Int, NanPolicy, Padding, Reals, Sizes


@documented(dtype_of="x")
def max_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, return_indices: Flag = False,
             nan_policy: NanPolicy = "propagate", mask: Bools | None = None, out: AnyArray | None = None,
             num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]:
    """The greatest value of each window.

    Parameters
    ----------
    {x}
    {geometry}
        Padding never wins.
    {dilation}
    {axis}
    {ceil_mode}
    {return_indices}
    {nan_policy}
    {mask}
        The index of such a result is that of the first tap inside x.
    {out}
    {num_threads}

    Returns
    -------
    {values}
    {indices}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import numpy as np, cypool
    >>> x = np.array([[1, 7, 2, 0], [3, 4, 5, 6]])
    >>> cypool.max_pool(x, 2)
    array([[7, 6]])
    >>> cypool.max_pool(x, 2, axis=1)
    array([[7, 2],
           [4, 6]])
    >>> cypool.max_pool(x, 3, 1, "same", axis=1, return_indices=True)[1]
    array([[1, 1, 1, 2],
           [1, 2, 3, 3]])

    Without the elements that a mask leaves out, here the clouded ones:

    >>> clouded = x == 7
    >>> cypool.max_pool(x, 2, mask=clouded)
    array([[4, 6]])

    An image of shape (height, width, channels), as in ``x[h*ph:(h+1)*ph, w*pw:(w+1)*pw].max((0, 1))``:

    >>> cypool.max_pool(np.ones((9, 6, 3)), (4, 2), axis=(0, 1)).shape
    (2, 3, 3)
    """
    if mask is not None or (type(x) is not ndarray and _weighted.is_masked(x)):
        return _weighted.pool("max", x, (axis, kernel_size, stride, padding, dilation, None),
                              (AXES, nan_policy, ceil_mode, return_indices), mask, None, None, out, num_threads)
    return pool("max", "pooled", x, (axis, kernel_size, stride, padding, dilation, None),
                (AXES, nan_policy, ceil_mode, return_indices), None, out, num_threads)


@documented(dtype_of="x")
def min_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, return_indices: Flag = False,
             nan_policy: NanPolicy = "propagate", mask: Bools | None = None, out: AnyArray | None = None,
             num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]:
    """The least value of each window.

    Parameters
    ----------
    {x}
    {geometry}
        Padding never wins.
    {dilation}
    {axis}
    {ceil_mode}
    {return_indices}
    {nan_policy}
    {mask}
        The index of such a result is that of the first tap inside x.
    {out}
    {num_threads}

    Returns
    -------
    {values}
    {indices}

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.min_pool(np.array([5, 3, 8, 1, 9]), 2)
    array([3, 1])
    >>> cypool.min_pool(np.array([5, 3, 8, 1, 9]), 2, ceil_mode=True)
    array([3, 1, 9])
    """
    if mask is not None or (type(x) is not ndarray and _weighted.is_masked(x)):
        return _weighted.pool("min", x, (axis, kernel_size, stride, padding, dilation, None),
                              (AXES, nan_policy, ceil_mode, return_indices), mask, None, None, out, num_threads)
    return pool("min", "pooled", x, (axis, kernel_size, stride, padding, dilation, None),
                (AXES, nan_policy, ceil_mode, return_indices), None, out, num_threads)


@documented(dtype_of="x, or ``dtype``", complex=", complex64 or complex128",
            usual="By default that of x; an integer or bool mean is rounded half to even.")
def avg_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, count_include_pad: Flag = True,
             divisor_override: Int | None = None, nan_policy: NanPolicy = "propagate", mask: Bools | None = None,
             weights: Reals | None = None, dtype: DTypeLike | None = None, out: AnyArray | None = None,
             num_threads: Int | None = None) -> AnyArray:
    """The mean of each window.

    Integers are summed exactly, float16 and bfloat16 as float32; no sum is made by subtracting others, so that an
    inf or NaN leaves no trace outside its windows.

    Parameters
    ----------
    {x}
    {geometry}
        Padding counts as 0, see count_include_pad.
    {dilation}
    {axis}
    {ceil_mode}
    {divisor}
    {nan_policy}
        A NaN that is left out is not counted either.
    {mask}
        They are not counted; taps in the padding still are, see count_include_pad.
    {weights}
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
    >>> x = np.arange(8, dtype=np.uint8).reshape(2, 4)
    >>> cypool.avg_pool(x, 2)
    array([[2, 4]], dtype=uint8)
    >>> cypool.avg_pool(x, 2, dtype=np.float32)
    array([[2.5, 4.5]], dtype=float32)
    >>> cypool.avg_pool(np.array([1.0, 2.0, 3.0]), 3, 1, "same", count_include_pad=False)
    array([1.5, 2. , 2.5])

    With weights, here those of the rows, and without the elements that a mask leaves out:

    >>> cypool.avg_pool(x, 2, weights=[[1], [3]])
    array([[3.5, 5.5]])
    >>> cypool.avg_pool(x, 2, mask=x > 6)
    array([[2, 4]], dtype=uint8)
    """
    if mask is not None or weights is not None or (type(x) is not ndarray and _weighted.is_masked(x)):
        return _weighted.pool("avg", x, (axis, kernel_size, stride, padding, dilation, divisor_override),
                              (AXES, nan_policy, ceil_mode, count_include_pad, False), mask, weights, dtype, out,
                              num_threads)
    return pool("avg", "pooled", x, (axis, kernel_size, stride, padding, dilation, divisor_override),
                (AXES, nan_policy, ceil_mode, count_include_pad, False), dtype, out, num_threads)


@documented(dtype_of="x (int64 and uint64 for integers), or ``dtype``", complex=", complex64 or complex128",
            usual="By default that of x; int64 for signed integers and bool, uint64 for unsigned integers.")
def sum_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, nan_policy: NanPolicy = "propagate",
             mask: Bools | None = None, weights: Reals | None = None, dtype: DTypeLike | None = None,
             out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray:
    """The sum of each window.

    Parameters
    ----------
    {x}
    {geometry}
    {dilation}
    {axis}
    {ceil_mode}
    {nan_policy}
    {mask}
    {weights}
    {dtype}
    {out}
    {num_threads}

    Returns
    -------
    {values}
        A sum beyond 64 bits wraps, as NumPy's does.

    Raises
    ------
    {raises}

    Examples
    --------
    >>> import numpy as np, cypool
    >>> cypool.sum_pool(np.array([[1, 2], [3, 4]], dtype=np.uint8), 2)
    array([[10]], dtype=uint64)
    >>> cypool.sum_pool(np.array([True, True, False, True]), 2)
    array([2, 1])
    """
    if mask is not None or weights is not None or (type(x) is not ndarray and _weighted.is_masked(x)):
        return _weighted.pool("sum", x, (axis, kernel_size, stride, padding, dilation, None),
                              (AXES, nan_policy, ceil_mode, False), mask, weights, dtype, out, num_threads)
    return pool("sum", "pooled", x, (axis, kernel_size, stride, padding, dilation, None),
                (AXES, nan_policy, ceil_mode, False), dtype, out, num_threads)
