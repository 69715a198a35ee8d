"""API keys: what machines sign in with, on behalf of a user."""
