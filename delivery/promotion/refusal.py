"""Why images are not proposed."""


class RefusedError(Exception):
    """Nothing is promoted, and nothing was written; the message says why, and what to do."""
