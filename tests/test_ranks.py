"""Indices of narrow elements, where channels come last: the same as of those elements in more bits, which take another
way."""

import numpy as np
import pytest
from extra_dtypes import BFLOAT16

import cypool
from cypool import _pooling
from cypool._engine import shortcuts
from cypool._engine.shortcuts import goes_ranked

pytestmark = pytest.mark.usefixtures("isa")

DTYPES = ["i1", "u1", "?", "i2", "u2", "i4", "u4", "f2", *BFLOAT16]
WINDOWS = [(2, 2, 0, 1), (3, 2, 1, 1), (3, 1, 1, 1), (5, 2, 2, 1), ((3, 5), 3, 0, 1), ((2, 3), (1, 2), (0, 1), 2),
           (7, 7, 3, 1), (3, 9, 0, 1)]


def wide(x):
    """In more bits."""
    return x.astype("f4" if x.dtype.itemsize < 4 else "f8")


def values(shape, dtype, kind):
    """All bits that there are; or a few values: ties, both zeros, infinities and NaN of both signs."""
    rng = np.random.default_rng(0)
    dtype = np.dtype(dtype)
    if dtype == "?":
        return rng.random(shape) < 0.1
    if kind == "any":
        return rng.integers(0, 2**(8 * dtype.itemsize), shape, f"u{dtype.itemsize}").view(dtype)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return rng.choice(np.array([limits.min, limits.min + 1, limits.max // 2, limits.max], dtype), shape)
    with np.errstate(invalid="ignore"):
        few = np.array([-np.inf, -1, -0.0, 0.0, 1, np.inf, np.nan, -np.nan], "f4").astype(dtype)
    return rng.choice(few, shape, p=[0.2, 0.2, 0.2, 0.2, 0.1, 0.05, 0.025, 0.025])


def check(x, *geometry, op="max", **options):
    pool = getattr(cypool, f"{op}_pool")
    result, indices = pool(x, *geometry, return_indices=True, **options)
    expected, places = pool(wide(x), *geometry, return_indices=True, **options)
    np.testing.assert_array_equal(indices, places)
    np.testing.assert_array_equal(wide(result), expected)
    assert result.dtype == x.dtype


@pytest.mark.parametrize("kind", ["any", "few"])
@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_as_of_wide_elements(dtype, op, window, kind):
    kernel, stride, padding, dilation = window
    for channels in (31, 32, 33, 64, 100):
        check(values((2, 13, 12, channels), dtype, kind), kernel, stride, padding, dilation, axis=(1, 2), op=op)


@pytest.mark.parametrize("kernel", [(15, 17), (16, 16), (17, 16), (64, 4), (65, 1)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_windows_of_many_taps(dtype, kernel):
    """As many as the number of a tap may be, and more; the best one is each of them in turn."""
    height, width = kernel
    x = np.zeros((2 * height, 2 * width, 32), dtype)
    for tap in range(0, height * width, 5):
        row, column = divmod(tap, width)
        x[...] = 0
        x[row::height, column::width] = 1
        result, indices = cypool.max_pool(x, kernel, axis=(0, 1), return_indices=True)
        assert (indices[1, 1] == (height + row) * 2 * width + width + column).all()
        assert (result == 1).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_planes(dtype):
    x = values((2, 6, 8, 10, 40), dtype, "few")
    check(x, (3, 3, 2), 2, (1, 1, 0), axis=(1, 2, 3))
    check(x, 3, 3, axis=(1, 2, 3), num_threads=2)


@pytest.mark.parametrize("dtype", ["i1", "u2", "i4", "f2"])
def test_tiles_of_channels_that_are_shorter(dtype):
    """The last tile of many channels has fewer than go at once."""
    size = np.dtype(dtype).itemsize
    for channels in (8192, 8193, 8200, 32768 // size + 7):
        check(values((3, 4, channels), dtype, "few"), 2, 1, axis=(0, 1))


@pytest.mark.parametrize("dtype", ["i1", "u2", "i4", "f2"])
def test_views_of_any_strides(dtype):
    x = values((2, 20, 22, 80), dtype, "few")
    for view in (x[:, ::2, 1:], x[:, ::-1, ::-1], x[..., ::2], x[..., 3:43], x.transpose(0, 2, 1, 3)):
        check(view, 3, 2, 1, axis=(1, 2))


@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize("dtype", ["f2", *BFLOAT16])
def test_zeros_and_nans_have_the_bits_of_few_channels(dtype, op):
    x = values((9, 9, 40), dtype, "few")
    pool = getattr(cypool, f"{op}_pool")
    many, _ = pool(x, 2, 2, axis=(0, 1), return_indices=True)
    few, _ = pool(x[..., :8].copy(), 2, 2, axis=(0, 1), return_indices=True)
    np.testing.assert_array_equal(many[..., :8].copy().view("u2"), few.view("u2"))


@pytest.mark.parametrize("dtype", ["f2", *BFLOAT16])
def test_nan_that_is_left_out(dtype):
    x = values((9, 9, 40), dtype, "few")
    check(x, 3, 2, 1, axis=(0, 1), nan_policy="omit")


@pytest.mark.parametrize(("most", "goes"), [(99, False), (100, True)])
@pytest.mark.parametrize("dtype", ["i4", "u4"])
def test_places_that_are_too_many_to_be_marked(monkeypatch, dtype, most, goes):
    """Planes with 2**31 places and more take another way, as these do here."""
    ranked = []

    def noted(*args):
        ranked.append(goes_ranked(*args))
        return ranked[-1]

    monkeypatch.setattr(shortcuts, "MOST_MARKED", most)
    monkeypatch.setattr(shortcuts, "goes_ranked", noted)
    _pooling.forget()
    check(values((2, 9, 11, 64), dtype, "few"), 2, 2, axis=(1, 2))
    assert any(ranked) == goes


def test_places_far_apart():
    """Marked by how far they are from the first, in columns that are long rows apart."""
    x = np.zeros((1, 40, 3000, 32), "i4")
    x[0, 38, 2990] = 5
    _result, indices = cypool.max_pool(x, 40, 40, axis=(1, 2), return_indices=True)
    assert (indices[0, 0, 74] == 38 * 3000 + 2990).all()
