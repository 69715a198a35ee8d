"""Who may do what in production: the house's table. Children carry the tenancy of their shooting."""

from atelier.runtime.authorization import Action, admit, require_visible, visible_to

__all__ = ["Action", "admit", "require_visible", "visible_to"]
