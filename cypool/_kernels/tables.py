"""What the kernel modules offer to the engine: addresses of functions, in tables by operation and element."""

from __future__ import annotations

from typing import Protocol


class Combine(Protocol):
    COMBINE: dict[tuple[str, str], tuple[int, int, int, int, int]]


class Folds(Protocol):
    FOLDS: dict[tuple[str, str], tuple[int, int]]
    RUNS: dict[tuple[str, str], int]


class Direct(Protocol):
    DIRECT: dict[tuple[str, str], int]


class Pairs(Protocol):
    BLOCK_MAXIMA: dict[str, int]


class Winners(Protocol):
    WINNERS: dict[tuple[str, str], int]


class Ranks(Protocol):
    MOST_TAPS: int
    RANKED: dict[str, int]


class Places(Protocol):
    PLACES: dict[str, tuple[int, int]]


class Collects(Protocol):
    COLLECTS: dict[str, tuple[int, int]]


class Columns(Protocol):
    COLUMNS: dict[tuple[str, str], int]


class Slim(Protocol):
    SLIM: dict[str, int]
    LANES: int


class Planes(Protocol):
    SPREAD: int
    PLACES: int
    OUTPUTS: int
    LANES: int


class Strips(Protocol):
    STRIPS: dict[tuple[str, str], tuple[int, int, int]]


class WideStrips(Protocol):
    WIDE_STRIPS: dict[tuple[str, str], int]
    REACH: dict[int, int]


class WideRows(Protocol):
    WIDE_ROWS: dict[tuple[str, str], tuple[int, int]]


class WideWords(Protocol):
    WIDE_WORDS: dict[tuple[str, str], tuple[int, int]]


class WideBytes(Protocol):
    WIDE_BYTES: dict[tuple[str, str], int]


class WideChains(Protocol):
    WIDE_CHAINS: dict[tuple[str, str], int]
    WIDE_COLUMNS: dict[tuple[str, str], int]


class Means(Protocol):
    BLOCK_MEANS: dict[str, int]
    PIXEL_MEANS: dict[str, int]


class Keys(Protocol):
    KEYS: dict[int, tuple[int, int]]
    WINNERS: dict[str, tuple[int, int]]
    WIDE_WINNERS: dict[str, tuple[int, int]]


class Addends(Protocol):
    LOAD: dict[tuple[str, str], int]
    LOAD_PAIRS: dict[tuple[str, str], tuple[int, int]]
    ADVANCE: dict[tuple[str, str], int]
    RUNNING: dict[str, int]
    BOUNDED: int
    LOAD_HALVES: dict[str, tuple[int, int]]
    LOAD_PRESENT: dict[tuple[str, str], tuple[int, int]]


class Sums(Protocol):
    FINISH_REALS: dict[tuple[str, str], int]
    FINISH_PRESENT: dict[tuple[str, str], int]
    FINISH_SHARES: dict[tuple[str, str], int]
    FINISH_SUMS: dict[str, int]
    FINISH_MEANS: dict[tuple[str, str], int]
    FINISH_WIDE_MEANS: dict[str, int]


class Moves(Protocol):
    MOVE: dict[int, tuple[int, int, int, int]]
    PICK: int
    WEAVE: int


class Order(Protocol):
    MEDIANS: dict[str, tuple[int, int]]
    MODES: dict[str, tuple[int, int]]


class Few(Protocol):
    MEDIANS: dict[str, dict[int, int]]
    ADJACENT_MEDIANS: dict[str, dict[int, int]]
    MODES: dict[str, dict[int, int]]
    ADJACENT_MODES: dict[str, dict[int, int]]


class Medians(Protocol):
    MEDIANS: dict[str, dict[int, int]]


class Histograms(Protocol):
    MEDIANS: dict[str, int]


class Norms(Protocol):
    NORMS: dict[float, int]


class Powers(Protocol):
    POWERS: dict[str, int]
    ROOTS: dict[str, int]
    ORDERS: dict[str, tuple[float, float]]


class Moments(Protocol):
    PRODUCTS: range
    NUMBERS: dict[str, int]
    POWERS: dict[str, int]
    ROOTS: dict[str, int]
    OPEN_ROOTS: int
    LOADS: dict[str, dict[str, int]]
    FOLDS: dict[str, int]
    FINISHES: dict[str, dict[str, int]]


class Scaled(Protocol):
    LOADS: dict[tuple[str, str], int]
    FINISHES: dict[tuple[str, str], int]
    BLENDS: dict[str, int]


class WideCollects(Protocol):
    SMALL: int
    CHANNELS: dict[str, int]


class Halves(Protocol):
    SHORT_MEANS: dict[str, int]


class Widths(Protocol):
    WIDTHS: dict[str, tuple[int, int]]


class Turns(Protocol):
    TURNS: dict[int, int]


class Kernels(Protocol):
    """A copy of the kernels, for one instruction set."""

    name: str
    combine: Combine
    folds: Folds
    direct: Direct
    planes: Planes
    slim: Slim | None
    wide_strips: WideStrips | None
    wide_rows: WideRows | None
    wide_words: WideWords | None
    wide_bytes: WideBytes | None
    wide_chains: WideChains | None
    wide_collects: WideCollects | None
    winners: Winners
    ranks: Ranks
    pairs: Pairs
    places: Places
    collects: Collects
    halves: Halves
    widths: Widths
    turns: Turns
    strips: Strips
    columns: Columns
    means: Means
    keys: Keys
    addends: Addends
    sums: Sums
    moves: Moves
    order: Order
    few: Few
    medians: Medians
    histograms: Histograms
    norms: Norms
    powers: Powers
    moments: Moments
    scaled: Scaled
