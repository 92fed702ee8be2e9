"""The error for a refused proposal of images."""


class RefusedError(Exception):
    """Nothing was promoted or written; the message says why, and what to do."""
