"""Approved pictures, delivered: archives in the background, single downloads."""
