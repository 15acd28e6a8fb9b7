from typing import overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from cypool._typing import AnyArray, Asked, DataFormat, DType, Flag, Floating, Int, NanPolicy, Number, Scalar, Whole

@overload
def global_max_pool(x: NDArray[Scalar], *, data_format: DataFormat = "channels_first", keepdims: Flag = False,
                    nan_policy: NanPolicy = "propagate", out: None = None,
                    num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def global_max_pool(x: ArrayLike, *, data_format: DataFormat = "channels_first", keepdims: Flag = False,
                    nan_policy: NanPolicy = "propagate", out: AnyArray | None = None,
                    num_threads: Int | None = None) -> AnyArray: ...

@overload
def global_avg_pool(x: NDArray[Scalar], *, data_format: DataFormat = "channels_first", keepdims: Flag = False,
                    nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
                    num_threads: Int | None = None) -> NDArray[Scalar]: ...
@overload
def global_avg_pool(x: ArrayLike, *, data_format: DataFormat = "channels_first", keepdims: Flag = False,
                    nan_policy: NanPolicy = "propagate", dtype: DType[Asked], out: None = None,
                    num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def global_avg_pool(x: ArrayLike, *, data_format: DataFormat = "channels_first", keepdims: Flag = False,
                    nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None, out: AnyArray | None = None,
                    num_threads: Int | None = None) -> AnyArray: ...

@overload
def global_lp_pool(x: NDArray[Floating], norm_type: Number = 2, *, data_format: DataFormat = "channels_first",
                   keepdims: Flag = False, nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
                   num_threads: Int | None = None) -> NDArray[Floating]: ...
@overload
def global_lp_pool(x: Whole, norm_type: Number = 2, *, data_format: DataFormat = "channels_first",
                   keepdims: Flag = False, nan_policy: NanPolicy = "propagate", dtype: None = None, out: None = None,
                   num_threads: Int | None = None) -> NDArray[np.float64]: ...
@overload
def global_lp_pool(x: ArrayLike, norm_type: Number = 2, *, data_format: DataFormat = "channels_first",
                   keepdims: Flag = False, nan_policy: NanPolicy = "propagate", dtype: DType[Asked], out: None = None,
                   num_threads: Int | None = None) -> NDArray[Asked]: ...
@overload
def global_lp_pool(x: ArrayLike, norm_type: Number = 2, *, data_format: DataFormat = "channels_first",
                   keepdims: Flag = False, nan_policy: NanPolicy = "propagate", dtype: DTypeLike | None = None,
                   out: AnyArray | None = None, num_threads: Int | None = None) -> AnyArray: ...
