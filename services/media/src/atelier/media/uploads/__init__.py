"""Temporary uploads: where clients put bytes themselves, until they are taken in or expire."""
