"""The demo's network learns by the right gradients, and the command takes MNIST in the file that Keras saves."""

import re

import numpy as np
import pytest

from cypool.__main__ import main
from cypool.demo.network import Conv, Dense, MaxPool, Network, Relu, softmax


@pytest.mark.parametrize("side", [8, 28])
def test_the_article_s_network(side):
    network = Network(side)
    assert [type(layer) for layer in network.layers[:6]] == [Conv, Relu, MaxPool, Conv, Relu, MaxPool]
    assert [layer.weights[1].size for layer in network.layers if isinstance(layer, Conv | Dense)] == [32, 64, 128, 10]
    scores = network.scores(np.zeros((3, side, side, 1), "f4"))
    assert scores.shape == (3, 10)
    np.testing.assert_allclose(softmax(scores).sum(1), 1, rtol=1e-6)


def test_gradients_are_slopes():
    """Of the cross-entropy, for some weights of every layer, in float64."""
    rng = np.random.default_rng(0)
    network = Network(8)
    for layer in network.layers:
        for name in ("kernel", "matrix", "bias"):
            if hasattr(layer, name):
                setattr(layer, name, getattr(layer, name).astype("f8"))
        if layer.weights:
            layer.weights = (layer.kernel if isinstance(layer, Conv) else layer.matrix, layer.bias)
    images, labels = rng.normal(size=(4, 8, 8, 1)), np.array([3, 1, 4, 1])

    def loss():
        return -np.log(softmax(network.scores(images))[np.arange(4), labels]).mean()

    gradients = iter(network.gradients(images, labels))
    for layer in network.layers:
        for weight in layer.weights:
            gradient = next(gradients)
            for position in rng.integers(0, weight.size, 5):
                at = np.unravel_index(position, weight.shape)
                before = weight[at]
                weight[at] = before + 1e-5
                above = loss()
                weight[at] = before - 1e-5
                slope = (above - loss()) / 2e-5
                weight[at] = before
                assert gradient[at] == pytest.approx(slope, rel=1e-4, abs=1e-8)


@pytest.fixture
def extras():
    for module in ("tqdm", "matplotlib", "sklearn", "PIL"):
        pytest.importorskip(module)


def test_mnist_file(extras, tmp_path, capsys):
    """Noise of MNIST's shape: what is learned does not matter here."""
    rng = np.random.default_rng(0)
    arrays = {f"x_{part}": rng.integers(0, 256, (n, 28, 28), np.uint8) for part, n in (("train", 96), ("test", 50))}
    labels = {f"y_{part}": rng.integers(0, 10, n, np.uint8) for part, n in (("train", 96), ("test", 50))}
    np.savez(tmp_path / "mnist.npz", **arrays, **labels)
    picture = tmp_path / "picture.png"
    main(["demo", "--mnist", str(tmp_path / "mnist.npz"), "--epochs", "1", "--picture", str(picture)])
    printed = capsys.readouterr().out
    assert "96 handwritten digits of 28x28 pixels to learn from, 50 held out" in printed
    assert re.search(r"pooling was \d+\.\d% of it", printed)
    assert picture.stat().st_size > 10_000


@pytest.mark.parametrize(("arrays", "message"), [({}, "must hold x_train"), (None, "No such file")])
def test_a_wrong_mnist_file_is_said(extras, tmp_path, arrays, message):
    path = tmp_path / "mnist.npz"
    if arrays is not None:
        np.savez(path, other=np.zeros(3))
    with pytest.raises(SystemExit, match=message):
        main(["demo", "--mnist", str(path)])


def test_config(capsys):
    main(["config"])
    assert "isa: " in capsys.readouterr().out
