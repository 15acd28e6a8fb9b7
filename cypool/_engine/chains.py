"""How windows at stride 1 are made of narrower ones: of 101 taps, one tap and five of 20, and those of five of four."""

from __future__ import annotations

from functools import lru_cache
from heapq import heappop, heappush
from typing import NamedTuple

# Rows that are added in one loop, or of which the best is kept; and how many more at a time join a result.
SUMMED = 6
COMPARED = 4
JOINED = 4
# Windows in the widest vectors become wider by 2, 4, 8 taps and so on, up to so many, and at last by what is left.
WIDER_BY = 32
LEAST_REACH = 4
# Loops of wide_chains.pyx: for so many of these levels.
LOOPS = 3, 4, 6


class Chain(NamedTuple):
    """There are windows of 1 tap, of radices[0] taps, of radices[1] of these, and so on. A window is made of counts[0]
    taps, then of counts[1] windows of the first level, and so on. Where a tap may count twice, the last one overlaps
    those before it."""

    radices: tuple[int, ...]
    counts: tuple[int, ...]
    # Where the first level is made in registers: by how many taps windows become wider, from two or three on.
    wider_by: tuple[int, ...] = ()


@lru_cache(maxsize=256)
def chain(taps: int, *, overlapping: bool) -> Chain:
    """The cheapest radices and counts, by loads and stores of an element."""
    most = COMPARED if overlapping else SUMMED
    # By the taps of a last level: what it costs, and the radices.
    levels: dict[int, tuple[int, tuple[int, ...]]] = {1: (0, ())}
    best: tuple[int, tuple[int, ...], tuple[int, ...]] | None = None
    widths = [1]
    while widths:
        width = heappop(widths)
        cost, radices = levels[width]
        counts = _counts(taps, width, radices, overlapping=overlapping)
        whole = cost + _cost_of_parts(counts, most)
        if best is None or whole < best[0]:
            best = whole, radices, counts
        for radix in range(2, most + 1):
            wider, candidate = width * radix, (cost + _cost(radix, most), (*radices, radix))
            if wider <= taps and wider not in levels:
                heappush(widths, wider)
            levels[wider] = min(levels.get(wider, candidate), candidate)
    assert best is not None
    return Chain(*best[1:])


def wide_chain(taps: int, reach: int) -> Chain | None:
    """Windows whose first level is made in registers, where a window can begin so many taps behind another that it
    meets there; None if that is too few. Taps may count twice."""
    if reach < LEAST_REACH:
        return None
    by = min(WIDER_BY, 1 << reach.bit_length() - 1)
    # Of two taps at first, or of three: what is left is even, since lanes may be of two elements.
    most = 2 * by + reach // 2 * 2
    if taps <= most + taps % 2:
        return Chain((taps,), (0, 1), _levels(taps))
    fours = 0
    while -(-taps // (most * COMPARED**fours)) > COMPARED:
        fours += 1
    parts = -(-taps // (most * COMPARED**fours))
    width = -(-taps // (parts * COMPARED**fours))
    return Chain((width, *[COMPARED] * fours), (*[0] * (1 + fours), parts), _levels(width))


def _levels(taps: int) -> tuple[int, ...]:
    """Twice as much each time, and at last what is left; windows that stay as wide make up a number that there is a
    loop for."""
    wider_by: list[int] = []
    width, by = 2 + taps % 2, 2
    while width < taps:
        by = min(by, taps - width)
        wider_by.append(by)
        width += by
        by *= 2
    n = next(some for some in LOOPS if some >= len(wider_by))
    return (*wider_by, *[0] * (n - len(wider_by)))


def _counts(taps: int, width: int, radices: tuple[int, ...], *, overlapping: bool) -> tuple[int, ...]:
    """Windows of each level, the last of which has `width` taps."""
    if overlapping:
        return (*[0] * len(radices), -(-taps // width))
    counts: list[int] = []
    rest = taps
    for radix in radices:
        rest, count = divmod(rest, radix)
        counts.append(count)
    return (*counts, rest)


def _cost_of_parts(counts: tuple[int, ...], most: int) -> int:
    """Those of the levels between the first and the last two are taken before their place is needed."""
    last = sum(counts[-2:]) + (counts[0] if len(counts) > 2 else 0)
    return _cost(last, most) + sum(count + 2 for count in counts[1:-2] if count)


def _cost(rows: int, most: int) -> int:
    """Loads and stores of one element of a row that is made of so many."""
    joins = max(0, -(-(rows - most) // JOINED))
    return rows + 1 + 2 * joins
