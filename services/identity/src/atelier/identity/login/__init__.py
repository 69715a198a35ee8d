"""Login: from an address and a password to an access token."""
