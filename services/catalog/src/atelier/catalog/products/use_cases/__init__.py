"""What can be done with products."""

from atelier.catalog.products.use_cases.creating import create
from atelier.catalog.products.use_cases.finding import delete, read, set_archived
from atelier.catalog.products.use_cases.shots import on_shot, stand_anew
from atelier.catalog.products.use_cases.updating import update

__all__ = ["create", "delete", "on_shot", "read", "set_archived", "stand_anew", "update"]
