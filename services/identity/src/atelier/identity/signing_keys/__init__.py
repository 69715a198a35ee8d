"""Signing keys: what proves that an access token is ours."""
