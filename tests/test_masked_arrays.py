"""NumPy's masked arrays, in and out: masks come from them, and results are masked where nothing is left."""

import numpy as np
import pytest
from extra_dtypes import BFLOAT16

import cypool

OPS = ["max", "min", "avg", "sum"]


@pytest.mark.parametrize("dtype", ["?", "u1", "i4", "i8", "f4", "f8"])
@pytest.mark.parametrize("op", OPS)
def test_masked_array_equals_numpys_reduction(block, op, dtype):
    rng = np.random.default_rng(0)
    x = np.ma.array(rng.integers(0, 100, (8, 12, 3)).astype(dtype), mask=rng.random((8, 12, 3)) < 0.7, fill_value=1)
    blocks = x.reshape(4, 2, 6, 2, 3).transpose(0, 2, 4, 1, 3).reshape(4, 6, 3, 4)
    expected = getattr(blocks.astype("f8"), {"avg": "mean"}.get(op, op))(-1)
    result = getattr(cypool, f"{op}_pool")(x, 2, axis=(0, 1))
    assert isinstance(result, np.ma.MaskedArray)
    assert expected.mask.any()
    np.testing.assert_array_equal(result.mask, expected.mask)
    if op == "avg" and result.dtype.kind in "biu":
        expected = np.rint(expected)
    np.testing.assert_allclose(result.compressed(), expected.compressed(), rtol=1e-6)
    assert result.fill_value == 1


def test_masked_array_and_mask_are_one():
    x = np.ma.array([1.0, 9, 3, 4], mask=[0, 1, 0, 0])
    result = cypool.max_pool(x, 2, mask=[False, False, True, True])
    assert result.tolist() == [1, None]
    np.testing.assert_array_equal(x, [1, 9, 3, 4])


def test_masked_array_without_a_mask():
    result = cypool.avg_pool(np.ma.array([1.0, 3, 5, 7]), 2)
    assert isinstance(result, np.ma.MaskedArray)
    assert result.tolist() == [2, 6]


@pytest.mark.parametrize("dtype", BFLOAT16)
def test_masked_array_of_bfloat16(dtype):
    x = np.ma.array(np.array([1, 2, 3, 4], dtype), mask=[1, 1, 0, 1])
    result = cypool.max_pool(x, 2)
    assert result.mask.tolist() == [True, False]
    assert float(result.data[1]) == 3


def test_masked_array_is_masked_where_nothing_is_left_not_where_all_is_nan():
    x = np.ma.array([np.nan, 5, np.nan, np.nan], mask=[0, 1, 1, 1])
    for op in OPS:
        result = getattr(cypool, f"{op}_pool")(x, 2, nan_policy="omit")
        assert result.mask.tolist() == [False, True]
        assert np.isnan(result.data[0])


@pytest.mark.parametrize("op", OPS)
def test_out_is_filled(op):
    x = np.ma.array([[1.0, 2], [3, 4]], mask=[[1, 1], [0, 0]])
    out = np.zeros((2, 1), "f4")
    assert getattr(cypool, f"{op}_pool")(x, (1, 2), out=out) is out
    assert out[1, 0] == {"max": 4, "min": 3, "avg": 3.5, "sum": 7}[op]
    assert out[0, 0] == 0 if op == "sum" else np.isnan(out[0, 0])
    out = np.ma.zeros((2, 1))
    assert getattr(cypool, f"{op}_pool")(x, (1, 2), out=out) is out
    assert out.mask.tolist() == [[True], [False]]


def test_masked_values_come_with_plain_indices():
    values, indices = cypool.max_pool(np.ma.array([1, 9, 3, 4], mask=[0, 1, 1, 1]), 2, return_indices=True)
    assert values.tolist() == [1, None]
    assert type(indices) is np.ndarray
    assert indices.tolist() == [0, 2]
