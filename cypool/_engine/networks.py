"""Networks of exchanges that sort the taps of a window as far as its median needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# Beyond this many taps a table gains little over sorting all of them.
MOST_TAPS = 128


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Network:
    """Exchanges for windows of `taps`: rows of (low, high, side); the side is -1 or 1 where only one is needed."""

    taps: int
    exchanges: NDArray[np.int32]


@lru_cache(maxsize=64)
def median_network(taps: int, both: bool) -> Network:
    """Bring the lower median of `taps` values to its place, and the upper one if both are wanted."""
    wanted = {(taps - 1) // 2}
    if both:
        wanted.add(taps // 2)
    kept: list[tuple[int, int, int]] = []
    for low, high in reversed(list(_merge_exchanges(taps))):
        if low in wanted or high in wanted:
            side = 0 if low in wanted and high in wanted else -1 if low in wanted else 1
            kept.append((low, high, side))
            wanted |= {low, high}
    table = np.array(kept[::-1], np.int32).reshape(-1, 3)
    return Network(taps, table)


def _merge_exchanges(n: int) -> Iterator[tuple[int, int]]:
    """Batcher's merge exchange. Source: Knuth, The Art of Computer Programming, volume 3, algorithm 5.2.2 M."""
    top = 1
    while top < n:
        top *= 2
    p = top // 2
    while p > 0:
        q, r, d = top // 2, 0, p
        while True:
            for i in range(n - d):
                if i & p == r:
                    yield i, i + d
            if q == p:
                break
            d, q, r = q - p, q // 2, p
        p //= 2
