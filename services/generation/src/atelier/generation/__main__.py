"""`python -m atelier.generation`."""

from atelier.generation.main import app

app()
