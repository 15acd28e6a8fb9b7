"""The gate against regressions: it says what got slower, and only that.

To see it at work on a real change takes two builds: CYPOOL_GATE=1 in a checkout. CYPOOL_GATE=10 also compares an
unchanged tree ten times.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TIMES = int(os.environ.get("CYPOOL_GATE", "0"))

if not (ROOT / "asv_bench" / "gate.py").exists():
    pytest.skip("the benchmarks are not beside the tests", allow_module_level=True)
sys.path.insert(0, str(ROOT / "asv_bench"))

import gate  # noqa: E402


@pytest.mark.parametrize(("before", "after", "time_ratio", "expected"), [
    (1000, 1000, 1.0, []),
    (1000, 1030, 1.0, []),
    (1000, 1031, 1.0, ["SLOWER: max: 3.1 % more instructions, 3 are allowed"]),
    (1000, 900, 1.05, []),
    (1000, 900, 1.2, ["SLOWER: max: takes 20.0 % longer in each of 5 rounds, 10 are allowed"]),
])
def test_verdict(before, after, time_ratio, expected):
    assert gate.failures([gate.Verdict("max", before, after, time_ratio)], [], 3, 10) == expected


def test_what_cannot_be_compared_is_a_failure():
    assert gate.failures([], ["max"], 3, 10) == ["GONE: max", "no call could be compared"]


@pytest.mark.parametrize(("rounds", "expected"), [
    ([1.2, 1.3, 1.4, 1.25, 1.3], 1.2),
    ([1.2, 1.3, 1.02], 1.02),
    ([0.9], 0.9),
])
def test_a_call_that_is_not_slower_in_one_round_is_done(monkeypatch, rounds, expected):
    """The same instructions, and time that only memory takes."""
    monkeypatch.setattr(gate, "counted", lambda folder: {"max": 1000, "only before": 1} if folder == "before"
                        else {"max": 1000})
    monkeypatch.setattr(gate, "Timer", contextlib.nullcontext)
    left = list(rounds)
    monkeypatch.setattr(gate, "ratio", lambda old, new, name: left.pop(0))
    verdicts, gone = gate.compare("before", "after", 10)
    assert verdicts == [gate.Verdict("max", 1000, 1000, expected)]
    assert gone == ["only before"]
    assert left == []


class Scripted:
    """A timer that gives these seconds in turn."""

    def __init__(self, seconds):
        self.left = list(seconds)

    def seconds(self, name):
        return self.left.pop(0)


@pytest.mark.parametrize(("old", "new", "expected"), [
    ([2.0] * 20, [3.0] * 20, 1.5),
    ([2.0] * 20, [2.0] * 6 + [9.0] * 14, 1.0),      # some runs are always disturbed
    ([1.0] + [2.0] * 19, [2.0] * 20, 1.0),          # one lucky run is no reason
])
def test_ratio(old, new, expected):
    assert gate.ratio(Scripted(old), Scripted(new), "max") == expected


def test_only_what_changed_is_written(tmp_path):
    contents = {"cypool/a.pyx": b"1", "cypool/b.pyx": b"2", "setup.py": b"3"}
    gate.lay(tmp_path, contents)
    os.utime(tmp_path / "cypool/a.pyx", (1, 1))
    gate.lay(tmp_path, {**contents, "cypool/b.pyx": b"4"})
    assert (tmp_path / "cypool/a.pyx").stat().st_mtime == 1
    assert (tmp_path / "cypool/b.pyx").read_bytes() == b"4"


@pytest.mark.parametrize("contents", [{"cypool/a.pyx": b"1", "setup.py": b"new flags"}, {"setup.py": b"3"}])
def test_other_flags_and_lost_files_start_afresh(tmp_path, contents):
    gate.lay(tmp_path, {"cypool/a.pyx": b"1", "setup.py": b"3"})
    (tmp_path / "cypool/a.so").touch()
    gate.lay(tmp_path, contents)
    assert not (tmp_path / "cypool/a.so").exists()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A clone of this repository, the uncommitted changes included, as its only commit."""
    folder = tmp_path_factory.mktemp("checkout")
    names = gate.git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in names:
        if gate.needed(name) and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    gate.git(folder, "init", "--quiet")
    gate.git(folder, "add", ".")
    gate.git(folder, "-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false",
             "commit", "--quiet", "-m", "all")
    return folder


def judged(checkout):
    return subprocess.run([sys.executable, ROOT / "asv_bench" / "gate.py", "--repository", checkout, "--folder",
                           checkout.parent / "gate"], capture_output=True, text=True)


needs_builds = pytest.mark.skipif(TIMES == 0, reason="takes two builds; CYPOOL_GATE=1 runs it")


@needs_builds
@pytest.mark.timeout(7200)
def test_an_unchanged_tree_passes(checkout):
    for _ in range(TIMES):
        run = judged(checkout)
        assert run.returncode == 0, run.stdout + run.stderr
        assert "no call got slower" in run.stdout


@needs_builds
@pytest.mark.timeout(7200)
def test_a_slower_kernel_is_caught(checkout):
    """One that combines the second of two rows twice: the maxima stay right."""
    kernel = checkout / "cypool" / "_kernels" / "direct.pyx"
    text = kernel.read_text()
    before, found, after = text.partition("if n_rows == 2:\n        return merge(a, b, rule)\n")
    assert found
    kernel.write_text(before + found.replace("merge(a, b, rule)", "merge(merge(a, b, rule), b, rule)") + after)
    run = judged(checkout)
    kernel.write_text(text)
    assert run.returncode == 1, run.stdout + run.stderr
    slower = [line for line in run.stdout.splitlines() if line.startswith("SLOWER")]
    assert any("max 2x2, 16x56x56" in line for line in slower), run.stdout
    assert not any("median" in line for line in slower), run.stdout
