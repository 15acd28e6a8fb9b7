from cypool._typing import AnyArray, Dim, Indices

def scatter(values: AnyArray, indices: Indices, target: AnyArray, outer: list[Dim],
            pooled: list[Dim], lengths: list[int], inner: Dim, unit: int, tile: int, fresh: bool, put: bool,
            blocks: tuple[int, ...], place: int, n_threads: int) -> bool: ...
