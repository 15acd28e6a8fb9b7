from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from cypool._typing import Indices

# first, index, most, least, outside
Table: TypeAlias = tuple[Indices, Indices, NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]

def table(starts: NDArray[np.floating[Any]], sizes: NDArray[np.floating[Any]], grids: Indices, n_bins: int,
          length: int, averaged: bool) -> Table: ...

def columns_of(first: Indices, index: Indices, n_bins: int, length: int) -> tuple[Indices, Indices, Indices]: ...
