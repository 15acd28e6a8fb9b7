from typing import Any

import numpy as np
from numpy.typing import NDArray

from cypool._typing import BinTable, Indices

def table(starts: NDArray[np.floating[Any]], sizes: NDArray[np.floating[Any]], grids: Indices, n_bins: int,
          length: int, averaged: bool) -> BinTable: ...

def columns_of(first: Indices, index: Indices, n_bins: int, length: int) -> tuple[Indices, Indices, Indices]: ...
