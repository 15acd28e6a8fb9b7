"""Bytes in windows with an odd number of taps on long rows: every second one as a number of 16 bits, and the others."""

from functools import partial

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from test_across import last_page  # noqa: F401
from test_wide_strips import check_copies, check_out, fetched  # noqa: F401

import cypool
from cypool import _isa, _pooling
from cypool._engine import shortcuts

TAPS = [(3, 3), (3, 1), (3, 5), (4, 7), (5, 3), (5, 5), (7, 9), (8, 11), (3, 13), (3, 17)]
WIDTHS = [256, 257, 300, 319, 320, 321, 385]


def image(shape, dtype, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8).view(dtype)


@pytest.mark.usefixtures("fetched")
@pytest.mark.parametrize("taps", TAPS, ids=str)
@pytest.mark.parametrize(("op", "dtype"), [("max", "u1"), ("max", "i1"), ("min", "u1"), ("min", "i1"), ("avg", "u1"),
                                           ("avg", "i1"), ("sum", "u1")])
def test_bits_are_those_of_every_copy(op, dtype, taps):
    for width in WIDTHS:
        for height, padding in ((12 + taps[0], 0), (31, (taps[0] // 2, taps[1] // 2)), (32, (1, 0))):
            x = image((2, height, width), dtype, width)
            check_copies(partial(getattr(cypool, f"{op}_pool"), x, taps, 1, padding, axis=(1, 2)))


@pytest.mark.parametrize("channels", [2, 3, 5, 7])
@pytest.mark.parametrize("dilation", [(1, 1), (2, 3), (1, 2)], ids=str)
@pytest.mark.parametrize("op", ["max", "avg"])
def test_taps_any_distance_apart(op, dilation, channels):
    for taps in ((3, 3), (5, 5), (3, 7)):
        x = image((40, 150, channels), "u1")
        check_copies(partial(getattr(cypool, f"{op}_pool"), x, taps, 1, 1, dilation, axis=(0, 1)))
        if channels == 2:
            check_copies(partial(getattr(cypool, f"{op}_pool"), x.reshape(40, 300), taps, 1, 1, dilation))


@pytest.mark.parametrize("taps", [3, 5, 7, 9, 11, 13, 15])
def test_means_are_rounded_as_quotients_are(taps):
    """Of every sum there is, among them all that are next to a half."""
    x = np.repeat(image((40, 150), "u1", taps), 2, 1)
    x[:20] = np.arange(300) % 256
    x[20] = 255
    total = sliding_window_view(x, (taps, taps)).sum((-2, -1), dtype=np.int64)
    np.testing.assert_array_equal(cypool.avg_pool(x, taps, 1), (2 * total + taps**2) // (2 * taps**2))
    padded = sliding_window_view(np.pad(x, taps // 2), (taps, taps)).sum((-2, -1), dtype=np.int64)
    cells = sliding_window_view(np.pad(np.ones_like(x), taps // 2), (taps, taps)).sum((-2, -1), dtype=np.int64)
    np.testing.assert_array_equal(cypool.avg_pool(x, taps, 1, taps // 2), (2 * padded + taps**2) // (2 * taps**2))
    exact = np.rint(padded / cells)
    np.testing.assert_array_equal(cypool.avg_pool(x, taps, 1, taps // 2, count_include_pad=False), exact)


@pytest.mark.skipif(_isa.kernels().wide_bytes is None, reason="the copy in use has no such vectors")
@pytest.mark.parametrize(("taps", "options", "goes"), [
    (13, {}, True), ((13, 17), {}, True), (12, {}, True), ((13, 12), {}, False), (13, {"divisor_override": 168}, False),
    (13, {"padding": 2, "count_include_pad": False}, False), ((14, 3), {}, False), ((17, 3), {}, True),
    ((19, 3), {}, False)])
def test_which_means_go_so(monkeypatch, taps, options, goes):
    """Of more than 12 rows only those by odd divisors, which all windows have."""
    taken = []
    plain = shortcuts.goes_along
    monkeypatch.setattr(shortcuts, "goes_along", lambda *args: taken.append(plain(*args)) or taken[-1])
    _pooling.forget()
    cypool.avg_pool2d(np.zeros((60, 400), np.uint8), taps, 1, **options)
    _pooling.forget()
    assert taken == [goes]


@pytest.mark.usefixtures("fetched")
@pytest.mark.parametrize("op", ["max", "avg"])
@pytest.mark.parametrize("taps", [(3, 3), (5, 5), (4, 11)], ids=str)
def test_nothing_beyond_the_arrays_is_read_or_written(last_page, op, taps):  # noqa: F811
    for width in (256, 259, 300):
        x = image((21, width), "u1")
        for padding in (0, 1):
            pool = partial(getattr(cypool, f"{op}_pool"), kernel_size=taps, stride=1, padding=padding)
            expected = pool(x)
            np.testing.assert_array_equal(pool(last_page(x)), expected)
            check_out(partial(pool, x), last_page, expected)
