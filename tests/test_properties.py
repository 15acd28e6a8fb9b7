"""Every operation equals its naive twin: any rank, axes, dtype, layout, window, padding, NaN and infinities."""

import sys
from collections import UserList, deque

import naive
import numpy as np
import pytest
from extra_dtypes import BFLOAT16
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import INTEGERS, ORDERED, REALS, arrays, geometries

import cypool
from cypool import _pooling
from cypool._call import AXES, Calls

pytestmark = pytest.mark.usefixtures("isa")
relaxed = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

DIVISORS = st.integers(-20, 20).filter(bool)

# How far a sum may be from the exact one, as a part of the sum of magnitudes: a few roundings of what it is kept in.
TOLERANCE = {np.dtype("f2"): 2e-3, np.dtype("f4"): 1e-5, np.dtype("f8"): 1e-13,
             np.dtype("c8"): 1e-5, np.dtype("c16"): 1e-13} | {np.dtype(each): 1.6e-2 for each in BFLOAT16}


def tables(x, geometry):
    """The naive twin's windows for these arguments; skips the example where a window has no tap inside."""
    result = {
        axis: naive.windows(x.shape[axis], k, s, p, d, geometry["ceil_mode"])
        for axis, k, s, p, d in zip(*(geometry[name] for name in ("axis", "kernel_size", "stride", "padding",
                                                                  "dilation")))
    }
    assume(all(len(windows) > 0 and all(any(tap is not None for tap in taps) for taps in windows)
               for windows in result.values()))
    return result


def assert_same(actual, expected):
    """Equal values, NaN included, of equal dtype."""
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    if actual.dtype.kind == "V":
        actual, expected = actual.astype("f4"), expected.astype("f4")
    np.testing.assert_array_equal(actual, expected)


def assert_close(actual, expected, scale, dtype):
    """Close where finite, the same where not."""
    with np.errstate(invalid="ignore", over="ignore"):
        tolerance = TOLERANCE[dtype] * np.abs(scale) + np.float64(TOLERANCE[dtype]) * 1e-3
        actual = actual.astype(expected.dtype)
        finite = np.isfinite(expected) & (np.abs(expected) < 6e4)
        np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected))
        assert (np.abs(actual - expected)[finite] <= tolerance[finite]).all()
        infinite = np.isinf(expected)
        np.testing.assert_array_equal(actual[infinite], expected[infinite])


@relaxed
@given(st.data(), st.sampled_from(["max", "min"]), st.booleans(), st.booleans())
def test_extremum_equals_naive(data, op, omit, return_indices):
    x = data.draw(arrays())
    geometry = data.draw(geometries(x))
    values, indices = naive.extremum(x, tables(x, geometry), op, omit=omit)
    result = getattr(cypool, f"{op}_pool")(x, nan_policy="omit" if omit else "propagate",
                                           return_indices=return_indices, **geometry)
    if return_indices:
        result, found = result
        np.testing.assert_array_equal(found, indices)
    assert_same(result, values)


@relaxed
@given(st.data(), st.booleans(), st.booleans(), st.one_of(st.none(), DIVISORS))
def test_integer_mean_is_exact(data, mean, count_include_pad, divisor_override):
    x = data.draw(arrays(["?", *INTEGERS]))
    geometry = data.draw(geometries(x))
    options = {"count_include_pad": count_include_pad, "divisor_override": divisor_override} if mean else {}
    expected = naive.total(x, tables(x, geometry), mean=mean, **options)
    assert_same((cypool.avg_pool if mean else cypool.sum_pool)(x, **geometry, **options), expected)


@relaxed
@given(st.data(), st.booleans(), st.booleans(), st.booleans(), st.one_of(st.none(), DIVISORS))
def test_float_mean_equals_naive(data, mean, omit, count_include_pad, divisor_override):
    x = data.draw(arrays(REALS + ["c8", "c16"]))
    geometry = data.draw(geometries(x))
    assume(x.dtype.kind != "c" or np.isfinite(x).all())
    options = {"count_include_pad": count_include_pad, "divisor_override": divisor_override} if mean else {}
    windows = tables(x, geometry)
    with np.errstate(all="ignore"):
        expected = naive.total(x, windows, mean=mean, omit=omit, **options)
        scale = naive.total(np.abs(x).astype("f8"), windows, mean=mean, omit=omit, **options)
    result = (cypool.avg_pool if mean else cypool.sum_pool)(x, nan_policy="omit" if omit else "propagate",
                                                            **geometry, **options)
    assert result.dtype == (x.dtype if x.dtype.kind == "V" else x.dtype.newbyteorder("="))
    assert_close(result, expected, scale, x.dtype if x.dtype.kind == "V" else x.dtype.newbyteorder("="))


@relaxed
@given(st.data(), st.sampled_from(["i2", "i4", "i8"]), st.one_of(st.none(), DIVISORS))
def test_integer_mean_as_another_integer(data, dtype, divisor_override):
    """Rounded from the exact mean, and clipped to what the wanted type holds, not to what the input's does."""
    x = data.draw(arrays(["?", "u1", "i1", "u2", "i4"]))
    assume(np.can_cast(x.dtype, dtype, "same_kind"))
    geometry = data.draw(geometries(x))
    expected = naive.total(x, tables(x, geometry), mean=True, divisor_override=divisor_override, dtype=dtype)
    assert_same(cypool.avg_pool(x, dtype=dtype, divisor_override=divisor_override, **geometry), expected)


@relaxed
@given(st.data(), st.sampled_from(["f4", "f8"]))
def test_integer_mean_as_float(data, dtype):
    x = data.draw(arrays(["?", *INTEGERS]))
    geometry = data.draw(geometries(x))
    expected = naive.total(x, tables(x, geometry), mean=True, dtype=dtype)
    result = cypool.avg_pool(x, dtype=dtype, **geometry)
    assert result.dtype == dtype
    np.testing.assert_allclose(result, expected, rtol=2 * np.finfo(dtype).eps, atol=0)


@relaxed
@given(st.data(), st.sampled_from(["max", "min"]))
def test_adaptive_extremum_equals_naive(data, op):
    x = data.draw(arrays())
    n_spatial = min(x.ndim, data.draw(st.integers(1, 3)))
    sizes = tuple(data.draw(st.integers(1, x.shape[a] + 3)) for a in range(-n_spatial, 0))
    windows = {x.ndim - n_spatial + i: naive.adaptive_windows(x.shape[x.ndim - n_spatial + i], size)
               for i, size in enumerate(sizes)}
    values, indices = naive.extremum(x, windows, "max")
    result, found = getattr(cypool, f"adaptive_max_pool{n_spatial}d")(x, sizes, return_indices=True)
    assert_same(result, values)
    np.testing.assert_array_equal(found, indices)
    assert_same(getattr(cypool, f"adaptive_max_pool{n_spatial}d")(x, sizes), values)


@relaxed
@given(st.data())
def test_adaptive_mean_equals_naive(data):
    x = data.draw(arrays(["f4", "f8", "u1", "i8"]))
    n_spatial = min(x.ndim, data.draw(st.integers(1, 3)))
    sizes = tuple(data.draw(st.one_of(st.none(), st.integers(1, 12))) for _ in range(n_spatial))
    axes = range(x.ndim - n_spatial, x.ndim)
    windows = {a: naive.adaptive_windows(x.shape[a], size or x.shape[a]) for a, size in zip(axes, sizes)}
    with np.errstate(all="ignore"):
        expected = naive.total(x, windows, mean=True)
        scale = naive.total(np.abs(x).astype("f8"), windows, mean=True)
    result = getattr(cypool, f"adaptive_avg_pool{n_spatial}d")(x, sizes)
    if x.dtype.kind in "iu":
        assert_same(result, expected)
    else:
        assert_close(result, expected, scale, x.dtype.newbyteorder("="))


@pytest.mark.parametrize("dtype", ORDERED)
@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 130])
def test_every_lane_and_tail(dtype, length):
    """A row of every length around a vector's, pooled at every stride and width that has a way of its own."""
    rng = np.random.default_rng(length)
    x = (rng.normal(size=(3, length)) * 30).astype(dtype)
    for kernel, stride in [(1, 1), (2, 1), (2, 2), (3, 2), (3, 3), (4, 4), (5, 5), (9, 1), (9, 9), (25, 1), (30, 30)]:
        if kernel > length:
            continue
        windows = {1: naive.windows(length, kernel, stride, (0, 0), 1, False)}
        assert_same(cypool.max_pool(x, kernel, stride, axis=1), naive.extremum(x, windows, "max")[0])
        assert_same(cypool.min_pool(x, kernel, stride, axis=1), naive.extremum(x, windows, "min")[0])
        if np.dtype(dtype).kind in "biu":
            assert_same(cypool.avg_pool(x, kernel, stride, axis=1), naive.total(x, windows, mean=True))


@pytest.mark.parametrize("dtype", REALS)
@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("op", ["max", "min", "avg", "sum"])
def test_special_value_at_every_position(dtype, special, op):
    """It reaches the windows that it is in, and no others."""
    length = 41
    base = np.linspace(-1, 1, length).astype(dtype)
    for kernel, stride in [(2, 2), (3, 1), (3, 2), (9, 1), (5, 5)]:
        clean = getattr(cypool, f"{op}_pool")(base, kernel, stride)
        for position in range(length):
            x = base.copy()
            x[position] = special
            result = getattr(cypool, f"{op}_pool")(x, kernel, stride).astype("f4")
            starts = np.arange(len(result)) * stride
            inside = (starts <= position) & (position < starts + kernel)
            wins = np.isnan(special) or op in ("avg", "sum") or (op == "max") == (special > 0)
            if wins:
                np.testing.assert_array_equal(result[inside], np.full(inside.sum(), special, "f4"))
            else:
                assert np.isfinite(result[inside]).all()
            np.testing.assert_array_equal(result[~inside], clean.astype("f4")[~inside])


@pytest.mark.parametrize("kernel", [9000, 40000, 99991])
@pytest.mark.parametrize("dilation", [1, 3])
@pytest.mark.parametrize("dtype", ["u1", "f4", "i8"])
def test_windows_longer_than_a_scratch_row(kernel, dilation, dtype):
    if (kernel - 1) * dilation >= 200003:
        pytest.skip("longer than the input")
    x = np.random.default_rng(0).integers(0, 100, (2, 200003)).astype(dtype)
    stride = kernel // 2
    for axis, array in ((1, x), (0, np.ascontiguousarray(x.T))):
        arguments = (array, kernel, stride, 0, dilation)
        starts = range(0, 200003 - (kernel - 1) * dilation, stride)
        windows = np.stack([x[:, s:s + (kernel - 1) * dilation + 1:dilation] for s in starts], 1)
        move = (lambda a: a) if axis else np.transpose
        values, indices = cypool.max_pool(*arguments, axis=axis, return_indices=True)
        np.testing.assert_array_equal(values, move(windows.max(-1)))
        np.testing.assert_array_equal(indices, move(windows.argmax(-1) * dilation + np.array(starts)))
        np.testing.assert_array_equal(cypool.min_pool(*arguments, axis=axis), move(windows.min(-1)))
        np.testing.assert_array_equal(cypool.sum_pool(*arguments, axis=axis), move(windows.sum(-1, dtype="i8")))


@pytest.mark.parametrize("special", ["same", "same_lower"])
@pytest.mark.parametrize("length", [4, 5, 7, 12])
@pytest.mark.parametrize(("kernel", "stride", "dilation"), [
    (2, 1, 1), (3, 2, 1), (3, 1, 2), (4, 3, 1), (1, 2, 1), (2, 2, 3),
])
def test_same_padding(length, kernel, stride, dilation, special):
    x = np.random.default_rng(0).normal(size=(2, length))
    windows = {1: naive.windows(length, kernel, stride, special, dilation, False)}
    result = cypool.max_pool(x, kernel, stride, special, dilation, axis=1)
    assert result.shape[1] == -(-length // stride)
    assert_same(result, naive.extremum(x, windows, "max")[0])


@pytest.mark.parametrize("kernel", [3, 4, 9])
def test_half_float_mean_rounds_once(kernel):
    """The exact mean, rounded to the nearest half; sums of halves would be off."""
    rng = np.random.default_rng(1)
    x = rng.integers(0, 2048, (50, kernel)).astype(np.float16)
    exact = x.astype("f8").sum(1) / kernel
    np.testing.assert_array_equal(cypool.avg_pool(x, kernel, axis=1)[:, 0], exact.astype("f4").astype("f2"))


def test_sums_leave_no_trace():
    """A large number does not disturb windows that it is not in."""
    x = np.ones(300, "f4")
    x[100] = 1e30
    sums = cypool.sum_pool(x, 101, 1)
    np.testing.assert_array_equal(sums[101:], np.full(99, 101, "f4"))


def test_complex_omit_leaves_out_both_parts():
    x = np.array([1 + 1j, complex(np.nan, 5), complex(3, np.nan), 3 + 3j], "c8")
    np.testing.assert_array_equal(cypool.avg_pool(x, 4, nan_policy="omit"), np.array([2 + 2j], "c8"))
    np.testing.assert_array_equal(cypool.sum_pool(x[1:3], 2, nan_policy="omit").real, [np.nan])


@pytest.mark.parametrize("axis", [0, 1, (0, 1)])
def test_complex_omit_of_a_broadcast_array(axis):
    """The parts of a number stay together where an axis has no stride."""
    column = np.array([complex(1, np.nan), 2 + 2j, 5 - 1j, complex(np.nan, 0)])
    wide = np.broadcast_to(column[:, None], (4, 5))
    expected = cypool.sum_pool(wide.copy(), 2, axis=axis, nan_policy="omit")
    np.testing.assert_array_equal(cypool.sum_pool(wide, 2, axis=axis, nan_policy="omit"), expected)
    if axis == 0:
        np.testing.assert_array_equal(expected[:, 0], [2 + 2j, 5 - 1j])


def test_float64_as_float16_rounds_once():
    x = np.array([1 + 2**-11 + 2**-30])
    np.testing.assert_array_equal(cypool.avg_pool(x, 1, dtype="f2"), x.astype("f2"))


@pytest.mark.parametrize("view", [np.s_[:, ::-1], np.s_[::-1], np.s_[::-1, ::-1], np.s_[::2, ::-2]])
def test_large_reversed_arrays(view):
    """Inputs beyond the second level cache are read ahead of use: only what is there."""
    x = np.random.default_rng(0).normal(size=(700, 600)).astype("f4")[view]
    h, w = x.shape[0] // 2, x.shape[1] // 2
    expected = x[:2 * h, :2 * w].reshape(h, 2, w, 2).max((1, 3))
    np.testing.assert_array_equal(cypool.max_pool(x, 2), expected)
    np.testing.assert_array_equal(cypool.max_pool(np.broadcast_to(x[:1], (512, x.shape[1])), 2),
                                  np.broadcast_to(x[:1, :2 * w].reshape(1, w, 2).max(2), (256, w)))


def test_bool_mean_is_the_majority():
    x = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0]], bool)
    np.testing.assert_array_equal(cypool.avg_pool(x, 3, axis=1)[:, 0], [True, False, True, False])
    tie = np.array([[True, False]])
    assert cypool.avg_pool(tie, 2, axis=1)[0, 0] == np.False_


def test_integers_of_64_bits_are_exact():
    big = np.array([2**63 - 1, 2**63 - 2, 2**63 - 1, 2**63 - 1], np.int64)
    assert cypool.avg_pool(big, 2).tolist() == [2**63 - 2, 2**63 - 1]
    assert cypool.avg_pool(-big, 2).tolist() == [-(2**63 - 2), -(2**63 - 1)]
    assert cypool.avg_pool(np.array([2**64 - 1, 2**64 - 3], np.uint64), 2).tolist() == [2**64 - 2]
    assert cypool.max_pool(big - 1, 4).tolist() == [2**63 - 2]


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kernel", [(2, 2), (2, 4), (4, 2), (3, 8)])
def test_mean_of_pairs_of_pixels(dtype, channels, kernel):
    """Neighbours that are loaded as one: rows of every length around a vector's, and long ones that come in pieces."""
    rng = np.random.default_rng(0)
    info = np.iinfo(dtype)
    for width in (*range(8, 41), 3001, 9002):
        x = rng.integers(info.min, info.max, (13, width, channels), dtype, endpoint=True)
        h, w = 13 // kernel[0], width // kernel[1]
        blocks = x[:h * kernel[0], :w * kernel[1]].reshape(h, kernel[0], w, kernel[1], channels)
        total, n = blocks.sum((1, 3), dtype="i8"), kernel[0] * kernel[1]
        quotient, rest = np.divmod(total, n)
        quotient += (2 * rest > n) | ((2 * rest == n) & (quotient % 2 == 1))
        np.testing.assert_array_equal(cypool.avg_pool(x, kernel, axis=(0, 1)), quotient)


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i4", "f4", "f2", "i8"])
@pytest.mark.parametrize(("shape", "kernel"), [
    ((3, 20, 20), 5), ((2, 20, 20), 13), ((1, 70, 90), 9), ((1, 300, 40), 31), ((2, 130, 260), 101), ((1, 500), 101),
])
def test_large_windows_at_stride_1(shape, kernel, dtype):
    """Whatever way a column and a row are walked: by planes, prefixes, moving sums or powers of four."""
    x = np.random.default_rng(0).integers(0, 100, shape).astype(dtype)
    axes = tuple(range(max(1, len(shape) - 2), len(shape)))
    pad = kernel // 2
    for op, fill in (("max", -1), ("sum", 0)):
        wide = np.pad(x.astype("i8"), [(pad, pad) if a in axes else (0, 0) for a in range(len(shape))],
                      constant_values=fill)
        for axis in axes:
            windows = np.lib.stride_tricks.sliding_window_view(wide, kernel, axis)
            wide = windows.max(-1) if op == "max" else windows.sum(-1)
        result = getattr(cypool, f"{op}_pool")(x.astype("f4") if dtype == "f2" and op == "sum" else x, kernel, 1, pad,
                                               axis=axes)
        np.testing.assert_array_equal(result, wide)


@pytest.mark.parametrize("divisor", [3, 7, 9, 25, 49, 225, 257, 1000, 5000])
@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2"])
def test_integer_mean_of_every_sum(dtype, divisor):
    """Sums around every tie, divided without a division."""
    info = np.iinfo(dtype)
    n = 2000
    rng = np.random.default_rng(divisor)
    base = rng.integers(info.min, info.max, n, endpoint=True).astype("i8")
    x = np.repeat(base[:, None], divisor, 1)
    # From all equal, some are moved by one: the remainder takes every value.
    moved = rng.integers(0, divisor + 1, n)
    x = np.clip(x + (np.arange(divisor) < moved[:, None]), info.min, info.max).astype(dtype)
    quotient, rest = np.divmod(x.sum(1, dtype="i8"), divisor)
    quotient += (2 * rest > divisor) | ((2 * rest == divisor) & (quotient % 2 == 1))
    np.testing.assert_array_equal(cypool.avg_pool(x, divisor, axis=1)[:, 0], quotient)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("shape", "axes", "kernel", "stride"), [
    ((3, 2, 9000), (1, 2), 2, 1), ((3, 30, 200, 64), (1, 2), 2, 1), ((3, 32, 3840, 3), (1, 2), 3, 2),
    ((3, 2, 20001), (1, 2), 3, 2), ((2, 3, 9000), (2,), 4, 1),
])
@pytest.mark.parametrize("op", ["max", "sum"])
def test_each_image_is_padded(op, shape, axes, kernel, stride, threads):
    """Padding at one end only, which one tile of several has, for the second image too."""
    x = np.random.default_rng(0).integers(-100, 0, shape).astype("f4")
    pool = getattr(cypool, f"{op}_pool")
    together = pool(x, kernel, stride, "same", axis=axes, num_threads=threads)
    for image, result in zip(x, together):
        alone = pool(image, kernel, stride, "same", axis=tuple(a - 1 for a in axes), num_threads=1)
        np.testing.assert_array_equal(result, alone)


@pytest.mark.parametrize("sequence", [range, UserList, np.array, deque], ids=lambda kind: kind.__name__)
def test_any_sequence_of_ints_is_one_entry_for_each_axis(sequence):
    x = np.arange(4 * 6 * 2).reshape(4, 6, 2)
    axis, kernel_size = (range(2), range(2, 4)) if sequence is range else (sequence([0, 1]), sequence([2, 3]))
    expected = cypool.max_pool(x, (2, 3), axis=(0, 1))
    np.testing.assert_array_equal(cypool.max_pool(x, kernel_size, axis=axis), expected)


def test_equal_dtypes_are_planned_for_once():
    """A dtype that `newbyteorder` gives is another object. Swapped bytes are another layout."""
    planned = []

    def prepare(*args):
        planned.append(args)
        return _pooling._prepare(*args)

    calls = Calls(prepare)
    x = np.arange(12, dtype="f4").reshape(3, 4)
    swapped = x.astype(">f4" if sys.byteorder == "little" else "<f4")
    for array in (x, x.view(np.dtype("f4").newbyteorder("=")), x.view(np.dtype(np.float32, copy=True)), swapped, x):
        result = calls.pool("max", "pooled", array, (None, (1, 2), None, 0, 1, None), (AXES, "propagate", False, False))
        np.testing.assert_array_equal(result, x[:, 1::2])
    assert len(planned) == 2
