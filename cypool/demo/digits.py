"""Handwritten digits, and how the network learns them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from cypool.demo.network import Floats, Labels, MaxPool, Network

BATCH = 32


class Digits(NamedTuple):
    """Images (n, side, side, 1) in [0, 1] and labels, to learn from and held out."""

    train_images: Floats
    train_labels: Labels
    test_images: Floats
    test_labels: Labels


def bundled() -> Digits:
    """The 1,797 digits of 8x8 pixels that come with scikit-learn; every fifth is held out."""
    from sklearn.datasets import load_digits

    values, names = load_digits(return_X_y=True)
    images = (np.asarray(values) / 16).astype("f4").reshape(-1, 8, 8, 1)
    labels = np.asarray(names, int)
    order = np.random.default_rng(0).permutation(len(labels))
    held_out = order[::5]
    train = np.setdiff1d(order, held_out)
    return Digits(images[train], labels[train], images[held_out], labels[held_out])


def mnist(path: str | Path) -> Digits:
    """MNIST in the file that Keras saves: arrays x_train, y_train, x_test and y_test."""
    with np.load(path) as file:
        missing = {"x_train", "y_train", "x_test", "y_test"} - set(file.files)
        if missing:
            raise ValueError(f"{path} must hold x_train, y_train, x_test and y_test, without {sorted(missing)}")
        train, test = ((file[f"x_{part}"] / np.float32(255))[..., None].astype("f4") for part in ("train", "test"))
        return Digits(train, file["y_train"].astype(int), test, file["y_test"].astype(int))


def train(network: Network, digits: Digits, epochs: int, seed: int = 0) -> float:
    """Adam over shuffled batches. Gives the seconds that it took."""
    rng = np.random.default_rng(seed)
    means, squares = ([np.zeros_like(weight) for weight in network.weights] for _ in range(2))
    n_batches = len(digits.train_labels) // BATCH
    step, begin = 0, time.perf_counter()
    with tqdm(total=epochs * n_batches, unit="batch", desc="training") as progress:
        for epoch in range(epochs):
            order = rng.permutation(len(digits.train_labels))
            # The last epochs settle.
            rate = 2e-3 * (0.1 ** (max(0, epoch - epochs // 2) / max(1, epochs // 2)))
            for batch in range(n_batches):
                chosen = order[batch * BATCH:(batch + 1) * BATCH]
                gradients = network.gradients(digits.train_images[chosen], digits.train_labels[chosen])
                step += 1
                for weight, gradient, mean, square in zip(network.weights, gradients, means, squares):
                    mean += 0.1 * (gradient - mean)
                    square += 0.001 * (gradient**2 - square)
                    size = np.sqrt(square / (1 - 0.999**step)) + 1e-8
                    weight -= rate * (mean / (1 - 0.9**step)) / size
                progress.update()
    return time.perf_counter() - begin


def accuracy(network: Network, images: Floats, labels: Labels) -> float:
    """The part of the images that are named right."""
    right = 0
    for begin in range(0, len(labels), 256):
        some = slice(begin, begin + 256)
        right += int((network.scores(images[some]).argmax(1) == labels[some]).sum())
    return right / len(labels)


def double_loop(x: Floats, pool_size: int) -> Floats:
    """The article's pooling of one image: a double Python loop over np.amax."""
    out = np.empty((x.shape[0] // pool_size, x.shape[1] // pool_size, x.shape[2]), x.dtype)
    for h in range(out.shape[0]):
        for w in range(out.shape[1]):
            window = x[h * pool_size:(h + 1) * pool_size, w * pool_size:(w + 1) * pool_size]
            out[h, w] = np.amax(window, axis=(0, 1))
    return out


def double_loop_seconds(network: Network, images: Floats) -> float:
    """Seconds for one image in the article's double loops, forward only: the mean over some images.

    The arrays are those that the network pools, and the results are checked against cypool's.
    """
    seconds = 0.0
    for image in images:
        maps = network.feature_maps(image)
        sizes = [layer.pool_size for layer in network.layers if isinstance(layer, MaxPool)]
        for before, after, size in zip(maps[::2], maps[1::2], sizes):
            begin = time.perf_counter()
            result = double_loop(before, size)
            seconds += time.perf_counter() - begin
            np.testing.assert_array_equal(result, after)
    return seconds / len(images)
