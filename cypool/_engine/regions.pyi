from typing import Literal, TypeAlias

from cypool._engine.samples import Table
from cypool._typing import AnyArray, Indices

Task: TypeAlias = Literal["avg", "max", "pool", "gradient"]

def run(task: Task, image: AnyArray, bins: AnyArray, channels_last: bool, lane: str, y: Table | tuple[()],
        x: Table | tuple[()], columns: tuple[Indices, Indices, Indices],
        windows: tuple[Indices, Indices] | tuple[()], groups: Indices, images: Indices, order: Indices, n_slices: int,
        n_threads: int) -> None: ...
