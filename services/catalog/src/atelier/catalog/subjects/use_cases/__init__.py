"""What can be done with subjects."""

from atelier.catalog.subjects.use_cases.base_images import (
    add_base_image,
    list_base_images,
    remove_base_images,
)
from atelier.catalog.subjects.use_cases.creating import create
from atelier.catalog.subjects.use_cases.finding import read
from atelier.catalog.subjects.use_cases.slugs import free_slugs
from atelier.catalog.subjects.use_cases.updating import update

__all__ = [
    "add_base_image",
    "create",
    "free_slugs",
    "list_base_images",
    "read",
    "remove_base_images",
    "update",
]
