"""The same bits on any number of threads, on any instruction set, for any slice of the batch and any layout."""

import numpy as np
import pytest
from strategies import LAYOUTS, laid_out

import cypool
from cypool import _isa, _pooling

BOXES = np.array([[0, 0, 36, 39], [3, 4, 20, 9], [-5, 30, 50, 60], [7, 7, 7, 7], [12, 1, 30, 38], [40, 2, 60, 9]])
CALLS = {
    "max 3/2/1": lambda x, **o: cypool.max_pool2d(x, 3, 2, 1, **o),
    "max 3/1/1": lambda x, **o: cypool.max_pool2d(x, 3, 1, 1, **o),
    "max 9/1/4": lambda x, **o: cypool.max_pool2d(x, 9, 1, 4, **o),
    "min 2/2": lambda x, **o: cypool.min_pool2d(x, 2, **o),
    "avg 2/2": lambda x, **o: cypool.avg_pool2d(x, 2, **o),
    "avg 3/1/1": lambda x, **o: cypool.avg_pool2d(x, 3, 1, 1, count_include_pad=False, **o),
    "avg 15/1/7": lambda x, **o: cypool.avg_pool2d(x, 15, 1, 7, **o),
    "avg 5/3 omit": lambda x, **o: cypool.avg_pool2d(x, 5, 3, nan_policy="omit", **o),
    "avg global": lambda x, **o: cypool.avg_pool2d(x, x.shape[-2:], **o),
    "sum 1-d": lambda x, **o: cypool.sum_pool(x, 7, 1, axis=-1, **o),
    "avg 3-d": lambda x, **o: cypool.avg_pool3d(x, 3, 1, 1, **o),
    "adaptive": lambda x, **o: cypool.adaptive_avg_pool2d(x, (7, 5), **o),
    "max channels last": lambda x, **o: cypool.max_pool2d(x, 3, 2, 1, data_format="channels_last", **o),
    "median 3/1/1": lambda x, **o: cypool.median_pool(x, 3, 1, 1, axis=(2, 3), **o),
    "median 13/2": lambda x, **o: cypool.median_pool(x, 13, 2, axis=(2, 3), **o),
    "median global omit": lambda x, **o: cypool.median_pool(x, x.shape[-2:], axis=(2, 3), nan_policy="omit", **o),
    "var 2/2": lambda x, **o: cypool.var_pool(x, 2, axis=(2, 3), **o),
    "std channels last": lambda x, **o: cypool.std_pool(x, (3, 5), axis=(1, 2), **o),
    "var global": lambda x, **o: cypool.var_pool(x, x.shape[-2:], axis=(2, 3), **o),
    "lp 2": lambda x, **o: cypool.lp_pool2d(x, 2, 3, 2, 1, **o),
    "lp 2.5": lambda x, **o: cypool.lp_pool(x, 2.5, 3, axis=(2, 3), **o),
    "lp 3": lambda x, **o: cypool.lp_pool(x, 3, 3, axis=(2, 3), **o),
    "logsumexp": lambda x, **o: cypool.logsumexp_pool(x, 3, 1, 1, axis=(2, 3), **o),
    "area": lambda x, **o: cypool.area_pool(x, (17, 11), axis=(2, 3), **o),
    "area omit": lambda x, **o: cypool.area_pool(x, (17, 11), axis=(2, 3), nan_policy="omit", **o),
    "fractional": lambda x, **o: cypool.fractional_max_pool2d(x, 2, output_ratio=0.6,
                                                             random_samples=np.array([[[0.3, 0.7]]]), **o),
    "masked": lambda x, **o: cypool.avg_pool(x, 3, axis=(2, 3), mask=x > 1, **o),
    "roi max": lambda x, **o: cypool.roi_max_pool(x, BOXES, range(6), (3, 4), **o),
    "indices": lambda x, **o: cypool.max_pool2d(x, 3, 2, 1, return_indices=True, **o)[1],
}
SHAPE = (6, 5, 40, 37)


def bits(array):
    return np.ascontiguousarray(array).tobytes()


def floats(dtype="f4"):
    """Numbers with NaN, infinities and both zeros among them."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=SHAPE)
    where = rng.random(SHAPE) < 0.02
    return np.where(where, rng.choice([np.nan, np.inf, -np.inf, 0.0, -0.0], SHAPE), x).astype(dtype)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "u1"])
@pytest.mark.parametrize("name", CALLS)
def test_threads_do_not_matter(isa, eager_threads, name, dtype):
    x = floats(dtype) if dtype != "u1" else np.random.default_rng(0).integers(0, 256, SHAPE, np.uint8)
    expected = bits(CALLS[name](x, num_threads=1))
    for num_threads in (2, 3, 7):
        assert bits(CALLS[name](x, num_threads=num_threads)) == expected


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "u1", "i4"])
@pytest.mark.parametrize("name", CALLS)
def test_instruction_sets_do_not_matter(name, dtype):
    x = floats(dtype) if dtype[0] == "f" else np.random.default_rng(0).integers(0, 127, SHAPE).astype(dtype)
    before = _isa.kernels().name
    results = set()
    try:
        for copy in _isa.usable():
            _isa.use(copy)
            _pooling.forget()
            results.add(bits(CALLS[name](x)))
    finally:
        _isa.use(before)
        _pooling.forget()
    assert len(results) == 1


@pytest.mark.parametrize("name", [name for name in CALLS if name not in ("avg 3-d", "roi max")])
def test_slices_of_the_batch_do_not_matter(isa, name):
    x = floats()
    whole = CALLS[name](x)
    parts = np.concatenate([CALLS[name](x[i:i + 2]) for i in range(0, len(x), 2)])
    assert bits(parts) == bits(whole)


STATISTICS = {
    "var": cypool.var_pool,
    "std": cypool.std_pool,
    "lp 2.5": lambda x, *args, **options: cypool.lp_pool(x, 2.5, *args, **options),
    "lp 3": lambda x, *args, **options: cypool.lp_pool(x, 3, *args, **options),
    "logsumexp": cypool.logsumexp_pool,
}


@pytest.mark.parametrize("dtype", ["f8", "i4"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("plane", [(5, 7), (12, 13), (17, 18), (40, 50), (90, 100)])
@pytest.mark.parametrize("name", STATISTICS)
def test_slices_do_not_matter_to_whole_planes(isa, name, plane, last, dtype):
    """One window or several are walked in the same way, whose sums have the same order."""
    pool = STATISTICS[name]
    x = np.random.default_rng(0).normal(size=(3, *plane, 20) if last else (5, *plane))
    x = x if dtype == "f8" else (100 * x).astype(dtype)
    whole = pool(x, plane, axis=(1, 2))
    for count in (1, 2):
        parts = [pool(x[i:i + count], plane, axis=(1, 2)) for i in range(0, len(x), count)]
        assert bits(np.concatenate(parts)) == bits(whole)
    rows = x.reshape(len(x), -1)
    whole = pool(rows, rows.shape[1], axis=1)
    assert bits(np.concatenate([pool(row, row.size) for row in rows])) == bits(whole)


@pytest.mark.parametrize("dtype", ["f8", "f4", "u1"])
@pytest.mark.parametrize(("length", "k", "padding"), [(117, 117, 13), (538, 538, 116), (300, 40, 20), (90, 30, 11)])
@pytest.mark.parametrize("name", STATISTICS)
def test_slices_do_not_matter_to_padded_rows(isa, name, length, k, padding, dtype):
    pool = STATISTICS[name]
    x = (np.random.default_rng(0).random((23, length)) * 200).astype(dtype)
    whole = pool(x, k, k, padding, axis=1)
    for count in (1, 3):
        parts = [pool(x[i:i + count], k, k, padding, axis=1) for i in range(0, len(x), count)]
        assert bits(np.concatenate(parts)) == bits(whole)


@pytest.mark.parametrize("dtype", ["f4", "i4"])
@pytest.mark.parametrize("p", [2, 2.5, 3])
@pytest.mark.parametrize(("side", "k"), [(7, 3), (7, 2), (12, 4), (14, 5)])
def test_slices_do_not_matter_to_norms_of_small_planes(isa, p, side, k, dtype):
    x = np.random.default_rng(0).integers(0, 200, (64, side, side)).astype(dtype)
    whole = cypool.lp_pool(x, p, k, 1, axis=(1, 2))
    for count in (1, 5):
        parts = [cypool.lp_pool(x[i:i + count], p, k, 1, axis=(1, 2)) for i in range(0, len(x), count)]
        assert bits(np.concatenate(parts)) == bits(whole)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", CALLS)
def test_layouts_do_not_matter(isa, name, layout):
    x = floats("f8")
    expected = CALLS[name](x)
    result = CALLS[name](laid_out(x, layout))
    # What is made of sums of floats has them in the order of memory.
    if any(word in name for word in ("avg", "sum", "adaptive", "var", "std", "lp", "area", "masked")):
        np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-12)
    else:
        np.testing.assert_array_equal(result, expected)


def test_a_call_does_not_depend_on_earlier_ones():
    x = floats()
    first = bits(cypool.max_pool2d(x, 3, 2, 1))
    cypool.max_pool2d(x[::-1], 3, 2, 1)
    cypool.max_pool2d(x.astype("f8"), 3, 2, 1)
    assert bits(cypool.max_pool2d(x, 3, 2, 1)) == first


def test_many_layouts_of_one_call():
    """More than are remembered."""
    for n in range(1, 40):
        assert cypool.max_pool(np.arange(float(n)), 1).shape == (n,)
    for n in range(2, 300):
        assert cypool.max_pool(np.arange(600.0), n, 1).shape == (601 - n,)
        gradient = np.ones(n)
        assert cypool.avg_pool_backward(gradient, (2 * n,), 2).sum() == n
        assert cypool.max_pool_backward(gradient, np.arange(n), (2 * n,)).sum() == n


@pytest.mark.parametrize("dtype", ["f4", "f8", "i2", "u1"])
@pytest.mark.parametrize("size", [(3, 7), (3, 5), (2, 2)])
@pytest.mark.parametrize("op", ["max", "min", "sum", "avg"])
def test_long_inner_rows_one_after_the_other(isa, op, size, dtype):
    """Rows of windows beyond the cache are read as one stream, those of few planes side by side."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 100, (400 // np.dtype(dtype).itemsize, 3, 7, 1037)).astype(dtype)
    if dtype[0] == "f":
        x += rng.random(x.shape, dtype)
        x[3, 1, 2, 5] = x[7, 2, 6, 1036] = np.nan
    pool = getattr(cypool, f"{op}_pool")
    result = pool(x, size, axis=(1, 2))
    parts = [pool(x[i : i + 1], size, axis=(1, 2)) for i in range(len(x))]
    np.testing.assert_array_equal(result, np.concatenate(parts))
    window = x[:, : size[0], : size[1]].astype("f8")
    expected = {"max": np.max, "min": np.min, "sum": np.sum, "avg": np.mean}[op](window, axis=(1, 2))
    if op == "avg" and dtype[0] != "f":
        expected = np.rint(expected)
    np.testing.assert_allclose(result[:, 0, 0], expected, rtol=1e-5)
