"""The documentation's pages: what they show runs, and the reference has every public name.

Of a page in docs/coming_from, blocks under a line {.peer} need its peer; what such a block calls `theirs` equals what
cypool's block after it calls `ours`.
"""

import doctest
import re
from pathlib import Path

import numpy as np
import pytest

import cypool

DOCS = Path(__file__).parents[1] / "docs"
PEERS = {"pytorch": "torch", "keras": "keras", "scikit-image": "skimage", "xarray": "xarray", "opencv": "cv2",
         "tinybrain": "tinybrain"}
FENCE = re.compile(r"^({\.peer}\n)?```python\n(.*?)^```$", re.M | re.S)

pytestmark = pytest.mark.skipif(not DOCS.exists(), reason="docs/ is not beside the tests")


def blocks(path):
    """The examples of a page: for each block whether it is of a peer, and a doctest."""
    text = path.read_text(encoding="utf-8")
    for match in FENCE.finditer(text):
        if ">>>" in match[2]:
            line = text.count("\n", 0, match.start(2))
            yield bool(match[1]), doctest.DocTestParser().get_doctest(match[2], {}, path.name, str(path), line)


def run(path, *, peers):
    """Run a page's blocks, those of its peer only if wanted; give how many results were compared."""
    names, compared = {}, 0
    for of_peer, test in blocks(path):
        if of_peer and not peers:
            continue
        test.globs = names
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
        assert not runner.run(test, clear_globs=False).failed, f"{path.name}, line {test.lineno}"
        if "theirs" in names and "ours" in names:
            theirs, ours = names.pop("theirs"), names.pop("ours")
            for a, b in zip(*[each if isinstance(each, (list, tuple)) else [each] for each in (theirs, ours)],
                            strict=True):
                np.testing.assert_allclose(np.asarray(b), np.asarray(a), rtol=1e-5, atol=1e-6)
            compared += 1
    return compared


@pytest.mark.parametrize("path", sorted([*DOCS.glob("*.md"), *DOCS.glob("*/*.md")]), ids=lambda path: path.stem)
def test_lines_of_cypool(path):
    run(path, peers=False)


@pytest.mark.parametrize("page", PEERS)
def test_peer_and_cypool_give_the_same(page, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    if page == "keras":
        pytest.importorskip("torch", reason="the backend for Keras")
    pytest.importorskip(PEERS[page])
    path = DOCS / "coming_from" / f"{page}.md"
    peers = sum(of_peer and "theirs =" in test.docstring for of_peer, test in blocks(path))
    assert run(path, peers=True) == peers > 0


def test_every_coming_from_page_has_a_peer():
    pages = {path.stem for path in (DOCS / "coming_from").glob("*.md")} - {"index"}
    assert pages == set(PEERS)


def test_reference_has_every_public_name():
    text = (DOCS / "api.rst").read_text(encoding="utf-8")
    listed = re.findall(r"^   (\w+)$", text, re.M) + re.findall(r"^\.\. py:data:: (\w+)$", text, re.M)
    assert set(listed) == set(cypool.__all__)
