"""Small planes that are pooled whole, in wide vectors."""

import numpy as np
import pytest
from test_across import check, last_page, numbers, twin  # noqa: F401

import cypool
from cypool import _isa, _pooling
from cypool._engine import slim

# Kernel, stride and padding.
WINDOWS = [((2, 2), (2, 2), 0), ((2, 2), (1, 1), 0), ((2, 2), (1, 1), 1), ((2, 2), (2, 1), 0), ((2, 2), (1, 2), 1),
           ((3, 3), (2, 2), 1), ((3, 3), (2, 2), 0), ((3, 3), (1, 1), 1), ((3, 3), (1, 1), 0), ((3, 3), (3, 3), 0),
           ((3, 3), (2, 2), ((1, 0), (0, 1))), ((3, 3), (1, 2), ((0, 1), (1, 0)))]
SHAPES = [(12, 4, 4), (9, 5, 5), (40, 7, 7), (11, 8, 8), (9, 13, 15), (20, 14, 14), (9, 15, 16), (10, 16, 16),
          (9, 17, 17), (8, 20, 31), (8, 29, 32), (9, 33, 9), (8, 120, 12)]

needs_wide = pytest.mark.skipif(_isa.kernels().slim is None, reason="the copy in use has no such vectors")


@pytest.fixture
def taken(monkeypatch):
    """The views of planes that are pooled so."""
    views = []

    def slim_plan(view, *args):
        views.append(view)
        return plain(view, *args)

    plain = slim.slim_plan
    monkeypatch.setattr(slim, "slim_plan", slim_plan)
    _pooling.forget()
    yield views
    _pooling.forget()


def in_each_copy(pool):
    """What each copy of the kernels gives."""
    before = _isa.kernels().name
    results = {}
    for name in _isa.usable():
        _isa.use(name)
        _pooling.forget()
        results[name] = pool()
    _isa.use(before)
    _pooling.forget()
    return results


@pytest.mark.parametrize("op", ["max", "min", "sum", "avg"])
@pytest.mark.parametrize("case", WINDOWS, ids=str)
def test_bits_are_those_of_other_copies(op, case):
    for shape in SHAPES:
        x = numbers(shape, "f4")
        pool = getattr(cypool, f"{op}_pool")
        results = in_each_copy(lambda pool=pool, x=x: pool(x, *case, axis=(1, 2)))
        np.testing.assert_allclose(results["baseline"], twin(op, x, case), rtol=1e-5, atol=1e-6)
        for result in results.values():
            np.testing.assert_array_equal(result.view("u4"), results["baseline"].view("u4"))


@pytest.mark.parametrize("op", ["max", "min", "sum"])
@pytest.mark.parametrize("case", WINDOWS, ids=str)
def test_zeros_have_the_sign_they_have_in_other_copies(op, case):
    pool = getattr(cypool, f"{op}_pool")
    for shape in SHAPES:
        x = np.random.default_rng(0).choice(np.array([-0.0, 0.0, -1.0 if op == "max" else 1.0], "f4"), shape)
        results = in_each_copy(lambda x=x: pool(x, *case, axis=(1, 2)))
        for result in results.values():
            np.testing.assert_array_equal(result.view("u4"), results["baseline"].view("u4"))


@needs_wide
@pytest.mark.parametrize("op", ["max", "avg"])
def test_planes_that_go_so(taken, op):
    pool = getattr(cypool, f"{op}_pool")
    goes = {}
    for case in WINDOWS:
        for shape in SHAPES:
            taken.clear()
            pool(numbers(shape, "f4"), *case, axis=(1, 2))
            goes[case[:2], shape[1:]] = bool(taken)
    assert goes[((3, 3), (2, 2)), (14, 14)]         # a vector for each of two rows of windows,
    assert goes[((3, 3), (2, 2)), (17, 17)]         # two for one,
    assert goes[((3, 3), (1, 1)), (7, 7)]           # and one for two
    assert goes[((2, 2), (2, 2)), (14, 14)]
    assert goes[((3, 3), (2, 2)), (120, 12)]
    assert not goes[((3, 3), (1, 1)), (17, 17)]     # more outputs than a vector has lanes


@needs_wide
@pytest.mark.parametrize("op", ["max", "min", "avg"])
def test_planes_of_every_layout(taken, op):
    pool = getattr(cypool, f"{op}_pool")
    wide = numbers((16, 9, 19, 21), "f4")
    crop = wide[:, :, 2:16, 3:17]
    for case in WINDOWS:
        views = [crop, crop[::2], crop.transpose(1, 0, 2, 3), crop[:, :1]]
        others = [crop[::-1], np.moveaxis(np.moveaxis(crop, 2, 0).copy(), 0, 2)]
        for i, view in enumerate(views + others):
            taken.clear()
            results = in_each_copy(lambda view=view, case=case: pool(view, *case, axis=(2, 3)))
            if case[:2] == ((3, 3), (2, 2)):
                assert bool(taken) == (i < len(views))
            for result in results.values():
                np.testing.assert_array_equal(result.view("u4"), results["baseline"].view("u4"))
        whole = pool(crop.copy(), *case, axis=(2, 3))
        out = np.full((16, 9, 30, *whole.shape[2:]), 7, "f4")
        pool(crop, *case, axis=(2, 3), out=out[:, :, 3])
        np.testing.assert_array_equal(out[:, :, 3], whole)
        assert (np.delete(out, 3, 2) == 7).all()


@needs_wide
@pytest.mark.parametrize("case", WINDOWS, ids=str)
def test_nothing_is_read_beyond_the_input(taken, last_page, case):  # noqa: F811
    for width in (5, 7, 8, 13, 14, 16, 17, 20):
        x = numbers((3, 3, 14, width), "f4")
        for op in ("max", "avg"):
            check(op, last_page(x), case)
            check(op, last_page(x)[:, :, :, 1:-1], case)
            # Planes whose rows lie between each other's, so that one begins a few bytes behind the one before.
            rows = numbers((14, 9, width), "f4")
            pool, view = getattr(cypool, f"{op}_pool"), np.moveaxis(last_page(rows), 1, 0)
            whole = pool(np.ascontiguousarray(view), *case, axis=(1, 2))
            taken.clear()
            result = pool(view, *case, axis=(1, 2), out=np.empty_like(whole, order="C"))
            np.testing.assert_array_equal(result, whole)
            assert taken or case[:2] != ((3, 3), (2, 2)) or whole.shape[2] < 4 or width > 16


@needs_wide
@pytest.mark.parametrize(("length", "n_out"), [(13, 6), (14, 6), (13, 12)])
def test_uneven_windows(taken, length, n_out):
    x = numbers((20, length, length), "f4")
    results = in_each_copy(lambda: cypool.adaptive_max_pool2d(x, n_out))
    for result in results.values():
        np.testing.assert_array_equal(result, results["baseline"])
    assert taken


@needs_wide
def test_threads_do_not_change_anything(eager_threads, taken):
    x = numbers((40, 50, 14, 14), "f4")
    for case in WINDOWS:
        for op in ("max", "avg"):
            pool = getattr(cypool, f"{op}_pool")
            one, two = (pool(x, *case, axis=(2, 3), num_threads=threads) for threads in (1, 2))
            np.testing.assert_array_equal(one.view("u4"), two.view("u4"))
    assert taken
