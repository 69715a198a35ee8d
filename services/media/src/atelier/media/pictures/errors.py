"""What is wrong with a file that should be a picture."""


class PictureError(Exception):
    """The file isn't a picture that is taken; the message ends the sentence "The file …"."""


def of_decoder(error: Exception, message: str) -> Exception:
    """What an error of libvips says: the picture is bad, unless memory was short (`MemoryError`)."""
    said = str(error).lower()
    short = "out of memory" in said or "memory allocation" in said
    return MemoryError() if short else PictureError(message)
