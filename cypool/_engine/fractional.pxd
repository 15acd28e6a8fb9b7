# Windows that start where pseudo-random sequences say, another one for each outer plane.

from cypool._engine.job cimport Axis, Job, Work

cdef enum:
    # Starts are at most so many positions from the table's. By the rule it is one, and rounding may add to that; where
    # an axis is so long that float32 cannot count its positions, it could be any number.
    MOST_SHIFT = 3


cdef inline double rounded(double value, bint single) noexcept nogil:
    """A sum, product or quotient as float32 has it: a double's rounding before changes nothing."""
    return <double><float>value if single else value


cdef inline void draw_starts(const Axis *axis, double sample, Py_ssize_t *starts) noexcept nogil:
    """The starts for one sample. Source: Graham 2014, in the order and the type of
    torch.nn.functional.fractional_max_pool2d."""
    cdef bint single = axis.single
    cdef Py_ssize_t last = axis.length - axis.counts[0]
    cdef Py_ssize_t n = axis.dim.size
    cdef double steps = rounded(<double>max(n - 1, <Py_ssize_t>1), single)
    cdef double step = rounded(rounded(<double>last, single) / steps, single)
    cdef Py_ssize_t before, i
    sample = rounded(sample, single)
    before = <Py_ssize_t>rounded(sample * step, single)
    for i in range(n - 1):
        starts[i] = <Py_ssize_t>rounded(rounded(rounded(<double>i, single) + sample, single) * step, single) - before
        starts[i] = max(axis.starts[i] - MOST_SHIFT, min(axis.starts[i] + MOST_SHIFT, starts[i]))
        starts[i] = max(<Py_ssize_t>0, min(last, starts[i]))
    starts[n - 1] = last


cdef inline Py_ssize_t draw_axis(Axis *own, const Axis *axis, const double *samples, Py_ssize_t *starts) noexcept nogil:
    """Let an axis start as the samples of a plane say, if it varies; gives the starts that took."""
    if not axis.varies:
        return 0
    draw_starts(axis, samples[axis.sample], starts)
    own.starts = starts
    return axis.dim.size


cdef inline void draw_plane(Job *own, const Job *job, Work *work, const double *samples) noexcept nogil:
    """The same of all axes."""
    cdef Py_ssize_t *starts = work.starts
    cdef int i
    starts += draw_axis(&own.row, &job.row, samples, starts)
    starts += draw_axis(&own.column, &job.column, samples, starts)
    for i in range(job.n_planes):
        starts += draw_axis(&own.planes[i], &job.planes[i], samples, starts)
