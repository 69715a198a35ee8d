"""Attachments: what each resource is used for, and what happens to those that nothing uses."""
