"""Who may do what in catalog: the house's table as it is. What is public will widen it here."""

from atelier.runtime.authorization import Action, admit, require_visible, visible_to

__all__ = ["Action", "admit", "require_visible", "visible_to"]
