"""Masks, weights and NumPy's masked arrays."""

import naive
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import INTEGERS, ORDERED, REALS, arrays, geometries
from test_properties import assert_close, assert_same, tables

import cypool
from cypool import _weighted

relaxed = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def masks(x, seed):
    """A mask of any density that broadcasts to x."""
    rng = np.random.default_rng(seed)
    shape = [n if rng.random() < 0.7 else 1 for n in x.shape]
    return rng.random(shape) < rng.choice([0.1, 0.5, 0.95])


@pytest.fixture(params=[2**20, 64])
def chunk(request, monkeypatch):
    monkeypatch.setattr(_weighted, "CHUNK_BYTES", request.param)


def taps(x, table, mask, omit):
    """The naive twin's windows: what is left of each, and the number of its taps."""
    mask = np.broadcast_to(mask, x.shape)
    for index, cells, n_taps in naive.each_window(x, table):
        kept = [cell for cell in cells if not mask[cell] and not (omit and naive.is_nan(x[cell]))]
        yield index, cells, kept, n_taps


@relaxed
@given(st.data(), st.sampled_from(["max", "min"]), st.booleans(), st.integers(0, 99))
def test_masked_extremum_equals_naive(chunk, data, op, omit, seed):
    x = data.draw(arrays(ORDERED))
    geometry = data.draw(geometries(x))
    table, mask = tables(x, geometry), masks(x, seed)
    native = x.dtype if x.dtype.kind == "V" else x.dtype.newbyteorder("=")
    expected = np.zeros(naive.out_shape(x, table), native)
    for index, _, kept, _ in taps(x, table, mask, omit):
        best = None
        for cell in kept:
            if best is None or naive.better(x[cell], x[best], op, omit):
                best = cell
        expected[index] = x[best] if best is not None else np.nan if native.kind in "fV" else 0
    result = getattr(cypool, f"{op}_pool")(x, mask=mask, nan_policy="omit" if omit else "propagate", **geometry)
    assert_same(result, expected)


@relaxed
@given(st.data(), st.booleans(), st.booleans(), st.integers(0, 99), st.sampled_from([None, 3, -2]))
def test_masked_integers_are_exact(chunk, data, mean, include, seed, divisor):
    from fractions import Fraction

    x = data.draw(arrays(["?", *INTEGERS]))
    geometry = data.draw(geometries(x))
    table, mask = tables(x, geometry), masks(x, seed)
    expected = np.empty(naive.out_shape(x, table), object)
    for index, cells, kept, n_taps in taps(x, table, mask, False):
        count = (n_taps if include else len(cells)) - (len(cells) - len(kept))
        total = sum(int(x[cell]) for cell in kept)
        expected[index] = Fraction(total, (divisor or count) if mean else 1) if kept else Fraction(0)
    options = {"count_include_pad": include, "divisor_override": divisor} if mean else {}
    result = (cypool.avg_pool if mean else cypool.sum_pool)(x, mask=mask, **options, **geometry)
    assert_same(result, naive.rounded(expected, x, mean, None))


@relaxed
@given(st.data(), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 99))
def test_weighted_reals_equal_naive(chunk, data, mean, omit, weighted, seed):
    x = data.draw(arrays(REALS))
    geometry = data.draw(geometries(x))
    table, mask = tables(x, geometry), masks(x, seed)
    rng = np.random.default_rng(seed)
    weights = np.abs(rng.normal(size=[n if rng.random() < 0.7 else 1 for n in x.shape])) + 0.1
    weights[rng.random(weights.shape) < 0.2] = 0
    all_weights = np.broadcast_to(weights if weighted else 1.0, x.shape)
    if weighted:
        mask = mask | (weights == 0)
    expected = np.empty(naive.out_shape(x, table))
    scale = np.zeros(expected.shape)
    with np.errstate(invalid="ignore"):
        for index, cells, kept, n_taps in taps(x, table, mask, omit):
            count = sum(all_weights[cell] for cell in kept) if weighted else n_taps - (len(cells) - len(kept))
            total = sum(float(x[cell]) * all_weights[cell] for cell in kept)
            expected[index] = (total / count if mean else total) if kept else np.nan
            scale[index] = sum(abs(float(x[cell])) for cell in kept if np.isfinite(float(x[cell]))) + 1
    result = (cypool.avg_pool if mean else cypool.sum_pool)(
        x, mask=mask, nan_policy="omit" if omit else "propagate", **({"weights": weights} if weighted else {}),
        **geometry)
    native = x.dtype if x.dtype.kind == "V" else x.dtype.newbyteorder("=")
    assert result.dtype == native
    assert_close(result, expected, scale * 3, native)


@pytest.mark.parametrize("dtype", ["f4", "i4", "u1"])
def test_masked_arrays_give_masked_arrays(chunk, dtype):
    rng = np.random.default_rng(0)
    x = np.ma.masked_array(rng.integers(0, 50, (6, 9, 2)).astype(dtype), rng.random((6, 9, 2)) < 0.6, fill_value=7)
    blocks = x.reshape(3, 2, 3, 3, 2)
    for name in ("max", "min", "sum"):
        result = getattr(cypool, f"{name}_pool")(x, (2, 3), axis=(0, 1))
        expected = getattr(blocks, name)(3, keepdims=True)
        expected = getattr(expected, name)(1)[:, :, 0]
        np.testing.assert_array_equal(np.ma.getmaskarray(result), np.ma.getmaskarray(expected))
        np.testing.assert_array_equal(result.filled(0), expected.filled(0))
    assert result.mask.any()
    assert isinstance(cypool.avg_pool(x, (2, 3), axis=(0, 1)), np.ma.MaskedArray)
    if dtype == "f4":
        assert cypool.max_pool(x, 2, axis=(0, 1)).fill_value == 7
    out = np.empty((3, 3, 2), "f8")
    both = cypool.max_pool(x, (2, 3), axis=(0, 1), mask=x.data > 40, out=out)
    np.testing.assert_array_equal(both.data, out)
    assert (out[~both.mask] <= 40).all()


def test_weights_of_integers_give_float64():
    x = np.arange(8, dtype=np.uint8).reshape(2, 4)
    weights = np.array([1, 0, 2, 2])
    result = cypool.avg_pool(x, 2, weights=weights)
    assert result.dtype == np.float64
    np.testing.assert_array_equal(result, [[2, 4.5]])
    np.testing.assert_array_equal(cypool.avg_pool(x, 2, weights=weights, divisor_override=2), [[2, 18]])
    np.testing.assert_array_equal(cypool.sum_pool(x, 2, weights=weights, dtype="f4"), [[4, 36]])


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("threads", [1, 2])
def test_layout_and_threads(chunk, order, threads):
    x = np.asarray(np.random.default_rng(0).normal(size=(5, 40, 30)), order=order)
    mask = x > 1
    result = cypool.max_pool(x, 3, 2, 1, axis=(1, 2), mask=mask, num_threads=threads)
    assert result.flags[f"{order}_CONTIGUOUS"]
    reference = np.nan_to_num(cypool.max_pool(np.where(mask, -9.0, x), 3, 2, 1, axis=(1, 2)))
    np.testing.assert_array_equal(result, reference)


x = np.ones((4, 6), "f4")
BAD = {
    "mask of ints": (lambda: cypool.max_pool(x, 2, mask=np.zeros((4, 6), int)), TypeError, "mask must be bools"),
    "mask of another shape": (lambda: cypool.sum_pool(x, 2, mask=np.zeros(4, bool)), ValueError,
                              r"mask must broadcast to the shape of x, \(4, 6\), got \(4,\)"),
    "mask with more axes": (lambda: cypool.avg_pool(x, 2, mask=np.zeros((2, 4, 6), bool)), ValueError, "mask must"),
    "weights of another shape": (lambda: cypool.avg_pool(x, 2, weights=np.ones(5)), ValueError,
                                 "weights must broadcast"),
    "weights complex": (lambda: cypool.avg_pool(x, 2, weights=1j), TypeError, "weights must be real"),
    "weights of text": (lambda: cypool.avg_pool(x, 2, weights="a"), TypeError, "weights must be real"),
    "weights nan": (lambda: cypool.sum_pool(x, 2, weights=np.nan), ValueError, "weights must be finite, got nan"),
    "masked indices": (lambda: cypool.max_pool(x, 2, mask=x > 0, return_indices=True), ValueError,
                       "return_indices must be False"),
    "masked complex": (lambda: cypool.max_pool(x + 0j, 2, mask=x > 0), TypeError, "x must be real"),
    "masked kernel 0": (lambda: cypool.max_pool(x, 0, mask=x > 0), ValueError, "kernel_size must be positive"),
    "masked kernel huge": (lambda: cypool.max_pool(x, 2**62, mask=x > 0), ValueError, "kernel_size"),
    "masked empty axis": (lambda: cypool.max_pool(x[:0], 2, mask=False), ValueError, "x must not be empty"),
    "masked policy": (lambda: cypool.avg_pool(x, 2, mask=False, nan_policy="no"), ValueError, "nan_policy must be"),
    "masked out": (lambda: cypool.avg_pool(x, 2, mask=False, out=np.zeros(2)), ValueError, "out must have the shape"),
    "weighted dtype": (lambda: cypool.avg_pool(x, 2, weights=1.0, dtype="i4"), TypeError, "dtype must hold"),
}


@pytest.mark.parametrize("name", BAD)
def test_wrong_call_says_what_is_wrong(name):
    call, error, message = BAD[name]
    with pytest.raises(error, match=message):
        call()
