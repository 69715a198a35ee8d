"""Bodies that more than one service shows over HTTP, one file per part of the domain.

They are the public face only: what services tell each other are the state models.
"""
