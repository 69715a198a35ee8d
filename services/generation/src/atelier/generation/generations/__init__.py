"""Generations: what was asked for, and the predictions that came of it."""
