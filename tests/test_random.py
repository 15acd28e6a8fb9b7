"""Pooling with chance in it."""

import numpy as np
import pytest

import cypool


def planes(shape, dtype="f4"):
    return np.random.default_rng(0).normal(size=shape).astype(dtype)


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("kernel", [1, 2, 3])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("batched", [False, True])
def test_fractional_windows_are_those_of_torch(isa, n, kernel, dtype, batched):
    torch = pytest.importorskip("torch")
    lengths = (13, 17, 11)[:n]
    x = planes((2, 3, *lengths), dtype)
    x.flat[::97] = np.nan
    x = x if batched else x[0]
    for size in ((5, 8, 4), (1, 2, 3), (9, 12, 7)):
        samples = np.random.default_rng(1).random((2 if batched else 1, 3, n)).astype(dtype)
        function = getattr(torch.nn.functional, f"fractional_max_pool{n}d")
        expected, where = function(torch.from_numpy(x), kernel, size[:n], return_indices=True,
                                   _random_samples=torch.from_numpy(samples))
        result, indices = getattr(cypool, f"fractional_max_pool{n}d")(
            x, kernel, output_size=size[:n], random_samples=samples, return_indices=True)
        np.testing.assert_array_equal(result, expected.numpy())
        fine = ~np.isnan(result)
        np.testing.assert_array_equal(indices[fine], where.numpy()[fine])


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("shape", [(2, 3, 20, 14), (3, 20, 14), (2, 2, 3, 20, 14)])
def test_fractional_in_any_layout(eager_threads, last, shape):
    x = planes(shape)
    n_planes = len(shape) - 2
    lead = (*[1] * (2 - n_planes), *shape[:n_planes])
    samples = np.random.default_rng(1).random((*lead, 2))
    expected = cypool.fractional_max_pool2d(x, 2, output_ratio=(0.7, 0.5), random_samples=samples)
    assert expected.shape == (*shape[:-2], 14, 7)
    if last:
        moved = np.moveaxis(x, -3, -1)
        result = cypool.fractional_max_pool2d(moved, 2, output_ratio=(0.7, 0.5), random_samples=samples,
                                              data_format="channels_last")
        np.testing.assert_array_equal(result, np.moveaxis(expected, -3, -1))
    for threads in (1, 2):
        out = np.full(expected.shape, 9, "f8")
        assert cypool.fractional_max_pool2d(x[..., ::-1].copy()[..., ::-1], 2, output_ratio=(0.7, 0.5), out=out,
                                            random_samples=samples, num_threads=threads) is out
        np.testing.assert_array_equal(out, expected)


def test_fractional_of_any_bytes():
    x = planes((2, 3, 9, 8), "f8")
    samples = np.random.default_rng(1).random((1, 1, 2))      # the same for all planes
    expected = cypool.fractional_max_pool2d(x, 2, output_size=(5, 4), random_samples=samples)
    for other in (x.astype(">f8"), np.asfortranarray(x), np.broadcast_to(x[:1], x.shape)):
        result = cypool.fractional_max_pool2d(other, 2, output_size=(5, 4), random_samples=samples)
        assert result.dtype == x.dtype
        np.testing.assert_array_equal(result[0], expected[0])
    assert cypool.fractional_max_pool2d(x[:0], 2, output_size=(5, 4)).shape == (0, 3, 5, 4)
    with pytest.raises(ValueError, match="output_size must give"):
        cypool.fractional_max_pool2d(x[:, :, :0], 2, output_size=(5, 4))


def test_fractional_windows_stay_in_long_axes():
    # Float32 cannot count so many positions: the rule by itself would lead five elements astray, and beyond the end.
    length, n_out = 2**25, 2**25 - 5
    places = np.arange(length, dtype="u1")      # modulo 256
    result = cypool.fractional_max_pool2d(places[None, None], 1, output_size=(1, n_out), random_samples=[[[0.0, 0.9]]])
    nearest = np.floor(np.arange(n_out) * ((length - 1) / (n_out - 1))).astype("u1")
    assert np.abs((result.ravel() - nearest).astype("i1")).max() <= 3


@pytest.mark.parametrize("n", [2, 3])
def test_fractional_planes_of_one_element(n):
    x = planes((2,) + (1,) * n + (3,))
    function = getattr(cypool, f"fractional_max_pool{n}d")
    np.testing.assert_array_equal(function(x, 1, output_size=1, data_format="channels_last"), x)
    tall = planes((2,) + (1,) * (n - 1) + (9, 3))
    result = function(tall, 1, output_size=(1,) * (n - 1) + (9,), data_format="channels_last")
    np.testing.assert_array_equal(result, tall)


@pytest.mark.parametrize("n", [2, 3])
def test_fractional_plans_are_used_again(n):
    x = planes((2, 3) + (9,) * n)
    for seed in range(5):
        samples = np.random.default_rng(seed).random((2, 3, n))
        function = getattr(cypool, f"fractional_max_pool{n}d")
        together = function(x, 2, output_size=5, random_samples=samples)
        for a in range(2):
            for b in range(3):
                alone = function(x[a:a + 1, b:b + 1].copy(), 2, output_size=5, random_samples=samples[a:a + 1, b:b + 1])
                np.testing.assert_array_equal(together[a:a + 1, b:b + 1], alone)


def test_fractional_draws_from_a_generator():
    x = planes((4, 3, 40, 40))
    a, b, c = (cypool.fractional_max_pool2d(x, 2, output_size=25, rng=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()
    assert np.isin(a, x).all()


def test_stochastic_draws_in_proportion():
    x = np.tile(np.array([1.0, 2.0, 0.0, 5.0]), 20000)
    values, indices = cypool.stochastic_pool(x, 4, training=True, return_indices=True, rng=0)
    np.testing.assert_array_equal(values, x[indices])
    shares = np.bincount(indices % 4, minlength=4) / len(values)
    np.testing.assert_allclose(shares, [1 / 8, 2 / 8, 0, 5 / 8], atol=0.01)
    np.testing.assert_allclose(cypool.stochastic_pool(x[:4], 4), [(1 + 4 + 25) / 8])
    np.testing.assert_allclose(values.mean(), (1 + 4 + 25) / 8, rtol=0.02)


def test_stochastic_of_zeros_is_zero():
    x = np.zeros((4, 6), "f4")
    np.testing.assert_array_equal(cypool.stochastic_pool(x, 2), np.zeros((2, 3)))
    values, indices = cypool.stochastic_pool(x, 2, training=True, return_indices=True, rng=0)
    assert (values == 0).all()
    assert ((indices >= 0) & (indices < x.size)).all()
    np.testing.assert_array_equal(cypool.stochastic_pool_backward(np.ones((2, 3), "f4"), x, 2), np.zeros_like(x))
