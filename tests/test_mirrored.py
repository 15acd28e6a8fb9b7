"""Arrays that lie backward in memory are walked forward: the same results as of a copy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cypool

OPS = ("max", "min", "avg", "sum", "median", "var")


def same(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-5)


@given(st.data(), st.sampled_from(OPS), st.sampled_from(["f4", "u1", "i2", "c8"]))
def test_rows_backward(data, op, dtype):
    if dtype == "c8" and op not in ("avg", "sum"):
        return
    shape = data.draw(st.tuples(st.integers(1, 3), st.integers(3, 9), st.integers(3, 40)))
    kernel = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    options = {"axis": (1, 2), "stride": data.draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))}
    if op in ("max", "min", "avg", "sum"):
        options["padding"] = [tuple(data.draw(st.integers(0, k // 2)) for _ in range(2)) for k in kernel]
        options["ceil_mode"] = data.draw(st.booleans())
    if op == "avg":
        options["count_include_pad"] = data.draw(st.booleans())
    pool = getattr(cypool, f"{op}_pool")
    x = (np.random.default_rng(0).random(shape) * 100).astype(dtype)
    for view in (x[..., ::-1], x[:, ::-1, ::-1], x.transpose(0, 2, 1)[:, ::-1].transpose(0, 2, 1)):
        same(pool(view, kernel, **options), pool(view.copy(), kernel, **options))


@pytest.mark.parametrize("channels", [1, 3, 16, 40])
@pytest.mark.parametrize("op", OPS)
def test_channels_backward(op, channels):
    x = (np.random.default_rng(0).random((12, 14, channels)) * 255).astype("u1")[..., ::-1]
    same(getattr(cypool, f"{op}_pool")(x, 2, axis=(0, 1)), getattr(cypool, f"{op}_pool")(x.copy(), 2, axis=(0, 1)))


def test_an_output_backward_and_ends_of_arrays():
    x = np.arange(24, dtype="f4").reshape(2, 12)[:, ::-1]
    out = np.zeros((2, 8), "f4")
    assert cypool.max_pool(x, 3, axis=1, out=out[:, 5:1:-1]).base is out
    np.testing.assert_array_equal(out, np.pad(np.array([[2, 5, 8, 11], [14, 17, 20, 23]]), ((0, 0), (2, 2))))
    assert cypool.max_pool(x[:0], 3, axis=1).shape == (0, 4)


def test_gradients_and_indices_backward():
    g = np.random.default_rng(0).standard_normal((1, 1, 6, 6)).astype("f4")[..., ::-1]
    same(cypool.avg_pool_backward(g, (1, 1, 13, 13), 3, 2, axis=(2, 3)),
         cypool.avg_pool_backward(g.copy(), (1, 1, 13, 13), 3, 2, axis=(2, 3)))
    values, indices = cypool.max_pool2d(g, 2, return_indices=True)
    expected, places = cypool.max_pool2d(g.copy(), 2, return_indices=True)
    same(values, expected)
    np.testing.assert_array_equal(indices, places)
