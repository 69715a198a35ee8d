"""Downloads of single shots."""
