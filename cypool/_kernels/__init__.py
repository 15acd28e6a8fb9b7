"""The kernels: typed loops over rows, one source compiled once per instruction set.

    types.pxd       what they share with the engine
    combine.pyx     rows combined element by element; windows folded
    folds.pyx       long windows of floats folded in registers, and those of few taps (fews.pxd)
    direct.pyx      small windows in registers, from the input to the output
    winners.pyx     maxima and their places, likewise
    ranks.pyx       the same of narrow elements, where channels come last
    pairs.pyx       maxima of blocks of 16-bit numbers, likewise
    means.pyx       means of blocks of small integers, likewise
    halves.pyx      means of 16-bit floats where channels come last, likewise
    widths.pyx      narrow elements as floats, for winners.pyx
    places.pyx      values to their places in blocks side by side
    collects.pyx    gradients of maxima of overlapping windows, by the inputs that collect them (channels.pxd where
                    channels come last, labels.pxd: integers in the lanes of vectors)
    wide_collects.pyx the same in the widest vectors, and on small planes
    planes.pyx      gradients on small planes, many side by side
    slim.pyx        small windows on small planes of floats, in the widest vectors, which one copy alone has
    strips.pyx      windows at stride 1 on small planes, in strips as wide as a vector
    wide_strips.pyx the same in strips of the widest vectors, straight from the input
    wide_rows.pyx   maxima at stride 1 on long rows, likewise; wide_words.pyx of small integers, and their sums;
                    wide_bytes.pyx of bytes with an odd number of taps
    wide_chains.pyx long windows along a row, likewise, and of integers down a column
    columns.pyx     long windows along a column, in strips
    keys.pyx        values as integer keys, with and without the tap they come from
    addends.pyx     elements as addends
    sums.pyx        sums as results
    scaled.pyx      sums whose taps have weights
    order.pyx       medians and modes: all taps of a window as rows
                    (tallies.pxd: modes that need no sorting)
    few.pyx         the same of few taps, in registers
    medians.pyx     medians of 3x3 and 5x5 windows at stride 1, of shared columns
                    (threes.pxd, fives.pxd, and what both have, sorted_columns.pxd)
    histograms.pyx  medians of large windows of bytes at stride 1
    norms.pyx       norms of few floats, likewise
    moments.pyx     variances, norms, log of sums of exponentials (products.pxd: sums of powers and their roots,
                    values.pxd: what states come to, doubles.pxd: numbers as doubles)
    powers.pyx      powers and roots of any order, of rows of doubles
    turns.pyx       rows as columns, of small planes
    moves.pyx       rows gathered, scattered, split into phases, woven and repeated
    tables.py       what each of them offers to the engine, for type checkers
    numbers.h       16-bit floats, and the order of floats
    contests.pxd    which of two taps wins, with its label
    taps.pxd        taps of a window in registers
    ahead.pxd       what later windows read is fetched in the order of memory
    vectors.h       vectors of floats by name; vectors.pxd has what is made of them, squares.pxd squares that are turned
    widest.h        the widest ones, and what masks and permutations give; widest.pxd likewise
    words.h         those of 16-bit and 32-bit integers
    odd.h           means by odd divisors, as one product; odd.pxd likewise
    places.h        values where integers say, in vectors; wide_places.h in the widest ones
    choices.h       which of two vectors' numbers is to stand, and the places that they come from
    halves.h        vectors of floats from 16-bit ones, and back
    wholes.h        vectors of small integers by name
    turns.h         squares of elements turned
    running.h       sums of integers along a row, each from the one before it
    streams.h       stores that leave the cache alone
    exponentials.h  exponentials and logarithms that become vectors
    powers.h        powers and roots that do, for norms

Each copy is a package of its own: `baseline`, `avx2`, `avx512`.
"""
