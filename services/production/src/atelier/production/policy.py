"""Who may do what in production: the house's table. Children will take tenancy from their shooting."""

from atelier.runtime.authorization import Action, admit, require_visible, visible_to

__all__ = ["Action", "admit", "require_visible", "visible_to"]
