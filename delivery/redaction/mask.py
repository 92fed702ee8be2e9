"""Keeps secret values out of everything that is printed or written."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from delivery.redaction.credentials import without_credentials, without_named_credentials
from delivery.redaction.encodings import plain, readings, written_forms
from delivery.redaction.terminal_sequences import without_sequences

# None of our secrets is shorter.
_SHORTEST = 8
PLACEHOLDER = "(sensitive value)"
# With the number or digest by which a published plan tells values apart.
_PLACEHOLDER = re.compile(r"\(sensitive value(?: [0-9a-f]{1,16})?\)")


def is_placeholder(text: str) -> bool:
    """Whether the text is a placeholder for a sensitive value."""
    return _PLACEHOLDER.fullmatch(text) is not None


def secret_forms(secrets: Iterable[str]) -> frozenset[str]:
    """Each secret, and each line of it, as it is and in its other forms: escaped, encoded, in a URL.

    Secrets shorter than 8 characters are left out: they cannot be told from ordinary words.
    """
    given = list(secrets)
    parts = {part.strip() for secret in given for part in (secret, *secret.splitlines())}.union(given)
    long = {part for part in parts if len(part) >= _SHORTEST}
    forms = {form for part in long for form in (*written_forms(part), plain(part))}
    return frozenset(form for form in forms if len(form) >= _SHORTEST)


def environment_secrets(variables: Mapping[str, str] = os.environ) -> set[str]:
    """The values of variables whose names contain SECRET, TOKEN or PASSWORD."""
    return {value for name, value in variables.items() if re.search("SECRET|TOKEN|PASSWORD", name)}


class Mask:
    """Removes known secret values, and everything in the format of a credential, from texts."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # Keyed by their first characters: one pass over a text finds any number of secrets.
        self._forms: dict[str, set[str]] = {}
        self._remember(secrets)

    def add(self, secret: str) -> None:
        """Add one more secret value."""
        self._remember([secret])

    def _remember(self, secrets: Iterable[str]) -> None:
        for form in secret_forms(secrets):
            self._forms.setdefault(form[:_SHORTEST], set()).add(form)

    def places(self, text: str) -> list[tuple[int, int]]:
        """Where a secret stands in the text, in any of its forms; overlapping matches are merged."""
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
        """Return the text with each secret replaced by a placeholder."""
        if self._forms:
            text = self.replaced(text, _placeholder)
        return without_credentials(text, _placeholder)

    def replaced(self, text: str, placeholder: Callable[[str], str]) -> str:
        """Return the text with each known secret replaced. placeholder: receives the text it replaces."""
        parts, last = [], 0
        for begin, end in self.places(text):
            parts += [text[last:begin], placeholder(text[begin:end])]
            last = end
        return "".join([*parts, text[last:]])

    def clean_line(self, text: str) -> str:
        """Clean the text and put it on one line."""
        return " ".join(self.clean(text).split())

    def clean_log(self, text: str) -> str:
        """Clean a program's output, where anything after a secret's name is secret too.

        Terminal sequences are removed first, since one may stand in the middle of a secret.
        """
        return without_named_credentials(self.clean(without_sequences(text)), _placeholder)


def _placeholder(_: str) -> str:
    return PLACEHOLDER
