"""A tour of cypool on real images: `python -m cypool demo`.

    network.py      the layers of a small convolutional network in NumPy, with cypool's pooling
    digits.py       handwritten digits, and the training
    picture.py      a photograph and the network's feature maps, before and after pooling
    tour.py         the demo, from its arguments to its last line

It needs what `pip install "cypool[demo]"` adds: matplotlib, scikit-learn, pillow and tqdm.
"""
