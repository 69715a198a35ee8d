"""Login: from an address and a password to tokens, and on from there."""
