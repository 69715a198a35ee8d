"""What is wrong with a file that should be a picture."""


class PictureError(Exception):
    """The file isn't a picture that is taken; the message ends the sentence "The file …"."""
