"""Windows made of narrower ones."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import cypool
from cypool._engine.chains import chain


@pytest.mark.parametrize("overlapping", [False, True])
def test_chains_make_up_their_windows(overlapping):
    for taps in [*range(1, 20000, 1 if not overlapping else 7), 10**6, 2**31 - 1, 2**40 + 3]:
        radices, counts, wider_by = chain(taps, overlapping=overlapping)
        assert not wider_by
        widths = np.cumprod([1, *radices])
        covered = int(widths @ counts)
        assert covered >= taps if overlapping else covered == taps
        assert widths[-1] <= taps
        assert sum(counts) <= 40


def test_the_cheapest_chains():
    """Loads and stores: 101 taps take 15 and 3."""
    assert chain(7, overlapping=False)[:2] == ((2,), (1, 3))
    assert chain(15, overlapping=False)[:2] == ((3,), (0, 5))
    assert chain(101, overlapping=False)[:2] == ((4, 5), (1, 0, 5))
    assert chain(31, overlapping=True)[:2] == ((2, 4), (0, 0, 4))


@pytest.mark.parametrize("taps", [151, 257, 1007, 3865, 3869, 4347, 13499])
def test_long_windows(isa, taps):
    """Made of windows of many levels."""
    x = np.random.default_rng(0).integers(0, 50, (2, taps + 300, 3))
    expected = np.cumsum(np.pad(x, ((0, 0), (1, 0), (0, 0))), 1)
    expected = expected[:, taps:] - expected[:, :-taps]
    for dtype in ("f4", "f8", "i4"):
        np.testing.assert_array_equal(cypool.sum_pool(x.astype(dtype), taps, 1, axis=1), expected)
        np.testing.assert_array_equal(cypool.sum_pool(x[..., 0].astype(dtype), taps, 1, axis=1), expected[..., 0])


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
