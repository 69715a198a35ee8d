"""Requests to make pictures: for every shot of a look, or for one."""
