"""The types: both checkers are content with the package and with its typical uses, and the stubs say what is there."""

import ast
import importlib.util
import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import cypool

HERE = Path(__file__).parent
PACKAGE = Path(cypool.__file__).parent
SETTINGS = HERE.parent / "pyproject.toml"
USES = HERE / "typical_use.py"

FUNCTIONS = [name for name in cypool.__all__ if callable(getattr(cypool, name))]


def needs(*modules):
    """What is checked imports the demo's libraries and onnx."""
    modules = (*modules, "matplotlib", "onnx", "sklearn", "tqdm")
    missing = [name for name in modules if not importlib.util.find_spec(name)]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} not installed")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run a tool's module, where it finds this cypool; gives its output, for a failure to show, and its exit code."""
    folder = tmp_path_factory.mktemp("types")
    installed = PACKAGE.parent.name in ("site-packages", "dist-packages")
    # basedpyright asks the first python on the path where packages are.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "MYPY_CACHE_DIR": str(folder / "cache"), "PATH": path}
    if not installed:
        environment["PYTHONPATH"] = os.pathsep.join([str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")])
        environment["MYPYPATH"] = str(PACKAGE.parent)

    def run(module, *arguments):
        done = subprocess.run([sys.executable, "-m", module, *map(str, arguments)], cwd=folder, env=environment,
                              capture_output=True, text=True)
        return done.stdout + done.stderr, done.returncode

    return run


@needs("mypy")
@pytest.mark.parametrize("what", [("-p", "cypool"), (USES,)], ids=["package", "uses"])
def test_mypy(run, what):
    output, code = run("mypy", "--config-file", SETTINGS, *what)
    assert code == 0, output


@needs("basedpyright")
def test_basedpyright(run, tmp_path):
    settings = tomllib.loads(SETTINGS.read_text())["tool"]["basedpyright"]
    settings["include"] = [str(PACKAGE), str(USES)]
    settings["exclude"] = []
    demo = next(each for each in settings["executionEnvironments"] if each["root"] == "cypool/demo")
    settings["executionEnvironments"] = [demo | {"root": str(PACKAGE / "demo"), "extraPaths": [str(PACKAGE.parent)]}]
    settings["extraPaths"] = [str(PACKAGE.parent)]
    file = tmp_path / "pyrightconfig.json"
    file.write_text(json.dumps(settings))
    output, code = run("basedpyright", "--project", file, "--outputjson")
    assert code == 0, output
    sources = [path for path in PACKAGE.rglob("*.py*") if path.suffix in (".py", ".pyi")]
    assert json.loads(output)["summary"]["filesAnalyzed"] == len(sources) + 1


@needs("basedpyright")
def test_nothing_public_is_untyped(run):
    output, code = run("basedpyright", "--verifytypes", "cypool", "--ignoreexternal")
    assert code == 0, output
    assert "Type completeness score: 100%" in output


@needs("mypy")
def test_stubs_agree_with_the_run_time(run):
    """Names, parameters, kinds and defaults of all modules."""
    output, code = run("mypy.stubtest", "cypool", "--concise", "--mypy-config-file", SETTINGS, "--allowlist",
                       HERE / "stubtest_allowlist.txt", "--ignore-unused-allowlist", "--ignore-disjoint-bases")
    assert code == 0, output


def origins():
    """The module that each public name comes from."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    return {alias.name: node.module.split(".")[-1] for node in tree.body if isinstance(node, ast.ImportFrom)
            for alias in node.names}


def typed_definitions(name):
    """The definitions that a type checker sees: all overloads, in the stub if there is one."""
    module = origins()[name]
    file = PACKAGE / f"{module}.pyi"
    tree = ast.parse((file if file.exists() else file.with_suffix(".py")).read_text())
    return [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_overload_has_the_parameters_of_the_function(name):
    parameters = inspect.signature(getattr(cypool, name)).parameters.values()
    positional = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    by_keyword = [each for each in parameters if each.kind is each.KEYWORD_ONLY]
    definitions = typed_definitions(name)
    assert definitions
    with_default = set()
    for node in definitions:
        arguments = node.args
        assert not arguments.posonlyargs
        assert arguments.vararg is arguments.kwarg is None
        assert [each.arg for each in arguments.args] == [each.name for each in positional]
        assert [each.arg for each in arguments.kwonlyargs] == [each.name for each in by_keyword]
        defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults + arguments.kw_defaults
        for parameter, default in zip([*positional, *by_keyword], defaults, strict=True):
            if default is not None:
                assert ast.literal_eval(default) == parameter.default, parameter.name
                with_default.add(parameter.name)
    # An overload may need what another has a default for, such as return_indices=True.
    assert with_default == {each.name for each in parameters if each.default is not each.empty}


def test_the_errors_among_the_typical_uses_are_marked_with_their_kind():
    """A bare comment would hide whatever is wrong."""
    marks = re.findall(r"type: ignore(\[[\w-]+\])?", USES.read_text())
    assert len(marks) > 30
    assert all(marks)
