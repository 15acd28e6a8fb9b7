"""Medians of 3x3 and 5x5 windows at stride 1, whose neighbours share columns: any width, any padding, any order."""

import numpy as np
import pytest

import cypool

TYPES = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8")


def values(rng, dtype, *shape):
    """The whole range of a dtype, its ends among it, and many that are equal."""
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        x = rng.standard_normal(shape).astype(dtype)
        x[rng.random(shape) < 0.1] = np.inf
        x[rng.random(shape) < 0.1] = -np.inf
        x[rng.random(shape) < 0.2] = 1
        return x
    limits = np.iinfo(dtype)
    x = rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    few = rng.integers(0, 3, shape).astype(dtype)
    return np.choose(rng.integers(0, 4, shape), [x, few, np.full_like(x, limits.min), np.full_like(x, limits.max)])


def median(x, k, padding):
    """Of the taps that are there, in order: the lower one of integers, the mean of both of floats; NaN if one is."""
    greatest = np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).max
    pads = [(0, 0)] * (x.ndim - 2) + [padding, padding]
    axes = (-2, -1)

    def windows(y):
        views = np.lib.stride_tricks.sliding_window_view(y, (k, k), axis=axes)
        return views.reshape(*views.shape[:-2], k * k)

    taps = np.sort(windows(np.pad(x, pads, constant_values=greatest)), -1)
    count = windows(np.pad(np.ones(x.shape, int), pads)).sum(-1, keepdims=True)
    low, high = (np.take_along_axis(taps, at, -1)[..., 0] for at in ((count - 1) // 2, count // 2))
    if x.dtype.kind != "f":
        return low
    with np.errstate(invalid="ignore"):
        middle = np.where(np.isfinite(low + high), (low.astype("f8") + high) / 2, low / 2 + high / 2).astype(x.dtype)
    return np.where(windows(np.pad(np.isnan(x), pads)).any(-1), np.nan, middle).astype(x.dtype)


def check(x, k, padding, **options):
    y = cypool.median_pool(x, k, 1, padding, axis=(-2, -1), **options)
    np.testing.assert_array_equal(y, median(x, k, (padding, padding) if isinstance(padding, int) else padding))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("k", [3, 5])
def test_widths_about_blocks(dtype, k):
    """A block is 64 bytes; sixteen of them, or pairs of them, are settled in one go."""
    rng = np.random.default_rng(k)
    lanes = 64 // np.dtype(dtype).itemsize
    for middle in (k, lanes, 2 * lanes, 16 * lanes, 32 * lanes):
        for width in range(max(k, middle - 4), middle + 7):
            x = values(rng, dtype, int(rng.integers(k, k + 4)), width)
            check(x, k, k // 2)
            check(x, k, 0)


@pytest.mark.parametrize("dtype", ["u1", "i2", "u8", "f4", "f8"])
@pytest.mark.parametrize("k", [3, 5])
def test_padding(dtype, k):
    rng = np.random.default_rng(k)
    for before in range(k):
        for after in range(k):
            for width in (k, k + 1, 37, 140):
                x = values(rng, dtype, 9, width)
                expected = median(x, k, (before, after))
                y = cypool.median_pool(x, k, 1, [(before, after)] * 2)
                np.testing.assert_array_equal(y, expected, err_msg=f"{before} {after} {width}")


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("k", [3, 5])
def test_nan(dtype, k):
    rng = np.random.default_rng(k)
    for width in (k, 40, 100, 1100):
        for share in (0.002, 0.05):
            x = values(rng, dtype, 12, width)
            x[rng.random(x.shape) < share] = np.nan
            check(x, k, k // 2)


@pytest.mark.parametrize("k", [3, 5])
def test_one_element_of_a_window_at_a_time(k):
    """By the zero-one principle a network is right if it is for zeros and ones; here each tap decides once."""
    taps = k * k
    for ones in (taps // 2, taps // 2 + 1):
        for seed in range(200):
            x = np.zeros(taps, "u1")
            x[np.random.default_rng(seed).permutation(taps)[:ones]] = 1
            x = np.tile(x.reshape(k, k), (1, 40))
            check(x, k, 0)


@pytest.mark.parametrize("dtype", ["u1", "f4"])
@pytest.mark.parametrize("k", [3, 5])
def test_views_outputs_and_threads(dtype, k):
    rng = np.random.default_rng(k)
    x = values(rng, dtype, 3, 60, 202)
    for view in (x, x[:, ::-1], x[:, :, ::-1], x[:, ::2, ::3], x.swapaxes(1, 2), x.swapaxes(0, 2), x[:, :, :7],
                 np.asfortranarray(x), x.astype(x.dtype.newbyteorder())):
        native = view.astype(view.dtype.newbyteorder("="))
        expected = median(native, k, (k // 2, k // 2))
        for threads in (1, 2):
            wide = np.zeros(expected.shape[:-1] + (2 * expected.shape[-1],), x.dtype)
            for out in (None, wide[..., ::2]):
                y = cypool.median_pool(view, k, 1, k // 2, axis=(-2, -1), out=out, num_threads=threads)
                np.testing.assert_array_equal(y, expected)
            assert not wide[..., 1::2].any()


def test_windows_that_are_not_square_or_slide_otherwise():
    x = values(np.random.default_rng(0), "u1", 6, 20, 100)
    for kernel, stride in ((9, 1), ((1, 9), 1), ((9, 1), 1), ((25, 1), 1)):
        y = cypool.median_pool(x.reshape(60, 200), kernel, stride)
        size = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        taps = np.lib.stride_tricks.sliding_window_view(x.reshape(60, 200), size)
        np.testing.assert_array_equal(y, np.median(taps, (-2, -1)).astype("u1"))
    for stride, dilation in (((2, 1), 1), ((1, 2), 1), (1, (2, 1)), (1, (1, 2))):
        y = cypool.median_pool(x, 5, stride, dilation=dilation, axis=(1, 2))
        rows, columns = dilation if isinstance(dilation, tuple) else (dilation, dilation)
        down, along = stride if isinstance(stride, tuple) else (stride, stride)
        taps = np.lib.stride_tricks.sliding_window_view(x, (4 * rows + 1, 4 * columns + 1), (1, 2))
        taps = taps[:, ::down, ::along, ::rows, ::columns]
        np.testing.assert_array_equal(y, np.median(taps, (-2, -1)).astype("u1"))
    planes = cypool.median_pool(x, (5, 1, 5), 1)
    taps = np.lib.stride_tricks.sliding_window_view(x, (5, 1, 5))
    np.testing.assert_array_equal(planes, np.median(taps, (-3, -2, -1)).astype("u1"))


@pytest.mark.parametrize("dtype", ["u1", "f4"])
@pytest.mark.parametrize("k", [3, 5])
def test_columns_shorter_than_a_window(dtype, k):
    """Then no window is whole, whatever its taps come to with those of other axes."""
    rng = np.random.default_rng(k)
    for shape in ((10, 1, 20), (10, 2, 20), (1, 20), (2, 20)):
        x = values(rng, dtype, *shape)
        axes = tuple(range(len(shape)))
        y = cypool.median_pool(x, k, 1, k // 2, axis=axes)
        lacking = np.inf if dtype == "f4" else 255
        pads = [(k // 2, k // 2)] * x.ndim
        padded, there = np.pad(x, pads, constant_values=lacking), np.pad(np.ones(shape, int), pads)
        taps, count = (np.lib.stride_tricks.sliding_window_view(each, (k,) * x.ndim).reshape(*shape, -1)
                       for each in (padded, there))
        taps, count = np.sort(taps, -1), count.sum(-1, keepdims=True)
        low, high = (np.take_along_axis(taps, at, -1)[..., 0] for at in ((count - 1) // 2, count // 2))
        with np.errstate(invalid="ignore"):
            expected = low if dtype == "u1" else np.where(low == high, low, (low.astype("f8") + high) / 2)
        np.testing.assert_array_equal(y, expected.astype(dtype))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("k", [3, 5])
def test_there_is_one_nan(isa, dtype, k):
    """Whatever the signs and payloads of those that come in."""
    x = np.random.default_rng(0).standard_normal((20, 40)).astype(dtype)
    x[:, :6], x[:, -6:], x[3] = -np.nan, np.nan, -np.nan
    y = cypool.median_pool(x, k, 1, k // 2)
    assert np.isnan(y[:, 0]).all()
    bits = y.view(f"u{y.itemsize}")[np.isnan(y)]
    assert len(np.unique(bits)) == 1
