from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from cypool._typing import (
    AnyArray,
    Asked,
    DataFormat,
    DType,
    Flag,
    Floating,
    Indices,
    Int,
    NanPolicy,
    Number,
    OutputSizes,
    Padding,
    Scalar,
    Sizes,
    Whole,
)

@overload
def max_pool1d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, return_indices: Literal[False] = False,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", out: None = None,
               num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def max_pool1d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, return_indices: Literal[True],
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", out: None = None,
               num_threads: Int | None = None) -> tuple[NDArray[Scalar], Indices]: ...
@overload
def max_pool1d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Literal[False] = False,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
               out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...
@overload
def max_pool1d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Literal[True], data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
               num_threads: Int | None = None) -> tuple[AnyArray, Indices]: ...
@overload
def max_pool1d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Flag, data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
               num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

@overload
def max_pool2d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, return_indices: Literal[False] = False,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", out: None = None,
               num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def max_pool2d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, return_indices: Literal[True],
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", out: None = None,
               num_threads: Int | None = None) -> tuple[NDArray[Scalar], Indices]: ...
@overload
def max_pool2d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Literal[False] = False,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
               out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...
@overload
def max_pool2d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Literal[True], data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
               num_threads: Int | None = None) -> tuple[AnyArray, Indices]: ...
@overload
def max_pool2d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Flag, data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
               num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

@overload
def max_pool3d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, return_indices: Literal[False] = False,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", out: None = None,
               num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def max_pool3d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, return_indices: Literal[True],
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", out: None = None,
               num_threads: Int | None = None) -> tuple[NDArray[Scalar], Indices]: ...
@overload
def max_pool3d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Literal[False] = False,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
               out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...
@overload
def max_pool3d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Literal[True], data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
               num_threads: Int | None = None) -> tuple[AnyArray, Indices]: ...
@overload
def max_pool3d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Flag, data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
               num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

@overload
def min_pool1d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, return_indices: Literal[False] = False,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", out: None = None,
               num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def min_pool1d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, return_indices: Literal[True],
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", out: None = None,
               num_threads: Int | None = None) -> tuple[NDArray[Scalar], Indices]: ...
@overload
def min_pool1d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Literal[False] = False,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
               out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...
@overload
def min_pool1d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Literal[True], data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
               num_threads: Int | None = None) -> tuple[AnyArray, Indices]: ...
@overload
def min_pool1d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Flag, data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
               num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

@overload
def min_pool2d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, return_indices: Literal[False] = False,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", out: None = None,
               num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def min_pool2d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, return_indices: Literal[True],
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", out: None = None,
               num_threads: Int | None = None) -> tuple[NDArray[Scalar], Indices]: ...
@overload
def min_pool2d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Literal[False] = False,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
               out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...
@overload
def min_pool2d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Literal[True], data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
               num_threads: Int | None = None) -> tuple[AnyArray, Indices]: ...
@overload
def min_pool2d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Flag, data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
               num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

@overload
def min_pool3d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, return_indices: Literal[False] = False,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", out: None = None,
               num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def min_pool3d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, return_indices: Literal[True],
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", out: None = None,
               num_threads: Int | None = None) -> tuple[NDArray[Scalar], Indices]: ...
@overload
def min_pool3d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Literal[False] = False,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
               out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...
@overload
def min_pool3d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Literal[True], data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
               num_threads: Int | None = None) -> tuple[AnyArray, Indices]: ...
@overload
def min_pool3d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, return_indices: Flag, data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
               num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

@overload
def avg_pool1d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, count_include_pad: Flag = True,
               divisor_override: Int | None = None, data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
               num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def avg_pool1d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, count_include_pad: Flag = True, divisor_override: Int | None = None,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", dtype: DType[Asked],
               out: None = None, num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def avg_pool1d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, count_include_pad: Flag = True, divisor_override: Int | None = None,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
               dtype: DTypeLike | None = None, out: AnyArray | None = None,
               num_threads: Int | None = None) -> AnyArray: ...

@overload
def avg_pool2d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, count_include_pad: Flag = True,
               divisor_override: Int | None = None, data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
               num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def avg_pool2d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, count_include_pad: Flag = True, divisor_override: Int | None = None,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", dtype: DType[Asked],
               out: None = None, num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def avg_pool2d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, count_include_pad: Flag = True, divisor_override: Int | None = None,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
               dtype: DTypeLike | None = None, out: AnyArray | None = None,
               num_threads: Int | None = None) -> AnyArray: ...

@overload
def avg_pool3d(x: NDArray[Scalar], kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
               dilation: Sizes = 1, *, ceil_mode: Flag = False, count_include_pad: Flag = True,
               divisor_override: Int | None = None, data_format: DataFormat = "channels_first",
               nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
               num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def avg_pool3d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, count_include_pad: Flag = True, divisor_override: Int | None = None,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", dtype: DType[Asked],
               out: None = None, num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def avg_pool3d(x: ArrayLike, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0, dilation: Sizes = 1,
               *, ceil_mode: Flag = False, count_include_pad: Flag = True, divisor_override: Int | None = None,
               data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
               dtype: DTypeLike | None = None, out: AnyArray | None = None,
               num_threads: Int | None = None) -> AnyArray: ...

@overload
def lp_pool1d(x: NDArray[Floating], norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None,
              padding: Padding = 0, dilation: Sizes = 1, *, ceil_mode: Flag = False,
              data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", dtype: None = None,
              out: None = None, num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def lp_pool1d(x: Whole, norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
              dilation: Sizes = 1, *, ceil_mode: Flag = False, data_format: DataFormat = "channels_first",
              nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
              num_threads: Int | None = None) -> NDArray[np.float64]: ...
@overload
def lp_pool1d(x: ArrayLike, norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
              dilation: Sizes = 1, *, ceil_mode: Flag = False, data_format: DataFormat = "channels_first",
              nan_policy: NanPolicy = "propagate", dtype: DType[Asked], out: None = None,
              num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def lp_pool1d(x: ArrayLike, norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
              dilation: Sizes = 1, *, ceil_mode: Flag = False, data_format: DataFormat = "channels_first",
              nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
              num_threads: Int | None = None) -> AnyArray: ...

@overload
def lp_pool2d(x: NDArray[Floating], norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None,
              padding: Padding = 0, dilation: Sizes = 1, *, ceil_mode: Flag = False,
              data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", dtype: None = None,
              out: None = None, num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def lp_pool2d(x: Whole, norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
              dilation: Sizes = 1, *, ceil_mode: Flag = False, data_format: DataFormat = "channels_first",
              nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
              num_threads: Int | None = None) -> NDArray[np.float64]: ...
@overload
def lp_pool2d(x: ArrayLike, norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
              dilation: Sizes = 1, *, ceil_mode: Flag = False, data_format: DataFormat = "channels_first",
              nan_policy: NanPolicy = "propagate", dtype: DType[Asked], out: None = None,
              num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def lp_pool2d(x: ArrayLike, norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
              dilation: Sizes = 1, *, ceil_mode: Flag = False, data_format: DataFormat = "channels_first",
              nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
              num_threads: Int | None = None) -> AnyArray: ...

@overload
def lp_pool3d(x: NDArray[Floating], norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None,
              padding: Padding = 0, dilation: Sizes = 1, *, ceil_mode: Flag = False,
              data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate", dtype: None = None,
              out: None = None, num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def lp_pool3d(x: Whole, norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
              dilation: Sizes = 1, *, ceil_mode: Flag = False, data_format: DataFormat = "channels_first",
              nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
              num_threads: Int | None = None) -> NDArray[np.float64]: ...
@overload
def lp_pool3d(x: ArrayLike, norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
              dilation: Sizes = 1, *, ceil_mode: Flag = False, data_format: DataFormat = "channels_first",
              nan_policy: NanPolicy = "propagate", dtype: DType[Asked], out: None = None,
              num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def lp_pool3d(x: ArrayLike, norm_type: Number, kernel_size: Sizes, stride: Sizes | None = None, padding: Padding = 0,
              dilation: Sizes = 1, *, ceil_mode: Flag = False, data_format: DataFormat = "channels_first",
              nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
              num_threads: Int | None = None) -> AnyArray: ...

@overload
def adaptive_max_pool1d(x: NDArray[Scalar], output_size: OutputSizes, *, return_indices: Literal[False] = False,
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: None = None, num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def adaptive_max_pool1d(x: NDArray[Scalar], output_size: OutputSizes, *, return_indices: Literal[True],
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: None = None, num_threads: Int | None = None) -> tuple[NDArray[Scalar], Indices]: ...
@overload
def adaptive_max_pool1d(x: ArrayLike, output_size: OutputSizes, *, return_indices: Literal[False] = False,
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...
@overload
def adaptive_max_pool1d(x: ArrayLike, output_size: OutputSizes, *, return_indices: Literal[True],
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: AnyArray | None = None, num_threads: Int | None = None) -> tuple[AnyArray, Indices]: ...
@overload
def adaptive_max_pool1d(x: ArrayLike, output_size: OutputSizes, *, return_indices: Flag,
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: AnyArray | None = None,
                        num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

@overload
def adaptive_max_pool2d(x: NDArray[Scalar], output_size: OutputSizes, *, return_indices: Literal[False] = False,
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: None = None, num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def adaptive_max_pool2d(x: NDArray[Scalar], output_size: OutputSizes, *, return_indices: Literal[True],
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: None = None, num_threads: Int | None = None) -> tuple[NDArray[Scalar], Indices]: ...
@overload
def adaptive_max_pool2d(x: ArrayLike, output_size: OutputSizes, *, return_indices: Literal[False] = False,
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...
@overload
def adaptive_max_pool2d(x: ArrayLike, output_size: OutputSizes, *, return_indices: Literal[True],
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: AnyArray | None = None, num_threads: Int | None = None) -> tuple[AnyArray, Indices]: ...
@overload
def adaptive_max_pool2d(x: ArrayLike, output_size: OutputSizes, *, return_indices: Flag,
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: AnyArray | None = None,
                        num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

@overload
def adaptive_max_pool3d(x: NDArray[Scalar], output_size: OutputSizes, *, return_indices: Literal[False] = False,
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: None = None, num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def adaptive_max_pool3d(x: NDArray[Scalar], output_size: OutputSizes, *, return_indices: Literal[True],
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: None = None, num_threads: Int | None = None) -> tuple[NDArray[Scalar], Indices]: ...
@overload
def adaptive_max_pool3d(x: ArrayLike, output_size: OutputSizes, *, return_indices: Literal[False] = False,
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...
@overload
def adaptive_max_pool3d(x: ArrayLike, output_size: OutputSizes, *, return_indices: Literal[True],
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: AnyArray | None = None, num_threads: Int | None = None) -> tuple[AnyArray, Indices]: ...
@overload
def adaptive_max_pool3d(x: ArrayLike, output_size: OutputSizes, *, return_indices: Flag,
                        data_format: DataFormat = "channels_first", nan_policy: NanPolicy = "propagate",
                        out: AnyArray | None = None,
                        num_threads: Int | None = None) -> AnyArray | tuple[AnyArray, Indices]: ...

@overload
def adaptive_avg_pool1d(x: NDArray[Scalar], output_size: OutputSizes, *, data_format: DataFormat = "channels_first",
                        nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
                        num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def adaptive_avg_pool1d(x: ArrayLike, output_size: OutputSizes, *, data_format: DataFormat = "channels_first",
                        nan_policy: NanPolicy = "propagate", dtype: DType[Asked], out: None = None,
                        num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def adaptive_avg_pool1d(x: ArrayLike, output_size: OutputSizes, *, data_format: DataFormat = "channels_first",
                        nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None,
                        out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...

@overload
def adaptive_avg_pool2d(x: NDArray[Scalar], output_size: OutputSizes, *, data_format: DataFormat = "channels_first",
                        nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
                        num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def adaptive_avg_pool2d(x: ArrayLike, output_size: OutputSizes, *, data_format: DataFormat = "channels_first",
                        nan_policy: NanPolicy = "propagate", dtype: DType[Asked], out: None = None,
                        num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def adaptive_avg_pool2d(x: ArrayLike, output_size: OutputSizes, *, data_format: DataFormat = "channels_first",
                        nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None,
                        out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...

@overload
def adaptive_avg_pool3d(x: NDArray[Scalar], output_size: OutputSizes, *, data_format: DataFormat = "channels_first",
                        nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
                        num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def adaptive_avg_pool3d(x: ArrayLike, output_size: OutputSizes, *, data_format: DataFormat = "channels_first",
                        nan_policy: NanPolicy = "propagate", dtype: DType[Asked], out: None = None,
                        num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def adaptive_avg_pool3d(x: ArrayLike, output_size: OutputSizes, *, data_format: DataFormat = "channels_first",
                        nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None,
                        out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...
