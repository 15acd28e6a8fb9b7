"""Threads: how many, from Python threads at once, after a fork, in other processes."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
import types
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import cypool
from cypool import _openmp, _pooling, _threads

SHAPE = (8, 16, 112, 112)
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


@pytest.fixture(autouse=True)
def no_setting():
    yield
    cypool.set_num_threads(None)


def large():
    return np.random.default_rng(0).normal(size=SHAPE).astype("f4")


def run(code, **environment):
    """Run Python code in a process of its own; gives what it printed."""
    return subprocess.run([sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True,
                          text=True, timeout=300, check=True).stdout.strip()


@pytest.mark.skipif(not _openmp.VERSION, reason="a serial build has one thread")
@pytest.mark.parametrize(("environment", "expected"), [
    ({"CYPOOL_NUM_THREADS": "3", "OMP_NUM_THREADS": "5"}, "3"),
    ({"CYPOOL_NUM_THREADS": "", "OMP_NUM_THREADS": "5"}, "5"),
    ({"CYPOOL_NUM_THREADS": "", "OMP_NUM_THREADS": "4,2"}, "4"),
    ({"CYPOOL_NUM_THREADS": "", "OMP_NUM_THREADS": "-1"}, str(CORES)),
])
def test_environment(environment, expected):
    assert run("import cypool; print(cypool.get_num_threads())", **environment) == expected


@pytest.mark.skipif(not _openmp.VERSION, reason="a serial build has one thread")
def test_setting_comes_before_the_environment():
    code = "import cypool; cypool.set_num_threads(2); print(cypool.get_num_threads())"
    assert run(code, CYPOOL_NUM_THREADS="7") == "2"


@pytest.mark.skipif(not _openmp.VERSION, reason="a serial build has one thread")
@pytest.mark.parametrize("value", ["0", "-2", "two", "1.5"])
def test_a_wrong_environment_is_an_error(monkeypatch, value):
    monkeypatch.setenv("CYPOOL_NUM_THREADS", value)
    with pytest.raises(ValueError, match=f"CYPOOL_NUM_THREADS must be a positive int, got '{value}'"):
        cypool.get_num_threads()


def test_a_huge_number_of_threads_is_not_started():
    """libgomp ends the process where a thread cannot be made."""
    x = large()
    np.testing.assert_array_equal(cypool.max_pool2d(x, 2, num_threads=10**6), cypool.max_pool2d(x, 2, num_threads=1))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity here")
def test_affinity_is_respected():
    code = "import os, cypool; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); print(cypool.get_num_threads())"
    assert run(code, CYPOOL_NUM_THREADS="", OMP_NUM_THREADS="") == "1"


def test_python_threads_at_once():
    x = large()
    expected = [cypool.max_pool2d(x, k, 2) for k in (2, 3, 5)]
    with ThreadPoolExecutor(8) as pool:
        jobs = [(i % 3, pool.submit(cypool.max_pool2d, x, (2, 3, 5)[i % 3], 2)) for i in range(48)]
        for which, job in jobs:
            np.testing.assert_array_equal(job.result(timeout=60), expected[which])


def test_python_threads_that_plan_at_once():
    """The first calls of many shapes and arguments, from many threads."""
    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(50):
            n, k = (int(i) for i in rng.integers(5, 50, 2))
            k = min(n, k)
            x = rng.normal(size=(3, n))
            expected = np.lib.stride_tricks.sliding_window_view(x, k, axis=1).max(-1)
            np.testing.assert_array_equal(cypool.max_pool(x, k, 1, axis=1), expected)
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(16), timeout=120))


def test_what_is_remembered_may_vanish_while_others_use_it():
    """Threads that make the same calls, while others fill the memory of calls beyond its end and empty it."""
    x = np.random.default_rng(0).normal(size=(2, 40, 40)).astype("f4")
    calls = [
        lambda: cypool.max_pool2d(x, 3, 2, 1, return_indices=True)[1],
        lambda: cypool.avg_pool(x, 3, axis=(1, 2)),
        lambda: cypool.median_pool(x, (1, 3, 3)),
        lambda: cypool.area_pool(x, 7, axis=(1, 2)),
        lambda: cypool.adaptive_max_pool2d(x, 5),
        lambda: cypool.avg_pool_backward(x, (2, 80, 80), 2, axis=(1, 2)),
        lambda: cypool.max_unpool2d(x, np.tile(np.arange(1600).reshape(40, 40), (2, 1, 1)), 2),
    ]
    expected = [call() for call in calls]
    stop = threading.Event()

    def disturb(seed):
        rng = np.random.default_rng(seed)
        while not stop.is_set():
            for n in rng.integers(1, 1000, 300).tolist():
                cypool.max_pool(np.zeros(n), 1, n, num_threads=1 + n % 3)
            cypool.set_num_threads(1 + seed)
            _pooling.forget()
        return True

    def repeat(seed):
        for i in range(200):
            which = (seed + i) % len(calls)
            np.testing.assert_array_equal(calls[which](), expected[which])
        return True

    with ThreadPoolExecutor(6) as pool:
        disturbing = [pool.submit(disturb, seed) for seed in range(2)]
        try:
            assert all(pool.map(repeat, range(4), timeout=120))
        finally:
            stop.set()
        assert all(job.result(timeout=60) for job in disturbing)


def test_python_threads_that_need_a_kernel_first():
    """Modules of kernels are imported when a plan needs them: here by eight threads at once, in a new process."""
    code = """if True:
        import threading
        import numpy as np
        import cypool

        x = np.random.default_rng(0).integers(0, 9, (40, 40)).astype("f4")
        calls = [
            lambda: cypool.median_pool(x, 5, 1, 2),
            lambda: cypool.median_pool(x, 7),
            lambda: cypool.logsumexp_pool(x, 2),
            lambda: cypool.lp_pool(x, 2, 2),
            lambda: cypool.max_pool(x, 2, return_indices=True)[1],
            lambda: cypool.avg_pool(x, 9, 1),
        ]
        results = [[] for _ in range(8)]
        start = threading.Barrier(8)

        def work(mine):
            start.wait()
            mine += [call() for call in calls]

        threads = [threading.Thread(target=work, args=[mine]) for mine in results]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for mine in results:
            for result, call in zip(mine, calls, strict=True):
                np.testing.assert_array_equal(result, call())
        print("alike")
        """
    for _ in range(3):
        assert run(code) == "alike"


@pytest.mark.skipif(getattr(sys, "_is_gil_enabled", lambda: True)(), reason="this Python has a GIL")
def test_the_gil_stays_off():
    """An extension that does not say it is safe without turns it on again, with a warning."""
    assert run("import sys, cypool; print(sys._is_gil_enabled())", PYTHON_GIL="") == "False"


def test_the_gil_is_released():
    """Another Python thread gets on while the loops run."""
    x = np.random.default_rng(0).normal(size=(4096, 4096))
    counted, stop = [0], threading.Event()

    def count():
        while not stop.is_set():
            counted[0] += 1
            time.sleep(0)

    thread = threading.Thread(target=count)
    thread.start()
    try:
        before = counted[0]
        begin = time.perf_counter()
        cypool.max_pool(x, 15, 1, num_threads=1)
        seconds = time.perf_counter() - begin
        during = counted[0] - before
    finally:
        stop.set()
        thread.join()
    # With the GIL held, the other thread would get one turn at most.
    assert during > 10, (during, seconds)


def child_result(x, queue):
    queue.put(float(cypool.max_pool2d(x, 3, 2, 1).sum()))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_works():
    """libgomp's threads do not survive a fork; a child that waited for them would hang."""
    x = large()
    expected = float(cypool.max_pool2d(x, 3, 2, 1, num_threads=2).sum())
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    children = [context.Process(target=child_result, args=(x, queue)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    assert [queue.get() for _ in children] == [expected] * 3
    assert float(cypool.max_pool2d(x, 3, 2, 1, num_threads=2).sum()) == expected


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_pool_of_processes(method):
    x = large()
    expected = cypool.avg_pool2d(x, 2)
    with multiprocessing.get_context(method).Pool(2) as pool:
        parts = pool.starmap_async(cypool.avg_pool2d, [(part, 2) for part in x]).get(timeout=90)
    np.testing.assert_array_equal(np.stack(parts), expected)


def test_small_work_stays_on_one_thread(monkeypatch):
    asked = []
    monkeypatch.setattr("cypool._threads.for_call", lambda *args: asked.append(args) or 1)
    cypool.max_pool2d(np.zeros((1, 1, 8, 8), "f4"), 2)
    assert not asked
    cypool.max_pool2d(large(), 2)
    assert asked


def test_calls_that_are_held_up_rest(monkeypatch):
    """Where threads wait for processors, the next 1, 3, 7, ... calls are made on one; until one is not held up."""
    monkeypatch.setattr(_threads, "_rests", 0)
    monkeypatch.setattr(_threads, "_rests_left", 0)
    monkeypatch.setattr(_threads, "worth", lambda cost, wanted: 2)
    plan = types.SimpleNamespace(cost=10 * _threads.SERIAL_NS)
    for rests in (1, 3, 7):
        assert _threads.for_call(plan, None) == 2
        _threads.note(True)
        assert _threads.for_call(plan, 2) == 2      # as asked
        assert [_threads.for_call(plan, None) for _ in range(rests)] == [1] * rests
    assert _threads.for_call(plan, None) == 2
    _threads.note(False)
    assert _threads.for_call(plan, None) == 2
    for _ in range(20):
        _threads.note(True)
    assert _threads._rests_left == _threads.MOST_RESTS


@pytest.mark.parametrize("op", ["max", "avg"])
def test_threads_share_few_large_images(op):
    """In channels-last order they lie end to end, as one column of windows far apart."""
    x = np.zeros((4, 60, 60, 64), "f4")
    prepared = _pooling._prepare(op, "adaptive", x, ((1, 2), 1), (_pooling.AXES, "propagate", False), None, None, None)
    assert prepared.plan.n_units == len(x)
