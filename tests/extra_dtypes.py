"""The dtypes of ml_dtypes, which does not have wheels for every Python: lists of one, or empty without it."""

try:
    import ml_dtypes
except ImportError:
    BFLOAT16, FLOAT8, INT4 = [], [], []
else:
    BFLOAT16, FLOAT8, INT4 = [ml_dtypes.bfloat16], [ml_dtypes.float8_e5m2], [ml_dtypes.int4]
