# A band of units, one after the other, each in the way that its job says.

from cypool._engine.across cimport bring_back, bring_together
from cypool._engine.alike cimport copy_planes, is_copy, run_alike_unit
from cypool._engine.along cimport run_along_unit
from cypool._engine.bounded cimport reads_bounded
from cypool._engine.changed cimport change, change_back
from cypool._engine.columns cimport meets, run_columns_unit, run_met_unit
from cypool._engine.counted cimport run_counted_unit
from cypool._engine.direct cimport run_direct_unit
from cypool._engine.fractional cimport draw_plane
from cypool._engine.job cimport Job, Units, Walk, Work
from cypool._engine.planes cimport run_slim_unit, run_spread_unit
from cypool._engine.repeats cimport run_repeated_unit
from cypool._engine.scratch cimport lay_out
from cypool._engine.stacks cimport run_stacked_unit
from cypool._engine.strips cimport planes_at_once, run_strips_unit
from cypool._engine.units cimport (
    place, run_flat_unit, run_long_unit, run_moving_unit, run_pieces, run_streamed_unit, run_unit, run_wide_unit,
)


cdef inline void run_one(const Job *job, Work *work) noexcept nogil:
    """The unit that was placed last."""
    if job.walk == Walk.PIECES:
        run_pieces(job, work)
    elif job.walk == Walk.LANES:
        run_long_unit(job, work)
    elif job.walk == Walk.STACK:
        run_stacked_unit(job, work)
    elif job.walk == Walk.COUNTED:
        run_counted_unit(job, work)
    elif job.walk == Walk.DIRECT:
        run_direct_unit(job, work)
    elif job.walk == Walk.STRIPS:
        run_strips_unit(job, work, 1)
    elif job.walk == Walk.ALONG:
        run_along_unit(job, work)
    elif job.walk == Walk.REPEAT or job.walk == Walk.ALIKE:
        if is_copy(job, work):
            return
        if job.walk == Walk.REPEAT:
            run_repeated_unit(job, work)
        else:
            run_alike_unit(job, work)
        copy_planes(job, work)
    elif job.walk == Walk.SPREAD:
        run_spread_unit(job, work)
    elif job.walk == Walk.SLIM:
        run_slim_unit(job, work)
    elif job.walk == Walk.FLAT:
        run_flat_unit(job, work)
    elif job.walk == Walk.WIDE:
        run_wide_unit(job, work)
    elif job.walk == Walk.MOVE:
        run_moving_unit(job, work)
    elif job.walk == Walk.COLUMNS:
        run_columns_unit(job, work)
    elif job.walk == Walk.STREAM and meets(job):
        run_met_unit(job, work)
    elif job.walk == Walk.STREAM:
        run_streamed_unit(job, work)
    else:
        run_unit(job, work)


cdef inline bint run_across(const Job *job, Work *work, Work *within) noexcept nogil:
    """Some planes, side by side or changed: each unit of the job within. Gives whether their numbers are bounded."""
    cdef Py_ssize_t unit
    if job.changes:
        change(job, work)
    else:
        bring_together(job, work)
        if job.bounded != NULL and not job.bounded(
                work.packed, job.column.length * job.row.length * job.inner_tile, job.in_size, &job.bounds):
            return False
    for unit in range(job.within.n_units):
        place(job.within, within, unit, work.packed, work.results[0], <char *>work.label_row)
        run_one(job.within, within)
    if job.changes:
        change_back(job, work)
    else:
        bring_back(job, work)
    return True


cdef inline bint run_band(const Job *shared, const Units *units, Py_ssize_t begin, Py_ssize_t end, const char *data,
                          char *out, char *labels, char *scratch) noexcept nogil:
    """Gives whether all numbers are bounded; ends where one is not."""
    cdef Work work
    cdef Work within
    cdef Job own
    cdef const Job *job = shared
    cdef Py_ssize_t drawn = -1
    cdef Py_ssize_t i = begin, unit, plane, n_units
    if shared.n_samples > 0:
        own = shared[0]
        job = &own
    lay_out(job, &work, scratch)
    work.streamed = job.streamed and units.streamed
    within.streamed = False
    if job.within != NULL:
        lay_out(job.within, &within, work.spare)
    while i < end:
        unit = units.first + i // units.run * units.step + i % units.run
        if shared.n_samples > 0:
            plane = unit // shared.plane_units
            if plane != drawn:
                draw_plane(&own, shared, &work, units.samples + plane * shared.n_samples)
                drawn = plane
        place(job, &work, unit, data, out, labels)
        n_units = 1
        if job.walk == Walk.ACROSS:
            if not run_across(job, &work, &within):
                return False
        elif job.bounded != NULL and not reads_bounded(job, &work):
            return False
        elif job.walk == Walk.STRIPS and job.bare:      # of floats, which have no bounds
            n_units = planes_at_once(job, &work, unit, min(end - i, units.run - i % units.run))
            run_strips_unit(job, &work, n_units)
        else:
            run_one(job, &work)
        i += n_units
    return True
