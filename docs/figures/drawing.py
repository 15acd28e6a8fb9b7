"""Arrays as grids of cells, and the windows of a call along an axis."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyArrowPatch, Rectangle

import cypool

# One for each window; light enough for black numbers.
COLOURS = ["#8dd3c7", "#ffe08a", "#bebada", "#fb9a8c", "#8fbcdf", "#fdb462", "#b3de69", "#fccde5", "#cfcfcf"]
PLAIN = "#ffffff"
FAINT = "#f1f1f1"


def grid(axis: Axes, values: np.ndarray, left: float, top: float, colours: Any = None, title: str = "",
         bold: Any = None, ink: str = "black", zorder: float = 1) -> None:
    """Draw a 2-D array with its top left corner there; colours and bold have its shape."""
    for (row, column), value in np.ndenumerate(values):
        colour = PLAIN if colours is None else colours[row][column]
        axis.add_patch(Rectangle((left + column, top + row), 1, 1, facecolor=colour, edgecolor="#555555",
                                 zorder=zorder))
        strong = bold is not None and bold[row][column]
        text = shown(value)
        axis.text(left + column + 0.5, top + row + 0.52, text, ha="center", va="center", color=ink, zorder=zorder,
                  weight="bold" if strong else "normal", fontsize=12.5 if len(text) < 4 else 10)
    if title:
        axis.text(left + values.shape[1] / 2, top - 0.2, title, ha="center", va="bottom", fontsize=13)


def shown(value: Any) -> str:
    """A number in few characters."""
    return str(value) if isinstance(value, str) else f"{value:.3g}" if np.isfinite(value) else "NaN"


def frame(axis: Axes, left: float, top: float, height: float, width: float, zorder: float = 2) -> None:
    """A thick line around a window."""
    axis.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor="black", linewidth=2.2, zorder=zorder))


def arrow(axis: Axes, begin: tuple[float, float], end: tuple[float, float], text: str = "") -> None:
    """An arrow with words above it."""
    axis.add_patch(FancyArrowPatch(begin, end, arrowstyle="-|>", mutation_scale=14, color="#555555", linewidth=1.4))
    axis.text((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2 - 0.2, text, ha="center", va="bottom",
              family="monospace", fontsize=12)


def canvas(width: float, height: float, cell: float = 0.42) -> Axes:
    """A figure without axes, of so many cells, whose rows count from the top."""
    figure, axis = plt.subplots(figsize=(width * cell, height * cell))
    figure.subplots_adjust(0, 0, 1, 1)
    axis.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    axis.axis("off")
    return axis


def block_colours(shape: tuple[int, int], size: tuple[int, int]) -> list[list[str]]:
    """Colours of the cells of a 2-D array: those of the block they are in."""
    across = -(-shape[1] // size[1])
    return [[COLOURS[(row // size[0] * across + column // size[1]) % len(COLOURS)] for column in range(shape[1])]
            for row in range(shape[0])]


def taps(length: int, kernel_size: int, stride: int | None = None, padding: Any = 0, dilation: int = 1,
         ceil_mode: bool = False) -> list[list[int]]:
    """The positions that each output of a call reads, those in the padding too; inside the input they are checked
    against the gradient that cypool gives."""
    arguments = (kernel_size, stride, padding, dilation)
    n_out = cypool.max_pool(np.zeros(length), *arguments, ceil_mode=ceil_mode).size
    step = stride or kernel_size
    span = (kernel_size - 1) * dilation + 1
    missing = max((n_out - 1) * step + span - length, 0)
    before = {"valid": 0, "same": missing // 2, "same_lower": -(-missing // 2)}.get(padding, padding)
    if isinstance(before, tuple):
        before = before[0][0]
    windows = [[i * step - before + tap * dilation for tap in range(kernel_size)] for i in range(n_out)]
    for window, one in zip(windows, np.eye(n_out)):
        reads = np.flatnonzero(cypool.sum_pool_backward(one, (length,), *arguments, ceil_mode=ceil_mode))
        assert [tap for tap in window if 0 <= tap < length] == reads.tolist()
    return windows


def strip(axis: Axes, left: float, top: float, length: int, title: str, **arguments: Any) -> None:
    """An axis of so many elements, and below it, a row for each output, the taps of its window."""
    windows = taps(length, **arguments)
    first, last = min(0, windows[0][0]), max(length - 1, max(window[-1] for window in windows))
    axis.text(left - 0.1, top - 0.25, title, ha="left", va="bottom", family="monospace", fontsize=13)
    for position in range(first, last + 1):
        inside = 0 <= position < length
        axis.add_patch(Rectangle((left + position, top), 1, 1, facecolor=PLAIN if inside else FAINT,
                                 edgecolor="#555555" if inside else "#999999", linestyle="-" if inside else ":"))
        if inside:
            axis.text(left + position + 0.5, top + 0.52, str(position), ha="center", va="center", fontsize=12)
    for row, window in enumerate(windows):
        y = top + 1.3 + 0.62 * row
        colour = COLOURS[row % len(COLOURS)]
        middles = [left + window[0] + 0.5, left + window[-1] + 0.5]
        axis.plot(middles, [y + 0.22] * 2, color="#777777", linewidth=1, zorder=0)
        for tap in window:
            axis.add_patch(Rectangle((left + tap + 0.06, y), 0.88, 0.44, edgecolor="#555555",
                                     facecolor=colour if 0 <= tap < length else FAINT))


def mixed(colour: str, part: float) -> tuple[float, ...]:
    """A colour, the paler the smaller the part."""
    return tuple(1 - part * (1 - each) for each in to_rgb(colour))
