"""Catalog: what productions are made from."""
