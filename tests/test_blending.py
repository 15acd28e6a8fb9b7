"""Area means of many rows at once, whose taps stand as columns: the same as of each row by itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cypool


@given(st.data(), st.sampled_from(["f4", "u1", "i2", "f2"]), st.sampled_from([1, 2, 3, 7]))
def test_rows_at_once_and_one_by_one(data, dtype, channels):
    rows, length = data.draw(st.integers(8, 30)), data.draw(st.integers(8, 900))
    outputs = data.draw(st.integers(1, min(length, 300)))
    x = (np.random.default_rng(0).random((rows, length, channels)) * 200 - 90 * (dtype != "u1")).astype(dtype)
    y = cypool.area_pool(x, outputs, axis=1)
    for r in range(rows):
        np.testing.assert_array_equal(y[r], cypool.area_pool(x[r], outputs, axis=0))


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2"])
def test_means_of_the_least_and_the_greatest(dtype):
    info = np.iinfo(dtype)
    for value in info.min, info.max:
        x = np.full((24, 60), value, dtype)
        assert (cypool.area_pool(x, (10, 25)) == value).all()


def test_float64_means_of_integers():
    assert cypool.area_pool(np.array([0, 0, 1], "u1"), 1, dtype="f8").item() == 1 / 3


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2"])
def test_halves_are_rounded_to_even(dtype):
    x = np.tile(np.array([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6], dtype), (16, 4))
    expected = np.tile(np.array([0, 2, 2, 4, 4, 6], dtype), (16, 4))
    np.testing.assert_array_equal(cypool.area_pool(x, 24, axis=1), expected)
