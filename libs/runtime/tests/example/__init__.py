"""The runtime's own example: two small services, `press` that prints issues and `reader` that follows it."""
