"""Gradients of statistics and of unpooling: central differences in float64, and PyTorch's."""

import itertools

import numpy as np
import pytest

import cypool

GEOMETRIES = [
    {"kernel_size": 2}, {"kernel_size": 3, "stride": 1, "padding": 1}, {"kernel_size": (2, 3), "stride": (1, 2)},
    {"kernel_size": 2, "dilation": 2, "stride": 1}, {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    {"kernel_size": 2, "stride": 3},
]


def numeric(function, x, gradient, step=1e-6):
    """The gradient of sum(function(x) * gradient), by central differences."""
    result = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        high, low = x.copy(), x.copy()
        high[index] += step
        low[index] -= step
        result[index] = ((function(high) - function(low)) * gradient).sum() / (2 * step)
    return result


OPERATIONS = {
    "lp 2": (lambda x, **o: cypool.lp_pool(x, 2, **o), lambda g, x, **o: cypool.lp_pool_backward(g, x, 2, **o)),
    "lp 3": (lambda x, **o: cypool.lp_pool(x, 3, **o), lambda g, x, **o: cypool.lp_pool_backward(g, x, 3, **o)),
    "lp 1": (lambda x, **o: cypool.lp_pool(x, 1, **o), lambda g, x, **o: cypool.lp_pool_backward(g, x, 1, **o)),
    "lp inf": (lambda x, **o: cypool.lp_pool(x, np.inf, **o),
               lambda g, x, **o: cypool.lp_pool_backward(g, x, np.inf, **o)),
    "var": (cypool.var_pool, cypool.var_pool_backward),
    "var unbiased": (lambda x, **o: cypool.var_pool(x, correction=0.5, **o),
                     lambda g, x, **o: cypool.var_pool_backward(g, x, correction=0.5, **o)),
    "std": (cypool.std_pool, cypool.std_pool_backward),
    "logsumexp": (cypool.logsumexp_pool, cypool.logsumexp_pool_backward),
    "smooth minimum": (lambda x, **o: cypool.logsumexp_pool(x, sharpness=-3.0, **o),
                       lambda g, x, **o: cypool.logsumexp_pool_backward(g, x, sharpness=-3.0, **o)),
    "stochastic": (lambda x, **o: cypool.stochastic_pool(np.abs(x), **o),
                   lambda g, x, **o: cypool.stochastic_pool_backward(g, np.abs(x), **o) * np.sign(x)),
}


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("axis", [(1, 2), (2, 0)])
def test_gradient_is_that_of_central_differences(name, geometry, axis):
    forward, backward = OPERATIONS[name]
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 6, 5))
    if geometry.get("ceil_mode") and name == "std":
        pytest.skip("windows of one tap have no slope")
    gradient = rng.normal(size=forward(x, axis=axis, **geometry).shape)
    expected = numeric(lambda values: forward(values, axis=axis, **geometry), x, gradient)
    np.testing.assert_allclose(backward(gradient, x, axis=axis, **geometry), expected, rtol=1e-5, atol=1e-6)


def test_far_values_take_turns():
    """Where no common factor is safe, windows are taken in turns; the result is the same kind of thing."""
    x = np.array([0.0, -2000.0, 3000.0, 0.5, 1.0, -1.0])
    gradient = np.ones(5)
    softmax = np.zeros(6)
    for i in range(5):
        part = np.exp(x[i:i + 2] - x[i:i + 2].max())
        softmax[i:i + 2] += part / part.sum()
    np.testing.assert_allclose(cypool.logsumexp_pool_backward(gradient, x, 2, 1), softmax, atol=1e-12)
    sizes = np.array([1e-200, 1e-210, 1e200, 1e190, 1.0, 2.0])
    expected = np.zeros(6)
    for i in range(5):
        window = sizes[i:i + 2] / sizes[i:i + 2].max()
        expected[i:i + 2] += (window / (window**5).sum() ** 0.2) ** 4
    np.testing.assert_allclose(cypool.lp_pool_backward(gradient, sizes, 5, 2, 1), expected, atol=1e-12)


@pytest.mark.parametrize("p", [0.5, 1, 2, 3, np.inf])
def test_norm_of_zeros_has_gradient_zero(p):
    x = np.array([0.0, 0.0, 1.0, 0.0])
    result = cypool.lp_pool_backward(np.ones(2), x, p, 2)
    np.testing.assert_array_equal(result, [0, 0, 1, 0])


@pytest.mark.parametrize("size", [1, 2, 3, (2, 4), (5, 3)])
@pytest.mark.parametrize("dtype", ["f4", "f8", "f2"])
def test_adaptive_average(size, dtype):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 5, 7))
    sizes = (size,) * 2 if isinstance(size, int) else size
    gradient = rng.normal(size=(2, *sizes)).astype(dtype)
    expected = np.zeros(x.shape)
    for n, i, j in np.ndindex(2, *sizes):
        rows = slice(i * 5 // sizes[0], -(-(i + 1) * 5 // sizes[0]))
        columns = slice(j * 7 // sizes[1], -(-(j + 1) * 7 // sizes[1]))
        expected[n, rows, columns] += gradient[n, i, j] / expected[n, rows, columns].size
    result = cypool.adaptive_avg_pool_backward(gradient, x.shape, size, axis=(1, 2))
    assert result.dtype == dtype
    np.testing.assert_allclose(result, expected, rtol=1e-2 if dtype == "f2" else 1e-5, atol=1e-2 if dtype == "f2" else
                               1e-6)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_unpooling_is_linear(n):
    rng = np.random.default_rng(0)
    axes = tuple(range(1, n + 1))
    x = rng.normal(size=(2, *(6, 4, 4)[:n]))
    y, indices = cypool.max_pool(x, 3, 1, 1, axis=axes, return_indices=True)
    forward = getattr(cypool, f"max_unpool{n}d")
    options = {"kernel_size": 3, "stride": 1, "padding": 1}
    gradient = rng.normal(size=x.shape)
    # Windows overlap: one winner is put several times, and only the last of them counts.
    expected = numeric(lambda values: forward(values, indices, **options), y, gradient)
    result = cypool.max_unpool_backward(gradient, indices, axis=axes)
    np.testing.assert_allclose(result, expected, atol=1e-8)


def test_gradients_of_norms_equal_those_of_torch():
    torch = pytest.importorskip("torch")
    x = np.abs(np.random.default_rng(0).normal(size=(2, 3, 8, 9)))
    for p, kernel, stride in itertools.product((1, 2, 3, 2.5), (2, 3, (2, 3)), (None, 1, 2)):
        tensor = torch.from_numpy(x).requires_grad_()
        expected = torch.nn.functional.lp_pool2d(tensor, p, kernel, stride)
        gradient = np.random.default_rng(1).normal(size=expected.shape)
        expected.backward(torch.from_numpy(gradient))
        result = cypool.lp_pool_backward(gradient, x, p, kernel, stride, axis=(2, 3))
        np.testing.assert_allclose(result, tensor.grad.numpy(), rtol=1e-8, atol=1e-10)


def test_norm_gradient_of_a_huge_gradient():
    """The quotient of gradient and norm overflows, its product with the input does not."""
    x = np.array([1e-149, 0.0, 3.0, 4.0])
    result = cypool.lp_pool_backward(np.array([1e200, 1.0]), x, 2, 2)
    np.testing.assert_allclose(result, [1e200, 0.0, 0.6, 0.8])


@pytest.mark.parametrize("p", [0.5, 1, 1.5, 2, 3])
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e200])
def test_inputs_that_no_norm_has_get_nothing(p, value):
    x = np.array([1.0, 2.0, value, 3.0, 4.0])
    with np.errstate(all="raise"):
        result = cypool.lp_pool_backward(np.ones(2), x, p, 2, 3)
    expected = cypool.lp_pool_backward(np.ones(2), np.delete(x, 2), p, 2)
    np.testing.assert_allclose(result, np.insert(expected, 2, 0), rtol=1e-12)


@pytest.mark.parametrize(("stride", "padding", "dilation", "unread"), [
    (3, 0, 1, [2, 5, 6]), (2, 0, 1, [6]), (2, ((1, 0),), 1, []), (4, 0, 2, [1, 3, 5]), (3, 1, 1, [1, 4]),
    (6, 0, 1, [2, 3, 4, 5, 6])])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("p", [1, 2, 3])
def test_what_windows_leave_out_may_be_anything(p, dtype, stride, padding, dilation, unread):
    x = np.arange(1, 8).astype(dtype)
    geometry = {"stride": stride, "padding": padding, "dilation": dilation}
    gradient = np.ones_like(cypool.max_pool(x, 2, **geometry))
    expected = cypool.lp_pool_backward(gradient, x, p, 2, **geometry)
    np.testing.assert_array_equal(np.flatnonzero(expected == 0), unread)
    x[unread] = np.resize([np.nan, np.inf, -np.inf], len(unread))
    np.testing.assert_allclose(cypool.lp_pool_backward(gradient, x, p, 2, **geometry), expected, rtol=1e-6)


@pytest.mark.parametrize(("dtype", "x", "p", "gradient"), [
    ("f4", [1e-23, 1e-7], 3, 1e14), ("f4", [0.01, 1.0], 10, 1.0), ("f8", [1e-163, 1e-75], 3, 1e149),
    ("f4", [0.99, 1.01], 100, 1.0),
])
def test_slopes_whose_powers_leave_the_range_of_their_dtype(dtype, x, p, gradient):
    x = np.array(x, dtype)
    wide = x.astype(np.longdouble)
    slopes = (wide / (wide**p).sum() ** (1 / np.longdouble(p))) ** (p - 1) * gradient
    result = cypool.lp_pool_backward(np.array([gradient], dtype), x, p, 2)
    np.testing.assert_allclose(result, slopes.astype(dtype), rtol=3e-7 if dtype == "f4" else 1e-13)
