"""`python -m atelier.identity`."""

from atelier.identity.main import app

app()
