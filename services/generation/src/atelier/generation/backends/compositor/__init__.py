"""The embedded backend: the product cut out and composed, without any model."""
