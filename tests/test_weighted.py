"""Masks, weights and masked arrays: as the naive twin has it, however x is laid out and cut into blocks."""

import tracemalloc
from fractions import Fraction

import naive
import numpy as np
import pytest
from extra_dtypes import BFLOAT16
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import INTEGERS, LAYOUTS, ORDERED, REALS, arrays, geometries, laid_out
from test_properties import DIVISORS, TOLERANCE, assert_same, tables

import cypool
from cypool import _cutting, _pooling

relaxed = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
OPS = ["max", "min", "avg", "sum"]


# -- naive twins -----------------------------------------------------------------------------------------------------

def extremum(x, mask, windows, op, *, omit):
    """Values, flat indices over the pooled axes, and where a window has nothing left."""
    native = x.dtype if x.dtype.kind == "V" else x.dtype.newbyteorder("=")
    values = np.empty(naive.out_shape(x, windows), native)
    indices, nothing = np.empty(values.shape, np.int64), np.empty(values.shape, bool)
    axes = sorted(windows)
    for index, cells, _ in naive.each_window(x, windows):
        left = [cell for cell in cells if not mask[cell]]
        nothing[index] = not left
        best = left[0] if left else cells[0]
        for cell in left:
            if naive.better(x[cell], x[best], op, omit):
                best = cell
        values[index] = x[best] if left else (0 if x.dtype.kind in "biu" else np.nan)
        indices[index] = np.ravel_multi_index([best[a] for a in axes], [x.shape[a] for a in axes])
    return values, indices, nothing


def total(x, mask, weights, windows, *, mean, omit=False, count_include_pad=True, divisor_override=None):
    """Sums or means, as exact as Python's numbers; None stands for a window that has no value."""
    result = np.empty(naive.out_shape(x, windows), object)
    number = {"c": complex, "f": float, "V": float}.get(x.dtype.kind, lambda value: Fraction(int(value)))
    weigh = float if weights is not None else int
    for index, cells, n_taps in naive.each_window(x, windows):
        left = [cell for cell in cells if not mask[cell]]
        counted = [cell for cell in left if not (omit and naive.is_nan(x[cell]))]
        divisor = len(counted) + (n_taps - len(cells) if count_include_pad else 0)
        numbers = [number(x[cell]) for cell in counted]
        if weights is not None:
            numbers = [float(weights[cell]) * (float(n) if isinstance(n, Fraction) else n)
                       for n, cell in zip(numbers, counted)]
            divisor = sum(weigh(weights[cell]) for cell in counted)
        divisor = divisor_override or divisor
        if not counted and (mean or left):
            result[index] = None
        elif mean:
            result[index] = sum(numbers) / divisor if divisor else None
        else:
            result[index] = sum(numbers)
    return result


def as_numbers(values, dtype):
    """The naive twin's numbers as a float or complex array."""
    flat = [np.nan if value is None else value for value in values.flat]
    return np.array([complex(v) if dtype.kind == "c" else float(v) for v in flat]).reshape(values.shape)


def assert_near(actual, expected, scale, dtype):
    """Close where finite, of the same kind where not."""
    expected, scale = as_numbers(expected, dtype), as_numbers(scale, np.dtype("f8"))
    assert actual.dtype == dtype
    actual = actual.astype(expected.dtype)
    with np.errstate(all="ignore"):
        tolerance = TOLERANCE[dtype] * np.abs(scale) + TOLERANCE[dtype] * 1e-3
        finite = np.isfinite(expected) & np.isfinite(scale) & (np.abs(expected) < 6e4)
        np.testing.assert_array_equal(np.isnan(actual), np.isnan(expected))
        assert (np.abs(actual - expected)[finite] <= tolerance[finite]).all()
    infinite = np.isinf(expected)
    np.testing.assert_array_equal(actual[infinite], expected[infinite])


@st.composite
def broadcast(draw, x, dtype):
    """An array that broadcasts to x, of few values, some axes of length 1 or missing; in any layout."""
    shape = [1 if draw(st.integers(0, 3)) == 0 else n for n in x.shape][draw(st.integers(0, 3)) == 0:]
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    if dtype is bool:
        array = rng.random(shape) < draw(st.sampled_from([0, 0.2, 0.6, 0.95, 1]))
    else:
        array = rng.choice([0, 1, 2, 0.5, -3], shape).astype(dtype)
    return laid_out(array, draw(st.sampled_from(LAYOUTS))) if array.ndim else array


def whole(array, x):
    return np.broadcast_to(array, x.shape)


def policy(omit):
    return "omit" if omit else "propagate"


@pytest.fixture(params=[1, 7, 60, 2**17])
def block(request, monkeypatch):
    """Blocks of so many elements."""
    monkeypatch.setattr(_cutting, "BLOCK", request.param)
    return request.param


# -- properties ------------------------------------------------------------------------------------------------------

@relaxed
@given(st.data(), st.sampled_from(["max", "min"]), st.booleans(), st.booleans())
def test_extremum_equals_naive(block, data, op, omit, return_indices):
    x = data.draw(arrays())
    geometry = data.draw(geometries(x))
    mask = data.draw(broadcast(x, bool))
    values, indices, _ = extremum(x, whole(mask, x), tables(x, geometry), op, omit=omit)
    result = getattr(cypool, f"{op}_pool")(x, mask=mask, nan_policy=policy(omit), return_indices=return_indices,
                                           **geometry)
    if return_indices:
        result, found = result
        np.testing.assert_array_equal(found, indices)
    assert_same(result, values)


@relaxed
@given(st.data(), st.booleans(), st.booleans(), st.one_of(st.none(), DIVISORS, st.sampled_from([2**31, -2**62])))
def test_integer_mean_is_exact(block, data, mean, count_include_pad, divisor_override):
    x = data.draw(arrays(["?", *INTEGERS]))
    geometry = data.draw(geometries(x))
    mask = data.draw(broadcast(x, bool))
    options = {"count_include_pad": count_include_pad, "divisor_override": divisor_override} if mean else {}
    exact = total(x, whole(mask, x), None, tables(x, geometry), mean=mean, **options)
    exact = np.array([0 if f is None else f for f in exact.flat], object).reshape(exact.shape)
    expected = naive.rounded(exact, x, mean, None)
    assert_same((cypool.avg_pool if mean else cypool.sum_pool)(x, mask=mask, **geometry, **options), expected)
    if mean and x.dtype.kind == "u":
        wide = naive.rounded(exact, x, mean, "i8")
        assert_same(cypool.avg_pool(x, mask=mask, dtype="i8", **geometry, **options), wide)


@relaxed
@given(st.data(), st.one_of(st.none(), DIVISORS))
def test_integer_mean_as_float(block, data, divisor_override):
    x = data.draw(arrays(["?", *INTEGERS]))
    geometry = data.draw(geometries(x))
    mask = data.draw(broadcast(x, bool))
    expected = total(x, whole(mask, x), None, tables(x, geometry), mean=True, divisor_override=divisor_override)
    result = cypool.avg_pool(x, mask=mask, dtype="f8", divisor_override=divisor_override, **geometry)
    np.testing.assert_allclose(result, as_numbers(expected, result.dtype), rtol=2e-15, atol=0)


@relaxed
@given(st.data(), st.booleans(), st.booleans(), st.booleans(), st.one_of(st.none(), DIVISORS))
def test_float_mean_equals_naive(block, data, mean, omit, count_include_pad, divisor_override):
    x = data.draw(arrays([*REALS, "c8", "c16"]))
    geometry = data.draw(geometries(x))
    mask = data.draw(broadcast(x, bool))
    assume(x.dtype.kind != "c" or omit or np.isfinite(x).all())
    assume(x.dtype.kind != "c" or not np.isinf(x).any())
    options = {"count_include_pad": count_include_pad, "divisor_override": divisor_override} if mean else {}
    arguments = (whole(mask, x), None, tables(x, geometry))
    expected = total(x, *arguments, mean=mean, omit=omit, **options)
    scale = total(np.abs(x).astype("f8"), *arguments, mean=mean, omit=omit, **options)
    result = (cypool.avg_pool if mean else cypool.sum_pool)(x, mask=mask, nan_policy=policy(omit), **geometry,
                                                            **options)
    assert_near(result, expected, scale, x.dtype if x.dtype.kind == "V" else x.dtype.newbyteorder("="))


@relaxed
@given(st.data(), st.booleans(), st.booleans(), st.booleans(), st.one_of(st.none(), DIVISORS))
def test_weights_equal_naive(block, data, mean, omit, masked, divisor_override):
    x = data.draw(arrays([*ORDERED, "c8", "c16"]))
    geometry = data.draw(geometries(x))
    weights = data.draw(broadcast(x, data.draw(st.sampled_from(["f4", "f8", "f2", "i1", "i8", *BFLOAT16]))))
    mask = data.draw(broadcast(x, bool)) if masked else None
    assume(x.dtype.kind != "c" or np.isfinite(x).all())
    options = {"divisor_override": divisor_override} if mean else {}
    arguments = (whole(False if mask is None else mask, x), whole(weights, x), tables(x, geometry))
    expected = total(x, *arguments, mean=mean, omit=omit, **options)
    scale = total(np.abs(x.astype("c16" if x.dtype.kind == "c" else "f8")), arguments[0], np.abs(arguments[1]),
                  arguments[2], mean=False, omit=omit)
    divisors = total(np.ones(x.shape), *arguments, mean=False)
    if mean and not divisor_override:
        scale = np.array([s if not (s and d) else s / abs(d) for s, d in zip(scale.flat, divisors.flat)],
                         object).reshape(scale.shape)
    result = (cypool.avg_pool if mean else cypool.sum_pool)(x, mask=mask, weights=weights, nan_policy=policy(omit),
                                                            **geometry, **options)
    native = x.dtype if x.dtype.kind == "V" else x.dtype.newbyteorder("=")
    assert_near(result, expected, scale, np.dtype("f8") if x.dtype.kind in "biu" else native)


# -- masked arrays ---------------------------------------------------------------------------------------------------

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


# -- invariances -----------------------------------------------------------------------------------------------------

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


# -- single cases ----------------------------------------------------------------------------------------------------

def test_a_mask_of_pixels_holds_for_all_channels():
    x = np.arange(48.0).reshape(4, 4, 3)
    mask = np.zeros((4, 4, 1), bool)
    mask[0, 0] = mask[2:, 2:] = True
    result = cypool.avg_pool(x, 2, axis=(0, 1), mask=mask)
    np.testing.assert_array_equal(result[0, 0], x[:2, :2].reshape(4, 3)[1:].mean(0))
    assert np.isnan(result[1, 1]).all()


def test_what_is_left_out_leaves_no_trace():
    x = np.array([np.nan, 1, np.inf, 2, -np.inf, 3])
    mask = ~np.isfinite(x)
    for op in OPS:
        assert getattr(cypool, f"{op}_pool")(x, 2, mask=mask).tolist() == [1, 2, 3]
        if op in ("avg", "sum"):
            assert getattr(cypool, f"{op}_pool")(x + 1j, 2, mask=mask).tolist() == [1 + 1j, 2 + 1j, 3 + 1j]


def test_infinities_of_complex_numbers_stay_in_their_part():
    x = np.array([complex(np.inf, 1), 2 + 2j])
    assert cypool.sum_pool(x, 2, weights=2).tolist() == [complex(np.inf, 6)]
    assert cypool.avg_pool(x, 2, mask=False).tolist() == [complex(np.inf, 1.5)]


def test_integers_of_64_bits_are_exact():
    top = 2**64 - 1
    x = np.array([top, 5, top, top - 2], np.uint64)
    assert cypool.avg_pool(x, 4, mask=[False, True, False, False]).tolist() == [top - 1]
    assert cypool.avg_pool(np.full(1000, top, np.uint64), 1000, mask=False).tolist() == [top]
    assert cypool.avg_pool(np.full(9, -2**63), 9, mask=False).tolist() == [-2**63]
    assert cypool.avg_pool(np.full(9, -2**63), 9, divisor_override=-1, mask=False).tolist() == [2**63 - 1]
    assert cypool.avg_pool(np.full(2, top, np.uint64), 2, divisor_override=1, mask=False).tolist() == [top]
    assert cypool.avg_pool(np.array([-1, -2, 2**62, 3]), 2, mask=[False, False, True, False]).tolist() == [-2, 3]


def test_float32_is_summed_as_float64():
    x = np.array([1e8, 1, -1e8, 1], "f4")
    assert cypool.sum_pool(x, 4, mask=False).tolist() == [2]
    assert cypool.sum_pool(x, 4, weights=1).tolist() == [2]


def test_weights_of_nothing():
    assert np.isnan(cypool.avg_pool([1.0, 2.0], 2, weights=[1, -1])).all()
    assert cypool.avg_pool([1.0, 2.0], 2, weights=[1, -1], divisor_override=2).tolist() == [-0.5]
    assert cypool.sum_pool([1, 2], 2, weights=[1, -1], mask=True).tolist() == [0]
    assert np.isnan(cypool.sum_pool([np.nan, 1], 2, weights=[0, 1])).all()


def test_empty_output():
    x = np.zeros((0, 4), "u1")
    assert cypool.avg_pool(x, 2, axis=1, mask=np.zeros((1, 4), bool)).shape == (0, 2)
    assert cypool.sum_pool(x, 2, axis=1, weights=np.zeros((0, 4))).dtype == np.float64
    assert cypool.max_pool(np.ma.array(x), 2, axis=1).shape == (0, 2)


@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_integer_means_whose_sums_have_more_than_52_bits(beyond):
    # The least bits of these sums tell a tie of two neighbours from what is next to it.
    x = np.full(2**23, 2**32 - 3, np.uint32)
    x[: 2**22] -= 1
    x[0] += 1 + beyond
    mask = np.zeros(x.shape, bool)
    mask[-2:] = True
    total, count = int(x[:-2].astype(np.int64).sum()), len(x) - 2
    assert total > 2**52
    assert 2 * (total % count) == count + 2 * beyond
    assert cypool.avg_pool(x, len(x), mask=mask) == round(Fraction(total, count))


@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_integer_weights_whose_sum_has_more_than_64_bits(dtype):
    weights = np.full(4, 2**62, dtype)
    x = np.arange(4.0)
    assert cypool.avg_pool(x, 4, weights=weights).tolist() == [1.5]
    assert cypool.avg_pool(x, 3, 1, weights=weights).tolist() == [1, 2]
    assert cypool.avg_pool(x, 4, weights=weights, mask=x == 3).tolist() == [1]


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("op", ["avg", "sum", "max"])
def test_nan_elsewhere_changes_no_bit(op, dtype):
    # It decides how a block is pooled.
    x = np.random.default_rng(0).standard_normal((2, 90)).astype(dtype)
    mask = np.zeros(x.shape, bool)
    mask[:, ::7] = True
    pool = getattr(cypool, f"{op}_pool")
    expected = pool(x, 9, axis=1, mask=mask)
    x[1, 5] = np.nan
    np.testing.assert_array_equal(pool(x, 9, axis=1, mask=mask)[0], expected[0])


@pytest.mark.parametrize("axis", [1, (1, 2), 2])
@pytest.mark.parametrize("shape", [(40,), (17, 1), (17, 40), (1, 1, 1)])
def test_parts_of_a_batch_with_common_weights_give_the_same_bits(shape, axis):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5, 17, 40))
    weights = rng.random(shape)
    whole = cypool.avg_pool(x, 9, axis=axis, weights=weights)
    for i in range(5):
        np.testing.assert_array_equal(cypool.avg_pool(x[i:i + 1], 9, axis=axis, weights=weights), whole[i:i + 1])
