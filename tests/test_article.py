"""The article's two functions, on its (height, width, channels) arrays."""

import naive
import numpy as np
import pytest

import cypool

SHAPES = [(4, 4, 1), (28, 28, 1), (9, 7, 3), (26, 26, 32), (5, 11, 64), (1, 1, 1), (30, 40, 5)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("pool_size", [(1, 1), (2, 2), (3, 3), (2, 3), (5, 1)])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_article_pooling(isa, shape, pool_size, dtype):
    if any(pool > side for pool, side in zip(pool_size, shape)):
        pytest.skip("no window fits")
    x = np.random.default_rng(0).normal(size=shape).astype(dtype)
    np.testing.assert_array_equal(cypool.max_pool(x, pool_size, axis=(0, 1)), naive.article_max_pooling(x, pool_size))
    np.testing.assert_allclose(cypool.avg_pool(x, pool_size, axis=(0, 1)), naive.article_average_pooling(x, pool_size),
                               rtol=1e-5 if dtype == "f4" else 1e-13, atol=1e-7 if dtype == "f4" else 1e-15)
