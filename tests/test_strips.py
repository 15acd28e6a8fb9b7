"""Windows at stride 1 on planes of short rows, which are pooled in strips."""

import numpy as np
import pytest
from test_direct import numbers, twin

import cypool
from cypool import _pooling
from cypool._engine import shortcuts

WIDTHS = [1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 20, 31, 33, 64, 65, 100, 130, 300]
# Taps of a column and of a row, and padding of both ends.
WINDOWS = [((3, 3), 1), ((3, 3), 0), ((5, 5), 2), ((5, 5), 0), ((5, 5), 1), ((4, 4), 2), ((7, 7), 3), ((9, 9), 4),
           ((13, 13), 6), ((6, 11), 2), ((8, 4), 1), ((14, 5), 2)]


def check(op, x, taps, padding, expected=None, **options):
    result = getattr(cypool, f"{op}_pool")(x, taps, 1, padding, axis=(-2, -1), **options)
    expected = twin(op, x, taps, (1, 1), padding, **{k: v for k, v in options.items() if k == "count_include_pad"})
    if op in ("max", "min"):
        np.testing.assert_array_equal(result, expected)
    else:
        np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)
    return result


def fits(taps, padding, *sizes):
    return all(size + 2 * padding >= tap for size, tap in zip(sizes, taps, strict=True))


@pytest.mark.parametrize("case", WINDOWS, ids=str)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("op", ["max", "min", "sum", "avg"])
def test_planes_of_every_size(isa, case, dtype, op):
    taps, padding = case
    for width in WIDTHS:
        for height in (1, 2, 3, 6, 9, 21):
            if not fits(taps, padding, height, width):
                continue
            options = {"count_include_pad": bool((width + height) % 2)} if op == "avg" else {}
            with np.errstate(invalid="ignore"):
                check(op, numbers((2, height, width), dtype), taps, padding, **options)


@pytest.mark.parametrize("case", WINDOWS, ids=str)
def test_a_nan_anywhere_is_found(isa, case):
    """Strips without one are pooled by a loop that does not look for it."""
    taps, padding = case
    x = np.random.default_rng(0).normal(size=(15, 19)).astype("f4")
    for place in np.ndindex(x.shape):
        kept, x[place] = x[place], np.nan
        check("max", x, taps, padding)
        x[place] = kept


@pytest.mark.parametrize("share", [0.01, 0.5, 1.0])
@pytest.mark.parametrize("taps", [3, 5, 9])
def test_many_nans(isa, taps, share):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(4, 20, 35))
    x[rng.random(x.shape) < share] = np.nan
    for op in ("max", "min"):
        check(op, x, (taps, taps), taps // 2)


@pytest.mark.parametrize("n_bytes", [256, 1024, 4096])
@pytest.mark.parametrize("case", WINDOWS, ids=str)
def test_blocks_of_any_size(isa, monkeypatch, case, n_bytes):
    """Blocks of a plane give what the whole plane gives, and nothing is written beside them."""
    taps, padding = case
    monkeypatch.setattr(shortcuts, "STRIPS_BYTES", n_bytes)
    # So that small blocks are taken for planes that need larger ones.
    monkeypatch.setattr(shortcuts, "goes_in_strips", lambda view, reducer, in_size: bool(reducer.strips[0])
                        and view.inner.size == 1 and not view.planes)
    _pooling.forget()
    x = numbers((3, 23, 37), "f4")
    for op in ("max", "avg"):
        for count_include_pad in (True, False) if op == "avg" else (True,):
            options = {"count_include_pad": count_include_pad} if op == "avg" else {}
            with np.errstate(invalid="ignore"):
                expected = check(op, x, taps, padding, **options)
                wide = np.zeros((*expected.shape, 2), "f4")
                check(op, x, taps, padding, out=wide[..., 0], **options)
            np.testing.assert_array_equal(wide[..., 0], expected)
            assert not wide[..., 1].any()


@pytest.mark.parametrize("dilation", [(1, 2), (2, 1), (2, 2), (3, 2)], ids=str)
@pytest.mark.parametrize("taps", [3, 5, 6, 9])
@pytest.mark.parametrize("op", ["max", "avg"])
def test_dilation(isa, op, taps, dilation):
    for shape in ((2, 31, 35), (2, 19, 29), (1, 40, 64)):
        for padding in (0, 2):
            if not fits([(taps - 1) * d + 1 for d in dilation], padding, *shape[1:]):
                continue
            x = numbers(shape, "f4", nan=op == "max")
            x[np.isinf(x)] = 0
            blank = -np.inf if op == "max" else 0.0
            padded = np.pad(x, [(0, 0)] + [(padding, padding)] * 2, constant_values=blank)
            reach = [(taps - 1) * d + 1 for d in dilation]
            windows = np.lib.stride_tricks.sliding_window_view(padded, reach, (1, 2))[..., ::dilation[0], ::dilation[1]]
            expected = windows.max((-2, -1)) if op == "max" else windows.mean((-2, -1), dtype="f8")
            result = getattr(cypool, f"{op}_pool")(x, taps, 1, padding, dilation, axis=(1, 2))
            np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


def dilated(op, x, dilation, padding, count_include_pad):
    """What NumPy gives for windows of 3x3 taps that are apart."""
    reach = [2 * d + 1 for d in dilation]

    def windows(values, blank):
        padded = np.pad(values, [(0, 0)] + [(p, p) for p in padding], constant_values=blank)
        return np.lib.stride_tricks.sliding_window_view(padded, reach, (1, 2))[..., ::dilation[0], ::dilation[1]]

    if op == "max":
        return windows(x, -np.inf).max((-2, -1))
    total = windows(x.astype("f8"), 0.0).sum((-2, -1))
    return total / (9 if count_include_pad else windows(np.ones(x.shape), 0.0).sum((-2, -1)))


@pytest.mark.parametrize("dilation", [(1, 2), (2, 1), (2, 2), (3, 3), (1, 4), (2, 5)], ids=str)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("op", ["max", "avg"])
def test_squares_apart_on_rows_of_every_length(isa, op, dtype, dilation):
    """Strips of the input itself lack up to as many elements as taps are apart, at either end or both."""
    for width in range(5, 40):
        for height in (1, 2, 4, 5, 11):
            for padding in {(a, b) for a in (0, 1, dilation[0]) for b in (0, 1, dilation[1])}:
                if any(n + 2 * p < 2 * d + 1 for n, p, d in zip((height, width), padding, dilation)):
                    continue
                x = numbers((2, height, width), dtype, nan=op == "max")
                x[np.isinf(x)] = 0
                options = {"count_include_pad": bool(width % 2)} if op == "avg" else {}
                result = getattr(cypool, f"{op}_pool")(x, 3, 1, padding, dilation, axis=(1, 2), **options)
                expected = dilated(op, x, dilation, padding, options.get("count_include_pad"))
                np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("op", ["max", "avg"])
def test_squares_apart_in_blocks(monkeypatch, op):
    monkeypatch.setattr(shortcuts, "STRIPS_BYTES", 5000)
    _pooling.forget()
    x = numbers((3, 50, 37), "f4", nan=op == "max")
    x[np.isinf(x)] = 0
    options = {"count_include_pad": False} if op == "avg" else {}
    for padding in (0, 1, 2):
        result = getattr(cypool, f"{op}_pool")(x, 3, 1, padding, 2, axis=(1, 2), **options)
        np.testing.assert_allclose(result, dilated(op, x, (2, 2), (padding, padding), False), rtol=1e-5, atol=1e-5)
    _pooling.forget()


@pytest.mark.parametrize("taps", [3, 5, 9])
def test_layouts(isa, taps):
    x = numbers((3, 24, 33), "f4")
    expected = check("max", x, (taps, taps), taps // 2)
    for view in (np.asfortranarray(x), np.repeat(x, 2, -1)[..., ::2], x[:, ::-1, ::-1].copy()[:, ::-1, ::-1],
                 x.astype(">f4"), np.pad(x, ((0, 0), (2, 3), (1, 4)))[:, 2:-3, 1:-4]):
        np.testing.assert_array_equal(check("max", view, (taps, taps), taps // 2), expected)


@pytest.mark.parametrize("taps", [3, 5, 9])
def test_only_one_plane_has_the_nan(isa, taps):
    x = numbers((6, 20, 20), "f4", nan=False)
    clean = check("max", x, (taps, taps), taps // 2)
    x[2, 10, 10] = np.nan
    result = check("max", x, (taps, taps), taps // 2)
    others = [0, 1, 3, 4, 5]
    np.testing.assert_array_equal(result[others], clean[others])
    assert np.isnan(result[2]).sum() == taps * taps
