"""The errors of a proposal that cannot be used."""


class ProposalError(Exception):
    """A proposal cannot be read, written or judged; the message says what was found and what is allowed."""


class ProposalFolderError(ProposalError):
    """A proposal cannot be written to a folder."""
