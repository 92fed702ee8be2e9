"""Why something is not done with a preview."""


class PreviewError(Exception):
    """Nothing is claimed, deployed or released as asked; a line for each reason, with what is allowed.

    unusable: what was asked for can never work, whatever the slots hold.
    """

    def __init__(self, message: str, *, unusable: bool = False) -> None:
        super().__init__(message)
        self.unusable = unusable
