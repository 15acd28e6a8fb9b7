"""
A label volume: the majority, not the mean
==========================================

A segmentation gives each voxel the number of what it is. To look at a large one, or to train on it,
one makes it smaller. Numbers of labels do not add up, so that a mean is the number of something
else, or of nothing; every fourth voxel is a matter of chance. What one wants is the majority of a
block, `cypool.mode_pool`.

The volume is the brain template, MNI, that comes with nilearn: voxels of 1 mm, each outside, white
matter or cortex, whichever is the likeliest. The numbers are those that FreeSurfer gives to both
halves of the brain.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from nilearn.datasets import load_mni152_gm_template, load_mni152_wm_template

import cypool

grey_image = load_mni152_gm_template(resolution=1)
grey = grey_image.get_fdata(dtype=np.float32)
white = load_mni152_wm_template(resolution=1).get_fdata(dtype=np.float32)
# Millimetres to the right of the middle.
right = np.arange(grey.shape[0]) * grey_image.affine[0, 0] + grey_image.affine[0, 3] > 0

names = {
    0: "outside",
    2: "left white matter",
    3: "left cortex",
    41: "right white matter",
    42: "right cortex",
}
tissue = np.argmax(np.stack([np.full_like(grey, 1 / 3), white, grey]), axis=0)
left_labels, right_labels = np.array([[0, 2, 3], [0, 41, 42]], np.uint8)
labels = np.where(right[:, None, None], right_labels[tissue], left_labels[tissue])
# Whole blocks of 4, so that each small voxel stands for 64.
labels = np.ascontiguousarray(labels[:196, :232, :188])
for label, name in names.items():
    print(f"{label:2} {name:20} {(labels == label).mean():6.1%}")

# %%
# Blocks of 4x4x4 voxels become one.

small = {
    "mode_pool": cypool.mode_pool(labels, 4),
    "every fourth voxel": labels[2::4, 2::4, 2::4],
    "rounded means": cypool.avg_pool(labels, 4),
}

colours = ListedColormap(["black", "khaki", "tab:olive", "lightskyblue", "tab:blue", "red"])
known = np.array(list(names))
figure, axes = plt.subplots(1, 4, figsize=(11, 4.6), layout="compressed")
for axis, (name, volume) in zip(axes, {"the labels": labels, **small}.items()):
    # Numbers of labels as 0 to 4, and of no label as 5.
    codes = np.where(np.isin(volume, known), np.searchsorted(known, volume), 5)
    section = codes[:, :, codes.shape[2] * 9 // 20].T
    axis.imshow(section, origin="lower", interpolation="nearest", vmin=-0.5, vmax=5.5, cmap=colours)
    axis.set_title(f"{name}\n{'x'.join(map(str, volume.shape))}")
    axis.set(xticks=[], yticks=[])
bar = figure.colorbar(axes[0].images[0], ax=axes, ticks=range(6), location="bottom", aspect=60)
bar.ax.set_xticklabels([*names.values(), "no label at all"])

# %%
# Each voxel of the small volume stands for 64. How many of those in the brain have its label, and
# how many of the small volume's numbers are no label?

brain = labels > 0
for name, volume in small.items():
    agree = np.kron(volume, np.ones((4, 4, 4), np.uint8)) == labels
    print(f"{name:20} {agree[brain].mean():6.1%} of the brain agree, "
          f"{1 - np.isin(volume[volume > 0], known).mean():6.1%} of its voxels are no label")

# %%
# No other choice of a label for each block can have more voxels agree with it than the majority. A
# viewer takes all levels of a pyramid, each counted from the voxels themselves, since a vote of
# votes is not the majority:

levels = cypool.pyramid(labels, 2, func="mode", levels=4)
print(" ".join("x".join(map(str, level.shape)) for level in levels))

votes = cypool.mode_pool(cypool.mode_pool(labels, 2), 2)
others = np.count_nonzero(votes != levels[1])
print(f"voted on twice, {others} of {votes.size} voxels of the second level would be others")
