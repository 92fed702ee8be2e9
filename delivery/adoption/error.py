"""Why existing resources cannot be prepared for adoption."""


class AdoptionError(Exception):
    """A step failed or was not approved; the message says why and what to do."""
