"""Reads a text file named on a command line."""

from pathlib import Path


class TextFileError(ValueError):
    """A file cannot be read as text; the message names it and says what was found and what is allowed."""


def read_text(path: Path, what: str) -> str:
    """Return the text of a file. what: its purpose, for the message. Raises TextFileError."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else error
        raise TextFileError(f"{path}: {what} cannot be read: {problem}; allowed: a text file in UTF-8") from None
