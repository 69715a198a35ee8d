"""Principals: what a user may do, for the gateway."""
