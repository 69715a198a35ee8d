"""`python -m atelier.export`."""

from atelier.export.main import app

app()
