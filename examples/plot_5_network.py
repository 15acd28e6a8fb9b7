"""
A convolutional network: what pooling does inside
=================================================

A small network in NumPy learns handwritten digits, those that come with scikit-learn: convolution,
maximum, convolution, maximum, two dense layers. Pooling halves both sides of each feature map and
keeps the strongest answer, wherever in the window it was. So the next layer has a quarter of the
work, and a digit that is a pixel to the left looks more alike.

The layers are those of the demo, ``python -m cypool demo``; each pooling is `cypool.max_pool`
forward and `cypool.max_pool_backward`.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from cypool.demo.digits import accuracy, bundled, double_loop_seconds, train
from cypool.demo.network import MaxPool, Network

digits = bundled()
network = Network(side=8)
seconds = train(network, digits, epochs=4)
right = accuracy(network, digits.test_images, digits.test_labels)
print(f"held-out digits named right: {right:.1%}")

# %%
# Feature maps of one digit before and after each pooling: the same channels, those with the most in
# them.


def draw(axis: Axes, image: np.ndarray, top: float, title: str) -> None:
    """A feature map."""
    axis.imshow(image, vmin=0, vmax=top, interpolation="nearest")
    axis.set_title(title, fontsize=10)
    axis.set(xticks=[], yticks=[])


image, label = digits.test_images[0], digits.test_labels[0]
maps = network.feature_maps(image)
figure, axes = plt.subplots(4, 7, figsize=(11, 6.6), layout="constrained")
for axis in axes[:, 0]:
    axis.axis("off")
draw(axes[0, 0], image[..., 0], 1, f"the digit, a {label}")
for first, name in ((0, "first"), (2, "second")):
    channels = np.argsort(maps[first].var((0, 1)))[:-7:-1]
    for row, kind in ((first, "convolution"), (first + 1, "pooled")):
        for axis, channel in zip(axes[row, 1:], channels):
            side = maps[row].shape[0]
            draw(axis, maps[row][..., channel], maps[first][..., channel].max(), f"{side}x{side}")
        axes[row, 1].set_ylabel(f"{name}\n{kind}", fontsize=10)

# %%
# How much do the feature maps change when digits move by a pixel? Pooled ones change less. As a part
# of what is in them:

images = digits.test_images[:100]
moved = np.pad(images[:, :, 1:], ((0, 0), (0, 0), (0, 1), (0, 0)))
for stage, name in enumerate(["first convolution", "pooled", "second convolution", "pooled"]):
    before, after = (
        np.stack([network.feature_maps(each)[stage] for each in batch]) for batch in (images, moved)
    )
    print(f"{name:20} {np.linalg.norm(after - before) / np.linalg.norm(before):.0%}")

# %%
# What it takes: pooling's part of the training, and the same pooling in a double Python loop over
# ``np.amax``.

pooling = sum(network.seconds["MaxPool", way] for way in ("forward", "backward"))
print(f"pooling is {pooling / seconds:.1%} of the training")
begin = network.seconds["MaxPool", "forward"]
network.scores(digits.test_images)
ours = (network.seconds["MaxPool", "forward"] - begin) / len(digits.test_images)
loop = double_loop_seconds(network, digits.test_images[:50])
n_layers = sum(isinstance(layer, MaxPool) for layer in network.layers)
print(f"{n_layers} poolings of an image: {1e6 * ours:.0f} us; "
      f"in a double loop {1e6 * loop:.0f} us, {loop / ours:.0f} times as long")
