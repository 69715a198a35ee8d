"""Predictions: making one picture, whatever happens meanwhile."""
