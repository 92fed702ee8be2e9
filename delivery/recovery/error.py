"""The error that stops a recovery."""


class RecoveryError(Exception):
    """The environment cannot be recovered as asked; the message says what was found, and what to do."""
