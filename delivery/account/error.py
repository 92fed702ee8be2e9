"""Errors of questions about an environment."""


class CheckError(Exception):
    """A check found something wrong; the message says what, on one line.

    lasting: waiting cannot fix it.
    """

    def __init__(self, found: str, *, lasting: bool = False) -> None:
        super().__init__(found)
        self.lasting = lasting


class AbsentError(CheckError):
    """The object does not exist."""


class UnseenError(Exception):
    """The caller is the environment's plan role, which may not see this; the deploy role checks it instead."""
