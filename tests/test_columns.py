"""Long windows at stride 1: columns in strips, and rows that are widened in pieces."""

import numpy as np
import pytest
from test_direct import numbers

import cypool
from cypool import _pooling
from cypool._engine import tilings

WIDTHS = [1, 3, 4, 7, 8, 9, 16, 17, 31, 32, 33, 63, 64, 65, 100]


def twin(op, x, taps, padding, axis=-2, *, count_include_pad=True):
    """What NumPy gives along one axis."""
    ends = [(padding, padding) if i == axis % x.ndim else (0, 0) for i in range(x.ndim)]
    blank = {"max": -np.inf, "min": np.inf}.get(op, 0.0)

    def windows(values, blank):
        if padding:
            values = np.pad(values, ends, constant_values=blank)
        return np.lib.stride_tricks.sliding_window_view(values, taps, axis)

    if op in ("max", "min"):
        return (np.max if op == "max" else np.min)(windows(x, blank), -1)
    total = windows(x.astype("f8"), 0.0).sum(-1)
    if op == "sum":
        return total
    return total / (taps if count_include_pad else windows(np.ones(x.shape), 0.0).sum(-1))


def check(op, x, taps, padding, axis=-2, **options):
    result = getattr(cypool, f"{op}_pool")(x, taps, 1, padding, axis=axis, **options)
    options.pop("out", None)
    with np.errstate(invalid="ignore"):
        expected = twin(op, x, taps, padding, axis, **options)
    if op in ("max", "min"):
        np.testing.assert_array_equal(result, expected)
    else:
        np.testing.assert_allclose(result, expected, rtol=2e-5, atol=2e-5)
    return result


@pytest.mark.parametrize("taps", [6, 7, 9, 16, 31])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("op", ["max", "min", "sum", "avg"])
def test_columns_of_every_width(isa, op, dtype, taps):
    for width in WIDTHS:
        for height, padding in ((taps, 0), (taps + 4, taps // 2), (4 * taps + 1, 1), (5, taps // 2)):
            if height + 2 * padding < taps:
                continue
            options = {"count_include_pad": bool(width % 2)} if op == "avg" else {}
            check(op, numbers((2, height, width), dtype), taps, padding, **options)


@pytest.mark.parametrize("taps", [6, 9, 31])
@pytest.mark.parametrize("dtype", ["u1", "b1"])
@pytest.mark.parametrize("op", ["max", "min"])
def test_columns_of_bytes(isa, op, dtype, taps):
    rng = np.random.default_rng(taps)
    for width in [*WIDTHS, 127, 128, 129, 300]:
        for height, padding in ((taps, 0), (taps + 4, taps // 2), (4 * taps + 1, 1)):
            x = rng.integers(0, 256 if dtype == "u1" else 2, (2, height, width)).astype(dtype)
            result = getattr(cypool, f"{op}_pool")(x, taps, 1, padding, axis=-2)
            np.testing.assert_array_equal(result, twin(op, x.astype("f4"), taps, padding))


@pytest.mark.parametrize("taps", [6, 11, 30])
def test_a_nan_anywhere_is_found(isa, taps):
    """Strips without one are pooled by a loop that does not look for it."""
    x = np.random.default_rng(0).normal(size=(37, 41)).astype("f4")
    for place in [(i, j) for i in range(37) for j in (0, 7, 31, 32, 39, 40)]:
        kept, x[place] = x[place], np.nan
        check("max", x, taps, taps // 2)
        x[place] = kept


@pytest.mark.parametrize("share", [0.01, 0.5, 1.0])
def test_many_nans(isa, share):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(60, 130))
    x[rng.random(x.shape) < share] = np.nan
    for op in ("max", "min"):
        check(op, x, 13, 6)


@pytest.mark.parametrize("n_bytes", [64, 300, 2000])
def test_tiles_of_any_size(isa, monkeypatch, n_bytes):
    monkeypatch.setattr(tilings, "ROW_BYTES", n_bytes)
    monkeypatch.setattr(tilings, "COLUMNS_BYTES", 8 * n_bytes)
    _pooling.forget()
    x = numbers((50, 130), "f4")
    for op in ("max", "avg"):
        for taps in (7, 15):
            options = {"padding": taps // 2, "count_include_pad": False} if op == "avg" else {"padding": taps // 2}
            with np.errstate(invalid="ignore"):
                result = getattr(cypool, f"{op}_pool")(x, taps, 1, **options)
                monkeypatch.undo()
                _pooling.forget()
                expected = getattr(cypool, f"{op}_pool")(x, taps, 1, **options)
            np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)
            monkeypatch.setattr(tilings, "ROW_BYTES", n_bytes)
            monkeypatch.setattr(tilings, "COLUMNS_BYTES", 8 * n_bytes)
            _pooling.forget()


def test_channels_last(isa):
    for channels in (1, 3, 8, 17, 40):
        x = numbers((40, 23, channels), "f4")
        for op in ("max", "avg"):
            rows = check(op, x, 9, 4, axis=0)
            assert rows.shape == x.shape
            with np.errstate(invalid="ignore"):
                both = getattr(cypool, f"{op}_pool")(x, 9, 1, 4, axis=(0, 1))
                first = getattr(cypool, f"{op}_pool")(np.ascontiguousarray(np.moveaxis(x, -1, 0)), 9, 1, 4, axis=(1, 2))
            np.testing.assert_allclose(both, np.moveaxis(first, 0, -1), rtol=1e-5, atol=1e-5)


def test_no_zero_becomes_another(isa):
    """Sums of nothing but -0.0 are -0.0, as they are added up one after the other."""
    x = np.full((40, 40), -0.0, "f4")
    assert np.signbit(cypool.sum_pool(x, (9, 1), 1)).all()


@pytest.mark.parametrize("taps", [7, 15, 16, 17, 31, 63, 64, 65, 101, 128, 255, 256, 257, 300, 1023, 1025])
@pytest.mark.parametrize("dtype", ["u1", "i4", "f4", "f8"])
def test_rows_are_widened_to_any_length(isa, taps, dtype):
    rng = np.random.default_rng(taps)
    for length in (taps, taps + 1, 3 * taps + 5, 3000 + taps):
        x = rng.integers(0, 200, (2, length)).astype(dtype)
        for op in ("max", "sum"):
            result = getattr(cypool, f"{op}_pool")(x, taps, 1, axis=1)
            np.testing.assert_array_equal(result, twin(op, x, taps, 0, axis=1))
