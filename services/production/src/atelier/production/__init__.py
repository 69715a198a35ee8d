"""Production: shootings with the looks, shots and revisions in them."""
