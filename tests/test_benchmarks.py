"""The benchmarks themselves: what they find missing, and that their data and names hold still."""

import importlib
import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cypool

ASV_BENCH = Path(__file__).parent.parent / "asv_bench"
if not ASV_BENCH.is_dir():
    pytest.skip("asv_bench is not beside the tests", allow_module_level=True)
SUITES = ("pooling", "family", "scaling", "package")


@pytest.fixture
def module(monkeypatch):
    """A function that imports what lies in asv_bench."""
    monkeypatch.syspath_prepend(str(ASV_BENCH))
    yield importlib.import_module
    for name in [name for name in sys.modules if name.split(".")[0] in ("benchmarks", "history")]:
        del sys.modules[name]


def suites(module):
    for suite in SUITES:
        for name, each in inspect.getmembers(module(f"benchmarks.{suite}"), inspect.isclass):
            if each.__module__ == f"benchmarks.{suite}" and not issubclass(each, tuple):
                yield name, each


def test_every_suite_has_a_version(module):
    found = dict(suites(module))
    assert len(found) >= 11
    assert [name for name, each in found.items() if not isinstance(getattr(each, "version", None), str)] == []


def test_parameters_are_plain_and_differ(module):
    for name, each in suites(module):
        for parameters in [each.params] if len(getattr(each, "param_names", [])) == 1 else getattr(each, "params", []):
            assert len(set(parameters)) == len(parameters), name
            assert {type(value) for value in parameters} <= {str, int}, name


@pytest.mark.parametrize("name", ["tiny 28", "half max NCHW", "layout [::2, ::-1]", "labels mode u32"])
def test_data_is_the_same_each_time(module, name):
    case = module("benchmarks.grid").CASES[name]
    np.testing.assert_array_equal(case.array(), case.array())


def test_no_case_is_skipped_in_this_version(module):
    assert all(callable(case.function()) for case in module("benchmarks.grid").CASES.values())
    for make in module("benchmarks.family").CALLS.values():
        call = make()
        inspect.signature(getattr(cypool, call.function)).bind(*call.arguments, **call.options)


def test_what_cypool_lacks_is_skipped(module, monkeypatch):
    monkeypatch.delattr(cypool, "area_pool")
    suite = module("benchmarks.pooling").Forward()
    with pytest.raises(NotImplementedError, match="cypool has no area_pool"):
        suite.setup("area f32")


def test_options_that_cypool_lacks_are_skipped(module, monkeypatch):
    def avg_pool(x, kernel_size, *, num_threads=None):
        return x

    monkeypatch.setattr(cypool, "avg_pool", avg_pool)
    suite = module("benchmarks.family").Family()
    with pytest.raises(NotImplementedError, match="unexpected keyword argument 'mask'"):
        suite.setup("masked_average")


def test_other_mistakes_are_not_skipped(module):
    skipped_where_missing = module("benchmarks.missing").skipped_where_missing
    with pytest.raises(AttributeError, match="nothing_such"), skipped_where_missing():
        _ = np.nothing_such
    with pytest.raises(TypeError, match="kernel_size must be"), skipped_where_missing():
        cypool.max_pool(np.zeros(4), "two")


def test_without_counts_of_instructions_they_are_skipped(module, monkeypatch):
    suite = module("benchmarks.pooling")
    monkeypatch.setattr(suite, "count", lambda: None)
    counts = suite.Instructions().setup_cache()
    assert counts is not None, "asv would leave the argument out"
    with pytest.raises(NotImplementedError, match="no valgrind"):
        suite.Instructions().setup(counts, suite.Instructions.params[0])


def test_more_threads_than_cores_are_skipped(module):
    scaling = module("benchmarks.scaling")
    with pytest.raises(NotImplementedError, match="cores"):
        scaling.Threads().setup("MNIST", scaling.n_cores() + 1)


def test_size_is_that_of_what_is_installed(module):
    suite = module("benchmarks.package").Size()
    suite.setup()
    names = {path.name for path in suite.files}
    assert "_functions.py" in names
    assert any(name.startswith("_call.") for name in names)
    assert 0.1 < suite.track_wheel() / suite.track_installed() < 0.9
    assert suite.track_wheel() == suite.track_wheel()


def test_import_is_measured_against_numpys(module):
    """Which is part of it; noise may take a fifth off."""
    assert 0.8 < module("benchmarks.package").Import().track_over_numpy() < 10


@pytest.mark.skipif(shutil.which("valgrind") is None, reason="valgrind is not installed")
@pytest.mark.timeout(600)
def test_import_takes_less_than_a_third_more_instructions_than_numpys(tmp_path):
    """With compiled bytecode, as after an installation."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path)
    environment["OPENBLAS_NUM_THREADS"] = "1"       # others count what they wait
    counts = []
    for module in ("numpy", "cypool"):
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True, env=environment)
        run = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={tmp_path / module}.out",
                              sys.executable, "-c", f"import {module}"], check=True, env=environment, text=True,
                             capture_output=True)
        counts.append(int(re.search(r"refs:\s+([\d,]+)", run.stderr).group(1).replace(",", "")))
    assert counts[1] < 1.3 * counts[0], counts


@pytest.mark.parametrize(("n", "expected"), [(1, [0]), (2, [0, 9]), (4, [0, 3, 6, 9]), (20, list(range(10)))])
def test_history_is_spread_from_first_to_last(module, n, expected):
    pytest.importorskip("asv")
    assert module("history").spread(range(10), n) == expected
