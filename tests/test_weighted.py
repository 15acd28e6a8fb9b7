"""Masks and weights: as the naive twin has it, however x is cut into blocks."""

from fractions import Fraction

import naive
import numpy as np
import pytest
from extra_dtypes import BFLOAT16
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import INTEGERS, LAYOUTS, ORDERED, REALS, arrays, geometries, laid_out
from test_properties import DIVISORS, TOLERANCE, assert_same, tables

import cypool

relaxed = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
OPS = ["max", "min", "avg", "sum"]


# -- naive twins -----------------------------------------------------------------------------------------------------

def extremum(x, mask, windows, op, *, omit):
    """Values, flat indices over the pooled axes, and where a window has nothing left."""
    native = x.dtype if x.dtype.kind == "V" else x.dtype.newbyteorder("=")
    values = np.empty(naive.out_shape(x, windows), native)
    indices, nothing = np.empty(values.shape, np.int64), np.empty(values.shape, bool)
    axes = sorted(windows)
    for index, cells, _ in naive.each_window(x, windows):
        left = [cell for cell in cells if not mask[cell]]
        nothing[index] = not left
        best = left[0] if left else cells[0]
        for cell in left:
            if naive.better(x[cell], x[best], op, omit):
                best = cell
        values[index] = x[best] if left else (0 if x.dtype.kind in "biu" else np.nan)
        indices[index] = np.ravel_multi_index([best[a] for a in axes], [x.shape[a] for a in axes])
    return values, indices, nothing


def total(x, mask, weights, windows, *, mean, omit=False, count_include_pad=True, divisor_override=None):
    """Sums or means, as exact as Python's numbers; None stands for a window that has no value."""
    result = np.empty(naive.out_shape(x, windows), object)
    number = {"c": complex, "f": float, "V": float}.get(x.dtype.kind, lambda value: Fraction(int(value)))
    weigh = float if weights is not None else int
    for index, cells, n_taps in naive.each_window(x, windows):
        left = [cell for cell in cells if not mask[cell]]
        counted = [cell for cell in left if not (omit and naive.is_nan(x[cell]))]
        divisor = len(counted) + (n_taps - len(cells) if count_include_pad else 0)
        numbers = [number(x[cell]) for cell in counted]
        if weights is not None:
            numbers = [float(weights[cell]) * (float(n) if isinstance(n, Fraction) else n)
                       for n, cell in zip(numbers, counted)]
            divisor = sum(weigh(weights[cell]) for cell in counted)
        divisor = divisor_override or divisor
        if not counted and (mean or left):
            result[index] = None
        elif mean:
            result[index] = sum(numbers) / divisor if divisor else None
        else:
            result[index] = sum(numbers)
    return result


def as_numbers(values, dtype):
    """The naive twin's numbers as a float or complex array."""
    flat = [np.nan if value is None else value for value in values.flat]
    return np.array([complex(v) if dtype.kind == "c" else float(v) for v in flat]).reshape(values.shape)


def assert_near(actual, expected, scale, dtype):
    """Close where finite, of the same kind where not."""
    expected, scale = as_numbers(expected, dtype), as_numbers(scale, np.dtype("f8"))
    assert actual.dtype == dtype
    actual = actual.astype(expected.dtype)
    with np.errstate(all="ignore"):
        tolerance = TOLERANCE[dtype] * np.abs(scale) + TOLERANCE[dtype] * 1e-3
        finite = np.isfinite(expected) & np.isfinite(scale) & (np.abs(expected) < 6e4)
        np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected))
        assert (np.abs(actual - expected)[finite] <= tolerance[finite]).all()
    infinite = np.isinf(expected)
    np.testing.assert_array_equal(actual[infinite], expected[infinite])


@st.composite
def broadcast(draw, x, dtype):
    """An array that broadcasts to x, of few values, some axes of length 1 or missing; in any layout."""
    shape = [1 if draw(st.integers(0, 3)) == 0 else n for n in x.shape][draw(st.integers(0, 3)) == 0:]
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    if dtype is bool:
        array = rng.random(shape) < draw(st.sampled_from([0, 0.2, 0.6, 0.95, 1]))
    else:
        array = rng.choice([0, 1, 2, 0.5, -3], shape).astype(dtype)
    return laid_out(array, draw(st.sampled_from(LAYOUTS))) if array.ndim else array


def whole(array, x):
    return np.broadcast_to(array, x.shape)


def policy(omit):
    return "omit" if omit else "propagate"


# -- properties ------------------------------------------------------------------------------------------------------

@relaxed
@given(st.data(), st.sampled_from(["max", "min"]), st.booleans(), st.booleans())
def test_extremum_equals_naive(block, data, op, omit, return_indices):
    x = data.draw(arrays())
    geometry = data.draw(geometries(x))
    mask = data.draw(broadcast(x, bool))
    values, indices, _ = extremum(x, whole(mask, x), tables(x, geometry), op, omit=omit)
    result = getattr(cypool, f"{op}_pool")(x, mask=mask, nan_policy=policy(omit), return_indices=return_indices,
                                           **geometry)
    if return_indices:
        result, found = result
        np.testing.assert_array_equal(found, indices)
    assert_same(result, values)


@relaxed
@given(st.data(), st.booleans(), st.booleans(), st.one_of(st.none(), DIVISORS, st.sampled_from([2**31, -2**62])))
def test_integer_mean_is_exact(block, data, mean, count_include_pad, divisor_override):
    x = data.draw(arrays(["?", *INTEGERS]))
    geometry = data.draw(geometries(x))
    mask = data.draw(broadcast(x, bool))
    options = {"count_include_pad": count_include_pad, "divisor_override": divisor_override} if mean else {}
    exact = total(x, whole(mask, x), None, tables(x, geometry), mean=mean, **options)
    exact = np.array([0 if f is None else f for f in exact.flat], object).reshape(exact.shape)
    expected = naive.rounded(exact, x, mean, None)
    assert_same((cypool.avg_pool if mean else cypool.sum_pool)(x, mask=mask, **geometry, **options), expected)
    if mean and x.dtype.kind == "u":
        wide = naive.rounded(exact, x, mean, "i8")
        assert_same(cypool.avg_pool(x, mask=mask, dtype="i8", **geometry, **options), wide)


@relaxed
@given(st.data(), st.one_of(st.none(), DIVISORS))
def test_integer_mean_as_float(block, data, divisor_override):
    x = data.draw(arrays(["?", *INTEGERS]))
    geometry = data.draw(geometries(x))
    mask = data.draw(broadcast(x, bool))
    expected = total(x, whole(mask, x), None, tables(x, geometry), mean=True, divisor_override=divisor_override)
    result = cypool.avg_pool(x, mask=mask, dtype="f8", divisor_override=divisor_override, **geometry)
    np.testing.assert_allclose(result, as_numbers(expected, result.dtype), rtol=2e-15, atol=0)


@relaxed
@given(st.data(), st.booleans(), st.booleans(), st.booleans(), st.one_of(st.none(), DIVISORS))
def test_float_mean_equals_naive(block, data, mean, omit, count_include_pad, divisor_override):
    x = data.draw(arrays([*REALS, "c8", "c16"]))
    geometry = data.draw(geometries(x))
    mask = data.draw(broadcast(x, bool))
    assume(x.dtype.kind != "c" or omit or np.isfinite(x).all())
    assume(x.dtype.kind != "c" or not np.isinf(x).any())
    options = {"count_include_pad": count_include_pad, "divisor_override": divisor_override} if mean else {}
    arguments = (whole(mask, x), None, tables(x, geometry))
    expected = total(x, *arguments, mean=mean, omit=omit, **options)
    scale = total(np.abs(x).astype("f8"), *arguments, mean=mean, omit=omit, **options)
    result = (cypool.avg_pool if mean else cypool.sum_pool)(x, mask=mask, nan_policy=policy(omit), **geometry,
                                                            **options)
    assert_near(result, expected, scale, x.dtype if x.dtype.kind == "V" else x.dtype.newbyteorder("="))


@relaxed
@given(st.data(), st.booleans(), st.booleans(), st.booleans(), st.one_of(st.none(), DIVISORS))
def test_weights_equal_naive(block, data, mean, omit, masked, divisor_override):
    x = data.draw(arrays([*ORDERED, "c8", "c16"]))
    geometry = data.draw(geometries(x))
    weights = data.draw(broadcast(x, data.draw(st.sampled_from(["f4", "f8", "f2", "i1", "i8", *BFLOAT16]))))
    mask = data.draw(broadcast(x, bool)) if masked else None
    assume(x.dtype.kind != "c" or np.isfinite(x).all())
    options = {"divisor_override": divisor_override} if mean else {}
    arguments = (whole(False if mask is None else mask, x), whole(weights, x), tables(x, geometry))
    expected = total(x, *arguments, mean=mean, omit=omit, **options)
    scale = total(np.abs(x.astype("c16" if x.dtype.kind == "c" else "f8")), arguments[0], np.abs(arguments[1]),
                  arguments[2], mean=False, omit=omit)
    divisors = total(np.ones(x.shape), *arguments, mean=False)
    if mean and not divisor_override:
        scale = np.array([s if not (s and d) else s / abs(d) for s, d in zip(scale.flat, divisors.flat)],
                         object).reshape(scale.shape)
    result = (cypool.avg_pool if mean else cypool.sum_pool)(x, mask=mask, weights=weights, nan_policy=policy(omit),
                                                            **geometry, **options)
    native = x.dtype if x.dtype.kind == "V" else x.dtype.newbyteorder("=")
    assert_near(result, expected, scale, np.dtype("f8") if x.dtype.kind in "biu" else native)


# -- single cases ----------------------------------------------------------------------------------------------------

def test_a_mask_of_pixels_holds_for_all_channels():
    x = np.arange(48.0).reshape(4, 4, 3)
    mask = np.zeros((4, 4, 1), bool)
    mask[0, 0] = mask[2:, 2:] = True
    result = cypool.avg_pool(x, 2, axis=(0, 1), mask=mask)
    np.testing.assert_array_equal(result[0, 0], x[:2, :2].reshape(4, 3)[1:].mean(0))
    assert np.isnan(result[1, 1]).all()


def test_what_is_left_out_leaves_no_trace():
    x = np.array([np.nan, 1, np.inf, 2, -np.inf, 3])
    mask = ~np.isfinite(x)
    for op in OPS:
        assert getattr(cypool, f"{op}_pool")(x, 2, mask=mask).tolist() == [1, 2, 3]
        if op in ("avg", "sum"):
            assert getattr(cypool, f"{op}_pool")(x + 1j, 2, mask=mask).tolist() == [1 + 1j, 2 + 1j, 3 + 1j]


def test_infinities_of_complex_numbers_stay_in_their_part():
    x = np.array([complex(np.inf, 1), 2 + 2j])
    assert cypool.sum_pool(x, 2, weights=2).tolist() == [complex(np.inf, 6)]
    assert cypool.avg_pool(x, 2, mask=False).tolist() == [complex(np.inf, 1.5)]


def test_integers_of_64_bits_are_exact():
    top = 2**64 - 1
    x = np.array([top, 5, top, top - 2], np.uint64)
    assert cypool.avg_pool(x, 4, mask=[False, True, False, False]).tolist() == [top - 1]
    assert cypool.avg_pool(np.full(1000, top, np.uint64), 1000, mask=False).tolist() == [top]
    assert cypool.avg_pool(np.full(9, -2**63), 9, mask=False).tolist() == [-2**63]
    assert cypool.avg_pool(np.full(9, -2**63), 9, divisor_override=-1, mask=False).tolist() == [2**63 - 1]
    assert cypool.avg_pool(np.full(2, top, np.uint64), 2, divisor_override=1, mask=False).tolist() == [top]
    assert cypool.avg_pool(np.array([-1, -2, 2**62, 3]), 2, mask=[False, False, True, False]).tolist() == [-2, 3]


def test_float32_is_summed_as_float64():
    x = np.array([1e8, 1, -1e8, 1], "f4")
    assert cypool.sum_pool(x, 4, mask=False).tolist() == [2]
    assert cypool.sum_pool(x, 4, weights=1).tolist() == [2]


def test_weights_of_nothing():
    assert np.isnan(cypool.avg_pool([1.0, 2.0], 2, weights=[1, -1])).all()
    assert cypool.avg_pool([1.0, 2.0], 2, weights=[1, -1], divisor_override=2).tolist() == [-0.5]
    assert cypool.sum_pool([1, 2], 2, weights=[1, -1], mask=True).tolist() == [0]
    assert np.isnan(cypool.sum_pool([np.nan, 1], 2, weights=[0, 1])).all()


def test_empty_output():
    x = np.zeros((0, 4), "u1")
    assert cypool.avg_pool(x, 2, axis=1, mask=np.zeros((1, 4), bool)).shape == (0, 2)
    assert cypool.sum_pool(x, 2, axis=1, weights=np.zeros((0, 4))).dtype == np.float64
    assert cypool.max_pool(np.ma.array(x), 2, axis=1).shape == (0, 2)


@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_integer_means_whose_sums_have_more_than_52_bits(beyond):
    # The least bits of these sums tell a tie of two neighbours from what is next to it.
    x = np.full(2**23, 2**32 - 3, np.uint32)
    x[: 2**22] -= 1
    x[0] += 1 + beyond
    mask = np.zeros(x.shape, bool)
    mask[-2:] = True
    total, count = int(x[:-2].astype(np.int64).sum()), len(x) - 2
    assert total > 2**52
    assert 2 * (total % count) == count + 2 * beyond
    assert cypool.avg_pool(x, len(x), mask=mask) == round(Fraction(total, count))


@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_integer_weights_whose_sum_has_more_than_64_bits(dtype):
    weights = np.full(4, 2**62, dtype)
    x = np.arange(4.0)
    assert cypool.avg_pool(x, 4, weights=weights).tolist() == [1.5]
    assert cypool.avg_pool(x, 3, 1, weights=weights).tolist() == [1, 2]
    assert cypool.avg_pool(x, 4, weights=weights, mask=x == 3).tolist() == [1]
