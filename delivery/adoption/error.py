"""Why what exists cannot be made ready for its adoption."""


class AdoptionError(Exception):
    """A step cannot be done, or was not approved; the message says why, and what to do."""
