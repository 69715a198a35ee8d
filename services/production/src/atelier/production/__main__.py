"""`python -m atelier.production`."""

from atelier.production.main import app

app()
