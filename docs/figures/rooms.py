"""The rooms of the code, as the package's first page lists them, and the way of a call through them."""

import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

import cypool

LIGHT = {"ink": "#222832", "faint": "#5b6470", "box": "#eef3fb", "edge": "#4a78b5"}
DARK = {"ink": "#ced6dd", "faint": "#9aa4b0", "box": "#1d2733", "edge": "#6fa8e8"}

# Left, top, width and height of each room.
PLACES = {
    "public functions": (1.6, 0.2, 10.2, 1.3),
    "_weighted": (7.2, 2.1, 4.6, 1.3),
    "_call": (1.6, 3.1, 5.0, 1.3),
    "_pooling": (1.6, 5.0, 5.0, 1.3),
    "_windows": (1.6, 6.9, 5.0, 1.3),
    "_engine": (1.6, 8.8, 10.2, 0.95),
    "_kernels": (1.6, 10.35, 10.2, 0.95),
}


def rooms() -> dict[str, str]:
    """Names and sentences from the docstring of the package."""
    text = cypool.__doc__ or ""
    lines = [line.strip().removeprefix("-> ") for line in text.splitlines() if line.startswith("    ")]
    found: dict[str, str] = {}
    for line in lines:
        name, _, sentence = line.partition("   ")
        if sentence:
            found[name] = sentence.strip()
        else:
            found[list(found)[-1]] += " " + line
    assert found.keys() == PLACES.keys(), found.keys()
    return found


def copies() -> list[str]:
    """The copies of the kernels."""
    folder = Path(cypool.__file__).parent / "_kernels"
    return sorted(path.parent.name for path in folder.glob("*/__init__.py"))


def light() -> None:
    """For a light page."""
    draw(LIGHT)


def dark() -> None:
    """For a dark page."""
    draw(DARK)


def draw(colours: dict[str, str]) -> None:
    """All rooms, and arrows between them."""
    figure, axis = plt.subplots(figsize=(9, 9.2))
    figure.patch.set_alpha(0)
    figure.subplots_adjust(0, 0, 1, 1)
    axis.set(xlim=(0, 12), ylim=(12.3, 0))
    axis.axis("off")
    for name, text in rooms().items():
        room(axis, name, text, colours)
    way(axis, colours, (3, 1.5), (3, 3.1))
    way(axis, colours, (9.5, 1.5), (9.5, 2.1), "a mask or weights")
    way(axis, colours, (8.4, 3.4), (6.6, 3.9), "several calls", (8.2, 3.85))
    way(axis, colours, (4.1, 4.4), (4.1, 5.0), "a call unlike earlier ones")
    way(axis, colours, (4.1, 6.3), (4.1, 6.9))
    way(axis, colours, (4.1, 8.2), (4.1, 8.8), "the plan, kept for the next time")
    axis.plot([1.6, 0.8, 0.8], [3.75, 3.75, 9.25], color=colours["edge"], linewidth=1.6)
    way(axis, colours, (0.8, 9.25), (1.6, 9.25))
    axis.text(0.5, 6.5, "a call like an earlier one", rotation=90, ha="center", va="center", fontsize=10.5,
              color=colours["faint"])
    way(axis, colours, (6.7, 9.75), (6.7, 10.35))
    names = copies()
    width = 10.2 / len(names)
    for number, name in enumerate(names):
        box(axis, 1.6 + number * width + 0.08, 11.45, width - 0.16, 0.6, colours)
        axis.text(1.6 + (number + 0.5) * width, 11.76, name, ha="center", va="center", family="monospace", fontsize=11,
                  color=colours["ink"])


def room(axis: Axes, name: str, text: str, colours: dict[str, str]) -> None:
    """A box with a name and a sentence."""
    left, top, width, height = PLACES[name]
    box(axis, left, top, width, height, colours)
    lines = textwrap.wrap(text, int(width * 8.6))
    axis.text(left + 0.2, top + 0.34, name, va="center", weight="bold", fontsize=12, color=colours["ink"],
              family="sans-serif" if " " in name else "monospace")
    axis.text(left + 0.2, top + 0.55, "\n".join(lines), va="top", fontsize=10,
              color=colours["ink"], linespacing=1.15)


def box(axis: Axes, left: float, top: float, width: float, height: float, colours: dict[str, str]) -> None:
    """A rounded box."""
    axis.add_patch(FancyBboxPatch((left, top), width, height, boxstyle="round,pad=0,rounding_size=0.12",
                                  facecolor=colours["box"], edgecolor=colours["edge"], linewidth=1.4))


def way(axis: Axes, colours: dict[str, str], begin: tuple[float, float], end: tuple[float, float], text: str = "",
        at: tuple[float, float] | None = None) -> None:
    """An arrow with words beside it."""
    axis.add_patch(FancyArrowPatch(begin, end, arrowstyle="-|>", mutation_scale=14, color=colours["edge"],
                                   linewidth=1.6, shrinkA=0, shrinkB=0))
    x, y = at or ((begin[0] + end[0]) / 2 + 0.2, (begin[1] + end[1]) / 2)
    axis.text(x, y, text, va="center", fontsize=10.5, color=colours["faint"])
