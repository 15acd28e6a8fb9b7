"""What the package costs before the first call: its import, and its size."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import cypool

PROCESSES = 7
SECONDS = """\
import time
begin = time.perf_counter()
import {module}
print(time.perf_counter() - begin)
"""


class Import:
    """In processes of their own; cypool's import includes NumPy's."""

    version = "1"

    def timeraw_import_cypool(self):
        return "import cypool"

    def timeraw_import_numpy(self):
        return "import numpy"

    def track_over_numpy(self):
        """The least of several times, taken by turns after a first round that fills the page cache."""
        seconds = {"numpy": [], "cypool": []}
        for _ in range(1 + PROCESSES):
            for module, times in seconds.items():
                command = [sys.executable, "-c", SECONDS.format(module=module)]
                times.append(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        return min(seconds["cypool"][1:]) / min(seconds["numpy"][1:])

    track_over_numpy.unit = "times NumPy's import"


class Size:
    """Of the files that are installed."""

    version = "1"

    def setup(self):
        package = Path(cypool.__file__).parent
        # In a checkout sources and caches lie beside them.
        self.files = sorted(path for path in package.rglob("*") if path.suffix in (".py", ".pyi", ".so", ".pyd"))
        self.site = package.parent

    def track_installed(self):
        return sum(path.stat().st_size for path in self.files)

    def track_wheel(self):
        """Deflated one by one, as in the wheel that is built, to which auditwheel adds libgomp."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as wheel:
            for path in self.files:
                wheel.write(path, path.relative_to(self.site))
        return archive.tell()

    track_installed.unit = track_wheel.unit = "bytes"
