from typing import Final

from cypool._typing import AnyArray, Dim, Indices, Span

ROWS: Final[int]
WINDOWS: Final[int]
TAPS: Final[int]
BESIDES: Final[int]
COPIES_BYTES: Final[int]

def offsets(indices: Indices, pooled: list[Dim], lengths: list[int], strides: list[int]) -> list[tuple[int, int]]: ...
def scatter(values: AnyArray, indices: Indices, target: AnyArray, outer: list[Dim],
            pooled: list[Dim], lengths: list[int], inner: Dim, unit: int, tile: int, fresh: bool, put: bool,
            blocks: tuple[int, ...], place: int, n_slabs: int, windows: tuple[Span, ...], collect: int,
            in_use: bool, n_threads: int) -> bool: ...
