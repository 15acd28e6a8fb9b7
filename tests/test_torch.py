"""PyTorch's own sample inputs for its pooling functions, and grids of arguments, where PyTorch is installed."""

import itertools
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


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("last", [False, True])
def test_max_pool_and_its_gradient(isa, n, last):
    rng = np.random.default_rng(0)
    axes = tuple(range(1, n + 1)) if last else tuple(range(2, n + 2))
    grid = itertools.product((2, 3), (1, 2, 3), (0, 1), (1, 2), (False, True))
    for kernel, stride, padding, dilation, ceil_mode in grid:
        x = rng.normal(size=(2, 3) + (7, 8, 9)[:n]).astype("f4")
        tensor = torch.from_numpy(x).requires_grad_()
        expected, indices = getattr(functional, f"max_pool{n}d")(tensor, kernel, stride, padding, dilation, ceil_mode,
                                                                return_indices=True)
        gradient = rng.normal(size=expected.shape).astype("f4")
        expected.backward(torch.from_numpy(gradient))
        move = (lambda a: np.moveaxis(a, 1, -1)) if last else (lambda a: a)
        x_moved = np.ascontiguousarray(move(x))
        result, found = getattr(cypool, f"max_pool{n}d")(
            x_moved, kernel, stride, padding, dilation, ceil_mode=ceil_mode, return_indices=True,
            data_format="channels_last" if last else "channels_first")
        np.testing.assert_array_equal(result, move(expected.detach().numpy()))
        np.testing.assert_array_equal(found, move(indices.numpy()))
        back = cypool.max_pool_backward(np.ascontiguousarray(move(gradient)), found, x_moved.shape, axis=axes)
        np.testing.assert_allclose(back, move(tensor.grad.numpy()), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_avg_pool_and_its_gradient(isa, n):
    rng = np.random.default_rng(0)
    axes = tuple(range(2, n + 2))
    for kernel, stride, padding, ceil_mode, include in itertools.product((2, 3, 4), (1, 2, 3), (0, 1), (False, True),
                                                                         (False, True)):
        x = rng.normal(size=(2, 3) + (7, 8, 9)[:n]).astype("f4")
        tensor = torch.from_numpy(x).requires_grad_()
        expected = getattr(functional, f"avg_pool{n}d")(tensor, kernel, stride, padding, ceil_mode, include)
        gradient = rng.normal(size=expected.shape).astype("f4")
        expected.backward(torch.from_numpy(gradient))
        options = {"ceil_mode": ceil_mode, "count_include_pad": include}
        result = getattr(cypool, f"avg_pool{n}d")(x, kernel, stride, padding, **options)
        np.testing.assert_allclose(result, expected.detach().numpy(), rtol=1e-5, atol=1e-6)
        back = cypool.avg_pool_backward(gradient, x.shape, kernel, stride, padding, axis=axes, **options)
        np.testing.assert_allclose(back, tensor.grad.numpy(), rtol=1e-5, atol=1e-6)
