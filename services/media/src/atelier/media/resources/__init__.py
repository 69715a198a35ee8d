"""Media resources: what is stored for good, once per content inside a tenant."""
