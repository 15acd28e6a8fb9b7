"""
A time series with gaps: carbon dioxide, year by year
=====================================================

Carbon dioxide over Mauna Loa, in parts per million, week by week from 1958 to 2001, as it comes
with statsmodels. In 59 weeks nothing was measured, and NaN stands there. Pooled to years, a gap
should not cost the year.
"""

import matplotlib.pyplot as plt
import numpy as np
from statsmodels.datasets import co2

import cypool

series = co2.load_pandas().data["co2"]
weekly = series.to_numpy()
years = 1958 + (series.index.day_of_year / 365.25 + series.index.year - 1958).to_numpy()
print(f"{weekly.size} weeks, {np.isnan(weekly).sum()} of them without a value")

# %%
# Windows of 52 weeks. A NaN makes its window NaN, as with NumPy's mean; with ``nan_policy="omit"``
# the window is the mean of what there is.

time = cypool.avg_pool(years, 52)
strict = cypool.avg_pool(weekly, 52)
lenient = cypool.avg_pool(weekly, 52, nan_policy="omit")
print(f"{lenient.size} years: {np.isfinite(strict).sum()} with a value if NaN propagates, "
      f"{np.isfinite(lenient).sum()} if it is left out")

# %%
# At stride 1 the same mean runs along the series and takes the seasons out of it. With padding
# "same" there is a value for each week; at both ends it is the mean of those weeks that there are.

trend = cypool.avg_pool(weekly, 52, 1, "same", count_include_pad=False, nan_policy="omit")
season = weekly - trend

figure, (above, below) = plt.subplots(
    2, 1, figsize=(11, 6), layout="constrained", sharex=True, height_ratios=[2, 1]
)
above.plot(years, weekly, color="silver", label="weekly")
above.plot(years, trend, label="52 weeks at stride 1")
above.plot(time, lenient, "o", color="tab:blue", label='years, nan_policy="omit"')
above.plot(time, strict, "o", color="white", markersize=3, label='years, nan_policy="propagate"')
above.set(ylabel="parts per million")
above.legend(facecolor="lightgrey")
below.plot(years, season, color="tab:green", linewidth=0.8)
below.set(ylabel="less the trend", xlim=(years[0], years[-1]))

# %%
# The rise, and how far a year swings: the greatest less the least of each window. (The mean runs a
# little behind at both ends, where its windows are cut.)

rise = np.polyfit(time, lenient, 1)[0]
swing = (cypool.max_pool(season, 52, nan_policy="omit")
         - cypool.min_pool(season, 52, nan_policy="omit"))
print(f"{rise:.2f} ppm more each year; within a year it swings by {np.median(swing):.1f} ppm")
