"""Windows that take whole rows of an image, or planes of a volume: they are runs of memory, and pooled as such."""

import itertools

import naive
import numpy as np
import pytest

import cypool

# Kernel sizes, strides, padding and dilation of the axis above rows that windows take whole: apart, side by side,
# overlapping by less than they are long and by more, beyond the ends.
ABOVE = [(2, 2, 0, 1), (3, 2, 0, 1), (3, 2, 1, 1), (2, 3, 1, 1), (4, 1, 2, 1), (2, 2, 0, 2), (5, 5, 2, 1)]
DTYPES = ["f2", "f4", "f8", "u1", "i4", "i8"]


def whole_numbers(shape, dtype, seed=0):
    return np.random.default_rng(seed).integers(0, 100, shape).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("above", ABOVE)
def test_windows_of_whole_rows(isa, above, dtype):
    k, stride, padding, dilation = above
    for length in (3, 16, 33, 200):
        x = whole_numbers((2, 11, length), dtype)
        tables = {1: naive.windows(11, k, stride, (padding, padding), dilation, False),
                  2: naive.windows(length, length, length, (0, 0), 1, False)}
        arguments = ((k, length), (stride, length), (padding, 0), (dilation, 1))
        for source in (x, x[:, ::-1], np.swapaxes(np.swapaxes(x, 0, 2).copy(), 0, 2)):
            values, indices = naive.extremum(source, tables, "max")
            result = cypool.max_pool(source, *arguments, axis=(1, 2), return_indices=True)
            np.testing.assert_array_equal(result[0], values)
            np.testing.assert_array_equal(result[1], indices)
            np.testing.assert_array_equal(cypool.max_pool(source, *arguments, axis=(1, 2)), values)
            for counts in (False, True):
                expected = naive.total(source, tables, mean=True, count_include_pad=counts)
                result = cypool.avg_pool(source, *arguments, axis=(1, 2), count_include_pad=counts)
                np.testing.assert_allclose(result, expected, rtol=1e-3 if dtype == "f2" else 1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_out", [1, 2, 3, 7, 10, 13])
def test_adaptive_windows_of_whole_rows(isa, n_out, dtype):
    for length in (5, 32, 250):
        x = whole_numbers((2, 13, length), dtype)
        tables = {1: naive.adaptive_windows(13, n_out), 2: naive.adaptive_windows(length, 1)}
        np.testing.assert_array_equal(cypool.adaptive_max_pool2d(x, (n_out, 1)), naive.extremum(x, tables, "max")[0])
        np.testing.assert_allclose(cypool.adaptive_avg_pool2d(x, (n_out, 1)), naive.total(x, tables, mean=True),
                                   rtol=1e-3 if dtype == "f2" else 1e-6)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_long_runs_of_a_table(isa, dtype):
    """Runs of more than 8 KiB, that are reduced in lanes, and one that has no more than a part."""
    x = whole_numbers((2, 40, 1500), dtype)
    for n_out in (3, 7, 27):
        edges = [(i * 40 // n_out, -(-(i + 1) * 40 // n_out)) for i in range(n_out)]
        expected = np.stack([x[:, a:b].sum((1, 2)) / ((b - a) * 1500) for a, b in edges], 1)[..., None]
        np.testing.assert_allclose(cypool.adaptive_avg_pool2d(x, (n_out, 1)), expected, rtol=1e-6)
        greatest = np.stack([x[:, a:b].max((1, 2)) for a, b in edges], 1)[..., None]
        np.testing.assert_array_equal(cypool.adaptive_max_pool2d(x, (n_out, 1)), greatest)


@pytest.mark.parametrize("dtype", ["f4", "u1"])
def test_windows_of_whole_planes(isa, dtype):
    x = whole_numbers((2, 7, 6, 9), dtype)
    for k, stride, padding in itertools.product((2, 3), (2, 3), (0, 1)):
        tables = {1: naive.windows(7, k, stride, (padding, padding), 1, False),
                  2: naive.windows(6, 6, 6, (0, 0), 1, False), 3: naive.windows(9, 9, 9, (0, 0), 1, False)}
        result = cypool.avg_pool(x, (k, 6, 9), (stride, 6, 9), (padding, 0, 0), axis=(1, 2, 3))
        np.testing.assert_allclose(result, naive.total(x, tables, mean=True), rtol=1e-6)


@pytest.mark.parametrize("stride", [2**57, 2**60, 2**62])
def test_strides_of_any_size(isa, stride):
    x = np.arange(3 * 64.0).reshape(3, 64)
    assert cypool.max_pool(x, (2, 64), (stride, 64)).tolist() == [[127]]
    assert cypool.avg_pool(x, (2, 64), (stride, 64), nan_policy="omit").tolist() == [[63.5]]


@pytest.mark.parametrize("op", ["max", "avg"])
def test_what_nan_leaves_of_whole_rows(isa, op):
    x = np.random.default_rng(0).normal(size=(3, 10, 40)).astype("f4")
    x[np.random.default_rng(1).random(x.shape) < 0.2] = np.nan
    x[1, 4:6] = np.nan
    pool = getattr(cypool, f"{op}_pool")
    blocks = x.reshape(3, 5, 80)
    expected = [[np.nan if np.isnan(block).all() else (np.nanmax if op == "max" else np.nanmean)(block.astype("f8"))
                 for block in plane] for plane in blocks]
    result = pool(x, (2, 40), axis=(1, 2), nan_policy="omit")[..., 0]
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-6)
    assert np.isnan(pool(x, (2, 40), axis=(1, 2))).all()


@pytest.mark.parametrize("taps", [500, 511, 512, 513, 519, 575, 2000])
def test_a_window_has_the_same_sum_alone_and_among_others(isa, taps):
    x = np.random.default_rng(taps).normal(size=(9, taps)).astype("f4")
    whole = cypool.sum_pool(x, taps, axis=1)
    alone = [cypool.sum_pool(row, taps) for row in x]
    np.testing.assert_array_equal(whole, alone)
    halves = cypool.adaptive_avg_pool1d(np.concatenate([x[:, None], x[:, None], x[:, None, :-1]], 2), 3)
    np.testing.assert_array_equal(halves[:, 0, 0], cypool.avg_pool(x, taps, axis=1)[:, 0])


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("size", [(5, 4, 3), (6, 10, 4), (9, 12, 7), (3, 40, 5), (12, 3), (40, 4), (130, 7), (300, 5)])
def test_means_of_whole_rows_have_the_bits_of_their_parts(isa, dtype, size):
    """However many planes or volumes there are, which are pooled side by side, or their rows at once."""
    rng = np.random.default_rng(0)
    axes = tuple(range(1, 1 + len(size)))
    for batch in (2, 9, 40):
        x = (rng.normal(size=(batch, *size)) * 10.0 ** rng.integers(-3, 4, (batch, *size))).astype(dtype)
        for outputs in (2, 3):
            n_out = (*(min(outputs, n) for n in size[:-1]), 1)
            tables = {axis: naive.adaptive_windows(size[axis - 1], n_out[axis - 1]) for axis in axes}
            pool = getattr(cypool, f"adaptive_avg_pool{len(size)}d")
            whole = pool(x, n_out)
            parts = [pool(x[i : i + 1], n_out) for i in range(batch)]
            np.testing.assert_array_equal(whole, np.concatenate(parts))
            np.testing.assert_allclose(whole, naive.total(x.astype("f8"), tables, mean=True), rtol=2e-3, atol=2e-2)
        for kernel, stride in ((2, 2), (2, 1), (3, 2)):
            arguments = (*[kernel] * (len(size) - 1), size[-1]), (*[stride] * (len(size) - 1), 1)
            whole = cypool.avg_pool(x, *arguments, axis=axes)
            parts = [cypool.avg_pool(x[i : i + 1], *arguments, axis=axes) for i in range(batch)]
            np.testing.assert_array_equal(whole, np.concatenate(parts))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("shape", "kernel", "stride"), [
    ((1, 13, 12), (1, 2, 12), (4, 6, 5)), ((3, 13, 12), (2, 2, 11), (9, 6, 2)), ((6, 40, 9), (5, 3, 7), (1, 2, 1)),
    ((30, 50, 7), (3, 1, 5), (3, 1, 4)), ((112, 7), (2, 6), (2, 6)), ((9, 9), (7, 7), (3, 2)),
    ((5, 17), (4, 9), (1, 1))])
def test_one_window_of_an_axis(isa, shape, kernel, stride, dtype):
    """Its stride means nothing; and a batch has the bits of its parts."""
    axes = tuple(range(1, 1 + len(shape)))
    other = tuple(n if k <= n < k + s else s for n, k, s in zip(shape, kernel, stride, strict=True))
    for batch in (2, 9, 20):
        x = np.random.default_rng(batch).normal(size=(batch, *shape)).astype(dtype)
        tables = {axis: naive.windows(shape[axis - 1], kernel[axis - 1], stride[axis - 1], (0, 0), 1, False)
                  for axis in axes}
        for pool in (cypool.max_pool, cypool.avg_pool, cypool.sum_pool):
            whole = pool(x, kernel, stride, axis=axes)
            parts = [pool(x[i : i + 1], kernel, stride, axis=axes) for i in range(batch)]
            np.testing.assert_array_equal(whole, np.concatenate(parts))
            np.testing.assert_array_equal(whole, pool(x, kernel, other, axis=axes))
        np.testing.assert_array_equal(cypool.max_pool(x, kernel, stride, axis=axes),
                                      naive.extremum(x, tables, "max")[0])
        np.testing.assert_allclose(cypool.avg_pool(x, kernel, stride, axis=axes), naive.total(x, tables, mean=True),
                                   rtol=1e-5, atol=1e-5)
