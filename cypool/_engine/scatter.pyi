from typing import TypeAlias

from cypool._typing import AnyArray, Indices

# Size, and strides of values, of indices and of the target.
_Dim: TypeAlias = tuple[int, int, int, int]

def scatter(values: AnyArray, indices: Indices, target: AnyArray, outer: list[_Dim],
            pooled: list[_Dim], lengths: list[int], inner: _Dim, unit: int, tile: int, fresh: bool, put: bool,
            n_threads: int) -> bool: ...
