"""A photograph's pyramid."""

import matplotlib.pyplot as plt
from sklearn.datasets import load_sample_image

import cypool


def pyramid() -> None:
    """All levels at one scale."""
    photo = load_sample_image("china.jpg")
    levels = [photo, *cypool.pyramid(photo, 2, levels=5, axis=(0, 1))]
    width = sum(level.shape[1] + 12 for level in levels)
    figure, axis = plt.subplots(figsize=(10, 10 * photo.shape[0] / width))
    figure.subplots_adjust(0, 0, 1, 1)
    left = 0
    for level in levels:
        axis.imshow(level, extent=(left, left + level.shape[1], level.shape[0], 0), interpolation="nearest")
        left += level.shape[1] + 12
    axis.set(xlim=(0, width), ylim=(photo.shape[0], 0))
    axis.axis("off")
