"""PyTorch's pooling functions: its own sample inputs, many combinations of arguments, and where the two differ."""

import random
import warnings

import numpy as np
import pytest

import cypool

torch = pytest.importorskip("torch")
functional = torch.nn.functional

NAMES = [f"nn.functional.{kind}{n}d" for kind in ("max_pool", "avg_pool", "adaptive_max_pool", "adaptive_avg_pool")
         for n in (1, 2, 3)]


def samples(name):
    """PyTorch's operator tests in float32."""
    pytest.importorskip("expecttest", reason="PyTorch's sample inputs need it")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db
    (operator,) = [op for op in op_db if op.name == name and not op.variant_test_name]
    return list(operator.sample_inputs("cpu", torch.float32))


@pytest.mark.parametrize("name", NAMES)
def test_sample_inputs(isa, name):
    pool = getattr(cypool, name.rsplit(".", 1)[1])
    reference = getattr(functional, name.rsplit(".", 1)[1])
    n = 0
    for sample in samples(name):
        expected = reference(sample.input, *sample.args, **sample.kwargs)
        result = pool(sample.input.numpy(), **arguments(sample, name))
        for mine, theirs in zip(result if isinstance(result, tuple) else (result,),
                                expected if isinstance(expected, tuple) else (expected,)):
            theirs = theirs.numpy()
            assert mine.shape == theirs.shape
            assert mine.dtype == theirs.dtype
            np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6)
        n += 1
    assert n > 3


def arguments(sample, name):
    """A sample's arguments by name: PyTorch takes by position what cypool takes by keyword only."""
    if "adaptive" in name:
        names = ("output_size", "return_indices")
    elif "max" in name:
        names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
    else:
        names = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")
    n = int(name[-2])
    result = {**dict(zip(names, sample.args)), **sample.kwargs}
    # PyTorch also takes sequences of one for all axes, and an empty stride for none.
    return {key: value * n if isinstance(value, tuple) and len(value) == 1 else value
            for key, value in result.items() if value != ()}


# How many combinations of arguments are drawn of each function.
COMBINATIONS = {f"{kind}{n}d": 120 for kind in ("max_pool", "avg_pool", "adaptive_max_pool", "adaptive_avg_pool",
                                                "lp_pool", "max_unpool") for n in (1, 2, 3)}
COMBINATIONS |= {f"fractional_max_pool{n}d": 60 for n in (2, 3)}
NORMS = (0.5, 1, 1.5, 2, 3, 4, np.inf)


def combinations(name):
    """Arguments under PyTorch's names, and under "input" what x is. All differ, and PyTorch takes them all."""
    draw = random.Random(name)
    result = {}
    while len(result) < COMBINATIONS[name]:
        combination = _combination(draw, name)
        result.setdefault(repr(combination), combination)
    return list(result.values())


def _combination(draw, name):
    n = int(name[-2])
    lengths = [draw.randint(5, (12, 10, 7)[n - 1]) for _ in range(n)]
    batches = [3] if draw.random() < 0.3 and "fractional" not in name else [2, 3]
    # "view": the layout of channels first, seen as channels last.
    memory = "first" if "fractional" in name else draw.choice(["first", "first", "last", "view"])
    values = draw.choice(["normal", "normal", "normal", "ties", "NaN", "inf"])
    arguments = {"input": (tuple(batches + lengths), draw.choice(["f4", "f8"]), memory, values)}
    if "adaptive" in name:
        arguments["output_size"] = size = _one_or_each(draw, n, lambda: draw.randint(1, 8), 0.3)
        if n > 1 and not isinstance(size, int) and draw.random() < 0.5:
            arguments["output_size"] = tuple(draw.choice([each, None]) for each in size)
        return arguments
    kernel = _one_or_each(draw, n, lambda: draw.randint(1, 4), 0.5)
    each_kernel = _each(kernel, n)
    if "fractional" in name:
        if draw.random() < 0.5:
            sizes = [draw.randint(1, length - k) for length, k in zip(lengths, each_kernel)]
            return arguments | {"kernel_size": kernel, "output_size": tuple(sizes)}
        ratio = tuple(draw.choice([0.25, 0.375, 0.5]) for _ in range(n))
        return arguments | {"kernel_size": draw.randint(1, 2), "output_ratio": ratio}
    stride = draw.choice([None, _one_or_each(draw, n, lambda: draw.randint(1, 4), 0.5)])
    each_stride = _each(kernel if stride is None else stride, n)
    arguments |= {"kernel_size": kernel, "stride": stride}
    if "lp" in name:
        if n == 1:
            # PyTorch's multiplies by it.
            arguments["kernel_size"] = each_kernel[0]
        arguments["norm_type"] = draw.choice(NORMS)
        clipped = any((length - k) % s for length, k, s in zip(lengths, each_kernel, each_stride))
        arguments["ceil_mode"] = draw.random() < 0.5 and not clipped
        return arguments
    padding = draw.choice([0, draw.randint(0, min(each_kernel) // 2),
                           tuple(draw.randint(0, k // 2) for k in each_kernel)])
    arguments |= {"padding": padding}
    if name.startswith("max_unpool"):
        least = [(length + 2 * p - k) // s * s + k - 2 * p
                 for length, k, s, p in zip(lengths, each_kernel, each_stride, _each(padding, n))]
        if draw.random() < 0.4:
            # Nothing is left over, so that the usual size is that of the input.
            arguments["input"] = (tuple(batches + least), *arguments["input"][1:])
            return arguments
        greatest = tuple(length + s - 1 for length, s in zip(least, each_stride))
        return arguments | {"output_size": draw.choice([tuple(lengths), greatest])}
    arguments["ceil_mode"] = draw.random() < 0.5
    if "max" in name:
        arguments["dilation"] = dilation = _one_or_each(draw, n, lambda: draw.randint(1, 3), 0.5)
        spans = [(k - 1) * d + 1 for k, d in zip(each_kernel, _each(dilation, n))]
        if any(span > length + 2 * p for span, length, p in zip(spans, lengths, _each(padding, n))):
            arguments["dilation"] = 1
        return arguments
    arguments["count_include_pad"] = draw.random() < 0.5
    if n > 1 and draw.random() < 0.4:
        arguments["divisor_override"] = draw.choice([1, 3, 7, -2])
    return arguments


def _one_or_each(draw, n, one, probability):
    return one() if draw.random() < probability else tuple(one() for _ in range(n))


def _each(value, n):
    return value if isinstance(value, tuple) else (value,) * n


def array(shape, dtype, values, n):
    rng = np.random.default_rng(sum(shape))
    x = rng.normal(size=shape).astype(dtype)
    if values == "ties":
        return np.rint(x)
    for plane in x.reshape(-1, *shape[-n:]):
        spots = rng.choice(plane.size, min(4, plane.size), replace=False)
        if values == "NaN":
            # One of a plane: of several, PyTorch takes another. See DIFFERENCES.
            plane.flat[spots[0]] = np.nan
        elif values == "inf":
            plane.flat[spots] = [np.inf, np.inf, -np.inf, -np.inf][:len(spots)]
    return x


def moved(a, n, memory):
    """An array of PyTorch's as cypool gets it."""
    if memory == "first":
        return a
    a = np.moveaxis(a, -1 - n, -1)
    return a if memory == "view" else np.ascontiguousarray(a)


def check(name, combination):
    n = int(name[-2])
    options = dict(combination)
    shape, dtype, memory, values = options.pop("input")
    x = array(shape, dtype, values, n)
    if "lp" in name:
        # No zeros, and nothing negative under an odd power. See DIFFERENCES.
        x = np.where(x == 0, x.dtype.type(1), x if options["norm_type"] in (2, 4, np.inf) else abs(x))
    close = {"rtol": 2e-5, "atol": 1e-5} if dtype == "f4" else {"rtol": 1e-11, "atol": 1e-12}

    extra, indices = {}, None
    if name.startswith("max_unpool"):
        pooling = {key: value for key, value in options.items() if key != "output_size"}
        maxima, indices = getattr(functional, f"max_pool{n}d")(torch.from_numpy(x), **pooling, return_indices=True)
        x = maxima.numpy()
        extra["indices"] = moved(indices.numpy(), n, memory)
    tensor = torch.from_numpy(x).requires_grad_()
    # PyTorch's avg_pool1d knows no None.
    theirs = {key: value for key, value in options.items() if value is not None or key == "output_size"}
    if indices is not None:
        theirs["indices"] = indices
    finds = "max_pool" in name
    if finds:
        theirs["return_indices"] = extra["return_indices"] = True
    if "fractional" in name:
        samples = np.random.default_rng(sum(shape)).random(shape[:2] + (n,)).astype(dtype)
        theirs["_random_samples"] = torch.from_numpy(samples)
        extra["random_samples"] = samples
    if memory != "first":
        extra["data_format"] = "channels_last"
    expected = getattr(functional, name)(tensor, **theirs)
    ours = moved(x, n, memory)
    result = getattr(cypool, name)(ours, **options, **extra)

    if finds:
        expected, places = expected
        result, found = result
        assert found.dtype == np.int64
        np.testing.assert_array_equal(found, moved(places.numpy(), n, memory))
        # Without indices other code may run.
        del extra["return_indices"]
        np.testing.assert_array_equal(getattr(cypool, name)(ours, **options, **extra), result)
    assert result.dtype == x.dtype
    wanted = moved(expected.detach().numpy(), n, memory)
    if "max" in name:
        np.testing.assert_array_equal(result, wanted)
    else:
        np.testing.assert_allclose(result, wanted, **close)

    if "lp" in name and values in ("NaN", "inf"):
        return
    gradient = np.random.default_rng(1).normal(size=expected.shape).astype(dtype)
    expected.backward(torch.from_numpy(gradient))
    gradient = moved(gradient, n, memory)
    axis = tuple(range(-n, 0)) if memory == "first" else tuple(range(-1 - n, -1))
    if finds:
        back = cypool.max_pool_backward(gradient, found, ours.shape, axis=axis)
    elif name.startswith("avg"):
        back = cypool.avg_pool_backward(gradient, ours.shape, **options, axis=axis)
    elif name.startswith("adaptive_avg"):
        sizes = tuple(result.shape[a] for a in axis)
        back = cypool.adaptive_avg_pool_backward(gradient, ours.shape, sizes, axis=axis)
    elif name.startswith("lp"):
        back = cypool.lp_pool_backward(gradient, ours, **options, axis=axis)
    elif name.startswith("max_unpool"):
        back = cypool.max_unpool_backward(gradient, extra["indices"], axis=axis)
    else:
        return
    assert back.dtype == x.dtype
    wanted = moved(tensor.grad.numpy(), n, memory)
    if name.startswith("max_unpool"):
        # PyTorch also gives a gradient to what a later value wrote over, which has none.
        last = getattr(cypool, name)(np.arange(1.0, ours.size + 1).reshape(ours.shape), **options, **extra)
        kept = np.isin(np.arange(1.0, ours.size + 1), last).reshape(ours.shape)
        wanted = np.where(kept, wanted, 0)
    np.testing.assert_allclose(back, wanted, **close)


@pytest.fixture
def one_thread():
    """Arrays this small wait for PyTorch's threads longer than they are worked on."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", COMBINATIONS)
def test_combinations(isa, name):
    for combination in combinations(name):
        try:
            check(name, combination)
        except Exception as error:
            error.add_note(f"{name}: {combination}")
            raise


def test_number_of_combinations():
    assert sum(len(combinations(name)) for name in COMBINATIONS) >= 2000


nan, inf = np.nan, np.inf
ANY = {"kernel_size": 2}
# Where the two differ: the function, a row, arguments, what PyTorch gives, and what cypool. An exception is raised.
DIFFERENCES = {
    "of several NaN in a window PyTorch has the index of the last, cypool of the first": (
        "max_pool1d", [nan, 1, nan, 2], {"kernel_size": 4, "return_indices": True}, ([nan], [2]), ([nan], [0])),
    "PyTorch's lp_pool sums x ** p; the norm, and cypool, abs(x) ** p": (
        "lp_pool1d", [-1, 3], {"norm_type": 1, **ANY}, [2], [4]),
    "a negative sum of x ** p has no root": (
        "lp_pool1d", [-2, 1], {"norm_type": 3, **ANY}, [nan], [9 ** (1 / 3)]),
    "a negative x has no x ** 2.5": (
        "lp_pool1d", [-1, 1], {"norm_type": 2.5, **ANY}, [nan], [2 ** 0.4]),
    "in ceil mode PyTorch's lp_pool multiplies clipped windows by taps over taps inside, here 4 / 2, before the root": (
        "lp_pool1d", [1, 0, 0, 0, 0, 3], {"norm_type": 2, "kernel_size": 4, "ceil_mode": True},
        [1, 18 ** 0.5], [1, 3]),
    "PyTorch's x ** p overflows, though the norm does not": (
        "lp_pool1d", [3e200, 4e200], {"norm_type": 2, **ANY}, [inf], [5e200]),
    "norms of order -inf are, in PyTorch, the least abs(x)": (
        "lp_pool1d", [-3, 2], {"norm_type": -inf, **ANY}, [2], ValueError),
    "PyTorch's padding is at most half of the window": (
        "avg_pool1d", [1, 2], {"kernel_size": 3, "stride": 1, "padding": 2}, RuntimeError, [1 / 3, 1, 1, 2 / 3]),
    "PyTorch has no output size of None along one axis": (
        "adaptive_avg_pool1d", [1, 2], {"output_size": None}, TypeError, [1, 2]),
}
# The same, for integers.
DIFFERENCES_OF_INTEGERS = {
    "PyTorch cuts the mean off, cypool rounds half to even": (
        "avg_pool1d", [3, 4, -3, -4], ANY, [3, -3], [4, -4]),
    "PyTorch has no integer maxima along one axis": (
        "max_pool1d", [3, 4], ANY, RuntimeError, [4]),
    "PyTorch's lp_pool takes the mean of integers first, which is cut off": (
        "lp_pool1d", [1, 2], {"norm_type": 2, **ANY}, [2], [5 ** 0.5]),
}


@pytest.mark.parametrize("reason", [*DIFFERENCES, *DIFFERENCES_OF_INTEGERS])
def test_differences(reason):
    dtype = "f8" if reason in DIFFERENCES else "i8"
    name, x, options, theirs, ours = (DIFFERENCES | DIFFERENCES_OF_INTEGERS)[reason]
    x = np.array([x], dtype)
    for function, given, expected in ((getattr(functional, name), torch.from_numpy(x), theirs),
                                      (getattr(cypool, name), x, ours)):
        if isinstance(expected, type):
            with pytest.raises(expected):
                function(given, **options)
            continue
        result = function(given, **options)
        for array, values in zip(result, expected) if isinstance(expected, tuple) else [(result, expected)]:
            np.testing.assert_allclose(np.asarray(array)[0], values, rtol=1e-12)


def test_gradient_of_a_norm_of_zeros_is_zero():
    x = torch.zeros(1, 2, dtype=torch.float64, requires_grad=True)
    # As PyTorch documents it, which holds where p is at least 1.
    for p, theirs in ((2, 0), (0.5, nan)):
        functional.lp_pool1d(x, p, 2).backward(torch.ones(1, 1, dtype=torch.float64))
        np.testing.assert_array_equal(x.grad, [[theirs, theirs]])
        back = cypool.lp_pool_backward(np.ones((1, 1)), np.zeros((1, 2)), p, 2, axis=1)
        np.testing.assert_array_equal(back, [[0, 0]])
