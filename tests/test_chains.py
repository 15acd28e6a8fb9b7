"""Windows made of narrower ones."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import cypool
from cypool._engine.chains import Chain, chain


@pytest.mark.parametrize("overlapping", [False, True])
def test_chains_make_up_their_windows(overlapping):
    for taps in [*range(1, 300), 1000, 4097, 10**6]:
        made = chain(taps, overlapping=overlapping)
        width = int(np.prod(made.radices))
        narrow = width // made.radices[-1] if made.radices else 1
        covered = made.singles + made.narrow * narrow + made.wide * width
        assert covered >= taps if overlapping else covered == taps
        assert width <= taps
        assert made.singles + made.narrow + made.wide <= 16


def test_the_cheapest_chains():
    """Loads and stores: 101 taps take 17 and 3."""
    assert chain(7, overlapping=False) == Chain((2,), 1, 0, 3)
    assert chain(15, overlapping=False) == Chain((3,), 0, 0, 5)
    assert chain(101, overlapping=False) == Chain((4, 5), 1, 0, 5)
    assert chain(31, overlapping=True) == Chain((2, 4), 0, 0, 4)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "u2"])
@pytest.mark.parametrize("op", ["sum", "max"])
def test_windows_of_every_length(isa, op, dtype):
    rng = np.random.default_rng(0)
    reduce, blank = (np.sum, 0) if op == "sum" else (np.max, -np.inf if dtype[0] == "f" else np.iinfo(dtype).min)
    for taps in [*range(5, 40), 61, 101, 127]:
        before = taps // 2
        for shape in ((140, 1), (140, 3), (140, 64), (3, 140, 2)):
            x = rng.integers(0, 100, shape).astype(dtype)
            ends = [(0, 0)] * (x.ndim - 2) + [(before, before), (0, 0)]
            padded = np.pad(x, ends, constant_values=blank)
            expected = reduce(sliding_window_view(padded, taps, -2), -1)
            np.testing.assert_array_equal(getattr(cypool, f"{op}_pool")(x, taps, 1, before, axis=-2), expected)
