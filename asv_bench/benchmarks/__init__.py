"""Benchmarks of cypool for airspeed velocity. Data is deterministic, made in setup, and cases are only appended."""
