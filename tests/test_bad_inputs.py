"""Wrong calls raise at once, with a message that says what is wrong.

They run in a process of their own, so that a crash or a hang fails the one test that caused it.
"""

import multiprocessing
import re

import bad_family_inputs
import bad_inputs
import pytest

CASES = bad_inputs.CASES | bad_family_inputs.CASES
SECONDS = 30


def serve(connection):
    """Run cases by name until told to stop."""
    while (name := connection.recv()) is not None:
        call = CASES[name][0]
        try:
            result = call()
        except BaseException as error:
            connection.send((type(error).__name__, str(error)))
        else:
            connection.send(("nothing raised", repr(result)))


class Worker:
    """A process that runs cases; started anew after a crash or a hang."""

    def __init__(self):
        self.process = None

    def run(self, name):
        if self.process is None:
            context = multiprocessing.get_context("spawn")
            self.connection, other = context.Pipe()
            self.process = context.Process(target=serve, args=(other,), daemon=True)
            self.process.start()
            other.close()
        self.connection.send(name)
        try:
            if self.connection.poll(SECONDS):
                return self.connection.recv()
            outcome = "hung"
        except EOFError:
            outcome = "crashed"
        self.stop()
        pytest.fail(f"the process {outcome}")

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.join()
            self.process = None


@pytest.fixture(scope="module")
def worker():
    worker = Worker()
    yield worker
    worker.stop()


@pytest.mark.parametrize("name", CASES)
def test_wrong_call_says_what_is_wrong(worker, name):
    _, error, message = CASES[name]
    kind, text = worker.run(name)
    allowed = [each.__name__ for each in (error if isinstance(error, tuple) else (error,))]
    assert kind in allowed, text
    assert re.search(message, text), text


def test_a_remembered_call_is_still_checked():
    """An array that was good for an earlier call may not be any more."""
    import numpy as np

    import cypool

    x, out = np.ones((4, 4), "f4"), np.zeros((2, 2), "f4")
    cypool.max_pool(x, 2, out=out)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="out must be writable"):
        cypool.max_pool(x, 2, out=out)
    for wrong in (np.timedelta64(2), np.float32(2)):
        with pytest.raises(TypeError, match="kernel_size"):
            cypool.max_pool(x, wrong)


def test_numpy_bools_are_flags():
    import numpy as np

    import cypool

    values, indices = cypool.max_pool(np.arange(4.0), 2, return_indices=np.True_)
    assert indices.tolist() == [1, 3]
    assert cypool.max_pool(np.arange(4.0), 2, return_indices=np.False_).tolist() == [1, 3]
    assert cypool.max_pool(np.arange(5.0), 2, ceil_mode=np.True_).tolist() == values.tolist() + [4]


def test_table_is_large_enough():
    assert len(CASES) >= 120


@pytest.mark.parametrize("good", [2, (2, 2), [2, 2]])
def test_wrong_argument_is_found_after_a_right_one_that_equals_it(worker, good):
    """Plans are cached by argument, and 2.0 == 2, True == 1."""
    import numpy as np

    import cypool

    x = np.zeros((4, 6))
    cypool.max_pool(x, good)
    cypool.max_pool(x, 1)
    for wrong in (2.0, (2.0, 2), (2, 2.0), True, (True, 1), np.float64(2), np.array([2.0, 2.0])):
        with pytest.raises(TypeError, match="kernel_size"):
            cypool.max_pool(x, wrong)


@pytest.mark.parametrize("good", [2, (2, 2), [2, 2]])
def test_wrong_argument_of_a_gradient_is_found_after_a_right_one_that_equals_it(worker, good):
    """What gradients check is remembered, too."""
    import numpy as np

    import cypool

    g = np.zeros((1, 2, 3))
    indices = np.zeros(g.shape, int)
    for shape in ((1, 4, 6), [1, 4, 6]):
        cypool.avg_pool_backward(g, shape, good, axis=(1, 2), ceil_mode=True)
        cypool.max_pool_backward(g, indices, shape, axis=(1, 2))
        cypool.max_unpool2d(g, indices, good)
    cypool.avg_pool_backward(g, (1, 2, 3), 1, axis=(1, 2))
    cypool.max_unpool2d(g, indices, 1)
    for wrong in (2.0, (2.0, 2), (2, 2.0), True, (True, 1), np.float64(2), np.array([2.0, 2.0])):
        with pytest.raises(TypeError, match="kernel_size"):
            cypool.avg_pool_backward(g, (1, 4, 6), wrong, axis=(1, 2))
        with pytest.raises(TypeError, match="kernel_size"):
            cypool.max_unpool2d(g, indices, wrong)
    for wrong in (1, 0, "True", None):
        with pytest.raises(TypeError, match="ceil_mode"):
            cypool.avg_pool_backward(g, (1, 4, 6), good, axis=(1, 2), ceil_mode=wrong)
    for wrong in ((1.0, 4, 6), (True, 4, 6), (1, 4, np.float64(6))):
        with pytest.raises(TypeError, match="input_shape"):
            cypool.max_pool_backward(g, indices, wrong, axis=(1, 2))
        with pytest.raises(TypeError, match="input_shape"):
            cypool.avg_pool_backward(g, wrong, good, axis=(1, 2))
    for wrong in ((1.0, 2), (True, 2)):
        with pytest.raises(TypeError, match="axis"):
            cypool.max_pool_backward(g, indices, (1, 4, 6), axis=wrong)
