"""The extensions: one engine, and one copy of the kernels for each instruction set.

Environment variables of the build:

CYPOOL_OPENMP=0     build without OpenMP, even if the compiler has it
CYPOOL_DEBUG=1      bounds checks on, optimisation off, debug information in
CYPOOL_JOBS=n       translate and compile n files at once; without it as many as the process may use cores
"""

import multiprocessing
import os
import platform
import sys
import tempfile
from pathlib import Path

import numpy as np
from Cython.Build import cythonize
from Cython.Compiler import Options
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError, LinkError

DEBUG = os.environ.get("CYPOOL_DEBUG", "0") != "0"
WANT_OPENMP = os.environ.get("CYPOOL_OPENMP", "1") != "0"
JOBS = int(os.environ.get("CYPOOL_JOBS") or (
    len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1))

# Nobody reads those of compiled modules, which would be in each copy of the kernels.
Options.docstrings = False
DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": False,
    "initializedcheck": DEBUG,
    "cdivision": True,
    "nonecheck": DEBUG,
    "freethreading_compatible": True,
    "auto_pickle": False,
}

KERNELS = ("combine", "folds", "direct", "strips", "columns", "means", "keys", "addends", "sums", "moves", "order",
           "few", "medians", "histograms", "norms", "powers", "moments", "scaled", "planes", "winners", "ranks",
           "pairs", "places", "collects", "halves", "widths", "turns")
ENGINE = {
    "cypool._cpu": "cypool/_cpu.pyx",
    "cypool._call": "cypool/_call.pyx",
    "cypool._layouts": "cypool/_layouts.pyx",
    "cypool._engine.run": "cypool/_engine/run.pyx",
    "cypool._engine.regions": "cypool/_engine/regions.pyx",
    "cypool._engine.samples": "cypool/_engine/samples.pyx",
    "cypool._engine.scatter": "cypool/_engine/scatter.pyx",
    "cypool._openmp": "cypool/_openmp.pyx",
}

# Flags by kind of compiler. Vectorised selections need to know that comparisons do not trap, and every copy of the
# kernels gives the same bits only without fused multiply-adds. Never -ffast-math: it deletes the tests for NaN.
OPTIMISE = {
    "unix": ["-O1", "-g"] if DEBUG else ["-O3", "-g0", "-fno-trapping-math", "-fno-math-errno"],
    "msvc": ["/Od", "/Zi"] if DEBUG else ["/O2"],
}
EXACT = {"unix": ["-ffp-contract=off"], "msvc": ["/fp:precise"]}
# A name that no header has would be found when all is linked, or loaded.
QUIET = {"unix": ["-Wno-unused-function", "-Werror=implicit-function-declaration"],
         "msvc": ["/wd4101", "/wd4244", "/wd4267"]}
COPIES = {
    "baseline": {"unix": [], "msvc": []},
    "avx2": {"unix": ["-mavx2", "-mf16c"], "msvc": ["/arch:AVX2"]},
    "avx512": {"unix": ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mf16c", "-mprefer-vector-width=512"],
               "msvc": ["/arch:AVX512"]},
}
# Kernels that gain little from the widest vectors, for what they take of a wheel: those of AVX2 do.
LENT = {"avx512": ("means", "moments", "scaled", "halves", "histograms", "norms", "planes", "ranks", "places",
                   "collects", "widths", "turns", "strips", "columns")}
# And those of the widest vectors alone.
ONLY = {"avx512": ("slim", "wide_strips", "wide_rows", "wide_words", "wide_bytes", "wide_chains",
                   "wide_collects")}
# Registers have no index: all of a network, or of a window, has to be in one function, however large.
IN_REGISTERS = ("folds", "direct", "strips", "columns", "means", "few", "medians", "histograms", "norms", "planes",
                "winners", "ranks", "pairs", "places", "collects", "halves", "turns", "slim",
                "wide_strips", "wide_rows", "wide_words", "wide_bytes", "wide_chains", "wide_collects")
WHOLE = {
    "unix": ["-DCYTHON_INLINE=__inline__ __attribute__((always_inline))"],
    "msvc": ["/DCYTHON_INLINE=__forceinline"],
}
# Rows begin anywhere, and an unaligned vector of 64 bytes lies in two lines of the cache, each time. Loops over whole
# rows that do little else take vectors of 32.
OVER_ROWS = ("combine",)
HALF_AS_WIDE = {("avx512", "unix"): ["-mprefer-vector-width=256"]}
# Vectors, but not the code that -O3 makes of loops besides.
SHORT = [] if DEBUG else ["-O2", "-fvect-cost-model=dynamic", "-funswitch-loops"]
# Files that are short in the baseline copy, which on x86 is for processors of before 2013: half as much code, and on
# average of the benchmarks as fast.
SHORT_FOR_OLD = ("combine", "order", "addends", "moments", "scaled", "keys")
# Files, and flags of GCC's that they are better with; Clang does not know each.
BETTER_WITH = () if DEBUG else (
    # Many loops that seldom run, or are short: -O3 makes up to half as much code again, and nothing faster.
    (("run", "sums", "means", "pairs", "_call", "_layouts"), SHORT),
    # Tables that are made before the work: most of the code is that of memoryviews.
    (("samples",), ["-Os"]),
    # Loops over rows: the last time that GCC orders instructions makes them longer, and slower by up to a quarter.
    (("combine", "columns", "strips", "keys", "addends", "sums", "moves", "order", "scaled", "moments",
      "run", "regions", "samples", "scatter", "_call"), ["-fno-schedule-insns2"]),
    # Rows that are exchanged in place: with it, GCC stores floats under a mask where one stays, and takes four times as
    # long.
    (("order",), ["-fno-thread-jumps"]),
    # Functions that stand in pxd files are inline by name; these are long, and each has several callers.
    (("moments",), ["--param=max-inline-insns-single=30"]),
    # Long rows: what whole vectors leave of one needs no loop of narrower vectors.
    (("scaled", "halves"), ["--param=vect-epilogues-nomask=0"]),
)
# Nothing is thrown through C; what would be needed for that, and by debuggers, is a twentieth of the wheel.
UNWOUND = {"unix": [] if DEBUG else ["-fno-asynchronous-unwind-tables"], "msvc": []}
# Python binds all names when it loads a module, so that calls need no second way for names that are not bound.
BOUND = [] if DEBUG else ["-fno-plt"]
OPENMP = {
    "unix": [(["-fopenmp"], ["-fopenmp"]), (["-Xpreprocessor", "-fopenmp"], ["-lomp"])],
    "msvc": [(["/openmp"], [])],
}
EMPTY = "int main(void) { return 0; }\n"
USES_OPENMP = "#include <omp.h>\nint main(void) { return omp_get_max_threads() > 0 ? 0 : 1; }\n"


def copies():
    """The copies of the kernels that this architecture can run."""
    machine = platform.machine().lower()
    return tuple(COPIES) if machine in ("x86_64", "amd64") and sys.maxsize > 2**32 else ("baseline",)


def extension(name, source):
    return Extension(name, [source], include_dirs=[np.get_include(), "cypool/_kernels"],
                     define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION"),
                                    ("NPY_TARGET_VERSION", "NPY_2_0_API_VERSION")])


def extensions():
    """All extensions, those of the engine first; each copy of the kernels under its own name."""
    result = [extension(*item) for item in ENGINE.items()]
    for copy in copies():
        result += [extension(f"cypool._kernels.{copy}.{kernel}", f"cypool/_kernels/{kernel}.pyx")
                   for kernel in (*KERNELS, *ONLY.get(copy, ())) if kernel not in LENT.get(copy, ())]
    return result


def translate(wanted):
    """Extensions of Cython become ones of C."""
    # Where processes are spawned, each would run this file again.
    jobs = JOBS if multiprocessing.get_start_method() == "fork" else 0
    by_name = {each.name: each for each in wanted}
    own = [each for each in wanted if copy_of(each) in (None, "baseline") or kernel_of(each) in ONLY["avx512"]]
    for translated in cythonize(own, build_dir="build/cython", nthreads=jobs, compiler_directives=DIRECTIVES,
                                include_path=["."]):
        by_name[translated.name].sources = translated.sources
        by_name[translated.name].depends = translated.depends
    for each in wanted:
        if each not in own:
            baseline = by_name[each.name.replace(copy_of(each), "baseline")]
            each.sources = [named_after(copy_of(each), baseline.sources[0])]
            each.depends = baseline.depends


def copy_of(each):
    """Which copy of the kernels an extension is of; None of the engine."""
    parts = each.name.split(".")
    return parts[-2] if "_kernels" in parts else None


def kernel_of(each):
    return each.name.split(".")[-1]


def named_after(copy, translated):
    """The file of a kernel of that copy, from the baseline one. Cython's translations differ by the module's name only,
    which stands there as it is, in names of C, and in those with each part's length."""
    source = Path(translated).read_text("utf-8")
    for form in ("_kernels.{0}.", "_kernels__{0}__", "_kernels_{1}{0}_"):
        source = source.replace(form.format("baseline", len("baseline")), form.format(copy, len(copy)))
    path = Path(f"build/cython-{copy}", Path(translated).name)
    # A file that stays as it is need not be compiled again.
    if not path.exists() or path.read_text("utf-8") != source:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, "utf-8")
    return str(path)


class BuildExtensions(build_ext):
    """Adds the flags that only the compiler at hand can tell."""

    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or JOBS

    def run(self):
        # Not before: to make an sdist, or to tell what the package needs, nothing has to be translated.
        translate(self.extensions)
        super().run()
        # In a checkout the folder cypool/ hides the installed package from `python -m cypool`; so it gets the
        # compiled modules as well.
        self.copy_extensions_to_source()

    def build_extensions(self):
        kind = "msvc" if self.compiler.compiler_type == "msvc" else "unix"
        compile_openmp, link_openmp = self.openmp_flags(kind)
        better_with = [(names, self.known(flags)) for names, flags in BETTER_WITH] if kind == "unix" else []
        short = self.known(SHORT) if kind == "unix" and len(copies()) > 1 else []
        bound = self.known(BOUND) if kind == "unix" else []
        for each in self.extensions:
            copy, kernel = copy_of(each), kernel_of(each)
            each.extra_compile_args += OPTIMISE[kind] + UNWOUND[kind] + bound + EXACT[kind] + QUIET[kind]
            each.extra_compile_args += [flag for names, flags in better_with if kernel in names for flag in flags]
            if copy is not None:
                each.extra_compile_args += COPIES[copy][kind]
                if copy == "baseline" and kernel in SHORT_FOR_OLD:
                    each.extra_compile_args += short
                if kernel in IN_REGISTERS:
                    each.extra_compile_args += WHOLE[kind]
                if kernel in ONLY.get(copy, ()):
                    each.define_macros.append(("CYPOOL_WIDEST", None))
                if kernel in OVER_ROWS:
                    each.extra_compile_args += HALF_AS_WIDE.get((copy, kind), [])
            else:
                each.extra_compile_args += compile_openmp
                each.extra_link_args += link_openmp
        super().build_extensions()

    def openmp_flags(self, kind):
        """Flags to compile and to link with OpenMP; none where it is not wanted or not there."""
        if not WANT_OPENMP:
            return [], []
        for compiling, linking in OPENMP[kind]:
            if self.builds(USES_OPENMP, compiling, linking):
                return compiling, linking
        print("building without OpenMP: cypool will use one thread")
        return [], []

    def known(self, flags):
        """Those of the flags that the compiler has."""
        return [flag for flag in flags if self.builds(EMPTY, [flag, "-Werror"])]

    def builds(self, program, compiling, linking=()):
        """Whether the compiler makes a program of this, with flags to compile and to link."""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "probe.c")
            source.write_text(program)
            try:
                objects = self.compiler.compile([str(source)], output_dir=folder, extra_postargs=compiling)
                self.compiler.link_executable(objects, "probe", output_dir=folder, extra_postargs=linking)
            except (CompileError, LinkError) as error:
                print(f"not with {' '.join(compiling)}: {error}")
                return False
        return True


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildExtensions})
