"""Measurements beside their baselines; `python -m benchmarks` makes one table of them."""
