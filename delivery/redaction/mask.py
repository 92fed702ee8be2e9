"""Keeps secret values out of what is written about a plan."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from urllib.parse import quote

# No secret of ours is shorter.
_SHORTEST = 8
_PLACEHOLDER = "(sensitive value)"

# Credentials by their published forms. Each pattern's first group is kept, so that a reader sees what was there.
_CREDENTIALS = tuple(
    re.compile(pattern)
    for pattern in (
        r"()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",  # AWS access key ids
        r"()\bk8s-aws-v1\.[A-Za-z0-9_=-]+",  # EKS tokens
        r"(?i)(x-amz-(?:signature|security-token|credential)=)[^&\s\"']+",  # presigned AWS requests
        r"()\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+",  # JSON web tokens
        r"()\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",  # GitHub tokens
        r"()-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        r"(\b[a-z][a-z0-9+.-]{1,30}://[^/\s:@\"']{0,80}:)[^\s@\"'/]+(?=@)",  # a password in a URL
    )
)
# In a log there is nothing to tell what is secret but the word before it.
_NAMED_CREDENTIALS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?i)(\bauthorization\\?[\"']?\s*[:=]\s*\\?[\"']?(?:bearer |basic )?)[^\s\"'\\]+",
        r"(?i)((?:password|passwd|secret[_-]?(?:access[_-]?)?key|secret[_-]?string|client[_-]?secret|token)"
        r"\\?[\"']?\s*[:=]\s*\\?[\"']?)(?!\()[^\s\"',;}\\]{4,}",
    )
)


@dataclass(frozen=True)
class Sensitive:
    """A value that Terraform marks as sensitive: it can be compared with another, and prints as a placeholder."""

    value: object = field(repr=False)

    def __str__(self) -> str:
        return _PLACEHOLDER


class Unknown:
    """A value that Terraform learns only when it applies; all are equal."""

    def __str__(self) -> str:
        return "(known after apply)"


UNKNOWN = Unknown()


def marked(value: object, *, sensitive: object, unknown: object) -> object:
    """The value with ``Sensitive`` and ``UNKNOWN`` where the plan's own marks say so.

    sensitive, unknown: trees of the value's shape with true where something is, as before_sensitive and after_unknown.
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
    """Every string below a sensitive mark."""
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
        yield value
        try:
            content = json.loads(value)
        except ValueError:
            return
        # A JSON secret is as secret field by field; a scalar is the string itself.
        yield from _strings(content) if isinstance(content, dict | list) else ()
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def secret_forms(secrets: Iterable[str]) -> list[str]:
    """Each secret as it is and as it is written in a URL and in JSON, the longest first.

    Without those of fewer than 8 characters, which cannot be told from ordinary words.
    """
    forms = {form for secret in secrets for form in _forms(secret)}
    return sorted((form for form in forms if len(form) >= _SHORTEST), key=len, reverse=True)


def environment_secrets(variables: Mapping[str, str] = os.environ) -> set[str]:
    """The values of the variables that are named after secrets, tokens or passwords."""
    return {value for name, value in variables.items() if re.search("SECRET|TOKEN|PASSWORD", name)}


def _forms(secret: str) -> tuple[str, ...]:
    return secret, quote(secret, safe=""), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]


class Mask:
    """Takes known secret values, and what has a credential's form, out of texts."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first: a URL holds the password that is a value of its own.
        self._secrets = secret_forms(secrets)

    def clean(self, text: str) -> str:
        """Return the text, each secret in it replaced by a placeholder."""
        for secret in self._secrets:
            text = text.replace(secret, _PLACEHOLDER)
        return _without(_CREDENTIALS, text)

    def clean_log(self, text: str) -> str:
        """The same for a program's output, where what a secret's name announces is a secret too."""
        return _without(_NAMED_CREDENTIALS, self.clean(text))


def _without(patterns: Iterable[re.Pattern[str]], text: str) -> str:
    for pattern in patterns:
        text = pattern.sub(rf"\1{_PLACEHOLDER}", text)
    return text
