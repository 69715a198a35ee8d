"""The embedded parts: each module describes one as a `Program`."""
