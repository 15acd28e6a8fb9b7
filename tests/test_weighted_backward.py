"""Gradients of pooling with masks and weights, against a naive twin and the slopes of the forward calls."""

import naive
import numpy as np
import pytest
from extra_dtypes import BFLOAT16
from hypothesis import given
from hypothesis import strategies as st
from strategies import arrays, geometries
from test_properties import DIVISORS, TOLERANCE, tables
from test_weighted import broadcast, relaxed, whole

import cypool


def spread(grad_output, mask, weights, windows, *, mean, count_include_pad=True, divisor_override=None):
    """What each output gives to the elements that it was made of."""
    result = np.zeros(mask.shape, grad_output.dtype)
    for index, cells, n_taps in naive.each_window(mask, windows):
        left = [cell for cell in cells if not mask[cell]]
        divisor = 1
        if mean and weights is not None:
            divisor = divisor_override or sum(float(weights[cell]) for cell in left)
        elif mean:
            divisor = divisor_override or len(left) + (n_taps - len(cells) if count_include_pad else 0)
        for cell in left:
            weight = 1 if weights is None else float(weights[cell])
            result[cell] += grad_output[index] * weight / divisor if divisor else 0
    return result


@relaxed
@given(st.data(), st.booleans(), st.sampled_from(["f4", "f8", "c16"]), st.booleans(), st.booleans(),
       st.one_of(st.none(), DIVISORS))
def test_gradient_equals_naive(data, mean, dtype, masked, count_include_pad, divisor_override):
    x = data.draw(arrays(["f8"]))
    geometry = data.draw(geometries(x))
    mask = data.draw(broadcast(x, bool)) if masked else None
    weights = None if masked and data.draw(st.booleans()) else data.draw(broadcast(x, data.draw(st.sampled_from(
        ["f4", "f8", "f2", "i8", *BFLOAT16]))))
    options = {"count_include_pad": count_include_pad, "divisor_override": divisor_override} if mean else {}
    windows = tables(x, geometry)
    grad_output = np.random.default_rng(0).normal(size=naive.out_shape(x, windows)).astype(dtype)
    expected = spread(grad_output, whole(False if mask is None else mask, x),
                      None if weights is None else whole(weights, x), windows, mean=mean, **options)
    backward = cypool.avg_pool_backward if mean else cypool.sum_pool_backward
    result = backward(grad_output, x.shape, mask=mask, weights=weights, **geometry, **options)
    assert result.dtype == dtype
    tolerance = 1e-12 if dtype != "f4" else 2e-5
    np.testing.assert_allclose(result, expected, rtol=tolerance, atol=tolerance)
    out = np.full(x.shape, 7, dtype, order="F")
    assert backward(grad_output, x.shape, mask=mask, weights=weights, out=out, **geometry, **options) is out
    np.testing.assert_array_equal(out, result)


def test_gradient_is_the_slope():
    rng = np.random.default_rng(0)
    x, weights, mask = rng.normal(size=(6, 7)), rng.random((6, 7)), rng.random((6, 7)) < 0.3
    for options in ({"mask": mask}, {"weights": weights}, {"mask": mask, "weights": weights[0]}):
        for forward, backward in ((cypool.avg_pool, cypool.avg_pool_backward),
                                  (cypool.sum_pool, cypool.sum_pool_backward)):
            geometry = {"kernel_size": 3, "stride": 2, "padding": 1, **options}
            grad_output = rng.normal(size=(3, 4))
            gradient = backward(grad_output, x.shape, **geometry)
            for index in np.ndindex(*x.shape):
                step = np.zeros_like(x)
                step[index] = 1
                slope = ((forward(x + step, **geometry) - forward(x - step, **geometry)) * grad_output).sum() / 2
                np.testing.assert_allclose(gradient[index], slope, atol=1e-12)


@pytest.mark.parametrize("dtype", ["f2", "f4", *BFLOAT16])
def test_gradient_keeps_narrow_dtypes(dtype):
    rng = np.random.default_rng(0)
    mask, weights, grad_output = rng.random((8, 8)) < 0.3, rng.random((8, 8)), rng.normal(size=(4, 4)).astype(dtype)
    for options in ({"mask": mask}, {"weights": weights}, {"mask": mask, "weights": weights}):
        exact = cypool.avg_pool_backward(grad_output.astype("f8"), (8, 8), 2, **options)
        result = cypool.avg_pool_backward(grad_output, (8, 8), 2, **options)
        assert result.dtype == np.dtype(dtype)
        np.testing.assert_allclose(result.astype("f8"), exact, rtol=TOLERANCE[np.dtype(dtype)] * 2)


def test_gradient_of_what_is_omitted_and_of_windows_of_nothing():
    """Their values are NaN; nothing of them reaches an element."""
    x = np.array([np.nan, 2, np.nan, np.nan, 5, 6])
    for divisor in (None, 4):
        result = cypool.avg_pool_backward(np.array([10.0, 20, 30]), x.shape, 2, mask=np.isnan(x),
                                          divisor_override=divisor)
        assert result.tolist() == [0, 10 if divisor is None else 2.5, 0, 0, *[15 if divisor is None else 7.5] * 2]
    weights = [0, 0, 1, -1, 1, 3]
    result = cypool.avg_pool_backward(np.array([10.0, np.inf, 40]), x.shape, 2, weights=weights)
    assert result.tolist() == [0, 0, 0, 0, 10, 30]
    y, indices = cypool.max_pool(x, 2, return_indices=True, mask=np.isnan(x))
    assert np.isnan(y).tolist() == [False, True, False]
    for backward in (cypool.max_pool_backward, cypool.min_pool_backward):
        assert backward(np.array([10.0, 20, 30]), indices, x.shape, mask=np.isnan(x)).tolist() == [0, 10, 0, 0, 0, 30]


def test_what_is_masked_of_a_gradient_is_zero():
    x = np.ma.array([1.0, 9, 3, 4], mask=[0, 0, 1, 1])
    y, indices = cypool.max_pool(x, 2, return_indices=True)
    gradient = y * 10
    assert gradient.mask.tolist() == [False, True]
    assert cypool.max_pool_backward(gradient, indices, x.shape).tolist() == [0, 90, 0, 0]
    mean = np.ma.array([8.0, np.nan], mask=[0, 1])
    assert cypool.avg_pool_backward(mean, x.shape, 2, mask=x.mask).tolist() == [4, 4, 0, 0]
    assert cypool.avg_pool_backward(mean, x.shape, 2).tolist() == [4, 4, 0, 0]


def test_large_weights_do_not_overflow_in_the_gradient():
    result = cypool.avg_pool_backward(np.ones(1, "f4"), (4,), 4, weights=[1e300, 1e300, 1e300, 0])
    np.testing.assert_allclose(result, [1 / 3, 1 / 3, 1 / 3, 0], rtol=1e-6)
