"""Shot types: the views that are taken of a product."""
