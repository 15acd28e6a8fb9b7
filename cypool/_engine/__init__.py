"""The engine: any array as one canonical view, pooled tile by tile, on as many threads as pay.

    plan.py         shapes, strides and windows become a Job: axes sorted and merged, tiles, kernel functions
    reducers.py     which kernel functions make up an operation, for each dtype
    job.pxd         the Job, and where one thread is in it
    vertical.pxd    passes over whole rows of the input
    horizontal.pxd  passes along scratch rows
    results.pxd     accumulators become outputs
    units.pxd       a tile of the output, from the input to its place
    run.pyx         the walk over the units, and the threads
    scatter.pyx     the gradient of max and min
"""
