"""Who may read what in generation: the house's table."""

from atelier.runtime.authorization import visible_to

__all__ = ["visible_to"]
