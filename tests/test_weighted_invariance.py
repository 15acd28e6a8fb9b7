"""Masks and weights: what results do not depend on, and what is not made or kept on the way."""

import tracemalloc

import numpy as np
import pytest
from strategies import LAYOUTS, laid_out

import cypool
from cypool import _cutting, _pooling

OPS = ["max", "min", "avg", "sum"]


@pytest.mark.parametrize("overlap", ["x", "mask", "weights"])
def test_out_may_overlap_what_is_read(block, overlap):
    rng = np.random.default_rng(0)
    arguments = {"x": rng.normal(size=(9, 20)), "weights": rng.random((9, 20)), "mask": rng.random((9, 20)) < 0.5}
    expected = cypool.avg_pool(**arguments, kernel_size=3, stride=1)
    memory = arguments[overlap]
    out = memory[2:, :18] if overlap != "mask" else None
    if out is None:
        raw = np.zeros(7 * 18 * 8, np.uint8)
        arguments["mask"] = raw[:180].view(bool).reshape(9, 20)
        arguments["mask"][...] = memory
        out = raw.view("f8").reshape(7, 18)
    cypool.avg_pool(**arguments, kernel_size=3, stride=1, out=out)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("op", OPS)
def test_layouts_do_not_matter(op, layout):
    rng = np.random.default_rng(0)
    x, mask = rng.integers(-9, 9, (5, 70, 90)).astype("f4"), rng.random((70, 1)) < 0.3
    pool = getattr(cypool, f"{op}_pool")
    moved = laid_out(x, layout)
    result = pool(moved, 3, 2, 1, axis=(1, 2), mask=mask)
    np.testing.assert_array_equal(result, pool(x, 3, 2, 1, axis=(1, 2), mask=mask))
    plain = pool(moved, 3, 2, 1, axis=(1, 2))
    assert np.argsort(np.abs(result.strides)).tolist() == np.argsort(np.abs(plain.strides)).tolist()


@pytest.mark.parametrize("dtype", ["u1", "i8", "f4", "f8"])
@pytest.mark.parametrize("op", OPS)
def test_threads_do_not_matter(eager_threads, op, dtype):
    rng = np.random.default_rng(0)
    x, mask = (rng.normal(size=(3, 300, 401)) * 50).astype(dtype), rng.random((300, 401)) < 0.5
    options = {"mask": mask}
    if op in ("avg", "sum"):
        options["weights"] = rng.random(401)
    pool = getattr(cypool, f"{op}_pool")
    expected = pool(x, 5, 2, 2, axis=(1, 2), num_threads=1, **options).tobytes()
    for num_threads in (2, 3, 7):
        assert pool(x, 5, 2, 2, axis=(1, 2), num_threads=num_threads, **options).tobytes() == expected


def test_blocks_cover_all_outputs_once(monkeypatch):
    """Whichever axes are cut, no block is much larger than asked for."""
    monkeypatch.setattr(_cutting, "BLOCK", 4000)
    for shape, axes in [((9, 70, 90), (1, 2)), ((1, 300, 200, 3), (1, 2)), ((700, 50), (0,)), ((50, 700), (0,)),
                        ((3, 3, 9000), (2,))]:
        for x in (np.zeros(shape), np.zeros(shape, order="F")):
            geometry = _cutting.geometry_of("max", x, (axes, 3, 2, 1, 1, None),
                                            (_pooling.AXES, "propagate", True, False))
            seen = np.zeros(geometry.shape, int)
            for source, target, _ in geometry.blocks:
                seen[target] += 1
                assert x[source].size <= 4000
            assert (seen == 1).all()


def test_what_is_remembered_is_of_the_same_arguments():
    """2.0 == 2 and True == 1, but they are not sizes; and lists are looked up as tuples."""
    x = np.arange(48.0).reshape(6, 8)
    mask = x % 5 == 0
    for _ in range(2):
        expected = cypool.avg_pool(x, 2, mask=mask)
        np.testing.assert_array_equal(cypool.avg_pool(x, [2, np.int64(2)], mask=mask), expected)
        for wrong in (2.0, True):
            with pytest.raises(TypeError, match="kernel_size"):
                cypool.avg_pool(x, wrong, mask=mask)
        assert cypool.avg_pool(x, 2, mask=mask, axis=0).shape == (3, 8)
        assert cypool.avg_pool(x, 2, 1, mask=mask).shape == (5, 7)
        assert cypool.max_pool(x, 2, mask=mask, return_indices=True)[1].shape == (3, 4)
        assert cypool.avg_pool(x[:4], 2, mask=mask[:4], padding=1).shape == (3, 5)
        assert not np.array_equal(cypool.avg_pool(x, 3, 2, 1, mask=mask, count_include_pad=False),
                                  cypool.avg_pool(x, 3, 2, 1, mask=mask, count_include_pad=True))


def test_what_padding_makes_large_is_not_remembered():
    x, mask = np.ones(8), np.zeros(8, bool)
    cypool.avg_pool(x, 2, mask=mask)
    tracemalloc.start()
    try:
        for taps in (300001, 300002):
            means = cypool.avg_pool(x, taps, 1, taps - 1, mask=mask, count_include_pad=False)
            assert means.shape == (taps + 7,)
            assert (means == 1).all()
            del means
        assert tracemalloc.get_traced_memory()[0] < 2**20
    finally:
        tracemalloc.stop()


def test_nothing_as_large_as_the_input_is_made():
    x = np.zeros((1, 2000, 3000, 2), np.uint8)
    mask, weights = np.zeros((2000, 3000, 1), bool), np.ones((2000, 1, 1))
    for call in (lambda: cypool.avg_pool(x, 8, axis=(1, 2), mask=mask),
                 lambda: cypool.avg_pool(x, 8, axis=(1, 2), mask=mask, weights=weights),
                 lambda: cypool.max_pool(x, 8, axis=(1, 2), mask=mask)):
        call()
        tracemalloc.start()
        result = call()
        peak = tracemalloc.get_traced_memory()[1] - result.nbytes
        tracemalloc.stop()
        assert peak < x.nbytes


@pytest.mark.parametrize("kernel", [9, 4100])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("op", ["avg", "sum", "max"])
def test_nan_elsewhere_changes_no_bit(op, dtype, kernel):
    # It decides how a block is pooled.
    x = np.random.default_rng(0).standard_normal((9, 10 * kernel)).astype(dtype)
    mask = np.zeros(x.shape, bool)
    mask[:, ::7] = True
    pool = getattr(cypool, f"{op}_pool")
    expected = pool(x, kernel, axis=1, mask=mask)
    x[1, 5] = np.nan
    found = pool(x, kernel, axis=1, mask=mask)
    assert np.isnan(found[1, 0])
    found[1, 0] = expected[1, 0]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("axis", [1, (1, 2), 2])
@pytest.mark.parametrize("shape", [(40,), (17, 1), (17, 40), (1, 1, 1)])
def test_parts_of_a_batch_with_common_weights_give_the_same_bits(shape, axis):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5, 17, 40))
    weights = rng.random(shape)
    whole = cypool.avg_pool(x, 9, axis=axis, weights=weights)
    for i in range(5):
        np.testing.assert_array_equal(cypool.avg_pool(x[i:i + 1], 9, axis=axis, weights=weights), whole[i:i + 1])
