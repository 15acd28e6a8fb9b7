"""Values to where indices say on many small planes: those that lie end to end, channels and all, are one piece of work.
The same as NumPy's, one value after the other."""

import numpy as np
import pytest

import cypool

# (planes, lengths of the input, of the output); one output of a plane, few and more than few.
SHAPES = [(100, (2, 2), (1, 1)), (40, (3, 5), (1, 1)), (70, (4, 3), (2, 1)), (33, (5, 4), (1, 3)), (17, (7, 6), (3, 2)),
          (9, (2, 3, 2), (1, 2, 1)), (300, (1, 1), (1, 1)), (5, (20, 20), (9, 9)), (3, (70, 30), (2, 2))]
CHANNELS = [1, 2, 3, 4, 8, 17, 40]


def planes_of(shape, channels, last, dtype, seed):
    """Values and indices of a batch, and the shape of the target and its axes."""
    n, lengths, sizes = shape
    rng = np.random.default_rng(seed)
    outputs = (n, *sizes, channels) if last else (n, channels, *sizes)
    target = (n, *lengths, channels) if last else (n, channels, *lengths)
    values = rng.standard_normal(outputs).astype(dtype)
    indices = rng.integers(0, np.prod(lengths), outputs)
    axes = tuple(range(1, 1 + len(sizes))) if last else tuple(range(2, 2 + len(sizes)))
    return values, indices, target, axes


def added(values, indices, target, axes):
    """What np.add.at gives, plane by plane, in the order of the outputs."""
    ends = range(-len(axes), 0)
    v, i = np.moveaxis(values, axes, ends), np.moveaxis(indices, axes, ends)
    plane = int(np.prod([target[axis] for axis in axes]))
    flat = np.zeros((v[..., *[0] * len(axes)].size, plane), values.dtype)
    for row, these, there in zip(flat, v.reshape(len(flat), -1), i.reshape(len(flat), -1)):
        np.add.at(row, there, these)
    lead = [length for axis, length in enumerate(target) if axis not in axes]
    return np.moveaxis(flat.reshape(*lead, *[target[axis] for axis in axes]), ends, axes)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_gradients(eager_threads, shape, channels, last, dtype, threads):
    values, indices, target, axes = planes_of(shape, channels, last, dtype, channels)
    result = cypool.max_pool_backward(values, indices, target, axis=axes, num_threads=threads)
    np.testing.assert_array_equal(result, added(values, indices, target, axes))


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_strides_of_axes_of_one_value_say_nothing(shape, channels, last):
    values, indices, target, axes = planes_of(shape, channels, last, "f4", 5)
    strange = [np.lib.stride_tricks.as_strided(array, strides=[
        stride if length > 1 else 4096 + 8 * axis for axis, (length, stride) in enumerate(
            zip(array.shape, array.strides))]) for array in (values, indices)]
    out = np.full(target, 7, "f4")
    result = cypool.max_pool_backward(*strange, target, axis=axes, out=out)
    assert result is out
    np.testing.assert_array_equal(out, added(values, indices, target, axes))


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("wrong", [-1, 2**31, 2**40])
def test_an_index_outside_is_an_error(shape, channels, last, wrong):
    values, indices, target, axes = planes_of(shape, channels, last, "f4", 6)
    for at in (0, indices.size // 2, indices.size - 1):
        changed = indices.copy()
        changed.reshape(-1)[at] = wrong
        with pytest.raises(ValueError, match=f"got {wrong}"):
            cypool.max_pool_backward(values, changed, target, axis=axes)


@pytest.mark.parametrize("dtype", ["u1", "i2", "f4", "i8"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_of_values_for_one_place_the_last_stays(shape, channels, last, dtype):
    n, _lengths, sizes = shape
    values, indices, target, axes = planes_of((n, tuple(2 * size for size in sizes), sizes), channels, last, "f4", 7)
    values = (values * 40).astype(dtype)
    ends = range(-len(axes), 0)
    expected = np.zeros(target, dtype)
    flat = np.moveaxis(expected, axes, ends)
    lengths = flat.shape[-len(axes):]
    for at in np.ndindex(flat.shape[:-len(axes)]):
        v, i = np.moveaxis(values, axes, ends)[at], np.moveaxis(indices, axes, ends)[at]
        for value, index in zip(v.ravel(), i.ravel()):
            flat[at][np.unravel_index(index, lengths)] = value
    unpool = getattr(cypool, f"max_unpool{len(axes)}d")
    result = unpool(values, indices, 2, data_format="channels_last" if last else "channels_first")
    np.testing.assert_array_equal(result, expected)
