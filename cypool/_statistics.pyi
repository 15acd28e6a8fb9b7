from typing import overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from cypool._typing import (
    AnyArray,
    Asked,
    Bools,
    DType,
    Flag,
    Floating,
    Int,
    Integers,
    Label,
    NanPolicy,
    Number,
    Padding,
    Scalar,
    Sizes,
    Whole,
)

@overload
def median_pool(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
                nan_policy: NanPolicy = "propagate", out: None = None,
                num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def median_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
                nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
                num_threads: Int | None = None) -> AnyArray: ...

@overload
def mode_pool(x: NDArray[Label], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
              dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, out: None = None,
              num_threads: Int | None = None) -> NDArray[Label]: ...
@overload
def mode_pool(x: Integers | Bools, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
              dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, out: AnyArray | None = None,
              num_threads: Int | None = None) -> AnyArray: ...

@overload
def var_pool(x: NDArray[Floating], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
             dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, correction: Number = 0,
             nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
             num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def var_pool(x: Whole, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1, *,
             axis: Sizes | None = None, ceil_mode: Flag = False, correction: Number = 0,
             nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
             num_threads: Int | None = None) -> NDArray[np.float64]: ...
@overload
def var_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, correction: Number = 0,
             nan_policy: NanPolicy = "propagate", dtype: DType[Asked], out: None = None,
             num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def var_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, correction: Number = 0,
             nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
             num_threads: Int | None = None) -> AnyArray: ...

@overload
def std_pool(x: NDArray[Floating], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
             dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, correction: Number = 0,
             nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
             num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def std_pool(x: Whole, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1, *,
             axis: Sizes | None = None, ceil_mode: Flag = False, correction: Number = 0,
             nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
             num_threads: Int | None = None) -> NDArray[np.float64]: ...
@overload
def std_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, correction: Number = 0,
             nan_policy: NanPolicy = "propagate", dtype: DType[Asked], out: None = None,
             num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def std_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
             *, axis: Sizes | None = None, ceil_mode: Flag = False, correction: Number = 0,
             nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
             num_threads: Int | None = None) -> AnyArray: ...

@overload
def lp_pool(x: NDArray[Floating], norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None,
            padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
            nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
            num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def lp_pool(x: Whole, norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
            dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
            nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
            num_threads: Int | None = None) -> NDArray[np.float64]: ...
@overload
def lp_pool(x: ArrayLike, norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
            dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
            nan_policy: NanPolicy = "propagate", dtype: DType[Asked], out: None = None,
            num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def lp_pool(x: ArrayLike, norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
            dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False,
            nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
            num_threads: Int | None = None) -> AnyArray: ...

@overload
def logsumexp_pool(x: NDArray[Floating], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                   dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, sharpness: Number = 1.0,
                   nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
                   num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def logsumexp_pool(x: Whole, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
                   *, axis: Sizes | None = None, ceil_mode: Flag = False, sharpness: Number = 1.0,
                   nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
                   num_threads: Int | None = None) -> NDArray[np.float64]: ...
@overload
def logsumexp_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                   dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, sharpness: Number = 1.0,
                   nan_policy: NanPolicy = "propagate", dtype: DType[Asked], out: None = None,
                   num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def logsumexp_pool(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
                   dilation: Sizes = 1, *, axis: Sizes | None = None, ceil_mode: Flag = False, sharpness: Number = 1.0,
                   nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
                   num_threads: Int | None = None) -> AnyArray: ...

def checked_sharpness(value: Number) -> float: ...
