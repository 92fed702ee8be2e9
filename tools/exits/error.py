"""The error of a failed exit."""


class ExitError(Exception):
    """A step of an exit failed; the message names it, what was found and what was expected."""
