"""
A photograph: smaller, without losing what is thin
==================================================

A photograph of shape (height, width, channels), uint8, is shrunk eightfold. To take every eighth
pixel is the shortest way, but looks at one pixel in 64: thin lines break up or vanish. Pooling
looks at all of them.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image

import cypool

# Whole blocks of 8.
photo = load_sample_image("china.jpg")[:424]
print(f"{photo.shape}, {photo.dtype}")

# %%
# The pooled axes are the first two; the channels are left alone. A mean of integers is an integer
# again: the exact mean, rounded to the nearest.

small = {
    "every eighth pixel": photo[::8, ::8],
    "avg_pool": cypool.avg_pool(photo, 8, axis=(0, 1)),
    "max_pool": cypool.max_pool(photo, 8, axis=(0, 1)),
    "min_pool": cypool.min_pool(photo, 8, axis=(0, 1)),
    "median_pool": cypool.median_pool(photo, 8, axis=(0, 1)),
}

figure, axes = plt.subplots(2, 3, figsize=(11, 5.6), layout="constrained")
for axis, (name, image) in zip(axes.flat, [("the photograph", photo), *small.items()]):
    axis.imshow(image, interpolation="nearest")
    axis.set_title(f"{name}, {image.shape[0]}x{image.shape[1]}")
    axis.set(xticks=[], yticks=[])

# %%
# The maximum makes bright things larger, and the minimum dark ones: the beams of the roof swell in
# it. The median drops what is small, bright or dark.
#
# How far is each from the true mean of its 64 pixels? In grey levels, of 256:

exact = cypool.avg_pool(photo, 8, axis=(0, 1), dtype=np.float64)
for name, image in small.items():
    print(f"{name:20} {np.abs(image - exact).mean():5.1f}")

# %%
# The same for a part of the roof, four times smaller: every fourth pixel shows lines that are not there.

figure, axes = plt.subplots(1, 3, figsize=(11, 3.1), layout="constrained")
part = (slice(96, 256), slice(280, 480))
for axis, (name, image) in zip(axes, {
    "the photograph": photo[part],
    "every fourth pixel": photo[part][::4, ::4],
    "avg_pool, 4x4": cypool.avg_pool(photo[part], 4, axis=(0, 1)),
}.items()):
    axis.imshow(image, interpolation="nearest")
    axis.set_title(name)
    axis.set(xticks=[], yticks=[])

# %%
# All sizes at once, for a viewer that zooms:

levels = cypool.pyramid(photo, 2, axis=(0, 1))
print(" ".join(f"{height}x{width}" for height, width, _ in (level.shape for level in levels)))
