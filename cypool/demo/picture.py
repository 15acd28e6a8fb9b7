"""One picture: a photograph pooled, and what pooling does inside the network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from numpy.typing import NDArray

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure

import cypool
from cypool.demo.network import Floats, Network

FACTORS = (2, 4, 8)
POOLS: dict[str, Callable[..., NDArray[Any]]] = {"max": cypool.max_pool, "min": cypool.min_pool, "avg": cypool.avg_pool}
# A part of the photograph with fine lines in it: (rows, columns).
CROP = (slice(96, 288), slice(150, 438))
MAPS = 6


def photograph() -> NDArray[np.uint8]:
    """A real photograph, (427, 640, 3) uint8, that comes with scikit-learn."""
    from sklearn.datasets import load_sample_image

    return np.asarray(load_sample_image("china.jpg"), np.uint8)


def draw(path: str | Path, network: Network, image: Floats, label: int) -> None:
    """Save the picture to path."""
    figure = plt.figure(figsize=(13, 13.2), layout="constrained")
    top, bottom = figure.subfigures(2, 1, height_ratios=[7.4, 5.8], squeeze=False)[:, 0]
    _draw_photograph(top)
    _draw_feature_maps(bottom, network, image, label)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _draw_photograph(figure: SubFigure) -> None:
    photo = photograph()[CROP]
    figure.suptitle("A photograph (uint8, height x width x channels), pooled over its first two axes", fontsize=14)
    axes = figure.subplots(len(POOLS), 1 + len(FACTORS))
    for row, (name, pool) in zip(axes, POOLS.items()):
        _show(row[0], photo, f"the photograph, {photo.shape[0]}x{photo.shape[1]}" if name == "max" else None)
        row[0].set_ylabel(f"{name}_pool", fontsize=13)
        for axis, factor in zip(row[1:], FACTORS):
            pooled = pool(photo, factor, axis=(0, 1))
            _show(axis, pooled, f"windows of {factor}x{factor}: {pooled.shape[0]}x{pooled.shape[1]}"
                  if name == "max" else None)


def _draw_feature_maps(figure: SubFigure, network: Network, image: Floats, label: int) -> None:
    figure.suptitle(f"Inside the trained network: feature maps of a held-out {label}, before and after each 2x2 max "
                    "pooling", fontsize=14)
    maps = network.feature_maps(image)
    axes = figure.subplots(len(maps), 1 + MAPS)
    names = ["conv 1", "pooled", "conv 2", "pooled"]
    for row in axes:
        row[0].axis("off")
    _show(axes[0, 0], image[..., 0], f"the digit, {image.shape[0]}x{image.shape[1]}", cmap="gray")
    axes[0, 0].axis("on")
    for first in (0, 2):
        # The same channels before and after: the ones with the most in them.
        channels = np.sort(np.argsort(maps[first].var((0, 1)))[::-1][:MAPS])
        for row, stage, name in zip(axes[first:], maps[first:first + 2], names[first:]):
            for axis, channel in zip(row[1:], channels):
                _show(axis, stage[..., channel], None, vmin=0, vmax=maps[first][..., channel].max())
            row[1].set_ylabel(f"{name}\n{stage.shape[0]}x{stage.shape[1]}", fontsize=11)


def _show(axis: Axes, image: NDArray[Any], title: str | None, **options: Any) -> None:
    axis.imshow(image, interpolation="nearest", **options)
    axis.set(xticks=[], yticks=[])
    if title:
        axis.set_title(title, fontsize=11)
