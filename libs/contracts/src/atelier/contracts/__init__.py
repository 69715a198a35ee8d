"""What the services say to each other: states, events, topics, the envelope, shared public models.

Pydantic and the standard library only, so that any consumer can use it as it is.
"""
