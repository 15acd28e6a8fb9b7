"""Maxima and minima of long runs of a row, which are reduced in no order."""

import numpy as np
import pytest

import cypool

pytestmark = pytest.mark.usefixtures("isa")

DTYPES = ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8")


def values(dtype, shape):
    rng = np.random.default_rng(0)
    if dtype[0] == "f":
        return rng.normal(size=shape).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype, endpoint=True)


@pytest.mark.parametrize("length", [2304, 2305, 8191, 8192, 9000, 70001])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", ["max", "min"])
def test_runs_of_any_bytes(op, dtype, length):
    """Each element in turn is the best one: it stands in each of the vectors, and in those taken twice."""
    n = length // np.dtype(dtype).itemsize
    x = values(dtype, (3, n))
    pool = getattr(cypool, f"{op}_pool")
    np.testing.assert_array_equal(pool(x, n, axis=1).ravel(), getattr(x, op)(axis=1))
    best = np.inf if dtype[0] == "f" else np.iinfo(dtype).max
    if op == "min":
        best = -np.inf if dtype[0] == "f" else np.iinfo(dtype).min
    for place in [*range(0, n, max(1, n // 200)), *range(max(0, n - 300), n)]:
        row = x[place % 3].copy()
        row[row == best] = 0
        row[place] = best
        assert pool(row, n)[0] == best
        assert pool(row[1:], n - 1)[0] == (best if place else getattr(row[1:], op)())


@pytest.mark.parametrize("policy", ["propagate", "omit"])
@pytest.mark.parametrize("length", [600, 1201, 3000, 40001])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("op", ["max", "min"])
def test_nan_in_runs(op, dtype, length, policy):
    x = values(dtype, length)
    pool, blind = getattr(cypool, f"{op}_pool"), getattr(np, f"nan{op}")
    for place in [*range(0, length, length // 50), *range(length - 130, length)]:
        row = x.copy()
        row[place] = np.nan
        result = pool(row, length, nan_policy=policy)[0]
        assert np.isnan(result) if policy == "propagate" else result == blind(row)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_the_first_nan_of_a_run_stays(dtype):
    """Whose bits do not depend on the instruction set."""
    bits = np.dtype(dtype.replace("f", "u")).type
    x = values(dtype, 5000)
    first, second = np.array([np.nan, -np.nan], dtype)
    x[[77, 3000]] = first, second
    x.view(bits)[77] |= bits(5)
    result = cypool.max_pool(x, 5000)
    assert result.view(bits)[0] == x.view(bits)[77]


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("op", ["max", "min"])
def test_zeros_of_both_signs_have_the_same_bits_everywhere(op, dtype):
    from cypool import _isa, _pooling

    beyond = -1 if op == "max" else 1
    before = _isa.kernels().name
    seen = set()
    try:
        for copy in _isa.usable():
            _isa.use(copy)
            _pooling.forget()
            rng = np.random.default_rng(0)
            rows = [rng.choice(np.array([-0.0, 0.0, beyond], dtype), n) for n in range(300, 4000, 77)]
            seen.add(b"".join(getattr(cypool, f"{op}_pool")(row, len(row)).tobytes() for row in rows))
    finally:
        _isa.use(before)
        _pooling.forget()
    assert len(seen) == 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("inside", [1, 2, 9, 60, 130, 250, 400, 700, 4000])
def test_runs_of_which_most_is_padding(dtype, inside):
    """Beside the taps inside stand greater ones, and NaN, that no window has."""
    taps = 9000
    around = np.full(3 * taps, np.nan if dtype[0] == "f" else np.iinfo(dtype).max, dtype)
    x = around[taps:taps + taps]
    x[...] = values(dtype, taps)
    first, last = x[:inside].copy(), x[-inside:].copy()
    before = cypool.max_pool(x, taps, taps - inside, ((taps - inside, 0),))
    after = cypool.max_pool(x, taps, taps - inside, ((0, taps - inside),))
    assert before[0] == first.max()
    assert after[1] == last.max()
    if inside < taps // 2:
        alone = around[taps:taps + inside]
        assert cypool.max_pool(alone, taps, 1, ((taps - inside, 0),))[0] == first.max()


@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("gap", [0, 5])
@pytest.mark.parametrize("dtype", ["u1", "i4", "f2", "f4", "f8"])
@pytest.mark.parametrize("op", ["max", "sum", "avg"])
def test_many_runs_are_as_each_is_alone(op, dtype, gap, channels):
    """Runs that lie end to end are windows of one row, others those of many rows; some go at once."""
    n = 1100 * 8 // np.dtype(dtype).itemsize
    rows = values(dtype, (37, n + gap, channels))[:, :n]
    pool = getattr(cypool, f"{op}_pool")
    together = pool(rows, n, axis=1)
    for row, result in zip(rows, together, strict=True):
        np.testing.assert_array_equal(pool(row, n, axis=0), result)
    naive = {"max": np.max, "sum": np.sum, "avg": np.mean}[op]
    if dtype in ("f4", "f8"):
        np.testing.assert_allclose(together[:, 0], naive(rows, axis=1), rtol=1e-4, atol=1e-2)
    elif op == "max":
        np.testing.assert_array_equal(together[:, 0], naive(rows, axis=1))
