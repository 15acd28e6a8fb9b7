from typing import Final

from cypool._typing import AnyArray, Dim, Indices, Offsets, Span

ROWS: Final[int]
WINDOWS: Final[int]
TAPS: Final[int]
BESIDES: Final[int]
COPIES_BYTES: Final[int]

def offsets(indices: Indices, pooled: list[Dim], lengths: list[int], strides: list[int], n_planes: int,
            plane_step: int) -> Offsets: ...
def scatter(values: AnyArray, indices: Indices, target: AnyArray, outer: list[Dim],
            pooled: list[Dim], lengths: list[int], inner: Dim, unit: int, fresh: bool, put: bool,
            way: tuple[int, tuple[int, ...], int, tuple[Span, ...], int, int], n_slabs: int, in_use: bool,
            n_threads: int) -> bool: ...
