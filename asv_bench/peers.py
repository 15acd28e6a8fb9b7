"""Other libraries that pool, each with the cases of the grid that it has."""

import importlib
import warnings

import numpy as np


def peers(threads):
    """The peers that are installed."""
    found = []
    for kind in (Torch, OnnxRuntime, OpenVino, Jax, OpenCv, Tinybrain, TensorStore, BlockReduce, NumpyReshape):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found.append(kind(threads))
        except ImportError:
            continue
    return found


PLAIN = ("max", "avg", "sum", "avg without padding")


def spatial(case, x):
    """x as (batch, channels, ...) for frameworks, and whether it is channels last; or None if it does not fit."""
    pooled = case.pooled
    if case.view or case.op == "sum" or x.dtype.kind in "iu":
        return None
    if pooled == tuple(range(2, x.ndim)):
        return x, False
    if x.ndim == len(pooled) + 2 and pooled == tuple(range(1, x.ndim - 1)):
        return x, True
    if pooled == tuple(range(x.ndim - len(pooled), x.ndim)) and x.ndim <= 2:
        return x.reshape(*[1] * (len(pooled) + 2 - x.ndim), *x.shape), False
    return None


def per_axis(value, n):
    return list(value) if isinstance(value, tuple) else [value] * n


class Torch:
    """PyTorch, in the memory format of the case."""

    name = "PyTorch"
    module = "torch"
    operations = (*PLAIN, "lp")
    reads_every_tap = True

    def __init__(self, threads):
        self.torch = importlib.import_module("torch")
        self.torch.set_num_threads(threads)

    def call(self, case, x):
        fit = spatial(case, x)
        if fit is None or case.dtype == "bf16" or (case.dilation > 1 and case.op != "max"):
            return None
        array, last = fit
        n = len(case.pooled)
        tensor = self.torch.from_numpy(array)
        tensor = tensor.movedim(-1, 1) if last else tensor
        pool = getattr(self.torch.nn.functional, f"{case.op.split()[0]}_pool{n}d")
        options = {"count_include_pad": False} if case.op == "avg without padding" else {}
        options = {"dilation": case.dilation} if case.op == "max" else options
        if case.op == "lp":
            last_move = (lambda y: y.movedim(1, -1)) if last else (lambda y: y)
            return lambda: last_move(pool(tensor, 2, case.kernel, case.stride)).numpy()
        move = (lambda y: y.movedim(1, -1)) if last else (lambda y: y)
        return lambda: move(pool(tensor, case.kernel, case.stride, case.padding, **options)).numpy()

    def gradient(self, backward, x):
        """The operators that autograd calls."""
        case = backward.case
        array, last = spatial(case, x)
        n = len(case.pooled)
        tensors = [self.torch.from_numpy(each) for each in (array, backward.gradient)]
        tensor, gradient = [each.movedim(-1, 1) if last else each for each in tensors]
        windows = [per_axis(each, n) for each in (case.kernel, case.stride or case.kernel, case.padding)]
        move = (lambda y: y.movedim(1, -1)) if last else (lambda y: y)
        operators = self.torch.ops.aten
        if case.op == "avg":
            operator = getattr(operators, f"avg_pool{n}d_backward")
            return lambda: move(operator(gradient, tensor, *windows, False, True, None)).numpy()
        operator = getattr(operators, f"max_pool{n}d_with_indices_backward")
        indices = getattr(operators, f"max_pool{n}d_with_indices")(tensor, *windows)[1]
        return lambda: move(operator(gradient, tensor, *windows, [1] * n, False, indices)).numpy()


    def family(self, name, call):
        """What PyTorch has of the operations beside the grid; gradients as autograd gives them."""
        functional, tensor = self.torch.nn.functional, self.torch.from_numpy
        if name == "fractional":
            x, samples = tensor(call.array), tensor(call.options["random_samples"])
            pool = functional.fractional_max_pool2d
            return lambda: pool(x, 2, output_ratio=(0.7, 0.7), _random_samples=samples).numpy()
        if name == "indices":
            x = tensor(call.array)
            return lambda: functional.max_pool2d(x, 3, 2, 1, return_indices=True)[1].numpy()
        if name == "indices_of_channels_last":
            x = tensor(call.array).movedim(-1, 1)
            return lambda: functional.max_pool2d(x, 3, 2, 1, return_indices=True)[1].movedim(1, -1).numpy()
        if name == "unpool":
            x, indices = (tensor(each) for each in call.arguments[:2])
            return lambda: functional.max_unpool2d(x, indices, 2).numpy()
        if name in ("adaptive_gradient", "norm_gradient"):
            gradient, of = tensor(call.array), call.arguments[1]
            x = (self.torch.zeros(of) if name == "adaptive_gradient" else tensor(of)).requires_grad_()
            y = functional.lp_pool2d(x, 2, 2) if name == "norm_gradient" else functional.adaptive_avg_pool2d(x, 6)
            return lambda: self.torch.autograd.grad(y, x, gradient, retain_graph=True)[0].numpy()
        return None


class OnnxRuntime:
    """ONNX Runtime, which has channels first only."""

    name = "ONNX Runtime"
    module = "onnxruntime"
    operations = (*PLAIN, "lp")
    reads_every_tap = False

    def __init__(self, threads):
        self.runtime = importlib.import_module("onnxruntime")
        self.onnx = importlib.import_module("onnx")
        self.threads = threads

    def call(self, case, x):
        fit = spatial(case, x)
        if fit is None or fit[1] or case.dtype != "f4":
            return None
        array, _ = fit
        n = len(case.pooled)
        attributes = {"kernel_shape": per_axis(case.kernel, n), "strides": per_axis(case.stride or case.kernel, n),
                      "pads": per_axis(case.padding, n) * 2}
        if case.dilation > 1:
            attributes["dilations"] = [case.dilation] * n
        if case.op == "avg":
            attributes["count_include_pad"] = 1
        kinds = {"max": "MaxPool", "lp": "LpPool"}
        return self.session(kinds.get(case.op, "AveragePool"), [array], attributes)

    def session(self, operator, arrays, attributes):
        """A call of one operator."""
        helper = self.onnx.helper
        names = [f"x{i}" for i in range(len(arrays))]
        inputs = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
                  for name, array in zip(names, arrays)]
        output = helper.make_tensor_value_info("y", self.onnx.TensorProto.FLOAT, None)
        graph = helper.make_graph([helper.make_node(operator, names, ["y"], **attributes)], "pooling", inputs, [output])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        options = self.runtime.SessionOptions()
        options.intra_op_num_threads = self.threads
        session = self.runtime.InferenceSession(model.SerializeToString(), options)
        return lambda: session.run(None, dict(zip(names, arrays)))[0]

    def family(self, name, call):
        """Regions and unpooling."""
        if name == "unpool":
            # Its indices count over all planes.
            y, indices = call.arguments[:2]
            planes = np.arange(y.shape[0] * y.shape[1]).reshape(*y.shape[:2], 1, 1) * (4 * y.shape[2] * y.shape[3])
            return self.session("MaxUnpool", [y, indices + planes], {"kernel_shape": [2, 2], "strides": [2, 2]})
        if name == "roi_align":
            attributes = {"output_height": 7, "output_width": 7, "sampling_ratio": 2}
            return self.session("RoiAlign", list(call.arguments[:3]), attributes)
        if name.startswith("roi_max_pool"):
            x, boxes, images, size = call.arguments
            numbered = np.concatenate([images[:, None], boxes], 1).astype(np.float32)
            return self.session("MaxRoiPool", [x, numbered], {"pooled_shape": [size, size]})
        return None


class OpenVino:
    """OpenVINO, which has channels first only."""

    name = "OpenVINO"
    module = "openvino"
    operations = PLAIN
    reads_every_tap = True

    def __init__(self, threads):
        self.openvino = importlib.import_module("openvino")
        self.operators = importlib.import_module("openvino.opset8")
        self.threads = threads

    def call(self, case, x):
        fit = spatial(case, x)
        if fit is None or fit[1] or case.dtype != "f4":
            return None
        array, _ = fit
        n = len(case.pooled)
        kernel, stride = per_axis(case.kernel, n), per_axis(case.stride or case.kernel, n)
        padding = per_axis(case.padding, n)
        parameter = self.operators.parameter(array.shape, np.float32)
        if case.op == "max":
            result = self.operators.max_pool(parameter, stride, [case.dilation] * n, padding, padding, kernel)
        else:
            result = self.operators.avg_pool(parameter, stride, padding, padding, kernel, case.op != "avg")
        model = self.openvino.Model([result.output(0)], [parameter], "pooling")
        compiled = self.openvino.Core().compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": self.threads,
                                                                     "INFERENCE_PRECISION_HINT": "f32"})
        request = compiled.create_infer_request()

        def run():
            return request.infer({0: self.openvino.Tensor(array, shared_memory=True)}, share_outputs=True)[0]

        return run


class Jax:
    """JAX's reduce_window, compiled by XLA."""

    name = "JAX"
    module = "jax"
    operations = PLAIN
    reads_every_tap = True

    def __init__(self, threads):
        self.jax = importlib.import_module("jax")

    def call(self, case, x):
        if case.view or case.dtype != "f4" or case.op == "avg without padding":
            return None
        lax, n = self.jax.lax, x.ndim
        kernel, stride, padding, dilation = [1] * n, [1] * n, [(0, 0)] * n, [1] * n
        values = zip(case.pooled, per_axis(case.kernel, len(case.pooled)),
                     per_axis(case.stride or case.kernel, len(case.pooled)), per_axis(case.padding, len(case.pooled)))
        for axis, k, s, p in values:
            kernel[axis], stride[axis], padding[axis], dilation[axis] = k, s, (p, p), case.dilation
        first, combine = (-np.inf, lax.max) if case.op == "max" else (0.0, lax.add)
        scale = np.float32(1 / np.prod(kernel) if case.op == "avg" else 1)
        pool = self.jax.jit(lambda a: lax.reduce_window(a, first, combine, kernel, stride, padding,
                                                        window_dilation=dilation) * scale)
        array = self.jax.numpy.asarray(x)
        return lambda: pool(array).block_until_ready()


class OpenCv:
    """OpenCV: INTER_AREA where windows tile, dilate and blur at stride 1."""

    name = "OpenCV"
    module = "cv2"
    operations = (*PLAIN, "median", "area")
    reads_every_tap = False

    def __init__(self, threads):
        self.cv = importlib.import_module("cv2")
        self.cv.setNumThreads(threads)

    def call(self, case, x):
        cv, kernel = self.cv, case.kernel
        if case.op == "area":
            return lambda: cv.resize(x, kernel[::-1], interpolation=cv.INTER_AREA)
        if case.op == "median":
            # Its borders repeat the edge.
            return (lambda: cv.medianBlur(x, kernel)) if case.stride == 1 else None
        if case.pooled != (0, 1) or case.view or not isinstance(kernel, int):
            return None
        if case.op == "avg" and case.stride is None:
            size = (x.shape[1] // kernel, x.shape[0] // kernel)
            inside = x[:size[1] * kernel, :size[0] * kernel]
            return lambda: cv.resize(inside, size, interpolation=cv.INTER_AREA)
        if case.stride == 1 and case.op == "max":
            element = np.ones((kernel, kernel), np.uint8)
            return lambda: cv.dilate(x, element)
        if case.stride == 1 and case.op == "avg":
            return lambda: cv.blur(x, (kernel, kernel), borderType=cv.BORDER_CONSTANT)
        return None


class Tinybrain:
    """tinybrain: 2x2 and 2x2x2 means of images and volumes, in Fortran order."""

    name = "tinybrain"
    module = "tinybrain"
    operations = ("avg", "mode")
    reads_every_tap = False

    def __init__(self, threads):
        self.tinybrain = importlib.import_module("tinybrain")

    def call(self, case, x):
        fits = (case.dtype in ("u1", "u2") or case.op == "mode") and case.stride is None and not case.view
        if not fits or case.kernel not in (2, (1, 2, 2)) or x.ndim != 3:
            return None
        factor = (2, 2, 1) if case.kernel != 2 or x.shape[2] < 8 else (2, 2, 2)
        volume = np.asfortranarray(x if case.pooled == (0, 1) else x.T)
        back = (lambda y: y) if case.pooled == (0, 1) else (lambda y: y.T)
        if case.op == "mode":
            return lambda: back(self.tinybrain.downsample_segmentation(volume, factor)[0])
        return lambda: back(self.tinybrain.downsample_with_averaging(volume, factor)[0])

    def family(self, name, call):
        """A pyramid of labels."""
        if name != "pyramid_of_labels":
            return None
        volume = np.asfortranarray(call.array.T)
        return lambda: self.tinybrain.downsample_segmentation(volume, (2, 2, 2), num_mips=3)[-1].T


class TensorStore:
    """TensorStore's downsampling, whose last block may be a partial one."""

    name = "TensorStore"
    module = "tensorstore"
    operations = ("max", "avg", "median", "mode")
    reads_every_tap = False

    def __init__(self, threads):
        self.tensorstore = importlib.import_module("tensorstore")

    def call(self, case, x):
        factors = dict(zip(case.pooled, per_axis(case.kernel, len(case.pooled))))
        if case.stride is not None or case.padding != 0 or case.dtype == "bf16":
            return None
        if any(x.shape[axis] % factor for axis, factor in factors.items()):
            return None
        array = self.tensorstore.array(x)
        method = {"avg": "mean"}.get(case.op, case.op)
        view = self.tensorstore.downsample(array, [factors.get(axis, 1) for axis in range(x.ndim)], method)
        return lambda: view.read().result()


class BlockReduce:
    """scikit-image's block_reduce."""

    name = "scikit-image"
    module = "skimage"
    operations = ("max", "avg", "sum", "median", "var")
    reads_every_tap = False

    def __init__(self, threads):
        self.measure = importlib.import_module("skimage.measure")

    def call(self, case, x):
        if case.stride is not None or case.view or case.padding != 0 or case.dtype == "bf16":
            return None
        if not isinstance(case.kernel, int) or any(x.shape[axis] % case.kernel for axis in case.pooled):
            return None
        block = tuple(case.kernel if axis in case.pooled else 1 for axis in range(x.ndim))
        function = {"max": np.max, "avg": np.mean, "sum": np.sum, "median": np.median, "var": np.var}[case.op]
        return lambda: self.measure.block_reduce(x, block, function)


class NumpyReshape:
    """The reshape trick."""

    name = "NumPy reshape"
    module = "numpy"
    operations = ("max", "avg", "sum", "var", "lp", "logsumexp")
    reads_every_tap = False

    def __init__(self, threads):
        pass

    def call(self, case, x):
        if case.stride is not None or case.padding != 0 or case.dtype == "bf16" or not isinstance(case.kernel, int):
            return None
        shape, axes = [], []
        for axis, length in enumerate(x.shape):
            if axis in case.pooled:
                if length % case.kernel:
                    return None
                axes.append(len(shape) + 1)
                shape += [length // case.kernel, case.kernel]
            else:
                shape.append(length)
        function = {"max": np.max, "avg": np.mean, "sum": np.sum, "var": np.var, "lp": norm,
                    "logsumexp": logsumexp}[case.op]
        return lambda: function(x.reshape(shape), axis=tuple(axes))

    def family(self, name, call):
        """What takes a few lines of NumPy."""
        x = call.array
        if name == "stochastic":
            def blocks(y):
                return y.reshape(8, 64, 28, 2, 28, 2).sum((3, 5))
            return lambda: blocks(x * x) / blocks(x)
        if name in ("masked_average", "weighted_average"):
            weights = call.options["weights"] if name == "weighted_average" else ~call.options["mask"]

            def blocks(y):
                return y.reshape(1024, 2, 1024, 2).sum((1, 3))
            return lambda: blocks(x * weights) / blocks(np.broadcast_to(weights, x.shape))
        return None


def norm(x, axis):
    """The Euclidean norm."""
    return np.sqrt((x * x).sum(axis))


def logsumexp(x, axis):
    """The logarithm of the sum of exponentials, from the greatest on, so that it does not overflow."""
    greatest = x.max(axis, keepdims=True)
    return np.log(np.exp(x - greatest).sum(axis)) + greatest.squeeze(axis)
