"""Planes of 16-bit floats that become float32, or integer keys, before they are pooled."""

import numpy as np
import pytest
from extra_dtypes import BFLOAT16
from test_wide_strips import check_copies

import cypool
from cypool import _pooling
from cypool._engine import changed

# Kernel, stride and padding, shape of the planes, and whether means and maxima go so (these with AVX-512 alone).
CASES = [(3, 1, 0, (56, 56), True, True), (5, 1, 2, (56, 56), True, True), (3, 1, 1, (41, 60), True, False),
         ((1, 5), 1, 0, (40, 90), False, False), (2, 1, 0, (60, 61), True, True), ((4, 3), 1, 1, (50, 47), True, False),
         (7, 1, 3, (40, 45), True, True), (3, 2, 1, (56, 56), False, False), (3, 1, 1, (14, 14), False, False),
         (5, 1, 2, (200, 400), False, False)]
DTYPES = [np.dtype("f2"), *(pytest.param(np.dtype(each), id="bfloat16") for each in BFLOAT16)]


@pytest.fixture
def plans(monkeypatch):
    """Those that were made so."""
    made = []

    def changed_plan(*args):
        made.append(args)
        return plain(*args)

    plain = changed.changed_plan
    monkeypatch.setattr(changed, "changed_plan", changed_plan)
    _pooling.forget()
    yield made
    _pooling.forget()


def numbers(shape, dtype, nans=0.0):
    rng = np.random.default_rng(sum(shape))
    x = (100 * rng.standard_normal(shape, "f4")).astype(dtype)
    where = rng.random(shape) < nans
    x.view("u2")[where] |= np.asarray(np.nan, dtype).view("u2") | rng.integers(0, 32, shape, "u2")[where]
    return x


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_means_are_those_of_float32(isa, plans, case, dtype):
    kernel, stride, padding, size, goes, _ = case
    for n_planes in (9, 11):
        x = numbers((n_planes, *size), dtype, nans=0.001)
        for options in ({}, {"count_include_pad": False}):
            result = cypool.avg_pool(x, kernel, stride, padding, axis=(1, 2), **options)
            expected = cypool.avg_pool(x.astype("f4"), kernel, stride, padding, axis=(1, 2), **options).astype(dtype)
            np.testing.assert_array_equal(result.astype("f4"), expected.astype("f4"))
    # Those on long rows are of AVX-512.
    if isa == "avx512" or size == (56, 56):
        assert bool(plans) == goes


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("op", ["max", "min"])
def test_maxima(isa, plans, op, case, dtype):
    kernel, stride, padding, size, _, goes = case
    pool = getattr(cypool, f"{op}_pool")
    for n_planes in (9, 11):
        x = numbers((n_planes, *size), dtype, nans=0.001)
        expected = pool(x.astype("f8"), kernel, stride, padding, axis=(1, 2))
        np.testing.assert_array_equal(pool(x, kernel, stride, padding, axis=(1, 2)).astype("f8"), expected)
    assert bool(plans) == (goes and isa == "avx512")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", ["max", "min", "avg"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_bits_are_those_of_every_copy(case, op, dtype):
    """Also which of several NaNs it is, and on two threads."""
    kernel, stride, padding, size, *_ = case
    x = numbers((12, *size), dtype, nans=0.01)
    pool = getattr(cypool, f"{op}_pool")
    check_copies(lambda: pool(x, kernel, stride, padding, axis=(1, 2)))
    whole = pool(x, kernel, stride, padding, axis=(1, 2), num_threads=2)
    np.testing.assert_array_equal(whole[5:].view("u2"), pool(x[5:], kernel, stride, padding, axis=(1, 2)).view("u2"))


@pytest.mark.parametrize("op", ["max", "avg"])
def test_arrays_of_any_kind(isa, op):
    """Backwards, with gaps, transposed, in the other byte order, and to such."""
    pool = getattr(cypool, f"{op}_pool")
    x = numbers((3, 60, 70), "f2")
    for view in (x[:, ::-1], x[:, :, ::2], x[..., 5:], x.swapaxes(1, 2), x.astype(">f2"), x[::2],
                 np.broadcast_to(x[:1], x.shape)):
        expected = pool(np.ascontiguousarray(view, "f2"), 3, 1, axis=(1, 2))
        np.testing.assert_array_equal(pool(view, 3, 1, axis=(1, 2)), expected)
        apart = np.zeros((*expected.shape[:2], 2 * expected.shape[2]), "f2")
        pool(view, 3, 1, axis=(1, 2), out=apart[..., ::2])
        np.testing.assert_array_equal(apart[..., ::2], expected)
        assert not apart[..., 1::2].any()


@pytest.mark.parametrize("op", ["max", "min", "avg"])
def test_nan_that_is_left_out(op):
    x = numbers((4, 56, 56), "f2", nans=0.3)
    x[1, 10:20, 10:20] = np.nan
    result = getattr(cypool, f"{op}_pool")(x, 3, 1, axis=(1, 2), nan_policy="omit")
    expected = getattr(cypool, f"{op}_pool")(x.astype("f4"), 3, 1, axis=(1, 2), nan_policy="omit")
    np.testing.assert_array_equal(result, expected.astype("f2"))
