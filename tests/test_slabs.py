"""Windows at stride 1 over three axes and more, which are pooled along the first one a slab at a time."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from test_direct import numbers

import cypool
from cypool import _pooling, _windows
from cypool._engine import plan, reducers, slabs
from cypool._engine.view import Axis, canonical

SHAPES = [(9, 10, 11), (31, 12, 17), (5, 33, 20)]
TAPS = [(3, 3, 3), (5, 3, 1), (7, 7, 7), (9, 2, 5), (3, 9, 9)]


def windows(x, taps, padding, blank):
    padded = np.pad(x, [(n, n) for n in padding], constant_values=blank)
    return np.lib.stride_tricks.sliding_window_view(padded, taps)


def twin(op, x, taps, padding, *, count_include_pad=True):
    """What NumPy gives; of integers exactly."""
    axes = tuple(range(x.ndim, 2 * x.ndim))
    if op in ("max", "min"):
        kind = np.finfo(x.dtype) if x.dtype.kind == "f" else np.iinfo(x.dtype)
        floats = x.dtype.kind == "f"
        blank = {"max": -np.inf if floats else kind.min, "min": np.inf if floats else kind.max}[op]
        return (np.max if op == "max" else np.min)(windows(x, taps, padding, blank), axes)
    total = windows(x.astype("f8" if x.dtype.kind == "f" else "i8"), taps, padding, 0).sum(axes)
    if op == "sum":
        return total
    count = windows(np.ones(x.shape, "i8"), taps, padding, 1 if count_include_pad else 0).sum(axes)
    if x.dtype.kind == "f":
        return total / count
    means = [round(Fraction(int(t), int(n))) for t, n in zip(total.flat, count.flat, strict=True)]
    return np.array(means, x.dtype).reshape(total.shape)


def check(op, x, taps, padding, **options):
    with np.errstate(invalid="ignore"):
        expected = twin(op, x, taps, padding, **options)
    result = getattr(cypool, f"{op}_pool")(x, taps, 1, padding, **options)
    if op in ("max", "min") or x.dtype.kind != "f":
        np.testing.assert_array_equal(result, expected)
    else:
        precision = {"f2": 2e-3, "f4": 2e-5, "f8": 1e-12}[x.dtype.str[1:]]
        np.testing.assert_allclose(result, expected.astype(x.dtype), rtol=precision, atol=precision * 10)
    return result


@pytest.fixture(params=[1, 2000, slabs.SLAB_BYTES])
def slab_bytes(request, monkeypatch):
    """As few planes as there can be in a slab, some, and all that there are here."""
    monkeypatch.setattr(slabs, "SLAB_BYTES", request.param)
    monkeypatch.setattr(slabs, "HALF_BYTES", request.param)
    _pooling.forget()
    yield request.param
    _pooling.forget()


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "i8", "f2", "f4", "f8"])
@pytest.mark.parametrize("op", ["max", "min", "sum", "avg"])
def test_volumes(isa, slab_bytes, op, dtype):
    if dtype == "i8" and op == "avg":
        pytest.skip("the sums of two halves do not go in slabs")
    for shape in SHAPES:
        x = numbers(shape, dtype, nan=op in ("max", "min"))
        if dtype == "i8":
            x //= 2**20
        if dtype[0] == "f" and op in ("sum", "avg"):
            x = np.where(np.isfinite(x), x, 1).astype(dtype)
        for taps in TAPS:
            for padding in ((0, 0, 0), tuple(n // 2 for n in taps)):
                if any(n + 2 * p < k for n, p, k in zip(shape, padding, taps, strict=True)):
                    continue
                check(op, x, taps, padding)
                if op == "avg":
                    check(op, x, taps, padding, count_include_pad=False)


@pytest.mark.parametrize("op", ["max", "avg"])
def test_any_layout(isa, slab_bytes, op):
    x = numbers((12, 9, 14), "f4", nan=False)
    x[np.isinf(x)] = 3
    taps, padding = (5, 3, 3), (2, 1, 1)
    whole = {"count_include_pad": False} if op == "avg" else {}
    expected = check(op, x, taps, padding, **whole)
    pool = getattr(cypool, f"{op}_pool")
    wide = np.zeros((12, 11, 30), "f4")
    wide[:, 1:-1, 1:-1:2] = x
    for layout in (np.asfortranarray(x), x[::-1].copy()[::-1], x[:, ::-1, ::-1].copy()[:, ::-1, ::-1],
                   x.astype(">f4"), wide[:, 1:-1, 1:-1:2], x.transpose(2, 0, 1).copy().transpose(1, 2, 0)):
        np.testing.assert_allclose(pool(layout, taps, 1, padding, **whole), expected, rtol=2e-5, atol=2e-5)
    batch = np.stack([x, x + 1, x[::-1], x])
    for axis in range(4):
        moved = np.moveaxis(batch, 0, axis)
        for volumes in (moved, np.ascontiguousarray(moved)):
            axes = [each for each in range(4) if each != axis]
            for out in (None, np.asfortranarray(np.empty(volumes.shape, "f4"))):
                result = np.moveaxis(pool(volumes, taps, 1, padding, axis=axes, out=out, **whole), axis, 0)
                np.testing.assert_allclose(result[0], expected, rtol=2e-5, atol=2e-5)
                np.testing.assert_array_equal(result[3], result[0])
                np.testing.assert_allclose(result[1], pool(x + 1, taps, 1, padding, **whole), rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("op", ["max", "sum"])
def test_four_axes(isa, slab_bytes, op):
    x = numbers((7, 6, 5, 9), "i2")
    check(op, x, (3, 3, 2, 3), (1, 1, 0, 1))


def test_threads_and_all_else_that_gives_the_same(isa, slab_bytes):
    x = numbers((3, 40, 33, 35), "f4", nan=False)
    x[np.isinf(x)] = 1
    one = cypool.avg_pool3d(x, 5, 1, 2, num_threads=1)
    np.testing.assert_array_equal(cypool.avg_pool3d(x, 5, 1, 2, num_threads=3), one)
    np.testing.assert_array_equal(cypool.avg_pool3d(x[1], 5, 1, 2), one[1])
    values, indices = cypool.max_pool3d(x, 5, 1, 2, return_indices=True)
    np.testing.assert_array_equal(cypool.max_pool3d(x, 5, 1, 2), values)
    taken = np.take_along_axis(x.reshape(3, -1), indices.reshape(3, -1), 1)
    np.testing.assert_array_equal(taken, values.reshape(3, -1))


def test_long_windows_over_large_planes(isa):
    """No more than a fraction of the volume at a time."""
    x = numbers((70, 96, 130), "f4", nan=False)
    result = cypool.max_pool(x, 61, 1, 30)
    expected = x
    for axis in range(3):
        expected = cypool.max_pool(expected, 61, 1, 30, axis=axis)
    np.testing.assert_array_equal(result, expected)


def test_slabs_have_their_size(isa):
    """Also where planes are of short rows that are apart, which would be pooled at once elsewhere."""
    x = np.zeros((60, 20000, 17), "f4")[:, :, :16]
    view = canonical([Axis(n, stride, n, pooling=_windows.pooled(n, 5, 1, (0, 0), 1))
                      for n, stride in zip(x.shape, x.strides, strict=True)], element_sizes=(4, 4), merge_outer=True)
    maxima = reducers.extremum("max", "f4", omit=False, labels=0)
    made = plan.make_plan(view, maxima, sizes=(4, 4), aligned=(True, True),
                          swapped=(False, False), labelled=False)
    assert 0 < made.slab_bytes <= max(slabs.SLAB_BYTES, slabs.HALF_BYTES)


@pytest.mark.parametrize(("op", "dtype", "options"), [
    ("avg", "u1", {"divisor_override": -7}), ("avg", "i4", {"divisor_override": 5}), ("avg", "i2", {"dtype": "f4"}),
    ("avg", "u1", {"dtype": "i4", "count_include_pad": False}), ("avg", "f4", {"dtype": "f8"}), ("max", "?", {}),
    ("avg", "?", {"count_include_pad": False}), ("sum", "?", {}), ("sum", "c8", {}), ("avg", "c16", {}),
    ("max", "f4", {"nan_policy": "omit"}), ("min", "f2", {"nan_policy": "omit"}), ("avg", "f2", {"dtype": "f4"}),
], ids=str)
def test_what_a_single_step_gives(isa, slab_bytes, monkeypatch, op, dtype, options):
    """Every kind of accumulator and result, in asymmetric padding and at strides within the planes."""
    rng = np.random.default_rng(1)
    x = (rng.integers(0, 2, (11, 12, 13)) if dtype == "?" else rng.integers(0, 100, (11, 12, 13))).astype(dtype)
    if "nan_policy" in options:
        x[rng.random(x.shape) < 0.1] = np.nan
    pool = getattr(cypool, f"{op}_pool")
    for taps, stride, padding in (((3, 3, 3), 1, ((1, 1), (0, 1), (1, 0))),
                                  ((5, 3, 2), (1, 2, 2), ((2, 0), (1, 1), (0, 0)))):
        result = pool(x, taps, stride, padding, **options)
        with monkeypatch.context() as patch:
            patch.setattr(slabs, "SLAB_TAPS", 100)
            _pooling.forget()
            expected = pool(x, taps, stride, padding, **options)
        _pooling.forget()
        assert result.dtype == expected.dtype
        np.testing.assert_allclose(result, expected, rtol=1e-5)


def test_nan_and_infinity(isa, slab_bytes):
    x = numbers((12, 13, 14), "f4")
    for nan_policy in ("propagate", "omit"):
        with warnings.catch_warnings(), np.errstate(invalid="ignore"):
            warnings.simplefilter("ignore")
            blank = np.nan if nan_policy == "omit" else 0
            sums = windows(x.astype("f8"), (3, 3, 3), (0, 0, 0), blank)
            expected = (np.nanmean if nan_policy == "omit" else np.mean)(sums, (3, 4, 5))
        result = cypool.avg_pool(x, 3, 1, nan_policy=nan_policy)
        np.testing.assert_allclose(result, expected, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("dtype", ["f4", "f8", "f2", "u1", "i2", "?"])
def test_slabs_of_small_planes(isa, slab_bytes, dtype):
    """Rows of fewer outputs than a vector holds are not pooled some planes at once there."""
    rng = np.random.default_rng(0)
    least = False if dtype == "?" else -np.inf if dtype[0] == "f" else np.iinfo(dtype).min
    for shape in ((20, 12, 9), (5, 20, 7, 10), (3, 15, 14, 14)):
        x = rng.integers(0, 2 if dtype == "?" else 100, shape).astype(dtype)
        axes = tuple(range(x.ndim - 3, x.ndim))
        for taps, stride, padding in (((3, 3, 3), (1, 2, 2), 1), ((5, 2, 2), (1, 2, 2), 0), ((3, 3, 2), 1, 0)):
            padded = np.pad(x, [(0, 0)] * (x.ndim - 3) + [(padding, padding)] * 3, constant_values=least)
            steps = (1, 2, 2) if stride != 1 else (1, 1, 1)
            windows = np.lib.stride_tricks.sliding_window_view(padded, taps, axes)
            expected = windows[..., ::steps[0], ::steps[1], ::steps[2], :, :, :].max((-3, -2, -1))
            np.testing.assert_array_equal(cypool.max_pool(x, taps, stride, padding, axis=axes), expected)
