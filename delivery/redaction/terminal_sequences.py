"""What a program wrote for a terminal only."""

import re
import unicodedata

# Colours, cursor movements and window titles (ECMA-48 control sequences, xterm operating system commands), also by
# their single characters.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\x9d\n]*(?:\x07|\x1b\\|\x9c)|\x1b[ -/]*[0-Z\\^-~]"
)
_KEPT = "\n\t"
# A sequence within another appears when the inner one is taken out; deeper ones lose what makes them sequences.
_ROUNDS = 4


def without_sequences(output: str) -> str:
    """What a program printed, without what only a terminal understands and without what nobody sees.

    A line that a program writes over another stands below it.
    """
    text = output.replace("\r\n", "\n").replace("\r", "\n")
    for _ in range(_ROUNDS):
        text = _SEQUENCE.sub("", text)
    invisible = {character for character in set(text) if _is_invisible(character)}
    return text.translate(dict.fromkeys(map(ord, invisible))) if invisible else text


def _is_invisible(character: str) -> bool:
    return character not in _KEPT and unicodedata.category(character) in ("Cc", "Cf")
