"""The error for everything that previews refuse or cannot do."""


class PreviewError(Exception):
    """A claim, deploy or release was not done as asked; one line for each reason, with what is allowed.

    unusable: the request can never work, whatever the slots hold.
    """

    def __init__(self, message: str, *, unusable: bool = False) -> None:
        super().__init__(message)
        self.unusable = unusable
