from cypool._typing import AnyArray, BinTable, Indices, RegionTask

def run(task: RegionTask, image: AnyArray, source: AnyArray, bins: AnyArray, channels_last: bool, lane: str,
        y: BinTable | tuple[()], x: BinTable | tuple[()], columns: tuple[Indices, Indices, Indices],
        windows: tuple[Indices, Indices] | tuple[()], groups: Indices, images: Indices, order: Indices, combine: int,
        n_slices: int, n_threads: int) -> None: ...
