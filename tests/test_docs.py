"""The examples in docstrings and in the README run, and every public function is documented."""

import doctest
import inspect
from pathlib import Path

import numpy as np
import pytest

import cypool

FUNCTIONS = [name for name in cypool.__all__ if callable(getattr(cypool, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstring(name):
    function = getattr(cypool, name)
    tests = doctest.DocTestFinder().find(function, name, module=False, globs={"np": np, "cypool": cypool})
    assert any(test.examples for test in tests), "no example"
    failures = [doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test) for test in tests]
    assert not any(failure.failed for failure in failures)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_is_described(name):
    function = getattr(cypool, name)
    text = inspect.getdoc(function)
    assert "{" + "x}" not in text, "a shared description was not filled in"
    for parameter in inspect.signature(function).parameters:
        assert f"\n{parameter} : " in text, parameter


def test_readme():
    readme = Path(__file__).parents[1] / "README.md"
    if not readme.exists():
        pytest.skip("the README is not installed")
    results = doctest.testfile(str(readme), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert results.failed == 0
    assert results.attempted > 0
