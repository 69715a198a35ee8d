"""`python -m atelier.catalog`."""

from atelier.catalog.main import app

app()
