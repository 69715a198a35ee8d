"""Production: shootings and, later, the looks, shots and revisions in them."""
