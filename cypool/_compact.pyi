from typing import Any

import numpy as np
from numpy.typing import NDArray

from cypool._typing import Flag, Indices, Integers, Padding, Shape, Sizes

def compact_indices(indices: Integers, input_shape: Shape, kernel_size: Sizes, stride: Sizes | None = None,
                    padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None,
                    ceil_mode: Flag = False) -> NDArray[np.unsignedinteger[Any]]: ...

def expand_indices(offsets: Integers, input_shape: Shape, kernel_size: Sizes, stride: Sizes | None = None,
                   padding: Padding = 0, dilation: Sizes = 1, *, axis: Sizes | None = None,
                   ceil_mode: Flag = False) -> Indices: ...
