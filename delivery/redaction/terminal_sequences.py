"""Removes from output what is meant for a terminal only."""

import re
import unicodedata

# Colours, cursor movements and window titles (ECMA-48 control sequences, xterm operating system commands), also in
# their single-character forms.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\x9d\n]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-Z\\^-~]"
)
_KEPT = "\n\t"
# Removing an inner sequence reveals the outer one; deeper nesting loses the characters that make it a sequence.
_ROUNDS = 4


def without_sequences(output: str) -> str:
    """A program's output, without terminal sequences and invisible characters.

    A line that overwrites another appears below it.
    """
    text = output.replace("\r\n", "\n").replace("\r", "\n")
    for _ in range(_ROUNDS):
        text = _SEQUENCE.sub("", text)
    invisible = {character for character in set(text) if _is_invisible(character)}
    return text.translate(dict.fromkeys(map(ord, invisible))) if invisible else text


def _is_invisible(character: str) -> bool:
    return character not in _KEPT and unicodedata.category(character) in ("Cc", "Cf")
