"""How Sphinx builds the site: `sphinx-build -W -n --keep-going -b html docs docs/_build/html`."""

import os
import sys
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "Agg")
# Progress bars of the network's training would fill the log.
os.environ.setdefault("TQDM_DISABLE", "1")
# Figures are scripts that share a module.
sys.path.insert(0, str(Path(__file__).parent / "figures"))

import cypool

project = "cypool"
author = "the cypool developers"
copyright = author
version = release = cypool.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "matplotlib.sphinxext.plot_directive",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "figures", "gallery/**/*.ipynb", "gallery/*.py"]
templates_path = ["_templates"]
myst_heading_anchors = 3
# attrs_block: {.peer} marks the lines of other libraries.
myst_enable_extensions = ["attrs_block", "colon_fence"]

nitpicky = True
# Names in single backticks in docstrings are links.
default_role = "py:obj"
# The types are said in words below the signature.
autodoc_typehints = "none"
add_function_parentheses = False
autosummary_generate = True
numpydoc_show_class_members = False
# A summary, every parameter and every result described, and an example.
numpydoc_validation_checks = {
    "GL06", "GL07", "GL08", "SS01", "SS02", "SS03", "SS04", "PR01", "PR02", "PR03", "PR04", "PR07", "PR10", "RT01",
    "RT03", "EX01",
}

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"plot_\w+\.py$",
    "within_subsection_order": "FileNameSortKey",
    # API pages show the examples that call a function.
    "doc_module": ("cypool",),
    "backreferences_dir": "generated/backreferences",
    "capture_repr": (),
    "reference_url": {"cypool": None},
    "download_all_examples": False,
    "show_signature": False,
    "write_computation_times": False,
    "remove_config_comments": True,
}

plot_formats = [("svg", 96)]
plot_html_show_formats = False
plot_html_show_source_link = False
plot_rcparams = {"svg.hashsalt": "cypool", "font.size": 11}
plot_apply_rcparams = True

html_theme = "pydata_sphinx_theme"
html_title = "cypool"
html_static_path = ["_static"]
html_css_files = ["cypool.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "show_prev_next": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
}
html_sidebars: dict[str, list[str]] = {"index": [], "performance": [], "parity": [], "design": []}

# Links within the site are checked by -n and -W; `nox -s links` looks up the pages of others, which needs a network.
linkcheck_anchors = False
