from typing import Any, Final

WAYS: Final[dict[str, int]]
WALKS: Final[dict[str, int]]
SLIDES: Final[int]
PLANES: Final[int]
DIRECT_ROWS: Final[int]
WINNER_ROWS: Final[int]
MOST_PIECE: Final[int]
LANES: Final[int]
MOST_SHIFT: Final[int]

class Plan:
    unbounded: Plan | None
    @property
    def cost(self) -> float: ...
    @property
    def scratch_size(self) -> int: ...
    @property
    def table_bytes(self) -> int: ...
    @property
    def slab_bytes(self) -> int: ...
    @property
    def n_units(self) -> int: ...
    def __init__(self, spec: dict[str, Any]) -> None: ...
