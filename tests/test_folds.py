"""Long windows along a row, folded each by itself: global pooling of small planes, and windows far apart."""

import math
import sys

import numpy as np
import pytest
from test_direct import numbers
from test_rows import in_another_process

import cypool

LENGTHS = [8, 9, 15, 16, 17, 23, 24, 49, 50, 64, 127]
COUNTS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33]


def check(op, x, axis, result):
    with np.errstate(invalid="ignore"):
        expected = {"max": np.max, "min": np.min, "sum": np.sum, "avg": np.mean}[op](x.astype("f8"), axis)
    if op in ("max", "min"):
        np.testing.assert_array_equal(result, expected)
    else:
        np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("op", ["max", "min", "sum", "avg"])
def test_windows_of_every_length_and_number(isa, op, dtype):
    pool = getattr(cypool, f"{op}_pool")
    for length in LENGTHS:
        for count in COUNTS:
            x = numbers((count, length), dtype)
            check(op, x, 1, pool(x, length, axis=1)[:, 0])
            check(op, x[:, 1:], 1, pool(x[:, 1:], length - 1, axis=1)[:, 0])


@pytest.mark.parametrize("op", ["max", "min", "sum", "avg"])
def test_windows_apart(isa, op):
    """Every so many elements of a row, which is longer than they are."""
    for length, stride, count in ((25, 25, 40), (30, 37, 21), (26, 26, 5), (64, 70, 1), (40, 41, 9)):
        x = numbers((3, (count - 1) * stride + length), "f4")
        windows = np.lib.stride_tricks.sliding_window_view(x, length, 1)[:, ::stride]
        check(op, windows, -1, getattr(cypool, f"{op}_pool")(x, length, stride, axis=1))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("taps", range(1, 8))
def test_windows_of_few_taps(isa, taps, dtype):
    """Up to more of them than two vectors hold, of a row by itself and of planes."""
    for stride in (2, 3, 4, 5, 7, 11):
        for count in (*range(1, 20), 31, 70):
            x = numbers((3, (count - 1) * stride + taps + stride // 2), dtype)
            x[1, count * stride // 2] = np.nan
            windows = np.lib.stride_tricks.sliding_window_view(x, taps, 1)[:, ::stride]
            for op in ("max", "min", "sum"):
                wide = {"dtype": "f4"} if (op, dtype) == ("sum", "f2") else {}
                pool = getattr(cypool, f"{op}_pool")
                check(op, windows, -1, pool(x, taps, stride, axis=1, **wide))
                check(op, windows.swapaxes(0, 1), (1, 2), pool(x, (3, taps), (1, stride), **wide)[0])


@pytest.mark.skipif(sys.platform != "linux", reason="forbids pages as Linux does")
def test_windows_of_few_taps_read_nothing_beyond_an_array():
    assert in_another_process("""
        import ctypes, mmap
        import numpy as np
        import cypool
        from cypool import _isa, _pooling

        page = mmap.PAGESIZE
        protect = ctypes.CDLL(None).mprotect
        protect.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
        memory = mmap.mmap(-1, 3 * page)
        whole = np.frombuffer(memory, "u1")
        for side in (0, 2 * page):
            assert protect(whole.ctypes.data + side, page, 0) == 0
        for isa in _isa.usable():
            _isa.use(isa)
            _pooling.forget()
            for dtype in ("f4", "f8"):
                between = whole[page:2 * page].view(dtype)
                between[:] = np.arange(between.size)
                for taps in range(1, 8):
                    for stride in (2, 3, 5, 9):
                        for n in (40, 65, 90, 200):
                            for x in (between[:n], between[-n:]):
                                expected = x[taps - 1::stride]
                                assert (cypool.max_pool(x, taps, stride) == expected).all()
        print("right")
    """) == "right"


@pytest.mark.parametrize("length", [8, 13, 49])
@pytest.mark.parametrize("op", ["max", "min", "sum"])
def test_a_nan_anywhere_stays(isa, op, length):
    x = np.random.default_rng(0).normal(size=(11, length)).astype("f4")
    for place in np.ndindex(11, length):
        y = x.copy()
        y[place] = np.nan
        result = getattr(cypool, f"{op}_pool")(y, length, axis=1)[:, 0]
        assert np.flatnonzero(np.isnan(result)).tolist() == [place[0]]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_sums_of_long_runs(isa, dtype):
    """Longer than 8 KiB, in parts of 8 KiB, which are added up by twos: with every number of them, whole and not."""
    n = 8192 // np.dtype(dtype).itemsize
    for length in [n, n + 1, n + 15, 2 * n - 1, 2 * n + 3, 3 * n, 3 * n + 31, 4 * n + 7, 5 * n - 2, 7 * n, 11 * n + 32]:
        x = np.random.default_rng(length).uniform(1, 2, (2, length)).astype(dtype)
        exact = np.array([math.fsum(row) for row in x])
        # As many roundings as a part has rows, and one for each time that parts are added, or less.
        bound = (64 + math.log2(length)) * np.finfo(dtype).eps / 2
        np.testing.assert_allclose(cypool.sum_pool(x, length, axis=1)[:, 0].astype("f8"), exact, rtol=bound)
        np.testing.assert_array_equal(cypool.sum_pool(np.round(16 * x), length, axis=1)[:, 0], np.round(16 * x).sum(1))


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "u1", "i4", "i8"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 7, 8, 16, 17, 32, 33, 64])
def test_runs_with_channels(isa, channels, dtype):
    """Runs whose channels divide a row of running results, and others, of every remainder of such a row, and views."""
    for length in (1024, 1031, 4096 // channels + 8193 // (channels * np.dtype(dtype).itemsize)):
        x = np.random.default_rng(length).integers(0 if dtype == "u1" else -50, 50, (2, length, channels)).astype(dtype)
        for source in (x, x[:, ::-1], np.repeat(x, 2, axis=2)[..., ::2]):
            for op in ("max", "min", "sum"):
                wide = {"dtype": "f4" if dtype == "f2" else dtype} if op == "sum" and dtype[0] == "f" else {}
                result = getattr(cypool, f"{op}_pool")(source, length, axis=1, **wide)
                check(op, source, 1, result[:, 0])


@pytest.mark.parametrize(("channels", "dtype"), [
    (125, "f4"), (128, "f4"), (63, "f8"), (64, "f8"), (64, "i8"), (64, "u8"), (128, "i4"), (128, "u1"), (127, "f2"),
    (63, "c8")])
def test_runs_of_as_many_channels_as_there_may_be(isa, channels, dtype):
    """A lane has a position or two, and runs have more than one part, or two; a table's windows are short and long."""
    for length in (120, 129, 196, 252, 400):
        x = np.random.default_rng(length).integers(0, 100, (2, length, channels)).astype(dtype)
        for op in ("max", "min", "sum") if dtype != "c8" else ("sum",):
            wide = {"dtype": "f4"} if (op, dtype) == ("sum", "f2") else {}
            result = getattr(cypool, f"{op}_pool")(x, length, axis=1, **wide)[:, 0]
            expected = {"max": np.max, "min": np.min, "sum": np.sum}[op](x.astype("c16" if dtype == "c8" else "f8"), 1)
            np.testing.assert_array_equal(result, expected)
            if dtype[0] == "f":
                np.testing.assert_array_equal(
                    getattr(cypool, f"{op}_pool")(x, length, axis=1, nan_policy="omit", **wide)[:, 0], expected)
    x = np.ones((3000, channels), dtype)
    result = cypool.sum_pool(x, 10**8, stride=2900, padding=((10**8 - 100, 0),), axis=0)
    np.testing.assert_array_equal(result, np.broadcast_to([[100], [3000]], result.shape))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("channels", [2, 3, 8, 16])
def test_a_nan_in_a_run_stays_in_its_channel(isa, channels, dtype):
    x = np.random.default_rng(0).normal(size=(1, 3001, channels)).astype(dtype)
    for place in (0, 1, 1500, 2999, 3000):
        for channel in range(channels):
            y = x.copy()
            y[0, place, channel] = np.nan
            for op in ("max", "min", "sum"):
                result = getattr(cypool, f"{op}_pool")(y, 3001, axis=1)[0, 0]
                assert np.flatnonzero(np.isnan(result)).tolist() == [channel]
                assert not np.isnan(getattr(cypool, f"{op}_pool")(y, 3001, axis=1, nan_policy="omit")).any()


def test_of_two_nans_in_a_channel_the_first_stays(isa):
    x = np.zeros((2000, 8), "f4")
    x[70, 3], x[1800, 3] = np.array([0x7fc00001, 0x7fc00002], "u4").view("f4")
    assert cypool.max_pool(x, 2000, axis=0).view("u4")[0, 3] == 0x7fc00001


@pytest.mark.parametrize("place", [0, 5, 2047, 2048, 6143, 6144, 6150])
def test_a_nan_in_a_long_run_stays(isa, place):
    x = np.ones((3, 6151), "f4")
    x[1, place] = np.nan
    np.testing.assert_array_equal(cypool.avg_pool(x, 6151, axis=1)[:, 0], [1, np.nan, 1])


def test_zeros_of_a_long_run_keep_their_sign(isa):
    x = np.full((2, 6151), -0.0, "f4")
    x[1, 6150] = 0.0
    assert np.signbit(cypool.sum_pool(x, 6151, axis=1)[:, 0]).tolist() == [True, False]


def test_zeros_keep_their_sign(isa):
    x = np.full((9, 49), -0.0, "f4")
    assert np.signbit(cypool.sum_pool(x, 49, axis=1)).all()
    assert np.signbit(cypool.max_pool(x, 49, axis=1)).all()
    x[:, 48] = 0.0
    assert not np.signbit(cypool.sum_pool(x, 49, axis=1)).any()
    assert np.signbit(cypool.max_pool(x, 49, axis=1)).all()     # of equal taps, the first
