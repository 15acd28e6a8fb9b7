"""The kernels for every processor of the architecture."""
