"""Keeps secret values out of everything that is printed or written."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

# No secret of ours is shorter.
_SHORTEST = 8
PLACEHOLDER = "(sensitive value)"

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

    def add(self, secret: str) -> None:
        """Remember one more value as secret."""
        self._secrets = sorted({*self._secrets, *secret_forms([secret])}, key=len, reverse=True)

    def clean(self, text: str) -> str:
        """Return the text, each secret in it replaced by a placeholder."""
        for secret in self._secrets:
            text = text.replace(secret, PLACEHOLDER)
        return _without(_CREDENTIALS, text)

    def clean_line(self, text: str) -> str:
        """The same on one line."""
        return " ".join(self.clean(text).split())

    def clean_log(self, text: str) -> str:
        """The same for a program's output, where what a secret's name announces is a secret too."""
        return _without(_NAMED_CREDENTIALS, self.clean(text))


def _without(patterns: Iterable[re.Pattern[str]], text: str) -> str:
    for pattern in patterns:
        text = pattern.sub(rf"\1{PLACEHOLDER}", text)
    return text
