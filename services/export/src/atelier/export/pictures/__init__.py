"""Converted pictures: the format, the size and the metadata that a delivery asks for, kept by content."""
