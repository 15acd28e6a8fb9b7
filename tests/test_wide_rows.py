"""Maxima of windows at stride 1 on long rows, in the widest vectors, straight from the input."""

from functools import partial

import numpy as np
import pytest
from test_across import last_page  # noqa: F401
from test_strips import fits
from test_wide_strips import check_copies, check_out, fetched  # noqa: F401

import cypool
from cypool import _isa, _pooling
from cypool._engine import shortcuts

needs_wide = pytest.mark.skipif(_isa.kernels().wide_rows is None, reason="the copy in use has no such vectors")
# Taps of a column and of a row, and padding of both ends.
WINDOWS = [((2, 2), 0), ((2, 2), 1), ((3, 3), 1), ((3, 3), 0), ((4, 5), 2), ((5, 5), 2), ((5, 3), 1), ((7, 7), 3),
           ((9, 9), 4), ((2, 17), 1), ((17, 2), 1), ((1, 2), 0), ((1, 5), 0), ((1, 12), 0), ((2, 7), 1),
           ((16, 16), 8), ((17, 17), 8), ((8, 13), 2), ((6, 8), 3)]
WIDTHS = [256, 257, 263, 271, 300, 333, 512]


def pooled(op, x, taps, padding, **options):
    return getattr(cypool, f"{op}_pool")(x, taps, 1, padding, axis=(-2, -1), **options)


def bits(x):
    return x.view(f"u{x.itemsize}")


@pytest.fixture
def taken(monkeypatch):
    """Whether each view went so."""
    goes = []
    plain = shortcuts.goes_along

    def goes_along(*args):
        goes.append(plain(*args))
        return goes[-1]

    monkeypatch.setattr(shortcuts, "goes_along", goes_along)
    _pooling.forget()
    yield goes
    _pooling.forget()


@needs_wide
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("case", WINDOWS, ids=str)
def test_long_rows_go_so(taken, case, dtype):
    pooled("max", np.zeros((2, 45, 400), dtype), *case)
    assert taken == [case[0][1] <= 64 // np.dtype(dtype).itemsize + 1]


@needs_wide
@pytest.mark.parametrize(("shape", "taps", "options"), [
    ((40, 400), (5, 6), {}), ((40, 400), (7, 3), {"dilation": (2, 1)}), ((11, 400), (9, 3), {}),
    ((40, 400), (3, 9), {"dilation": (1, 3)}), ((40, 3), (4, 2), {}), ((5, 400), (3, 4), {})])
def test_some_windows_do_not(taken, shape, taps, options):
    pooled("max", np.zeros(shape, np.float32), taps, 0, **options)
    assert not any(taken)


@pytest.mark.usefixtures("fetched")
@pytest.mark.parametrize("case", WINDOWS, ids=str)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("op", ["max", "min"])
def test_bits_are_those_of_every_copy(case, dtype, op):
    """Also the signs of zeros, and which of several NaNs it is."""
    for width in WIDTHS:
        for height in (3, 21, 47):
            if not fits(*case, height, width):
                continue
            rng = np.random.default_rng(width + height)
            x = rng.standard_normal((2, height, width)).astype(dtype)
            zeros = np.copysign(0.0, rng.random(x.shape) - 0.25).astype(dtype)
            nans = x.copy()
            where = rng.random(x.shape) < 0.003
            nans[where] = np.nan
            bits(nans)[where] |= rng.integers(0, 2**20, x.shape, bits(nans).dtype)[where]
            for values in (x, zeros, nans):
                check_copies(partial(pooled, op, values, *case))


@pytest.mark.parametrize("dilation", [(1, 2), (2, 1), (3, 2), (2, 4)], ids=str)
@pytest.mark.parametrize("taps", [(2, 2), (3, 5), (5, 4)], ids=str)
def test_dilation(taps, dilation):
    x = np.random.default_rng(0).standard_normal((2, 50, 290), np.float32)
    check_copies(partial(pooled, "max", x, taps, 1, dilation=dilation))


@pytest.mark.usefixtures("fetched")
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("case", WINDOWS, ids=str)
def test_nothing_beyond_the_arrays_is_read_or_written(last_page, case, dtype):  # noqa: F811
    for width in (256, 259, 270):
        if not fits(*case, 29, width):
            continue
        x = np.random.default_rng(width).standard_normal((29, width)).astype(dtype)
        expected = pooled("max", x, *case)
        np.testing.assert_array_equal(pooled("max", last_page(x), *case), expected)
        check_out(partial(pooled, "max", x, *case), last_page, expected)


@pytest.mark.parametrize("taps", [3, 5, 9])
def test_rows_and_planes_anywhere(isa, taps):
    """Rows backwards, with gaps, of two outer axes; to outputs with gaps; on two threads."""
    x = np.random.default_rng(0).standard_normal((2, 3, 60, 420), np.float32)
    for view in (x[:, :, ::-1], x[:, :, ::2], x[..., 10:-10], x[:, 1:], x[::-1], np.broadcast_to(x[0], x.shape)):
        padded = np.pad(view, [(0, 0), (0, 0), *[(taps // 2, taps // 2)] * 2], constant_values=-np.inf)
        expected = np.lib.stride_tricks.sliding_window_view(padded, (taps, taps), (-2, -1)).max((-2, -1))
        np.testing.assert_array_equal(pooled("max", view, taps, taps // 2), expected)
        np.testing.assert_array_equal(pooled("max", view, taps, taps // 2, num_threads=2), expected)
        apart = np.zeros((*expected.shape[:-1], expected.shape[-1] + 5), np.float32)
        pooled("max", view, taps, taps // 2, out=apart[..., :-5])
        np.testing.assert_array_equal(apart[..., :-5], expected)
        assert not apart[..., -5:].any()


@pytest.mark.usefixtures("fetched")
@pytest.mark.parametrize("padding", [0, 1, 2, ((1, 0), (0, 1)), ((0, 2), (2, 0))], ids=str)
@pytest.mark.parametrize("taps", [(3, 3), (5, 5), (3, 5), (5, 3)], ids=str)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_sums_of_floats_meet_in_the_order_of_every_copy(taps, padding, dtype):
    """Planes whose rows lie end to end, and those that do not, where zeros keep their signs otherwise; divided by what
    is there, too."""
    if padding == 2 and 3 in taps:
        return
    for width, channels in ((256, 1), (300, 1), (2047, 1), (2500, 1), (130, 2)):
        rng = np.random.default_rng(width)
        x = rng.standard_normal((21, width + 3, channels)).astype(dtype)
        zeros = np.where(rng.random(x.shape) < 0.01, x, np.copysign(0, x))
        for values in (x, zeros, x * np.finfo(dtype).tiny):
            for view in (values[:, :width], np.ascontiguousarray(values[:, :width])):
                for op, options in (("sum", {}), ("avg", {}), ("avg", {"count_include_pad": False})):
                    check_copies(partial(getattr(cypool, f"{op}_pool"), view, taps, 1, padding, axis=(0, 1), **options))


@needs_wide
@pytest.mark.parametrize("taps", [(3, 3), (5, 5), (3, 5), (5, 3), (4, 4), (7, 7)], ids=str)
def test_sums_of_three_or_five_go_so(taken, taps):
    cypool.avg_pool(np.zeros((45, 400), np.float32), taps, 1)
    assert taken == [set(taps) <= {3, 5}]


INTEGERS = ["u1", "i1", "u2", "i2"]


def integers(shape, dtype):
    info = np.iinfo(dtype)
    return np.random.default_rng(sum(shape)).integers(info.min, info.max, shape, dtype, endpoint=True)


@needs_wide
@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("op", ["max", "sum", "avg"])
@pytest.mark.parametrize(("taps", "channels", "goes"), [((3, 3), 1, True), ((5, 5), 3, True), ((7, 3), 4, True),
                                                        ((17, 3), 1, False), ((3, 20), 3, False), ((3, 2), 1, True)])
def test_integers_and_few_channels_go_so(taken, dtype, op, taps, channels, goes):
    getattr(cypool, f"{op}_pool")(np.zeros((45, 300, channels), dtype), taps, 1, axis=(0, 1))
    of_many = (op == "max" and dtype[1] == "2") or (op == "avg" and dtype == "u1")
    assert taken == [goes or (taps == (17, 3) and of_many)]


@needs_wide
@pytest.mark.parametrize(("op", "dtype", "taps", "shape", "goes"), [
    ("max", "u2", (2, 2), (45, 300), True), ("max", "u2", (1, 9), (45, 300, 3), True),
    ("max", "u2", (1, 3), (3, 300), False), ("max", "u1", (2, 3), (45, 300), True),
    ("max", "u1", (1, 7), (45, 300, 3), True), ("max", "i1", (1, 2), (45, 300), False),
    ("max", "u1", (2, 2), (45, 300), True), ("avg", "u1", (1, 2), (45, 900), True),
    ("max", "u1", (2, 8), (45, 300), False), ("avg", "u1", (1, 9), (45, 300, 3), True),
    ("avg", "u1", (1, 9), (2, 300), True), ("avg", "u1", (1, 4), (45, 900), True),
    ("avg", "i2", (2, 4), (45, 300), True), ("sum", "u2", (2, 4), (45, 300), False),
    ("max", "f4", (2, 2), (9, 45, 60), True), ("max", "f4", (2, 2), (9, 45, 40), False),
    ("max", "f4", (1, 5), (45, 300, 2), True), ("max", "f4", (1, 5), (3, 300), False)], ids=str)
def test_windows_of_a_row_or_two(taken, op, dtype, taps, shape, goes):
    axis = (1, 2) if shape[0] == 9 else (0, 1)
    getattr(cypool, f"{op}_pool")(np.zeros(shape, dtype), taps, 1, axis=axis)
    assert any(taken) == goes


@needs_wide
def test_means_of_a_single_row_of_bytes_do(taken):
    x = integers((3000,), "u1")
    expected = np.rint(np.lib.stride_tricks.sliding_window_view(x, 5).mean(-1))
    np.testing.assert_array_equal(cypool.avg_pool(x, 5, 1), expected)
    assert any(taken)


@pytest.mark.usefixtures("fetched")
@pytest.mark.parametrize("channels", [1, 2, 3, 5])
@pytest.mark.parametrize("case", WINDOWS, ids=str)
@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("op", ["max", "min", "sum", "avg"])
def test_integers_are_those_of_every_copy(op, dtype, case, channels):
    taps, padding = case
    options = [{"count_include_pad": False}, {"divisor_override": 7}, {}] if op == "avg" else [{}]
    for width in (100, 267, 290):
        x = integers((2, 37, width, channels), dtype)
        for each in options:
            check_copies(partial(getattr(cypool, f"{op}_pool"), x, taps, 1, padding, axis=(1, 2), **each))


@pytest.mark.usefixtures("fetched")
@pytest.mark.parametrize("dtype", [*INTEGERS, "f4"])
@pytest.mark.parametrize("op", ["max", "sum"])
@pytest.mark.parametrize("channels", [1, 3])
def test_integers_and_channels_within_the_arrays(last_page, op, dtype, channels):  # noqa: F811
    pool = getattr(cypool, f"{op}_pool")
    for width in (256, 259, 271):
        x = integers((21, width // channels, channels), dtype) if dtype != "f4" else np.ones(
            (21, width // channels, channels), dtype)
        expected = pool(x, 5, 1, 2, axis=(0, 1))
        padded = np.pad(x, [(2, 2), (2, 2), (0, 0)], constant_values=0 if op == "sum" else x.min())
        windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), (0, 1))
        np.testing.assert_array_equal(expected, getattr(windows, op)((-2, -1), dtype=expected.dtype)
                                      if op == "sum" else windows.max((-2, -1)))
        np.testing.assert_array_equal(pool(last_page(x), 5, 1, 2, axis=(0, 1)), expected)
        check_out(partial(pool, x, 5, 1, 2, axis=(0, 1)), last_page, expected)


@pytest.mark.parametrize("taps", [3, 5, 7])
@pytest.mark.parametrize("dtype", [*INTEGERS, "f4"])
@pytest.mark.parametrize("op", ["max", "sum"])
def test_volumes_in_two_steps(isa, op, dtype, taps):
    """The second one is of what the first came to, which is as wide as sums are."""
    x = integers((24, 30, 300), "i1").astype(dtype)
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(np.int64), (taps, taps, taps))
    np.testing.assert_array_equal(getattr(cypool, f"{op}_pool")(x, taps, 1), getattr(windows, op)((-3, -2, -1)))


@pytest.mark.parametrize("taps", [15, 16, 17, 31, 32, 33, 34])
@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("op", ["max", "sum"])
def test_as_many_taps_as_lanes_reach_and_one_more(isa, op, dtype, taps):
    x = integers((20, 400), dtype)
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(np.int64), (3, taps))
    np.testing.assert_array_equal(getattr(cypool, f"{op}_pool")(x, (3, taps), 1), getattr(windows, op)((-2, -1)))


@pytest.mark.parametrize("taps", [3, 5, 15, 25, 63, 65, 99])
@pytest.mark.parametrize("dtype", INTEGERS)
def test_means_by_odd_divisors(isa, dtype, taps):
    """Which have no ties: a product, rounded down, or of floats."""
    info = np.iinfo(dtype)
    rng = np.random.default_rng(taps)
    x = rng.integers(info.min, info.max, (4000, taps), dtype, endpoint=True)
    x[:2000] = info.max - rng.integers(0, 2, (2000, taps))
    x[2000:2100] = info.min + rng.integers(0, 2, (100, taps))
    total = x.sum(1, dtype=np.int64)
    np.testing.assert_array_equal(cypool.avg_pool(x, taps, axis=1)[:, 0], (2 * total + taps) // (2 * taps))


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("taps", [3, 5])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_sums_of_zeros_have_the_sign_of_every_copy(dtype, taps, channels):
    """At the ends of rows, where taps are outside, too."""
    for width in (9, 31, 100):
        x = np.full((2, 40, width, channels), -0.0, dtype)
        x[:, 20:, ::7] = 0.0
        for padding in (0, 1, taps // 2):
            check_copies(partial(cypool.sum_pool, x, taps, 1, padding, axis=(1, 2)))
            check_copies(partial(cypool.avg_pool, x[..., 0], taps, 1, padding, axis=(1, 2)))
