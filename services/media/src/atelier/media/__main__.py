"""`python -m atelier.media`."""

from atelier.media.main import app

app()
