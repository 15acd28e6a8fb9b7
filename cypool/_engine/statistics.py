"""Reducers of medians, modes, variances, norms and smooth maxima, which look at all taps of a window at once."""

from __future__ import annotations

import numpy as np

from cypool import _isa
from cypool._engine import networks
from cypool._engine.reducers import INFINITY, MOMENTS, SIZES, Reducer, composed

# Powers of integers and float32 from this order to that are neither too large nor too small, nor all of them next to 1.
LEAST_ORDER = 0.01
MOST_ORDER = 6
LEAST_FINE = 0.1            # where results are float64
HALF = 0.5                  # sums of square roots

# Windows of more taps than this have their median counted bit by bit, not sorted: measured, by bits of an element.
_MOST_SORTED = {8: 36, 16: 100, 32: 300, 64: 1200}

# Windows of more taps than this have their norms summed in doubles, which passes along the axes share where
# windows do.
_MOST_ADDED = 64
_MOST_ADDED_SHARED = 16

# Medians of windows of so many taps at most come from histograms, whose counts are compared as numbers with a sign.
_MOST_COUNTED = 2**15 - 1


def order(op: str, element: str, *, omit: bool, taps: int) -> Reducer:
    """median or mode, of windows of `taps`."""
    kernels = _isa.kernels()
    name = "u1" if element == "b1" else element
    load, finish = (kernels.order.MEDIANS if op == "median" else kernels.order.MODES)[name]
    real = element in INFINITY
    # All taps, and a count if there may be NaN.
    size = taps * SIZES[element] + (4 + 1 if real else 0)
    tables = ((kernels.few.MEDIANS, kernels.few.ADJACENT_MEDIANS) if op == "median" else
              (kernels.few.MODES, kernels.few.ADJACENT_MODES))
    # A window that leaves out NaNs has fewer taps.
    few, adjacent = (0 if omit and real else table.get(name, {}).get(taps, 0) for table in tables)
    sliding, fillers = 0, b""
    if op == "median" and few:
        sliding = kernels.medians.MEDIANS[name].get(taps, 0)
        limits = (-np.inf, np.inf) if real else (np.iinfo(name).min, np.iinfo(name).max)
        fillers = np.array(limits, name).tobytes()
    counted = kernels.histograms.MEDIANS.get(name, 0) if op == "median" and taps <= _MOST_COUNTED else 0
    network = None
    if op == "median" and 1 < taps <= networks.MOST_TAPS and not (omit and real):
        network = networks.median_network(taps, real)
    return composed(kernels, "max", "i1", element, element, loads=(load,), finish=finish, identity=bytes(8),
                    acc_size=size, stacked=True, omit=omit and real, network=network,
                    most_sorted=_MOST_SORTED[8 * SIZES[element]], divisor=1,
                    few_taps=taps, few=few, fillers=fillers, filled=bool(fillers) and not real,
                    few_adjacent=adjacent, few_sliding=sliding, flip=-(2**63) if element == "u8" else 0,
                    counted=counted, bias=128 if element == "i1" else 0)


def moment(op: str, element: str, result: str, *, omit: bool, parameter: float, taps: int,
           shared: bool, open_sums: bool) -> Reducer:
    """var, std, lp or logsumexp, of windows of up to `taps`; their parameter is the correction, the norm or the
    sharpness. `shared` says that windows along a row of memory have taps in common, `open_sums` that results may be
    marked."""
    kernels = _isa.kernels()
    moments = kernels.moments
    name = "u1" if element == "b1" else element
    load = moments.LOADS[MOMENTS[op]][name]
    omit = omit and element in INFINITY
    # Sums of these powers overflow only where the norm does: they are of doubles.
    unscaled = op == "lp" and not omit and (parameter == 1 or (parameter in moments.PRODUCTS and element != "f8"))
    few = 0
    if unscaled and element == result == "f4" and taps <= (_MOST_ADDED_SHARED if shared else _MOST_ADDED):
        few = kernels.norms.NORMS.get(parameter, 0)
    if op == "lp" and not few and not omit and (open_sums or _needs_no_scale(element, result, parameter)):
        return composed(kernels, "sum", "f8", element, result, loads=(moments.POWERS[name],),
                        finish=moments.OPEN_ROOTS if open_sums else moments.ROOTS[result], identity=bytes(8),
                        parameter=parameter, powers=_powers(parameter, "open" if result == "f8" else "rough"),
                        roots=_roots(parameter, result), taps=taps, divisor=1,
                        costly=parameter not in moments.PRODUCTS)
    return composed(kernels, "sum", "f8", element, result, loads=(load,), finish=moments.FINISHES[op][result],
                    fold=moments.FOLDS[MOMENTS[op]], identity=bytes(8), acc_size=8 * moments.NUMBERS[MOMENTS[op]],
                    powers=_powers(parameter, "fine") if op == "lp" else 0,
                    roots=_roots(parameter, result) if op == "lp" else 0, stacked=True, merged=True, omit=omit,
                    parameter=parameter, unscaled=unscaled, divisor=1, few=few)


def _powers(order: float, kind: str) -> int:
    """What makes powers of a row, unless they are products, or there is nothing for the order."""
    kernels = _isa.kernels()
    return 0 if order == HALF or order in kernels.moments.PRODUCTS else _ready(kernels.powers.POWERS, kind, order)


def _roots(order: float, result: str) -> int:
    """What takes roots, unless they are as good as those of a few orders can be."""
    kernels = _isa.kernels()
    if result == "f8":
        return 0 if order in kernels.moments.PRODUCTS else _ready(kernels.powers.ROOTS, "fine", order)
    return _ready(kernels.powers.ROOTS, "rough", order)


def _ready(functions: dict[str, int], kind: str, order: float) -> int:
    """An address, or 0 where the order is not one that the function is for."""
    least, most = _isa.kernels().powers.ORDERS["rough" if kind == "rough" else "fine"]
    return functions[kind] if least <= order <= most else 0


def _needs_no_scale(element: str, result: str, order: float) -> bool:
    """Whether sums of such powers are doubles neither too large nor too small, and roots of them as exact as wanted."""
    if order in (HALF, 1):
        return True             # these sums are so wherever the norm is
    if element == "f8":
        return False
    return (order in _isa.kernels().moments.PRODUCTS
            or (LEAST_FINE if result == "f8" else LEAST_ORDER) <= order <= MOST_ORDER)


def has_open_sums(op: str, element: str, result: str, order: float | None, *, omit: bool) -> bool:
    """Whether an operation has a way to add up powers of doubles that marks the results which it cannot find: those of
    sums that are too large or too small."""
    return (op == "lp" and element == result == "f8" and not omit and order is not None and order not in (HALF, 1)
            and LEAST_FINE <= order <= MOST_ORDER)
