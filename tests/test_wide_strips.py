"""Windows at stride 1 in strips of the widest vectors, straight from the input."""

from functools import partial

import numpy as np
import pytest
from test_across import last_page  # noqa: F401
from test_slim import in_each_copy
from test_strips import WINDOWS, check, fits

import cypool
from cypool import _isa, _pooling
from cypool._engine import foresight, shortcuts

needs_wide = pytest.mark.skipif(_isa.kernels().wide_strips is None, reason="the copy in use has no such vectors")
SHAPES = [(40, 9, 9), (23, 14, 14), (9, 17, 20), (3, 40, 33), (2, 60, 70)]


@pytest.fixture(params=[False, True], ids=["in order", "fetched"])
def fetched(request, monkeypatch):
    """Whether what the next strips read and write is fetched, or read in order before; from the first byte on."""
    monkeypatch.setattr(foresight, "sees_little", lambda: request.param)
    monkeypatch.setattr(foresight, "STRIPS_FROM", 0)
    monkeypatch.setattr(foresight, "FAR_STRIPS_FROM", 0)
    _pooling.forget()
    yield
    _pooling.forget()


def check_copies(pool):
    """All copies of the kernels give the same bits."""
    first, *others = (result.view(f"u{result.itemsize}") for result in in_each_copy(pool).values())
    for other in others:
        np.testing.assert_array_equal(first, other)


@needs_wide
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_no_copy_is_needed(monkeypatch, dtype):
    needed = []
    plain = shortcuts.needs_no_copy

    def needs_no_copy(*args):
        needed.append(not plain(*args))
        return not needed[-1]

    monkeypatch.setattr(shortcuts, "needs_no_copy", needs_no_copy)
    _pooling.forget()
    for taps, padding in WINDOWS:
        cypool.max_pool(np.zeros((3, 40, 40), dtype), taps, 1, padding, axis=(1, 2))
    _pooling.forget()
    reach = _isa.kernels().wide_strips.REACH[np.dtype(dtype).itemsize]
    assert needed == [taps[1] > reach + 1 for taps, _ in WINDOWS]


@pytest.mark.usefixtures("fetched")
@pytest.mark.parametrize("case", WINDOWS, ids=str)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("op", ["max", "min", "sum", "avg"])
def test_bits_are_those_of_every_copy(case, dtype, op):
    """So is the sign of a zero among others; a quarter of all are negative."""
    taps, padding = case
    options = {"count_include_pad": False} if op == "avg" else {}
    for shape in SHAPES:
        rng = np.random.default_rng(shape[-1])
        if not fits(taps, padding, *shape[1:]):
            continue
        for values in (rng.standard_normal(shape), np.copysign(0.0, rng.random(shape) - 0.25)):
            x = values.astype(dtype)
            pool = getattr(cypool, f"{op}_pool")
            check_copies(partial(pool, x, taps, 1, padding, axis=(1, 2), **options))


@pytest.mark.parametrize("dilation", [(1, 2), (2, 1), (2, 2), (3, 3), (1, 4), (2, 8), (1, 9)], ids=str)
@pytest.mark.parametrize("taps", [3, 4, 5, 9])
@pytest.mark.parametrize("op", ["max", "avg"])
def test_dilations_as_far_as_lanes_reach_and_further(dilation, taps, op):
    x = np.random.default_rng(0).standard_normal((5, 40, 44), np.float32)
    pool = getattr(cypool, f"{op}_pool")
    if min(40, 44) + 2 < (taps - 1) * max(dilation) + 1:
        return
    check_copies(partial(pool, x, taps, 1, 1, axis=(1, 2), dilation=dilation))


@pytest.mark.usefixtures("fetched")
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("case", WINDOWS, ids=str)
def test_nothing_beyond_the_arrays_is_read_or_written(last_page, case, dtype):  # noqa: F811
    taps, padding = case
    for width in (8, 9, 15, 16, 17, 31):
        for op in ("max", "avg"):
            if not fits(taps, padding, 11, width):
                continue
            x = np.random.default_rng(width).standard_normal((2, 11, width)).astype(dtype)
            expected = check(op, x, taps, padding)
            np.testing.assert_array_equal(check(op, last_page(x), taps, padding), expected)
            check_out(partial(getattr(cypool, f"{op}_pool"), x, taps, 1, padding, axis=(1, 2)), last_page, expected)


def check_out(pool, last_page, expected):  # noqa: F811
    """A call writes to its output, and nothing around it."""
    around = np.full(expected.size + 64, 7, expected.dtype)
    out = around[32:-32].reshape(expected.shape)
    pool(out=out)
    np.testing.assert_array_equal(out, expected)
    assert (around[:32] == 7).all()
    assert (around[-32:] == 7).all()
    out = last_page(np.zeros_like(expected))
    pool(out=out)
    np.testing.assert_array_equal(out, expected)


PLANES = {
    "in order": lambda x: x,
    "some": lambda x: x[::2],
    "backwards": lambda x: x[::-1],
    "rows backwards": lambda x: x[:, ::-1],
    "of two axes": lambda x: x.reshape(4, 10, *x.shape[1:])[:, 1:8],
}


@pytest.mark.usefixtures("fetched")
@pytest.mark.parametrize("view", PLANES)
@pytest.mark.parametrize("taps", [3, 5, 7])
@pytest.mark.parametrize("op", ["max", "avg"])
def test_some_planes_at_once(isa, view, taps, op):
    """Also to an output whose planes do not follow each other."""
    options = {"count_include_pad": False} if op == "avg" else {}
    x = np.random.default_rng(0).standard_normal((40, 12, 13), np.float32)
    x[7, 3, 4] = x[8, 11, 12] = x[31, 0, 0] = np.nan
    x = PLANES[view](x)
    pool = getattr(cypool, f"{op}_pool")
    expected = np.stack([pool(plane, taps, 1, taps // 2, axis=(0, 1), **options) for plane in x.reshape(-1, 12, 13)])
    expected = expected.reshape(x.shape)
    np.testing.assert_array_equal(pool(x, taps, 1, taps // 2, axis=(-2, -1), **options), expected)
    apart = np.zeros((2, *x.shape), np.float32)
    pool(x, taps, 1, taps // 2, axis=(-2, -1), out=np.moveaxis(apart, 0, -1)[..., 0], **options)
    np.testing.assert_array_equal(apart[0], expected)
    assert not apart[1].any()


@pytest.mark.parametrize("taps", [3, 5, 7])
def test_planes_of_one_element_without_a_stride(isa, taps):
    """New axes of NumPy's have none."""
    x = np.arange(6, dtype=np.float32)[:, None, None]
    np.testing.assert_array_equal(cypool.max_pool(x, taps, 1, taps // 2, axis=(1, 2)), x)
    wide = np.broadcast_to(x, (6, 12, 1))
    np.testing.assert_array_equal(cypool.min_pool(wide, taps, 1, taps // 2, axis=(1, 2)), wide)


def test_denormal_means_of_some_planes_at_once(isa):
    """Which are divided after all sums of a plane."""
    x = np.full((9, 12, 12), 3 * 2.0**-140, np.float32)
    x[5] = 9
    y = cypool.avg_pool(x, 3, 1, axis=(1, 2))
    np.testing.assert_array_equal(y[5], np.full((10, 10), 9, np.float32))
    np.testing.assert_array_equal(np.delete(y, 5, 0), np.float32(3 * 2.0**-140))
