"""Whether the working tree is slower than a commit: by instructions, which are the same on any day, and by time.

    pip install ".[bench]" && python asv_bench/gate.py [COMMIT]

COMMIT is HEAD by default, so that what is not committed is compared with what is. Both are built here, with the same
compiler; what did not change is not built twice. Each hot call of benchmarks/callgrind.py is counted by callgrind in
both builds, then timed in both by turns. The exit status is 1, and the call is named, where

- a call takes more instructions than before, by more than --limit per cent, or
- a call takes longer in each of some rounds, by more than --time-limit per cent, in the fastest runs and in the 25th
  percentile: what only waits for memory shows in no count. Noise does not do that to each round.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
REPOSITORY = HERE.parent
ROUNDS = 5


class Verdict(NamedTuple):
    """What became of one call."""

    name: str
    before: int             # instructions
    after: int
    time_ratio: float       # of the round that speaks most for the working tree

    def more(self):
        """Per cent more instructions than before."""
        return 100 * (self.after / self.before - 1)

    def longer(self):
        """Per cent more time than before."""
        return 100 * (self.time_ratio - 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", nargs="?", default="HEAD", help="compare with this (default: HEAD)")
    parser.add_argument("--limit", type=float, default=3, help="per cent of instructions that are too many")
    parser.add_argument("--time-limit", type=float, default=10, help="per cent of time that is too much")
    parser.add_argument("--folder", type=Path, default=HERE / "env" / "gate", help="where to build")
    parser.add_argument("--repository", type=Path, default=REPOSITORY, help="a working tree of cypool")
    options = parser.parse_args()
    missing = [name for name in ("Cython", "setuptools") if importlib.util.find_spec(name) is None]
    if missing or shutil.which("valgrind") is None:
        parser.error(f"{', '.join(missing) or 'valgrind'} must be installed: "
                     "pip install \".[bench]\", and valgrind from the system's packages")
    before, after = build_both(options.repository.resolve(), options.commit, options.folder.resolve())
    verdicts, gone = compare(before, after, options.time_limit)
    print(table(verdicts))
    wrong = failures(verdicts, gone, options.limit, options.time_limit)
    print("\n".join(wrong) or f"no call got slower than at {options.commit}")
    return 1 if wrong else 0


def build_both(repository, commit, folder):
    """Folders that hold the package, compiled alike, as it is at the commit and in the working tree."""
    commit = git(repository, "rev-parse", "--verify", f"{commit}^{{commit}}").strip()
    folder = folder / toolchain()
    folder.mkdir(parents=True, exist_ok=True)
    source, before, after = folder / "source", folder / commit, folder / "tree"
    if not before.exists():
        files = git(repository, "ls-tree", "-r", "--name-only", "-z", commit).split("\0")
        lay(source, {name: git(repository, "show", f"{commit}:{name}", text=False) for name in files if needed(name)})
        build(source, before)
    files = git(repository, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    lay(source, {name: (repository / name).read_bytes() for name in files
                 if needed(name) and (repository / name).exists()})
    build(source, after)
    return before, after


def toolchain():
    """A name for all that decides what a source is compiled to, and is not in the source."""
    variables = {name: value for name, value in os.environ.items()
                 if name in ("CC", "CFLAGS", "LDFLAGS") or name.startswith("CYPOOL_")}
    compiler = (variables.get("CC") or sysconfig.get_config_var("CC") or "cc").split()
    told = subprocess.run([*compiler, "--version"], capture_output=True, text=True).stdout
    parts = [sysconfig.get_config_var("SOABI"), version("cython"), version("numpy"), version("setuptools"), told,
             sorted(variables.items())]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def git(repository, *command, text=True):
    return subprocess.run(["git", "-C", repository, *command], check=True, capture_output=True, text=text).stdout


def needed(name):
    return name.startswith(("cypool/", "LICENSE")) or name in ("setup.py", "pyproject.toml", "README.md", "MANIFEST.in")


def lay(source, contents):
    """Make `source` hold these files, and leave those alone that are there already, with what was built from them."""
    paths = {source / name: content for name, content in contents.items()}
    # Other flags, or another header, may change every file; and what is gone must not be imported.
    changed = any(path.exists() and path.read_bytes() != content for path, content in paths.items()
                  if path.name == "setup.py" or path.suffix == ".h")
    gone = any(path not in paths for suffix in ("py", "pyx", "pxd") for path in source.glob(f"cypool/**/*.{suffix}"))
    if changed or gone:
        shutil.rmtree(source)
    for path, content in paths.items():
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def build(source, target):
    print(f"building {target.name[:12]}", flush=True)
    run = subprocess.run([sys.executable, "setup.py", "build_ext", "--inplace"], cwd=source, capture_output=True,
                         text=True)
    if run.returncode != 0:
        raise SystemExit(f"the build of {target.name} failed:\n{run.stdout[-2000:]}{run.stderr[-4000:]}")
    # Whole or not at all, since that of a commit is kept.
    part = target.with_suffix(".part")
    for old in (part, target):
        shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(source / "cypool", part / "cypool", ignore=shutil.ignore_patterns("*.p[yx][xd]", "*.h", "*.c"))
    part.rename(target)


def compare(before, after, time_limit):
    """A verdict for each call that both have, and the names of those that only the first one has."""
    print("counting instructions", flush=True)
    counts = [counted(before), counted(after)]
    names = [name for name in counts[0] if name in counts[1]]
    gone = [name for name in counts[0] if name not in counts[1]]
    best = dict.fromkeys(names, float("inf"))
    for i in range(ROUNDS):
        # A call that was no slower once is done.
        names = [name for name in names if best[name] > 1 + time_limit / 100]
        if not names:
            break
        print(f"timing {len(names)} calls, round {i + 1} of at most {ROUNDS}", flush=True)
        # In new processes: where arrays lie in memory can slow a call by a fifth for as long as a process lives.
        with Timer(before) as old, Timer(after) as new:
            for name in names:
                best[name] = min(best[name], ratio(old, new, name))
    return [Verdict(name, counts[0][name], counts[1][name], best[name]) for name in best], gone


def ratio(old, new, name):
    """How many times as long the new build takes: of the fastest runs or of the 25th percentiles, the less."""
    runs = [], []
    turns = list(zip((old, new), runs))
    for _ in range(20):
        for timer, results in turns:
            results.append(timer.seconds(name))
        turns.reverse()
    ratios = [sorted(runs[1])[rank] / sorted(runs[0])[rank] for rank in (0, 5)]
    return min(ratios)


def counted(folder):
    """Instructions of each call."""
    for command in (["-c", f"import cypool; assert cypool.__file__.startswith({str(folder)!r}), cypool.__file__"],
                    ["-m", "benchmarks.callgrind", "--json"]):
        run = subprocess.run([sys.executable, *command], env=environment(folder), cwd=HERE, stdout=subprocess.PIPE,
                             text=True, check=True)
    return json.loads(run.stdout)


def environment(folder):
    """That of a process which imports the package from this folder."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(HERE)])}


class Timer:
    """A process with one of the builds, that times calls as it is told."""

    def __init__(self, folder):
        self.process = subprocess.Popen([sys.executable, "-m", "benchmarks.timer"], cwd=HERE, env=environment(folder),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def seconds(self, name):
        """Of a call."""
        self.process.stdin.write(name + "\n")
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"timing {name} failed")
        return float(line)


def table(verdicts):
    """Text: instructions and times."""
    lines = [f"{'call':36} {'before':>12} {'after':>12} {'more':>8} {'time':>8}"]
    for each in verdicts:
        lines.append(f"{each.name:36} {each.before:12,} {each.after:12,} {each.more():+7.2f}% {each.longer():+7.1f}%")
    return "\n".join(lines)


def failures(verdicts, gone, limit, time_limit):
    """A line for each call that got slower, or cannot be made any more."""
    lines = [f"GONE: {name}" for name in gone]
    if not verdicts:
        lines.append("no call could be compared")
    for each in verdicts:
        if each.after > each.before * (1 + limit / 100):
            lines.append(f"SLOWER: {each.name}: {each.more():.1f} % more instructions, {limit:g} are allowed")
        elif each.longer() > time_limit:
            lines.append(f"SLOWER: {each.name}: takes {each.longer():.1f} % longer in each of {ROUNDS} rounds, "
                         f"{time_limit:g} are allowed")
    return lines


if __name__ == "__main__":
    sys.exit(main())
