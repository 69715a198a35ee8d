"""Organizations: tenants, and who is in them in which role."""
