"""Who may do what in generation: the house's table."""

from atelier.runtime.authorization import Action, admit, require_visible, visible_to

__all__ = ["Action", "admit", "require_visible", "visible_to"]
