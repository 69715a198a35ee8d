"""The one error that a person sees."""


class StackError(Exception):
    """One sentence for the person at the terminal: what is wrong and what to do about it."""
