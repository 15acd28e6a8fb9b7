"""How windows at stride 1 are made of narrower ones: of 101 taps, four of 25 and one, and those of five of five."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush

# Rows that are added in one loop, or of which the best is kept; and how many more at a time join a result.
SUMMED = 6
COMPARED = 4
JOINED = 4


@dataclass(frozen=True, slots=True)
class Chain:
    """Windows of 1 tap, of radices[0] taps, of radices[1] of these, and so on.

    A window is made of `singles` taps, then of `narrow` windows of the last level but one, then of `wide` ones of the
    last. Where a tap may count twice, the last one overlaps those before it.
    """

    radices: tuple[int, ...]
    singles: int
    narrow: int
    wide: int


@lru_cache(maxsize=256)
def chain(taps: int, *, overlapping: bool) -> Chain:
    """The cheapest chain, by loads and stores of an element."""
    most = COMPARED if overlapping else SUMMED
    # By the taps of a last level: what it costs, and the radices.
    levels: dict[int, tuple[int, tuple[int, ...]]] = {1: (0, ())}
    best: tuple[int, Chain] | None = None
    widths = [1]
    while widths:
        width = heappop(widths)
        cost, radices = levels[width]
        last = _last_step(taps, width, radices, overlapping=overlapping)
        whole = cost + _cost(last.singles + last.narrow + last.wide, most)
        if best is None or whole < best[0]:
            best = whole, last
        for radix in range(2, most + 1):
            wider, candidate = width * radix, (cost + _cost(radix, most), (*radices, radix))
            if wider <= taps and wider not in levels:
                heappush(widths, wider)
            levels[wider] = min(levels.get(wider, candidate), candidate)
    assert best is not None
    return best[1]


def _last_step(taps: int, width: int, radices: tuple[int, ...], *, overlapping: bool) -> Chain:
    if overlapping:
        return Chain(radices, 0, 0, -(-taps // width))
    wide, rest = divmod(taps, width)
    narrow = rest // (width // radices[-1]) if len(radices) > 1 else 0
    singles = rest - narrow * (width // radices[-1]) if narrow else rest
    return Chain(radices, singles, narrow, wide)


def _cost(rows: int, most: int) -> int:
    """Loads and stores of one element of a row that is made of so many."""
    joins = max(0, -(-(rows - most) // JOINED))
    return rows + 1 + 2 * joins
