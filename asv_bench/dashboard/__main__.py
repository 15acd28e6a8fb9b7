"""The benchmark dashboard: a front page of static files, with asv's own pages in a folder beside it.

    pip install ".[site]" && python asv_bench/dashboard

reads the results that asv keeps and the comparison with the peers, and writes html/index.html, which opens from disk.
asv's pages need a server, python -m http.server --directory asv_bench/html, and the network or what vendor.py says.
"""

import argparse
import json
import shutil
from pathlib import Path

import plotly.offline
from asv.commands.publish import Publish
from asv.config import Config
from gather import measured, subjects
from vendor import copy_libraries

HERE = Path(__file__).parent
ROOT = HERE.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, default=ROOT / "asv.conf.json", help="of asv (default: %(default)s)")
    parser.add_argument("--comparison", type=Path, default=ROOT / "comparison.json",
                        help="what compare.py wrote (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=ROOT / "html", help="folder to write (default: %(default)s)")
    options = parser.parse_args()
    build(options.config, options.comparison, options.output)
    print(f"wrote {options.output / 'index.html'}")


def build(config, comparison, output):
    """Write the whole dashboard."""
    conf = Config.load(str(config))
    # Paths in the configuration start at its folder.
    for name in ("repo", "results_dir", "benchmark_dir"):
        setattr(conf, name, str((config.parent / getattr(conf, name)).resolve()))
    conf.html_dir = str((output / "asv").resolve())
    output.mkdir(parents=True, exist_ok=True)
    known = subjects(conf.repo)
    # asv stops at results of commits that a shallow clone has not.
    Publish.run(conf, range_spec=list(known), pull=False)
    copy_libraries(Path(conf.html_dir))
    data = {"project": conf.project, "machines": measured(conf, known),
            "comparison": json.loads(comparison.read_text()) if comparison.exists() else None}
    # A script, since pages opened from disk may not fetch; NaN is no JSON.
    (output / "data.js").write_text(f"const DATA = {json.dumps(data, allow_nan=False)};\n")
    (output / "plotly.min.js").write_text(plotly.offline.get_plotlyjs(), encoding="utf-8")
    shutil.copytree(HERE / "front", output, dirs_exist_ok=True)


if __name__ == "__main__":
    main()
