"""From a public function to the loops, for a call like an earlier one: the way that a tiny array takes.

What a call needs besides its arrays is found by its arguments, then by the layout of its arrays. Only what is not
found is prepared, in Python, by `prepare`. Gradients, which check more by themselves, have their checks `Remembered`.
"""

from cpython.list cimport PyList_AsTuple, PyList_CheckExact
from cpython.long cimport PyLong_CheckExact
from cpython.tuple cimport PyTuple_CheckExact
from cpython.unicode cimport PyUnicode_CheckExact

cimport numpy as cnp

from cypool._engine.job cimport MAX_AXES
from cypool._engine.run cimport Plan
from cypool._layouts cimport Divisors, Layout, may_overlap, new_array

import numpy as np

from cypool import _arguments, _threads

cnp.import_array()

cdef extern from "numbers.h":
    unsigned long long MARK "CYPOOL_MARK"

cdef cnp.dtype INT64 = np.dtype("i8")

# True and False as keys, which equal 1 and 0.
cdef dict FLAGS = {True: object(), False: object()}

# In the place of a data_format, for functions that name their axes.
AXES = object()

# What makes wider numbers of an array: sums of windows of one element.
cdef tuple EACH = (None, 1, None, 0, 1, None)
cdef tuple EACH_FLAGS = (AXES, "propagate", False, False)

cdef enum:
    MOST_KEYS = 256     # different arguments that are remembered
    MOST_LAYOUTS = 8    # and layouts of arrays for each of them; a plan takes about 16 KiB
    MOST_BYTES = 1 << 20  # of tables; plans with more are not remembered
    MOST_KEPT = 1 << 16   # of an array that a function gave
    DEPTH = 3           # arguments, axes, sides


cdef class Prepared:
    """What a call needs besides its arrays, for one layout of x and one of out (or none)."""

    cdef readonly Plan plan             # None where the output is empty
    cdef readonly cnp.dtype native      # what the plan writes
    cdef readonly cnp.dtype dtype       # what the caller gets
    cdef readonly tuple shape
    cdef readonly bint direct           # the plan can write to the caller's array
    cdef readonly bint labelled         # indices are wanted
    cdef readonly bint clipped          # a value that the dtype does not hold becomes the nearest that it holds
    cdef readonly Plan sound            # finds results that the plan marks, where there can be such
    cdef readonly Divisors divisors     # of x, or None
    cdef Layout x
    cdef Layout out
    cdef int ndim
    cdef cnp.npy_intp sizes[MAX_AXES]
    cdef cnp.npy_intp strides[MAX_AXES]         # of a new output of native elements
    cdef cnp.npy_intp label_strides[MAX_AXES]

    def __init__(self, Plan plan, cnp.dtype native, cnp.dtype dtype, tuple shape, tuple strides, tuple label_strides,
                 *, bint direct, bint labelled, bint clipped, Plan sound, Divisors divisors):
        cdef int axis
        self.plan = plan
        self.native = native
        self.dtype = dtype
        self.shape = shape
        self.direct = direct
        self.labelled = labelled
        self.clipped = clipped
        self.sound = sound
        self.divisors = divisors
        self.ndim = len(shape)
        for axis in range(self.ndim):
            self.sizes[axis] = shape[axis]
            self.strides[axis] = strides[axis]
            self.label_strides[axis] = label_strides[axis]

    cdef bint fits(self, cnp.ndarray x, cnp.ndarray out) noexcept:
        if not self.x.fits(x):
            return False
        return self.out is None if out is None else self.out is not None and self.out.fits(out)

    cdef cnp.ndarray new(self, cnp.dtype dtype, const cnp.npy_intp *strides):
        """An empty array of the result's shape."""
        return new_array(dtype, self.ndim, self.sizes, strides)


cdef bint is_plain(object value, int depth) noexcept:
    """Whether a value can be looked up: an int, a string or None, or a tuple of such.

    Others may equal these without being allowed: 2.0 == 2 and True == 1.
    """
    if value is None or PyLong_CheckExact(value) or PyUnicode_CheckExact(value):
        return True
    if depth == 0 or not PyTuple_CheckExact(value):
        return False
    for each in <tuple>value:
        if not is_plain(each, depth - 1):
            return False
    return True


cdef object as_plain(object value, int depth):
    """Sequences and NumPy integers as tuples and ints, which can be looked up in their place."""
    if PyList_CheckExact(value):
        value = PyList_AsTuple(value)
    if is_plain(value, depth):
        return value
    if depth > 0 and isinstance(value, (list, tuple)):
        return tuple([as_plain(each, depth - 1) for each in value])
    if isinstance(value, np.integer) and not isinstance(value, np.timedelta64):
        return int(value)
    return value


cdef bint is_flag(object value) noexcept:
    return value is True or value is False or value is AXES or PyUnicode_CheckExact(value)


cdef bint can_be_key(tuple sizes, tuple flags, object dtype) noexcept:
    cdef object each
    if not is_plain(sizes, DEPTH):
        return False
    for each in flags:
        if not is_flag(each):
            return False
    return dtype is None or isinstance(dtype, (type, cnp.dtype)) or PyUnicode_CheckExact(dtype)


cdef class Recent:
    """The arguments of an operation's last call, which the next one most often repeats, and what was prepared."""

    cdef str maker
    cdef tuple sizes
    cdef tuple flags
    cdef object dtype
    cdef object parameter
    cdef tuple layouts

    def __init__(self, maker, sizes, flags, dtype, parameter, layouts):
        self.maker, self.sizes, self.flags, self.dtype = maker, sizes, flags, dtype
        self.parameter, self.layouts = parameter, layouts

    cdef bint repeats(self, str maker, tuple sizes, tuple flags, object dtype, object parameter) noexcept:
        """Whether these are the very same objects, which cannot have changed."""
        return (self.maker is maker and self.dtype is dtype and self.parameter is parameter
                and same_items(self.sizes, sizes) and same_items(self.flags, flags))


cdef bint same_items(tuple a, tuple b) noexcept:
    cdef Py_ssize_t i
    if len(a) != len(b):
        return False
    for i in range(len(a)):
        if a[i] is not b[i]:
            return False
    return True


cdef class Calls:
    """Pooling calls of every kind, and what was prepared for them."""

    cdef object prepare
    cdef dict known                 # arguments -> tuple of Prepared, the newest first; operation -> Recent
    cdef public double serial_ns    # work below this is not worth asking how many threads there are

    def __init__(self, prepare):
        self.prepare = prepare
        self.serial_ns = _threads.SERIAL_NS
        self.known = {}

    def forget(self):
        """Drop all that is prepared, since it holds functions of the current copy of the kernels."""
        self.known.clear()

    def pool(self, str op, str maker, x, tuple sizes, tuple flags, dtype=None, out=None, num_threads=None,
             parameter=None, samples=None):
        """Pool x by op: "max", "min", "sum", "avg", or one of those in reducers.py, with its float as parameter.

        `maker` names the maker of windows, `sizes` and `flags` hold its arguments; flags[-1] is return_indices.
        `samples` are the public random_samples, as Plan.pool takes them. Gives the output, or (output, indices).
        """
        cdef cnp.ndarray array, results, labels = None
        cdef Prepared prepared
        cdef Plan plan
        cdef int n_threads = 1
        cdef bint held_up
        if num_threads is not None and not (PyLong_CheckExact(num_threads) and num_threads > 0):
            num_threads = _arguments.positive("num_threads", num_threads)
        if samples is not None:
            check_samples(samples)
        array = x if type(x) is cnp.ndarray else _arguments.array("x", x)
        if out is not None and not (type(out) is cnp.ndarray and cnp.PyArray_ISWRITEABLE(out)):
            _arguments.writable(out)
        if out is not None and may_overlap(array, out):
            prepared = self.find(op, maker, array, sizes, flags, dtype, None, parameter)
            _arguments.output(out, prepared.shape, prepared.dtype)
        else:
            prepared = self.find(op, maker, array, sizes, flags, dtype, out, parameter)
        plan = prepared.plan
        if prepared.divisors is not None and plan is not None:
            array = self.divided(array, prepared.divisors, num_threads)
        if prepared.direct:
            results = out
        else:
            results = prepared.new(prepared.native, prepared.strides)
        if prepared.labelled:
            labels = prepared.new(INT64, prepared.label_strides)
        if plan is not None:
            if plan.cost >= self.serial_ns:
                n_threads = _threads.for_call(plan, num_threads)
            held_up = plan.pool(array, results, labels, samples, prepared.direct, n_threads)
            if n_threads > 1 and num_threads is None:
                _threads.note(held_up)
            if prepared.sound is not None:
                find_marked(prepared, array, results, n_threads)
        if results is not out and (out is not None or prepared.dtype is not prepared.native):
            results = self.cast(results, prepared, out)
        return results if labels is None else (results, labels)

    cdef cnp.ndarray divided(self, cnp.ndarray array, Divisors by, num_threads):
        """A new array of quotients. Numbers of 16 bits are float32 from here on, which NumPy would make one by one."""
        if cnp.PyArray_ITEMSIZE(array) == 2:
            array = self.pool("sum", "pooled", array, EACH, EACH_FLAGS, np.float32, None, num_threads)
        return by.divide(array)

    cdef cnp.ndarray cast(self, cnp.ndarray results, Prepared prepared, cnp.ndarray out):
        """Results of the native dtype as those that the caller wants."""
        if prepared.clipped:
            info = np.iinfo(prepared.dtype)
            results = np.clip(results, info.min, info.max)
        if prepared.dtype is not prepared.native:
            results = results.astype(prepared.dtype)
        if out is None:
            return results
        out[...] = results
        return out

    cdef Prepared find(self, str op, str maker, cnp.ndarray x, tuple sizes, tuple flags, object dtype,
                       cnp.ndarray out, object parameter):
        cdef Prepared prepared
        cdef Recent recent = self.known.get(op)
        cdef tuple key, layouts, plain
        cdef bint cached
        if recent is not None and recent.repeats(maker, sizes, flags, dtype, parameter):
            for prepared in recent.layouts:
                if prepared.fits(x, out):
                    return prepared
        plain = sizes if is_plain(sizes, DEPTH) else as_plain(sizes, DEPTH)
        cached = can_be_key(plain, flags, dtype)
        if cached:
            key = (op, maker, plain, flags, dtype, parameter)
            layouts = self.known.get(key, ())
            for prepared in layouts:
                if prepared.fits(x, out):
                    if plain is sizes:
                        self.known[op] = Recent(maker, sizes, flags, dtype, parameter, layouts)
                    return prepared
        prepared = self.prepare(op, maker, x, sizes, flags, dtype, out, parameter)
        if cached and (prepared.plan is None or prepared.plan.table_bytes <= MOST_BYTES):
            prepared.x = Layout(x)
            prepared.out = None if out is None else Layout(out)
            if len(self.known) >= MOST_KEYS:
                self.known.clear()
            self.known[key] = (prepared, *layouts[:MOST_LAYOUTS - 1])
        return prepared


cdef bint has_mark(const unsigned long long *bits, Py_ssize_t n) noexcept nogil:
    cdef unsigned long long found = 0
    cdef Py_ssize_t i
    for i in range(n):
        found |= bits[i] == MARK
    return found


cdef void find_marked(Prepared prepared, cnp.ndarray array, cnp.ndarray results, int n_threads):
    """Replace results that the plan has marked by those of the sound one."""
    cdef cnp.ndarray found
    if cnp.PyArray_ISCARRAY(results) and not has_mark(<const unsigned long long *>cnp.PyArray_DATA(results),
                                                      cnp.PyArray_SIZE(results)):
        return
    plain = np.asarray(results)     # comparisons of masked arrays are masked
    marked = plain.view(np.dtype(np.uint64).newbyteorder(plain.dtype.byteorder)) == MARK
    if marked.any():
        found = prepared.new(prepared.native, prepared.strides)
        prepared.sound.pool(array, found, None, None, False, n_threads)
        np.copyto(plain, found, where=marked)


cdef class Remembered:
    """A function, with what it gave for arguments that can be looked up: True, False and what is plain.

    Arrays that it gives, and whatever else tells its nbytes, are kept if they are small; nobody may write to them.
    """

    cdef object function
    cdef dict known

    def __init__(self, function):
        self.function = function
        self.known = {}

    def __call__(self, *args):
        cdef list key = []
        cdef object each, result
        for each in args:
            if each is True or each is False:
                each = FLAGS[each]
            elif not is_plain(each, DEPTH):
                each = as_plain(each, DEPTH)
                if not is_plain(each, DEPTH):
                    return self.function(*args)
            key.append(each)
        looked_up = tuple(key)
        result = self.known.get(looked_up, self)
        if result is not self:
            return result
        result = self.function(*args)
        if getattr(result, "nbytes", 0) <= MOST_KEPT:
            if len(self.known) >= MOST_KEYS:
                self.known.clear()
            self.known[looked_up] = result
        return result


cdef int check_samples(cnp.ndarray samples) except -1:
    cdef const double *values = <const double *>cnp.PyArray_DATA(samples)
    cdef Py_ssize_t i
    for i in range(cnp.PyArray_SIZE(samples)):
        if not 0 <= values[i] < 1:
            raise ValueError(f"random_samples must be at least 0 and below 1, got {values[i]}")
    return 0
