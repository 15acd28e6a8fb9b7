"""Long windows at stride 1 in the widest vectors: wider and wider along a row, and rows of integers down a column."""

from functools import partial

import numpy as np
import pytest
from test_across import last_page  # noqa: F401
from test_wide_strips import check_copies, check_out

import cypool
from cypool import _isa, _pooling
from cypool._engine import plan
from cypool._engine.chains import COMPARED, LEAST_REACH, LOOPS, wide_chain

DTYPES = ["f4", "f8", "f2", "i1", "u1", "i2", "u2", "i4", "u4"]
LENGTHS = [1, 2, 15, 16, 17, 31, 33, 63, 64, 65, 127, 130, 300]


def values(shape, dtype, seed=0):
    """Few different ones, zeros of both signs and NaNs with different bits among them."""
    rng = np.random.default_rng(seed)
    if dtype[0] in "iu":
        info = np.iinfo(dtype)
        return rng.integers(info.min, info.max, shape, dtype, endpoint=True)
    x = rng.integers(-5, 5, shape).astype(dtype)
    x[rng.random(shape) < 0.3] = -0.0
    where = rng.random(shape) < 0.01
    x[where] = np.nan
    x.view(f"u{x.itemsize}")[where] |= rng.integers(0, 200, shape).astype(f"u{x.itemsize}")[where]
    return x


def pooled(op, x, taps, padding, axis, dilation=1):
    return getattr(cypool, f"{op}_pool")(x, taps, 1, padding, dilation, axis=axis)


@pytest.mark.parametrize("reach", [1, 2, 3, 4, 5, 8, 16, 21, 32, 64])
def test_windows_are_made_of_parts_that_registers_hold(reach):
    for taps in [*range(7, 3000), 10**6, 2**40 + 3]:
        made = wide_chain(taps, reach)
        if reach < LEAST_REACH:
            assert made is None
            continue
        (width, *radices), counts, wider_by = made
        assert set(radices) <= {COMPARED}
        assert 1 <= counts[-1] <= COMPARED
        assert not any(counts[:-1])
        part = width * COMPARED**len(radices)
        assert part <= taps <= counts[-1] * part
        # As the kernel makes them: from two or three taps on, none of which a level leaves out.
        begun = 2 + width % 2
        for by in wider_by:
            assert by % 2 == 0
            assert by <= min(reach, begun)
            begun += by
        assert begun == width
        assert len(wider_by) in LOOPS


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", ["max", "min"])
def test_rows_have_the_bits_of_every_copy(op, dtype):
    for taps in [*range(7, 36), 48, 49, 63, 64, 65, 96, 97, 101, 128, 129, 192, 193, 300, 1025]:
        for length in LENGTHS:
            x = values((2, taps + length - 1), dtype, taps + length)
            check_copies(partial(pooled, op, x, taps, 0, 1))
        check_copies(partial(pooled, op, values((3, taps + 40), dtype), taps, taps // 2, 1))


@pytest.mark.parametrize("channels", [2, 3, 4, 5, 8, 17])
@pytest.mark.parametrize("dtype", DTYPES)
def test_neighbours_that_are_pooled_alike(dtype, channels):
    for taps in (7, 8, 13, 31, 70):
        for length in (1, 20, 67):
            x = values((2, taps + length - 1, channels), dtype, taps + length)
            check_copies(partial(pooled, "max", x, taps, taps // 3, 1))
            check_copies(partial(pooled, "min", x[..., 0], taps, taps // 3, 1, dilation=1))
        x = values((2, 4 * taps + 9), dtype, taps)
        check_copies(partial(pooled, "max", x, taps, 1, 1, dilation=channels if 4 * taps > channels * taps else 2))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", ["max", "min"])
def test_columns_have_the_bits_of_every_copy(op, dtype):
    for taps in (6, 7, 10, 19, 31):
        for width in LENGTHS:
            for height, padding in ((taps, 0), (taps + 1, taps // 2), (5, taps // 2), (4 * taps + 1, 1)):
                if height + 2 * padding >= taps:
                    x = values((height, width), dtype, width + height)
                    check_copies(partial(pooled, op, x, taps, padding, 0))


@pytest.mark.parametrize("dtype", ["u1", "i2", "i4", "f4", "f8"])
def test_both_axes_of_any_layout(isa, dtype):
    x = values((3, 60, 70), dtype)
    x[x != x] = 0
    for view in (x, x[:, ::-1], x[:, :, ::2], x[:, 1:, 3:], x.transpose(0, 2, 1), np.broadcast_to(x[0], x.shape)):
        for taps in ((7, 9), (31, 1), (20, 40) if view.shape[2] > 40 else (20, 30), (1, 23)):
            expected = np.lib.stride_tricks.sliding_window_view(view, taps, (1, 2)).max((-2, -1))
            np.testing.assert_array_equal(pooled("max", view, taps, 0, (1, 2)), expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("axis", [0, 1])
def test_nothing_beyond_the_arrays_is_read_or_written(last_page, dtype, axis):  # noqa: F811
    for taps in (7, 8, 15, 31, 101):
        for length in (1, 16, 33, 64, 100):
            for width in (3, 64):
                x = values((taps + length, width) if axis == 0 else (width, taps + length), dtype, length)
                expected = pooled("max", x, taps, 0, axis)
                np.testing.assert_array_equal(pooled("max", last_page(x), taps, 0, axis), expected)
                check_out(partial(cypool.max_pool, x, taps, 1, 0, axis=axis), last_page, expected)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("op", ["max", "min"])
def test_rows_after_one_that_has_a_nan(op, dtype):
    """Which are made by other loops, until there is none any more."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((90, 700)).astype(dtype)
    x[:, ::3] = np.copysign(0.0, x[:, ::3])
    x[[10, 11, 50], [3, 300, 699]] = np.nan
    for taps in ((9, 9), (20, 33), (7, 64)):
        check_copies(partial(pooled, op, x, taps, 3, (0, 1)))
        expected = getattr(np, op)(np.lib.stride_tricks.sliding_window_view(x, taps), (-2, -1))
        np.testing.assert_array_equal(pooled(op, x, taps, 0, (0, 1)), expected)


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "i4"])
@pytest.mark.parametrize("shape", [(60, 64), (60, 2048), (60, 17000), (1, 70, 12000)], ids=str)
def test_columns_of_rows_of_any_length(dtype, shape):
    """In strips or row by row; and with an inner axis that is cut."""
    x = values(shape, dtype)
    axis = -2 if x.ndim == 2 else 1
    for taps in (7, 50):
        expected = np.lib.stride_tricks.sliding_window_view(x, taps, axis).max(-1)
        np.testing.assert_array_equal(pooled("max", x, taps, 0, axis), expected)
    if x.ndim == 2:
        check_copies(partial(pooled, "min", x, (31, 9), 4, (0, 1)))


@pytest.mark.skipif(_isa.kernels().wide_chains is None, reason="the copy in use has no such vectors")
@pytest.mark.parametrize(("op", "dtype", "shape", "taps", "goes"), [
    ("max", "f4", (3, 900), (1, 31), True), ("min", "u1", (3, 900), (1, 7), True),
    ("max", "f2", (3, 900), (1, 9), True), ("max", "f8", (300, 500), (31, 31), True),
    ("max", "i2", (300, 500), (9, 200), False), ("max", "f4", (300, 40), (31, 31), False),
    ("max", "i8", (3, 900), (1, 31), False), ("sum", "f4", (3, 900), (1, 31), False),
    ("max", "f4", (3, 900, 8), (1, 31), False)])
def test_which_rows_are_widened_in_registers(monkeypatch, op, dtype, shape, taps, goes):
    """Not where a level reaches too far, nor short rows that are passed one by one."""
    made = []
    plain = plan._row_chain
    monkeypatch.setattr(plan, "_row_chain", lambda *args: made.append(plain(*args)) or made[-1])
    _pooling.forget()
    getattr(cypool, f"{op}_pool")(np.zeros(shape, dtype), taps, 1, axis=(0, 1))
    _pooling.forget()
    assert [bool(each.wider_by) for each in made] == [goes]
