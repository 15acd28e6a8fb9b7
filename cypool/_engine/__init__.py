"""The engine: any array as one canonical view, pooled tile by tile, on as many threads as pay.

    view.py         shapes, strides and windows become the canonical view: axes sorted and merged
    plan.py         a view becomes a Job
    tilings.py      the way to walk it, and its tiles
    shortcuts.py    which windows need no passes over scratch rows
    across.py       which small planes are pooled side by side, and the plan of that; across.pxd turns them
    bounded.pxd     whether 64-bit numbers that a unit reads are so small that one sum of them does
    changed.py      which planes of 16-bit floats become others first, and the plan of that; changed.pxd changes them
    slim.py         which are pooled whole in vectors with masks, and the tables for that
    slabs.py        windows over three axes in two steps: which, and the views of both
    stacking.py     the plan of an operation that needs all taps of a window at once
    foresight.py    what a processor does not foresee of what will be read, and is told ahead
    fetching.py     how far ahead of what a walk reads memory is fetched
    chains.py       long windows made of narrower ones
    spans.py        what arrays and windows come to: bytes, taps, tiles
    reducers.py     which kernel functions make up an operation, for each dtype; statistics.py those of all taps at once
    job.pxd         the Job, and where one thread is in it
    vertical.pxd    passes over whole rows of the input
    horizontal.pxd  passes along scratch rows
    results.pxd     accumulators become outputs
    units.pxd       a tile of the output, from the input to its place
    direct.pxd      a tile of small windows, from the input straight to the output
    strips.pxd      small planes in strips, at stride 1
    along.pxd       a block of rows of windows on long rows, from the input straight to the output
    columns.pxd     a block of rows of long windows, the column in strips
    repeats.pxd     a tile of a gradient whose windows lie side by side
    alike.pxd       rows and planes that follow each other and are alike: made once, and copied
    planes.pxd      gradients of overlapping windows on small planes, many planes side by side; small planes whole
    scratch.pxd     what a thread has for all that
    run.pyx         the walk over the units, and the threads
    stacks.pxd      a tile of operations that need all taps of a window at once
    counted.pxd     a block of medians of large windows of bytes, by histograms
    networks.py     networks of exchanges that sort as much of a window as its median needs
    scatter.pyx     values to where indices say: the gradient of max and min, and unpooling; one_by_one.pxd takes
                    each in its turn, placing.pxd those whose blocks lie side by side, collecting.pxd those of windows
                    that overlap, small.pxd on small planes
    regions.pyx     boxes of an image: boxes.pxd does one of them, samples.pyx says what it reads, and tiles.pxd has
                    the channels of a position side by side
"""
