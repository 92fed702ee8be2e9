"""What Terraform marks as sensitive or as not yet known, in a plan's tree of attributes."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from delivery.redaction.mask import PLACEHOLDER, is_placeholder


@dataclass(frozen=True)
class Sensitive:
    """A value that Terraform marks as sensitive: it compares like the value, and prints as a placeholder."""

    value: object = field(repr=False)

    def __str__(self) -> str:
        return PLACEHOLDER


class Unknown:
    """A value that Terraform only learns during the apply; all instances are equal."""

    def __str__(self) -> str:
        return "(known after apply)"


UNKNOWN = Unknown()
# Words and numbers as people name things: data-base-url, tls.crt, replica2.
_NAME = re.compile(r"(?:[._/-]*[A-Za-z]{1,24}[0-9]{0,3}(?![A-Za-z0-9]))+")


def marked(value: object, *, sensitive: object, unknown: object) -> object:
    """Put ``Sensitive`` and ``UNKNOWN`` into the value where the plan marks it so.

    sensitive, unknown: trees of the value's shape with true at the marked places, like before_sensitive and
    after_unknown.
    """
    if unknown is True:
        return UNKNOWN
    if sensitive is True:
        return value if value in (None, "") else Sensitive(value)
    if isinstance(value, dict) or isinstance(unknown, dict):
        values = value if isinstance(value, dict) else {}
        sensitives = sensitive if isinstance(sensitive, dict) else {}
        unknowns = unknown if isinstance(unknown, dict) else {}
        return {
            key: marked(values.get(key), sensitive=sensitives.get(key), unknown=unknowns.get(key))
            for key in (*values, *(key for key in unknowns if key not in values))
        }
    if isinstance(value, list) or (isinstance(unknown, list) and unknown):
        rows = zip_longest(*(tree if isinstance(tree, list) else [] for tree in (value, sensitive, unknown)))
        return [marked(item, sensitive=is_sensitive, unknown=is_unknown) for item, is_sensitive, is_unknown in rows]
    return value


def sensitive_strings(tree: object) -> Iterator[str]:
    """Every string and number below a sensitive mark, and each map key that is not an ordinary name."""
    if isinstance(tree, Sensitive):
        yield from _strings(tree.value)
    elif isinstance(tree, dict):
        for value in tree.values():
            yield from sensitive_strings(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from sensitive_strings(value)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        if is_placeholder(value):
            return
        yield value
        try:
            content = json.loads(value)
        except ValueError:
            return
        # Each field of a JSON secret is secret too; a scalar is the string itself.
        yield from _strings(content) if isinstance(content, dict | list) else ()
    elif isinstance(value, dict):
        for key, item in value.items():
            # An ordinary name also stands elsewhere; hiding it everywhere would make output unreadable.
            if not _NAME.fullmatch(key):
                yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield json.dumps(value)
