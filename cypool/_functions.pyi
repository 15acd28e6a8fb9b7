from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from cypool._typing import (
    AnyArray,
    Asked,
    Bools,
    DType,
    Flag,
    Indices,
    Inexact,
    Int,
    Masked,
    NanPolicy,
    Padding,
    Reals,
    Scalar,
    Signed,
    Sizes,
    Unsigned,
)

@overload
def max_pool(x: Masked[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
             dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
             return_indices: Literal[False] = False, nan_policy: NanPolicy = "propagate", mask: Bools | None = None,
             out: None = None, num_threads: Int | None = None) -> Masked[Scalar]: ...
@overload
def max_pool(x: Masked[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
             dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, return_indices: Literal[True],
             nan_policy: NanPolicy = "propagate", mask: Bools | None = None, out: None = None,
             num_threads: Int | None = None) -> tuple[Masked[Scalar], Indices]: ...
@overload
def max_pool(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
             dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
             return_indices: Literal[False] = False, nan_policy: NanPolicy = "propagate", mask: Bools | None = None,
             out: None = None, num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def max_pool(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
             dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, return_indices: Literal[True],
             nan_policy: NanPolicy = "propagate", mask: Bools | None = None, out: None = None,
             num_threads: Int | None = None) -> tuple[NDArray[Scalar], Indices]: ...
@overload
def max_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, return_indices: Literal[False] = False,
             nan_policy: NanPolicy = "propagate", mask: Bools | None = None, out: AnyArray | None = None,
             num_threads: Int | None = None) -> AnyArray: ...
@overload
def max_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, return_indices: Literal[True],
             nan_policy: NanPolicy = "propagate", mask: Bools | None = None, out: AnyArray | None = None,
             num_threads: Int | None = None) -> tuple[AnyArray, Indices]: ...
@overload
def max_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, return_indices: Flag,
             nan_policy: NanPolicy = "propagate", mask: Bools | None = None, out: AnyArray | None = None,
             num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

@overload
def min_pool(x: Masked[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
             dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
             return_indices: Literal[False] = False, nan_policy: NanPolicy = "propagate", mask: Bools | None = None,
             out: None = None, num_threads: Int | None = None) -> Masked[Scalar]: ...
@overload
def min_pool(x: Masked[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
             dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, return_indices: Literal[True],
             nan_policy: NanPolicy = "propagate", mask: Bools | None = None, out: None = None,
             num_threads: Int | None = None) -> tuple[Masked[Scalar], Indices]: ...
@overload
def min_pool(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
             dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
             return_indices: Literal[False] = False, nan_policy: NanPolicy = "propagate", mask: Bools | None = None,
             out: None = None, num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def min_pool(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
             dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, return_indices: Literal[True],
             nan_policy: NanPolicy = "propagate", mask: Bools | None = None, out: None = None,
             num_threads: Int | None = None) -> tuple[NDArray[Scalar], Indices]: ...
@overload
def min_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, return_indices: Literal[False] = False,
             nan_policy: NanPolicy = "propagate", mask: Bools | None = None, out: AnyArray | None = None,
             num_threads: Int | None = None) -> AnyArray: ...
@overload
def min_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, return_indices: Literal[True],
             nan_policy: NanPolicy = "propagate", mask: Bools | None = None, out: AnyArray | None = None,
             num_threads: Int | None = None) -> tuple[AnyArray, Indices]: ...
@overload
def min_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, return_indices: Flag,
             nan_policy: NanPolicy = "propagate", mask: Bools | None = None, out: AnyArray | None = None,
             num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

@overload
def avg_pool(x: Masked[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
             dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, count_include_pad: Flag = True,
             divisor_override: Int | None = None, nan_policy: NanPolicy = "propagate", mask: Bools | None = None,
             weights: None = None, dtype: None = None, out: None = None,
             num_threads: Int | None = None) -> Masked[Scalar]: ...
@overload
def avg_pool(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
             dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, count_include_pad: Flag = True,
             divisor_override: Int | None = None, nan_policy: NanPolicy = "propagate", mask: Bools | None = None,
             weights: None = None, dtype: None = None, out: None = None,
             num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def avg_pool(x: Masked[Any], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, count_include_pad: Flag = True,
             divisor_override: Int | None = None, nan_policy: NanPolicy = "propagate", mask: Bools | None = None,
             weights: Reals | None = None, dtype: DType[Asked], out: None = None,
             num_threads: Int | None = None) -> Masked[Asked]: ...
@overload
def avg_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, count_include_pad: Flag = True,
             divisor_override: Int | None = None, nan_policy: NanPolicy = "propagate", mask: Bools | None = None,
             weights: Reals | None = None, dtype: DType[Asked], out: None = None,
             num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def avg_pool(x: Masked[Any], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, count_include_pad: Flag = True,
             divisor_override: Int | None = None, nan_policy: NanPolicy = "propagate", mask: Bools | None = None,
             weights: Reals | None = None, dtype: DTypeLike | None = None, out: None = None,
             num_threads: Int | None = None) -> Masked[Any]: ...
@overload
def avg_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, count_include_pad: Flag = True,
             divisor_override: Int | None = None, nan_policy: NanPolicy = "propagate", mask: Bools | None = None,
             weights: Reals | None = None, dtype: DTypeLike | None = None, out: AnyArray | None = None,
             num_threads: Int | None = None) -> AnyArray: ...

@overload
def sum_pool(x: Masked[Any], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, nan_policy: NanPolicy = "propagate",
             mask: Bools | None = None, weights: Reals | None = None, dtype: None = None, out: None = None,
             num_threads: Int | None = None) -> Masked[Any]: ...
@overload
def sum_pool(x: NDArray[Inexact], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
             dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
             nan_policy: NanPolicy = "propagate", mask: Bools | None = None, weights: None = None, dtype: None = None,
             out: None = None, num_threads: Int | None = None) -> NDArray[Inexact]: ...
@overload
def sum_pool(x: Signed, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1, *,
             axis: Sizes | None = None, ceil_mode: Flag = False, nan_policy: NanPolicy = "propagate",
             mask: Bools | None = None, weights: None = None, dtype: None = None, out: None = None,
             num_threads: Int | None = None) -> NDArray[np.int64]: ...
@overload
def sum_pool(x: Unsigned, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1, *,
             axis: Sizes | None = None, ceil_mode: Flag = False, nan_policy: NanPolicy = "propagate",
             mask: Bools | None = None, weights: None = None, dtype: None = None, out: None = None,
             num_threads: Int | None = None) -> NDArray[np.uint64]: ...
@overload
def sum_pool(x: Masked[Any], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, nan_policy: NanPolicy = "propagate",
             mask: Bools | None = None, weights: Reals | None = None, dtype: DType[Asked], out: None = None,
             num_threads: Int | None = None) -> Masked[Asked]: ...
@overload
def sum_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, nan_policy: NanPolicy = "propagate",
             mask: Bools | None = None, weights: Reals | None = None, dtype: DType[Asked], out: None = None,
             num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def sum_pool(x: Masked[Any], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, nan_policy: NanPolicy = "propagate",
             mask: Bools | None = None, weights: Reals | None = None, dtype: DTypeLike | None = None, out: None = None,
             num_threads: Int | None = None) -> Masked[Any]: ...
@overload
def sum_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, nan_policy: NanPolicy = "propagate",
             mask: Bools | None = None, weights: Reals | None = None, dtype: DTypeLike | None = None,
             out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...
