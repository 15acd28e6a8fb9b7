"""Which kernel functions make up an operation: how elements load, combine and finish, for each dtype.

A `Reducer` is asked for with an operation and dtypes, and holds the addresses of functions in the chosen copy of
the kernels, with their constants.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cypool import _isa

if TYPE_CHECKING:
    from cypool._engine import networks
    from cypool._kernels.tables import Kernels

# Elements by the name that the kernels' tables have for them.
_SIGNED = {"i1": 8, "i2": 16, "i4": 32, "i8": 64}
_UNSIGNED = {"b1": 8, "u1": 8, "u2": 16, "u4": 32, "u8": 64}
SIZES = {"b1": 1, "bf2": 2, "winner": 16} | {name: int(name[1:]) for name in
                                             ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")}
# Operations that need all taps of a window at once, and the statistic that they are made from.
ORDERS = ("median", "mode")
MOMENTS = {"var": "variance", "std": "variance", "lp": "norm", "logsumexp": "exponentials"}
# The bits of +inf and of the least bit that makes a NaN quiet.
INFINITY = {"f2": (0x7C00, 0x200), "bf2": (0x7F80, 0x40), "f4": (0x7F800000, 0x400000),
            "f8": (0x7FF0000000000000, 0x8000000000000)}

# Sums of so many bits are divided as doubles. Numbers of 64 bits are summed as they are where those are so small that
# their sums are, if windows have so few taps that this leaves them as many bits as these.
_NEAR_BITS = 51
_LEAST_BITS = 32

# A label and a 32-bit key fit one int64 as long as labels are below this.
_NARROW_LABELS = 2**32 - 1


# Frozen, a class of so many fields takes an eighteenth of the package's import.
@dataclass(slots=True, eq=False, repr=False)
class Reducer:
    """Kernel functions and constants; the types are those of the accumulators and of the results."""

    rule: str
    acc: str
    acc_size: int
    result: str
    loads: tuple[int, ...]
    combine: int
    fold: int
    fold_table: int
    halve: int
    mend: int
    finish: int
    pack: int
    unpack: int
    split: int
    repeat: int
    pick: int
    weave: int
    identity: bytes
    costly: bool = False        # a load takes far longer than a sum
    reduce: int = 0             # runs of a row, of elements as they are
    pair_loads: tuple[int, int] = (0, 0)    # of pairs of neighbours, with one and with three channels
    advance: int = 0            # sums that move along a column,
    running: int = 0            # and along a row
    spread: int = 0             # sums of few, on small planes side by side
    slim: int = 0               # small windows on small planes
    direct: int = 0             # small windows from the input to the output
    winners: int = 0            # the same with labels;
    ranked: int = 0             # that of narrow elements, where neighbours are pooled alike;
    widths: tuple[int, int] = (0, 0)    # of floats that rows of narrower elements become, and back
    changed: Reducer | None = None      # what pools elements that have become such floats, or integer keys
    widen: int = 0              # long windows along a row, as far as registers reach
    meet: int = 0               # and along a column, of integers
    columns: int = 0            # long windows along a column
    strips: tuple[int, int, int] = (0, 0, 0)    # and those on small planes
    along: tuple[int, int] = (0, 0)             # or on long rows; as far as so many elements behind the first tap
    along_bytes: int = 0        # the same of bytes, an odd number of taps at an odd distance
    direct_blocks: bool = False     # only such of 2 or 4 taps a row that lie side by side
    direct_pixels: int = 0          # those of three channels
    direct_inner: bool = False      # only such of neighbours that are pooled alike
    in_place: bool = False
    plain: bool = False
    idempotent: bool = False
    divided: bool = False
    flip: int = 0
    bias: int = 0
    infinity: int = 0
    nan: int = 0
    complex_pairs: bool = False
    signed_sums: bool = False
    limits: tuple[int, int] = (0, 0)
    cells: int = 1
    taps: int = 1
    divisor: int = 0
    near: bool = False          # sums, and quotients, that a float can hold, or a double
    blend: int = 0              # of sums whose taps have weights
    bounded: int = 0            # whether numbers are small enough for one sum of 64 bits:
    bounds: tuple[int, int] = (0, 0)    # with the first added, they are below the second
    unbounded: Reducer | None = None    # what pools others
    # Of stacks.
    stacked: bool = False
    merged: bool = False        # a window's taps may come in several loads
    omit: bool = False
    parameter: float = 0
    unscaled: bool = False
    powers: int = 0             # of a row, that are not products,
    roots: int = 0              # and roots that are neither square roots nor squares
    network: networks.Network | None = None
    most_sorted: int = 0
    counted: int = 0            # medians of large windows at stride 1
    few: int = 0                # of windows of so many taps, or of any if that is 0
    few_taps: int = 0
    few_adjacent: int = 0       # the same where windows are 2x2, 2x2x2 or 3x3, side by side
    few_sliding: int = 0        # and where they are 3x3 or 5x5, at stride 1
    fillers: bytes = b""        # the least and the greatest element, for medians of which a row lacks taps
    filled: bool = False        # and whether these do for an even number of taps, as of integers


def element_name(dtype: np.dtype[Any]) -> str:
    """The kernels' name for a dtype, of one part of it if it is complex."""
    if dtype.kind == "V":
        return "bf2"
    if dtype.kind == "c":
        return f"f{dtype.itemsize // 2}"
    return f"{dtype.kind}{dtype.itemsize}"


def result_names(op: str, element: str) -> tuple[str, ...]:
    """What op of such elements can give without a cast, the usual one first."""
    if op in ("max", "min", *ORDERS):
        return (element,)
    if op in MOMENTS and element not in INFINITY:
        return ("f8", "f4", "f2", "bf2")
    if op in MOMENTS and element == "f8":
        return ("f8", "f4", "f2", "bf2")
    if element in INFINITY:
        names = {"f2": ("f2", "f4", "f8"), "bf2": ("bf2", "f4", "f8"), "f4": ("f4", "f8", "f2", "bf2"),
                 "f8": ("f8", "f4")}
        return names[element]
    if op == "sum":
        return ("u8",) if element in ("u1", "u2", "u4", "u8") else ("i8",)
    if element == "i8" or (element == "u8" and op != "avg"):
        return element, "f4", "f8"
    return element, "i8", "f4", "f8"


def extremum(op: str, element: str, *, omit: bool, labels: int) -> Reducer:
    """max or min. `labels` is the number of positions that indices can name, or 0 where none are wanted."""
    kernels = _isa.kernels()
    bits = SIZES[element] * 8
    name = "u1" if element == "b1" else element
    widths = kernels.widths.WIDTHS.get(name, (0, 0))
    if labels:
        wide = bits == 64 or labels > _NARROW_LABELS
        table = kernels.keys.WIDE_WINNERS if wide else kernels.keys.WINNERS
        load, finish = table[name]
        identity = (np.array([-(2**63), 2**63 - 1] if wide else [-(2**63)], "i8")).tobytes()
        infinity, quiet = INFINITY.get(element, (0, 0))
        # Of few labels there are small windows in registers, but for integers of 32 bits.
        whole = element in ("i8", "u8")
        winners = kernels.winners.WINNERS.get(("max", "i8") if whole else (op, "f4" if widths[0] else element), 0)
        ranked = kernels.ranks.RANKED.get(name, 0)
        if labels >= 2**31 or (omit and element in INFINITY):
            winners = ranked = 0
        # The one NaN stands above all else, or below: then by its sign, with keys inverted for min.
        nan = (infinity | quiet) - ((1 << (bits - 1)) if omit != (op == "min") else 0)
        flip = -(op == "min") ^ (-(2**63) if element == "u8" else 0)
        return composed(kernels, "max", "winner" if wide else "i8", element, element, loads=(load,), finish=finish,
                        identity=identity, idempotent=True, divisor=1, flip=flip, infinity=infinity, nan=nan,
                        winners=winners, ranked=ranked, widths=widths)
    if element in ("f2", "bf2") or (omit and element in INFINITY):
        load, finish = kernels.keys.KEYS[bits // 8]
        lowest = (-(2 ** (bits - 1))).to_bytes(bits // 8, "little", signed=True)
        return composed(kernels, "max", f"i{bits // 8}", element, element, loads=(load,), finish=finish,
                        identity=_native(lowest), idempotent=True, divisor=1, flip=-(op == "min"),
                        bias=_cut(element, bits, omit), in_place=True, direct_blocks=True,
                        changed=extremum("max", "i2", omit=False, labels=0) if bits == 16 else None,
                        direct=kernels.pairs.BLOCK_MAXIMA.get("floats", 0) if bits == 16 else 0)
    acc = name
    dtype = np.dtype(acc)
    if acc in INFINITY:
        least, greatest = -np.inf, np.inf
    else:
        least, greatest = np.iinfo(dtype).min, np.iinfo(dtype).max
    identity = np.array(least if op == "max" else greatest, dtype).tobytes()
    in_blocks = acc in ("i2", "u2")
    direct = kernels.pairs.BLOCK_MAXIMA.get("integers", 0) if in_blocks else kernels.direct.DIRECT.get((op, acc), 0)
    # As integers with a sign, of which the greatest is sought.
    flip = -(op == "min") ^ (-0x8000 if acc == "u2" else 0) if in_blocks else 0
    return composed(kernels, op, acc, element, element, identity=identity, plain=True, idempotent=True, divisor=1,
                    direct=direct, direct_blocks=in_blocks, flip=flip,
                    columns=kernels.columns.COLUMNS.get((op, acc), 0), reduce=kernels.folds.RUNS[op, acc],
                    slim=_slim(kernels, op) if acc == "f4" else 0,
                    strips=_strips(kernels, op, acc),
                    along=_along(kernels, op, element), along_bytes=_along_bytes(kernels, op, name))


def _cut(element: str, bits: int, omit: bool) -> int:
    """The bias that cuts the ring of float keys below the lowest infinity, or above the highest if NaN is least.

    Inverting all keys, as min does, only swaps the two infinities.
    """
    infinity = INFINITY[element][0]
    first = infinity + 1 if omit else ~infinity
    half = 1 << (bits - 1)
    bias = (-half - first) % (2 * half)
    return bias - (2 * half if bias >= half else 0)


def _native(little: bytes) -> bytes:
    return little if np.little_endian else little[::-1]


def total(op: str, element: str, result: str, *, omit: bool, taps: int, cells: int, most_cells: int, divisor: int,
          complex_pairs: bool) -> Reducer:
    """sum or avg. `taps` is the most taps of a window, `cells` the divisor of the first one, `most_cells` the
    largest divisor, `divisor` a fixed one or 0."""
    kernels = _isa.kernels()
    addends, sums = kernels.addends, kernels.sums
    scale: dict[str, Any] = {"taps": taps, "cells": divisor or cells if op == "avg" else 1,
                             "divisor": divisor if op == "avg" else 1}
    if element in INFINITY:
        acc = "f8" if "f8" in (element, result) else "f4"
        zero = np.zeros((), acc).tobytes()
        if omit:
            loads, finish = addends.LOAD_PRESENT[element, acc], sums.FINISH_PRESENT[acc, result]
            return composed(kernels, "sum", acc, element, result, loads=loads, finish=finish, identity=zero,
                            complex_pairs=complex_pairs, **scale)
        finish = sums.FINISH_REALS[acc, result]
        scale["in_place"] = acc == result
        if acc == element:
            return composed(kernels, "sum", acc, element, result, finish=finish, identity=zero, plain=True,
                            divided=True, direct=kernels.direct.DIRECT["sum", acc] if result == acc else 0,
                            spread=kernels.planes.SPREAD if result == acc == "f4" else 0,
                            slim=_slim(kernels, "sum") if result == acc == "f4" else 0,
                            columns=kernels.columns.COLUMNS["sum", acc], reduce=kernels.folds.RUNS["sum", acc],
                            strips=_strips(kernels, "sum", acc) if result == acc else (0, 0, 0),
                            along=_along(kernels, "sum", acc) if result == acc else (0, 0), **scale)
        narrow = result == element and acc == "f4"
        floats = total(op, acc, acc, omit=False, taps=taps, cells=cells, most_cells=most_cells, divisor=divisor,
                       complex_pairs=complex_pairs) if narrow else None
        return composed(kernels, "sum", acc, element, result, loads=(addends.LOAD[element, acc],), finish=finish,
                        identity=zero, divided=True, direct=kernels.halves.SHORT_MEANS[element] if narrow else 0,
                        direct_inner=True, widths=kernels.widths.WIDTHS[element] if narrow else (0, 0),
                        changed=floats, **scale)

    signed = element in _SIGNED
    bits = _SIGNED.get(element) or _UNSIGNED[element]
    acc = _narrowest_sum(bits, signed, taps, most_cells, divisor)
    source = "u1" if element == "b1" else element
    limits = (0, 1) if result == "b1" else _limits(result) if result in _SIGNED or result in _UNSIGNED else (0, 0)
    zero = bytes(SIZES[acc])
    if acc == "u8":     # with room for twice what a division leaves, and for products with the divisor
        near = max(taps << (bits - signed), 4 * most_cells * most_cells, 4 * divisor * divisor) < 2**_NEAR_BITS
    else:
        near = not divisor and max(taps, most_cells) << bits <= 2**24
    common: dict[str, Any] = {"identity": zero, "signed_sums": signed, "limits": limits, "near": near,
                              "running": addends.RUNNING.get(acc, 0), **scale}
    common["divided"] = near and _divides(acc, result)
    if SIZES[acc] == 2 * SIZES[source]:
        common |= {"along": _along(kernels, "sum", source), "along_bytes": _along_bytes(kernels, "sum", source)}
    if op == "sum":
        finish = sums.FINISH_SUMS[acc]
    elif bits == 64:
        return _wide_mean(kernels, element, result, common, largest_divisor=max(most_cells, abs(divisor)))
    else:
        finish = sums.FINISH_MEANS[acc, "u1" if result == "b1" else result]
        divisor = scale["cells"]
        if result == element and divisor == taps and divisor & (divisor - 1) == 0:
            common |= {"direct": kernels.means.BLOCK_MEANS.get(element, 0), "direct_blocks": True,
                       "direct_pixels": kernels.means.PIXEL_MEANS.get(element, 0)}
    if bits == 64:
        return composed(kernels, "sum", acc, element, result, finish=finish, plain=True,
                        advance=addends.ADVANCE["u8", "u8"], **common)
    return composed(kernels, "sum", acc, element, result, loads=(addends.LOAD[source, acc],), finish=finish,
                    pair_loads=addends.LOAD_PAIRS.get((source, acc), (0, 0)), advance=addends.ADVANCE[source, acc],
                    **common)


def _wide_mean(kernels: Kernels, element: str, result: str, common: dict[str, Any], *, largest_divisor: int) -> Reducer:
    """Means of 64-bit integers: by one sum as long as they are small enough, else by two, of their halves."""
    addends, sums = kernels.addends, kernels.sums
    halves = composed(kernels, "sum", "u8", element, result, loads=addends.LOAD_HALVES[element],
                      finish=sums.FINISH_WIDE_MEANS[result], **common)
    bits = _NEAR_BITS - common["taps"].bit_length()
    if bits < _LEAST_BITS or 4 * largest_divisor**2 >= 2**_NEAR_BITS:
        return halves
    near: dict[str, Any] = {**common, "near": True, "divided": _divides("u8", result)}
    return composed(kernels, "sum", "u8", element, result, plain=True, advance=addends.ADVANCE["u8", "u8"],
                    finish=sums.FINISH_MEANS["u8", "i8" if result == "u8" else result], bounded=addends.BOUNDED,
                    bounds=(2**bits, 2 * 2**bits) if element == "i8" else (0, 2**bits), unbounded=halves, **near)


def _divides(acc: str, result: str) -> bool:
    """Whether each sum may have its own divisor, as a float of its size: for these has divided_means in sums.pyx."""
    if result in INFINITY:
        return False
    return (acc == "u4" and SIZES[result] <= 2) or (acc == "u8" and SIZES[result] >= 4)


def area(element: str, result: str, *, omit: bool, cells: int, complex_pairs: bool) -> Reducer:
    """Weighted means. Weights of integers are whole and add up to `cells`; those of floats add up to 1."""
    kernels = _isa.kernels()
    scaled, sums = kernels.scaled, kernels.sums
    source = "u1" if element == "b1" else element
    if element in INFINITY:
        acc = "f8" if "f8" in (element, result) else "f4"
        loads: tuple[int, ...] = (scaled.LOADS[element, acc],)
        finish = sums.FINISH_REALS[acc, result]
        if omit:
            loads, finish = kernels.addends.LOAD_PRESENT[element, acc], sums.FINISH_SHARES[acc, result]
        return composed(kernels, "sum", acc, element, result, loads=loads, finish=finish, identity=bytes(8),
                        blend=scaled.BLENDS[acc], complex_pairs=complex_pairs, divisor=1)
    # Integers that a float holds, twice over so that a mean of them is rounded rightly, are summed as such.
    largest = 2 * cells * 2 ** (_SIGNED.get(element) or _UNSIGNED[element])
    if largest < 2**52:
        acc = "f4" if largest < 2**23 and result != "f8" else "f8"
        return composed(kernels, "sum", acc, element, result, loads=(scaled.LOADS[source, acc],),
                        finish=scaled.FINISHES[acc, "u1" if result == "b1" else result], identity=bytes(8),
                        blend=scaled.BLENDS[acc], divisor=cells, cells=cells)
    limits = (0, 1) if result == "b1" else _limits(result) if result in _SIGNED or result in _UNSIGNED else (0, 0)
    finish = sums.FINISH_MEANS["u8", "u1" if result == "b1" else result]
    return composed(kernels, "sum", "u8", element, result, loads=(scaled.LOADS[source, "u8"],), finish=finish,
                    identity=bytes(8), blend=scaled.BLENDS["u8"], signed_sums=element in _SIGNED, limits=limits,
                    divisor=cells, cells=cells)


def unfinished(reducer: Reducer) -> Reducer:
    """The first of two steps: the results are accumulators."""
    return replace(reducer, finish=0, divisor=1, direct=0, spread=0, slim=0, strips=(0, 0, 0), along=(0, 0),
                   unpack=_isa.kernels().moves.MOVE[reducer.acc_size][1])


def of_accumulators(reducer: Reducer) -> Reducer:
    """The second of two steps, whose input are accumulators."""
    if reducer.plain:
        return replace(reducer, bounded=0)
    kernels = _isa.kernels()
    return replace(reducer, plain=True, loads=(reducer.combine,), pair_loads=(0, 0), direct=0, spread=0, slim=0,
                   along=(0, 0), advance=kernels.addends.ADVANCE.get((reducer.acc, reducer.acc), 0),
                   pack=kernels.moves.MOVE[reducer.acc_size][0],
                   columns=kernels.columns.COLUMNS.get((reducer.rule, reducer.acc), 0))


def _narrowest_sum(bits: int, signed: bool, taps: int, cells: int, divisor: int) -> str:
    """The unsigned type that holds every sum, with room for the rounding; the widest where a mean may be clipped."""
    for size in (16, 32):
        largest = taps * (1 << (bits - signed)) + cells
        # Sums of 32 bits are divided as signed numbers, with twice a few divisors as the rest.
        if (not divisor and bits < size and largest < 2 ** (size - (signed or size == 32))
                and cells < 2**28):
            return f"u{size // 8}"
    return "u8"


def _slim(kernels: Kernels, rule: str) -> int:
    """The kernel of small planes, which the copy for the widest vectors has."""
    return kernels.slim.SLIM[rule] if kernels.slim else 0


def _strips(kernels: Kernels, rule: str, acc: str) -> tuple[int, int, int]:
    """The kernels of planes in strips, the last of which needs no copy of the plane; 0 of accumulators without them."""
    of_windows, of_rows, of_squares = kernels.strips.STRIPS.get((rule, acc), (0, 0, 0))
    wide = kernels.wide_strips.WIDE_STRIPS if kernels.wide_strips else {}
    return of_windows, of_rows, wide.get((rule, acc), of_squares)


def _along(kernels: Kernels, rule: str, element: str) -> tuple[int, int]:
    """The kernel of long rows, which the copy for the widest vectors has, and how far it reaches."""
    if kernels.wide_rows is None or kernels.wide_words is None:
        return 0, 0
    return {**kernels.wide_rows.WIDE_ROWS, **kernels.wide_words.WIDE_WORDS}.get((rule, element), (0, 0))


def _along_bytes(kernels: Kernels, rule: str, element: str) -> int:
    return kernels.wide_bytes.WIDE_BYTES.get((rule, element), 0) if kernels.wide_bytes else 0


def _limits(name: str) -> tuple[int, int]:
    info = np.iinfo(name)
    return int(info.min), min(int(info.max), 2**63 - 1)


def composed(kernels: Kernels, rule: str, acc: str, element: str, result: str, *, loads: tuple[int, ...] | None = None,
             fold: int = 0, finish: int = 0, acc_size: int = 0, **constants: Any) -> Reducer:
    combine, fold_window, halve, mend, fold_table = kernels.combine.COMBINE[rule, acc]
    fold_window, fold_table = kernels.folds.FOLDS.get((rule, acc), (fold_window, fold_table))
    if kernels.wide_chains and not acc_size:
        constants["widen"] = kernels.wide_chains.WIDE_CHAINS.get((rule, acc), 0)
        if constants.get("plain"):
            constants["meet"] = kernels.wide_chains.WIDE_COLUMNS.get((rule, acc), 0)
    move = kernels.moves.MOVE
    split = move[SIZES[element if acc_size else acc]][2]   # stacks split input rows
    return Reducer(rule, acc, acc_size or SIZES[acc], result, loads or (combine,), combine, fold or fold_window,
                   fold_table, halve, mend, finish, move[SIZES[element]][0], move[SIZES[result]][1], split,
                   move[SIZES[result]][3], kernels.moves.PICK, kernels.moves.WEAVE, **constants)
