"""Answers that say something and carry no entity."""

from atelier.contracts.public.model import PublicModel


class Message(PublicModel):
    """One sentence for a person: what was done."""

    message: str
