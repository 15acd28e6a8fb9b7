"""Windows along one axis, for each argument that makes them."""

import numpy as np
from drawing import COLOURS, FAINT, PLAIN, canvas, mixed, shown, strip
from matplotlib.patches import Rectangle

import cypool


def stride() -> None:
    """Windows side by side, apart, and overlapping."""
    axis = canvas(26, 4.6)
    strip(axis, 0.3, 1, 7, "kernel_size=2", kernel_size=2)
    strip(axis, 9.3, 1, 7, "kernel_size=3, stride=2", kernel_size=3, stride=2)
    strip(axis, 18.3, 1, 7, "kernel_size=2, stride=3", kernel_size=2, stride=3)


def padding() -> None:
    """Padding on both sides, on one side, and as much as is needed."""
    axis = canvas(27.4, 4.6)
    strip(axis, 1.3, 1, 6, "padding=1", kernel_size=3, stride=2, padding=1)
    strip(axis, 10.3, 1, 6, "padding=((0, 1),)", kernel_size=3, stride=2, padding=((0, 1),))
    strip(axis, 19.6, 1, 6, 'padding="same"', kernel_size=3, stride=2, padding="same")


def dilation() -> None:
    """Taps side by side and apart."""
    axis = canvas(20, 4.6)
    strip(axis, 0.3, 1, 8, "stride=2, dilation=1", kernel_size=3, stride=2)
    strip(axis, 10.3, 1, 8, "stride=2, dilation=2", kernel_size=3, stride=2, dilation=2)


def ceil_mode() -> None:
    """What is left over at the end, dropped and kept."""
    axis = canvas(20, 4.6)
    strip(axis, 0.3, 1, 7, "kernel_size=3", kernel_size=3)
    strip(axis, 9.8, 1, 7, "kernel_size=3, ceil_mode=True", kernel_size=3, ceil_mode=True)


def sizes() -> None:
    """Windows for a wanted number of outputs: whole elements that overlap, and parts of elements."""
    axis = canvas(20, 5)
    length, n_out = 8, 3
    for left, title, gradient in (
        (0.3, "adaptive_avg_pool1d(x, 3)", cypool.adaptive_avg_pool_backward),
        (10.3, "area_pool(x, 3)", cypool.area_pool_backward),
    ):
        axis.text(left, 0.75, title, va="bottom", family="monospace", fontsize=13)
        for position in range(length):
            axis.add_patch(Rectangle((left + position, 1), 1, 1, facecolor=PLAIN, edgecolor="#555555"))
            axis.text(left + position + 0.5, 1.52, str(position), ha="center", va="center", fontsize=12)
        for row, one in enumerate(np.eye(n_out)):
            weights = gradient(one, (length,), n_out)
            for tap in np.flatnonzero(weights):
                part = weights[tap] / weights.max()
                axis.add_patch(Rectangle((left + tap + 0.06, 2.3 + 0.75 * row), 0.88, 0.6, edgecolor="#555555",
                                         facecolor=mixed(COLOURS[row], part)))
                axis.text(left + tap + 0.5, 2.62 + 0.75 * row, shown(round(part, 2)), ha="center", va="center",
                          fontsize=9.5)


def boundary() -> None:
    """Blocks of 3 of five elements, for each boundary."""
    axis = canvas(27, 3.4)
    x = np.array([3.0, 5.0, 7.0, 2.0, 6.0])
    for left, name, n_cells, result in (
        (0.3, "trim", 5, cypool.block_reduce(x, 3, boundary="trim")),
        (9.3, "partial", 5, cypool.block_reduce(x, 3, boundary="partial")),
        (18.3, "pad", 6, cypool.block_reduce(x, 3, boundary="pad")),
    ):
        axis.text(left, 0.75, f'boundary="{name}"', va="bottom", family="monospace", fontsize=13)
        for position in range(n_cells):
            block = position // 3
            used = block < result.size
            inside = position < x.size
            axis.add_patch(Rectangle((left + position, 1), 1, 1, edgecolor="#555555", linestyle="-" if inside else ":",
                                     facecolor=COLOURS[block] if used and inside else FAINT))
            text = shown(x[position] if inside else 0)
            axis.text(left + position + 0.5, 1.52, text, ha="center", va="center", fontsize=12)
        for block, value in enumerate(result):
            axis.text(left + 3 * block + (1.5 if block == 0 else 1), 2.75, f"mean {shown(value)}", ha="center",
                      fontsize=12)
