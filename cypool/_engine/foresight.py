"""What a processor does not foresee by itself of what will be read, and is told: as measured, by its make."""

from __future__ import annotations

from cypool import _isa
from cypool._cpu import amd_family

# The first AMD processors, by family, that read faster what is fetched far ahead also where one run is read, or rows of
# neighbours that are pooled alike by turns. Those before, and Intel's, foresee both.
ZEN_5 = 0x1A
FAR_FROM = 2**24            # from so many bytes of input on: less is in the third level cache, and read faster without
FAR_AHEAD = 16384
TURNS_AHEAD = 4096
# Without AVX-512, what looks for NaN leaves a processor less room to see ahead of a run itself.
RUN_AHEAD = {"avx512": 0, "avx2": 2048, "baseline": 2048}
# From so many bytes of input on, rows are read in order before they are combined: those are not in the second level
# cache, which has 1 MiB or more where there is AVX-512.
TOUCH_FROM = {"avx512": 2**22, "avx2": 2**19, "baseline": 2**19}
STRIPS_FROM = 2**20         # where planes are pooled in strips,
FAR_STRIPS_FROM = 2**22     # or what they read next is fetched meanwhile
RESULTS_FETCH_FROM = 6 * 2**20
LINE = 64


def sees_little() -> bool:
    """Whether this processor is one of those that gain by being told far ahead."""
    return amd_family() >= ZEN_5


def fetches_far(n_bytes: int) -> bool:
    """Whether what lies far ahead is fetched, for so many bytes of input."""
    return sees_little() and n_bytes >= FAR_FROM


def run_ahead(n_bytes: int) -> int:
    """How many bytes ahead of a run memory is fetched, for so many bytes of input; 0 if it is not."""
    if fetches_far(n_bytes):
        return FAR_AHEAD
    return RUN_AHEAD[_isa.kernels().name]


def turns_ahead(n_bytes: int) -> int:
    """The same of rows that are read by turns, of neighbours that are pooled alike."""
    return TURNS_AHEAD if fetches_far(n_bytes) else 0


def strips_fetch(n_bytes: int, *, bare: bool) -> int:
    """Bytes of what the next strips read, and write, that are fetched for each row of a strip: a line or nothing. Of
    strips without a copy, those of the widest vectors."""
    return LINE if _can_fetch(bare=bare) and n_bytes >= FAR_STRIPS_FROM else 0


def fetches_results(n_bytes: int) -> bool:
    """Whether it is fetched where results go, a row ahead, as columns are walked."""
    return sees_little() and n_bytes >= RESULTS_FETCH_FROM


def touches_strips(n_bytes: int, *, bare: bool) -> bool:
    """Whether rows are read in order before they are pooled in strips, of a copy or bare ones."""
    return n_bytes >= STRIPS_FROM and not _can_fetch(bare=bare)


def _can_fetch(*, bare: bool) -> bool:
    return bare and _isa.kernels().wide_strips is not None and sees_little()


def touches_rows(n_bytes: int) -> bool:
    """Whether rows are read in order before they are combined."""
    return n_bytes >= TOUCH_FROM[_isa.kernels().name]
