"""Subjects: the models who wear the products."""
