"""
Audio: the waveform that a player draws, and its loudness
=========================================================

A recording has more samples than a screen has pixels. The waveform that players and editors draw is
two poolings: the least and the greatest sample of each column of pixels. Every n-th sample would
miss the beats.

The recording is a loop of house music that comes with pygame-ce: 7 seconds, 8 bits, 11025 samples a
second.
"""

import wave
from importlib.metadata import distribution

import matplotlib.pyplot as plt
import numpy as np

import cypool

path = distribution("pygame-ce").locate_file("pygame/examples/data/house_lo.wav")
with wave.open(str(path)) as file:
    rate = file.getframerate()
    # 8-bit samples are unsigned, around 128.
    samples = np.frombuffer(file.readframes(file.getnframes()), np.uint8).astype(np.int16) - 128
seconds = np.arange(samples.size) / rate
print(f"{samples.size} samples, {seconds[-1]:.1f} s")

# %%
# 400 columns of pixels; the last one takes what is left.

columns = 400
width = -(-samples.size // columns)
low = cypool.min_pool(samples, width, ceil_mode=True)
high = cypool.max_pool(samples, width, ceil_mode=True)
thinned = samples[::width]
times = seconds[::width]

figure, (above, below) = plt.subplots(
    2, 1, figsize=(11, 4.6), layout="constrained", sharex=True, sharey=True
)
above.fill_between(times, low, high, step="post", color="tab:blue")
above.set_title(f"min_pool and max_pool, windows of {width} samples")
below.step(times, thinned, where="post", color="tab:red", linewidth=0.8)
below.set_title(f"every {width}th sample")
below.set(xlabel="seconds", xlim=(0, seconds[-1]))

# %%
# The loudest moment of the recording, and what is left of it:

print(f"peak: {np.abs(samples).max()}")
print(f"pooled: {max(high.max(), -low.min())}, of every {width}th sample: {np.abs(thinned).max()}")

# %%
# The loudness is the root of the mean square in windows of 50 ms: a norm of order 2, divided by the
# root of the number of samples. With a stride of 10 ms windows overlap. The beats stand out, and
# how often they come is the tempo.

window, hop = rate // 20, rate // 100
loudness = cypool.lp_pool(samples, 2, window, hop) / np.sqrt(window)
level = 20 * np.log10(loudness / 128)
when = (np.arange(level.size) * hop + window / 2) / rate

centred = loudness - loudness.mean()
correlation = np.correlate(centred, centred, "full")[centred.size - 1:]
# Between 60 and 180 beats a minute.
lags = np.arange(int(rate / hop / 3), int(rate / hop))
beat = lags[correlation[lags].argmax()] * hop / rate

figure, axis = plt.subplots(figsize=(11, 2.6), layout="constrained")
axis.plot(when, level)
axis.set(xlabel="seconds", ylabel="dB of full scale", xlim=(0, seconds[-1]))
axis.set_title(f"loudness: {60 / beat:.0f} beats a minute")
print(f"a beat takes {beat:.2f} s: {60 / beat:.0f} a minute")
