"""What pooling does, and what becomes of the winners."""

import numpy as np
from drawing import COLOURS, PLAIN, arrow, block_colours, canvas, frame, grid
from matplotlib.patches import Rectangle

import cypool

X = np.array([[1, 7, 2, 0, 4, 4], [3, 4, 5, 6, 8, 0], [9, 1, 0, 3, 1, 2], [2, 0, 1, 8, 5, 4]])


def first() -> None:
    """An array in windows of 2x2, and its maxima, means and minima."""
    axis = canvas(25.4, 5.4)
    inputs = block_colours(X.shape, (2, 2))
    grid(axis, X, 0.2, 1.1, inputs, "x")
    for row in range(0, 4, 2):
        for column in range(0, 6, 2):
            frame(axis, 0.2 + column, 1.1 + row, 2, 2)
    arrow(axis, (6.6, 3.1), (9, 3.1))
    for number, (title, result) in enumerate({
        "max_pool": cypool.max_pool(X, 2),
        "avg_pool": cypool.avg_pool(X.astype(float), 2),
        "min_pool": cypool.min_pool(X, 2),
    }.items()):
        left = 9.7 + 5.6 * number
        grid(axis, result, left, 2.1, block_colours(result.shape, (1, 1)), title)


def winners() -> None:
    """Maxima, their indices, and both put back."""
    axis = canvas(24.4, 5.6)
    y, indices = cypool.max_pool(X, 2, return_indices=True)
    won = np.isin(np.arange(X.size).reshape(X.shape), indices)
    colours = np.where(won, np.array(block_colours(X.shape, (2, 2))), PLAIN)
    grid(axis, X, 0.2, 1.1, colours, "x", won)
    arrow(axis, (6.5, 3.1), (8.1, 3.1))
    grid(axis, y, 8.5, 0.9, block_colours(y.shape, (1, 1)), "y")
    grid(axis, indices, 8.5, 3.6, block_colours(y.shape, (1, 1)), "indices")
    arrow(axis, (12.2, 3.1), (17.3, 3.1), "max_unpool2d")
    grid(axis, cypool.max_unpool2d(y, indices, 2), 18, 1.1, colours, "", won)


def gradients() -> None:
    """The gradients of a maximum and of a mean."""
    axis = canvas(23, 5.4)
    gradient = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    colours = np.array(block_colours(X.shape, (2, 2)))
    indices = cypool.max_pool(X, 2, return_indices=True)[1]
    of_max = cypool.max_pool_backward(gradient, indices, X.shape)
    of_mean = cypool.avg_pool_backward(gradient, X.shape, 2)
    grid(axis, gradient, 0.2, 2.1, block_colours(gradient.shape, (1, 1)), "grad_output")
    arrow(axis, (3.8, 3.1), (5.8, 3.1))
    grid(axis, of_max, 6.2, 1.1, np.where(of_max > 0, colours, PLAIN), "max_pool_backward")
    grid(axis, of_mean, 14.4, 1.1, colours, "avg_pool_backward")


def masked() -> None:
    """A mask that leaves elements out."""
    axis = canvas(20.4, 5.4)
    mask = X == 0
    mask[2:, :2] = True
    colours = np.where(mask, "#444444", np.array(block_colours(X.shape, (2, 2))))
    texts = np.where(mask, "", X.astype(str))
    grid(axis, texts, 0.2, 1.1, colours, "x, less what the mask hides")
    arrow(axis, (6.6, 3.1), (9, 3.1))
    for left, title, result in ((9.8, "max_pool", cypool.max_pool(X.astype(float), 2, mask=mask)),
                                (15.4, "avg_pool", cypool.avg_pool(X.astype(float), 2, mask=mask))):
        grid(axis, result, left, 2.1, block_colours(result.shape, (1, 1)), title)


def layouts() -> None:
    """Planes of channels, each pooled by itself."""
    axis = canvas(14.8, 8.2)
    planes = np.random.default_rng(3).integers(0, 10, (4, 6, 3))
    pooled = cypool.max_pool(planes, 2, axis=(0, 1))
    for channel in (2, 1, 0):
        shift = 0.9 * channel
        colours = block_colours((4, 6), (2, 2))
        depth = 1 - channel / 10
        grid(axis, planes[..., channel], 0.4 + shift, 2.2 - shift, colours, zorder=depth)
        frame(axis, 0.4 + shift, 2.2 - shift, 4, 6, depth)
        grid(axis, pooled[..., channel], 9.6 + shift, 3.2 - shift, block_colours((2, 3), (1, 1)), zorder=depth)
        frame(axis, 9.6 + shift, 3.2 - shift, 2, 3, depth)
    arrow(axis, (7.2, 5.6), (9.2, 5.6))
    axis.text(3.4, 7.2, "(4, 6, 3)", ha="center", va="bottom", family="monospace")
    axis.text(11.1, 7.2, "(2, 3, 3)", ha="center", va="bottom", family="monospace")


def boxes() -> None:
    """A box of an image, its bins, the samples in them, and their means."""
    axis = canvas(17.4, 7.4)
    rows, columns = np.mgrid[:6, :8]
    image = (rows * 2 + columns).astype(float)
    grid(axis, image, 0.3, 1.1, None, "a box, its bins and their samples", ink="#999999")
    x1, y1, x2, y2 = box = (1.5, 1.0, 6.5, 5.0)
    result = cypool.roi_align(image[None, None], [box], [0], (2, 3), sampling_ratio=2)[0, 0]
    for i in range(2):
        for j in range(3):
            height, width = (y2 - y1) / 2, (x2 - x1) / 3
            left, top = 0.3 + x1 + j * width, 1.1 + y1 + i * height
            axis.add_patch(Rectangle((left, top), width, height, facecolor=COLOURS[3 * i + j], alpha=0.6))
            frame(axis, left, top, height, width)
            for u in (0.25, 0.75):
                for v in (0.25, 0.75):
                    axis.plot(left + v * width, top + u * height, "k.", markersize=5)
    arrow(axis, (8.8, 4.1), (12.8, 4.1), "roi_align")
    grid(axis, result, 13.5, 3.1, block_colours(result.shape, (1, 1)), "bins")


def passes() -> None:
    """A vertical pass, and a horizontal one after it."""
    axis = canvas(22.8, 5)
    rows = X[:2]
    scratch = cypool.max_pool(rows, (2, 1))
    shades = [[COLOURS[column // 2] for column in range(6)]]
    grid(axis, rows, 0.2, 1.6, shades * 2, "two rows of the input")
    arrow(axis, (6.5, 2.6), (8.3, 2.6), "vertical")
    grid(axis, scratch, 8.7, 2.1, shades, "a scratch row")
    arrow(axis, (15, 2.6), (17.6, 2.6), "horizontal")
    grid(axis, cypool.max_pool(scratch, (1, 2)), 18, 2.1, [COLOURS[:3]], "a row of results")
