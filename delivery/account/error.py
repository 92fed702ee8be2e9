"""Why a question about an environment has no good answer."""


class CheckError(Exception):
    """What was found is not what should be; the message says what was found, in words that go on a line.

    lasting: it cannot become right by waiting.
    """

    def __init__(self, found: str, *, lasting: bool = False) -> None:
        super().__init__(found)
        self.lasting = lasting


class AbsentError(CheckError):
    """There is no such thing at all."""


class UnseenError(Exception):
    """The environment's plan role asks, and may not see it: it is left to whoever deploys."""
