"""Gradients of overlapping windows on many small planes at once: the same as of each plane by itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cypool


def gradient(shape, seed=0):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(shape).astype("f4")
    values[rng.random(shape) < 0.05] = -0.0
    return values


@given(st.data(), st.integers(1, 21))
def test_planes_at_once_and_one_by_one(data, planes):
    lengths = data.draw(st.tuples(st.integers(1, 40), st.integers(1, 40)))
    sizes = tuple(data.draw(st.integers(1, n)) for n in lengths)
    g = gradient((planes, *sizes))
    y = cypool.adaptive_avg_pool_backward(g, (planes, *lengths), sizes, axis=(1, 2))
    for p in range(planes):
        np.testing.assert_array_equal(y[p], cypool.adaptive_avg_pool_backward(g[p], lengths, sizes, axis=(0, 1)))
    wide = cypool.adaptive_avg_pool_backward(g.astype("f8"), (planes, *lengths), sizes, axis=(1, 2))
    np.testing.assert_allclose(y, wide, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kernel", [2, 3, 4, 5, 8, 9])
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("op", ["avg", "sum"])
def test_any_overlap(isa, op, stride, kernel):
    g = gradient((9, 9, 11))
    lengths = 8 * stride + kernel, 10 * stride + kernel + stride - 1
    backward = getattr(cypool, f"{op}_pool_backward")
    y = backward(g, (9, *lengths), kernel, stride, axis=(1, 2))
    for p in range(9):
        np.testing.assert_array_equal(y[p], backward(g[p], lengths, kernel, stride, axis=(0, 1)))


@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_not_finite_and_planes_apart(threads):
    g = gradient((3, 26, 6, 6))
    g[0, 0, 0, 0], g[0, 1, 2, 2], g[1, 5, 5, 5] = np.nan, np.inf, -np.inf
    out = np.full((3, 40, 28, 30), 7, "f4")
    view = out[:, 3:29, :, 1:29]
    y = cypool.adaptive_avg_pool_backward(g, (3, 26, 28, 28), 6, axis=(2, 3), num_threads=threads, out=view)
    assert y is view
    expected = cypool.adaptive_avg_pool_backward(g.astype("f8"), (3, 26, 28, 28), 6, axis=(2, 3))
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)
    view[:] = 7
    assert (out == 7).all()
