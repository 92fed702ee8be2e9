"""Keeps secret values out of everything that is printed or written."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from delivery.redaction.credentials import without_credentials, without_named_credentials
from delivery.redaction.encodings import plain, readings, written_forms
from delivery.redaction.terminal_sequences import without_sequences

# No secret of ours is shorter.
_SHORTEST = 8
PLACEHOLDER = "(sensitive value)"
# With the number or the digest by which a published plan tells one from another.
_PLACEHOLDER = re.compile(r"\(sensitive value(?: [0-9a-f]{1,16})?\)")


def is_placeholder(text: str) -> bool:
    """The text stands for a sensitive value, and is none."""
    return _PLACEHOLDER.fullmatch(text) is not None


def secret_forms(secrets: Iterable[str]) -> frozenset[str]:
    """Each secret, and each line of it, as it is and as it is written elsewhere: escaped, encoded, in a URL.

    Without those of fewer than 8 characters, which cannot be told from ordinary words.
    """
    given = list(secrets)
    parts = {part.strip() for secret in given for part in (secret, *secret.splitlines())}.union(given)
    long = {part for part in parts if len(part) >= _SHORTEST}
    forms = {form for part in long for form in (*written_forms(part), plain(part))}
    return frozenset(form for form in forms if len(form) >= _SHORTEST)


def environment_secrets(variables: Mapping[str, str] = os.environ) -> set[str]:
    """The values of the variables that are named after secrets, tokens or passwords."""
    return {value for name, value in variables.items() if re.search("SECRET|TOKEN|PASSWORD", name)}


class Mask:
    """Takes known secret values, and what has a credential's form, out of texts."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # By their beginnings: so a text is gone through once, however many secrets there are.
        self._forms: dict[str, set[str]] = {}
        self._remember(secrets)

    def add(self, secret: str) -> None:
        """Remember one more value as secret."""
        self._remember([secret])

    def _remember(self, secrets: Iterable[str]) -> None:
        for form in secret_forms(secrets):
            self._forms.setdefault(form[:_SHORTEST], set()).add(form)

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where in the text a secret stands, in any of its forms; what overlaps is one place."""
        found: list[tuple[int, int]] = []
        for begin, end in sorted(set(self._places(text))):
            if found and begin < found[-1][1]:
                found[-1] = found[-1][0], max(end, found[-1][1])
            else:
                found.append((begin, end))
        return found

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        for reading in readings(text):
            said = reading.text
            begins = [index for index in range(len(said)) if said[index : index + _SHORTEST] in self._forms]
            for begin in begins:
                for form in self._forms[said[begin : begin + _SHORTEST]]:
                    if said.startswith(form, begin):
                        yield reading.place(begin, begin + len(form))

    def clean(self, text: str) -> str:
        """Return the text, each secret in it replaced by a placeholder."""
        if self._forms:
            text = self.replaced(text, _placeholder)
        return without_credentials(text, _placeholder)

    def replaced(self, text: str, placeholder: Callable[[str], str]) -> str:
        """Return the text with something else where a secret stands. placeholder: is given what stands there."""
        parts, last = [], 0
        for begin, end in self.places(text):
            parts += [text[last:begin], placeholder(text[begin:end])]
            last = end
        return "".join([*parts, text[last:]])

    def clean_line(self, text: str) -> str:
        """The same on one line."""
        return " ".join(self.clean(text).split())

    def clean_log(self, text: str) -> str:
        """The same for a program's output, where what a secret's name announces is a secret too.

        What a terminal alone understands is taken out first: it may stand in the middle of a secret.
        """
        return without_named_credentials(self.clean(without_sequences(text)), _placeholder)


def _placeholder(_: str) -> str:
    return PLACEHOLDER
