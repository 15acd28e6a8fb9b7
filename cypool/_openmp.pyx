"""Whether this build has OpenMP, and which."""

cdef extern from *:
    """
    #ifdef _OPENMP
    #  define CYPOOL_OPENMP _OPENMP
    #else
    #  define CYPOOL_OPENMP 0
    #endif
    """
    const int CYPOOL_OPENMP

# The date of the OpenMP standard (201511 is 4.5), or 0 for a serial build.
VERSION = CYPOOL_OPENMP
