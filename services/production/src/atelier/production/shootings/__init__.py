"""Shootings: planned productions."""
