"""Recognizes credentials by their published formats, or by the name before them."""

import re
from collections.abc import Callable, Iterable


def _word(beginning: str, rest: str) -> str:
    """A pattern for a word with this prefix, unless a letter or digit precedes it.

    The fixed characters come first: only then does the regex engine search at full speed.
    """
    return rf"(){beginning}(?<![A-Za-z0-9]{beginning}){rest}"


# Each pattern's first group is kept, so that a reader sees what was there. No pattern may look at a character more than
# a few times, whatever the text: no two repetitions that can share characters, and no start within its own run.
_BY_FORM = tuple(
    re.compile(pattern)
    for pattern in (
        r"()A(?:KIA|SIA)(?<!\w\w{4})[A-Z0-9]{16}\b",  # AWS access key ids
        r"(?i)(secret[_ -]?(?:access[_ -]?)?key\W{1,8})[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])",  # AWS secret access keys
        r"()k8s-aws-v1\.[A-Za-z0-9_=-]+",  # EKS tokens
        r"(?i)(x-amz-(?:signature|security-token|credential)=)[^&\s\"']+",  # presigned AWS requests
        # A run of its characters can only start a match once.
        r"()eyJ(?<![A-Za-z0-9_-]eyJ)[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",  # JSON web tokens
        r"()gh[pousr]_(?<![A-Za-z0-9]\w{4})[A-Za-z0-9]{20,}",  # GitHub tokens
        _word("github_pat_", "[A-Za-z0-9_]{20,}"),  # GitHub fine-grained tokens
        _word("glpat-", "[A-Za-z0-9_-]{20,}"),  # GitLab tokens
        _word("AIza", "[A-Za-z0-9_-]{35}"),  # Google API keys
        _word("GOCSPX-", "[A-Za-z0-9_-]{20,}"),  # Google OAuth client secrets
        _word("ya29[.]", "[A-Za-z0-9_-]{10,}"),  # Google OAuth access tokens
        r"()xox[a-z]-(?<![A-Za-z0-9].{5})[A-Za-z0-9-]{10,}",  # Slack tokens
        _word("xapp-", "[A-Za-z0-9-]{10,}"),  # Slack tokens of an app
        r"(hooks\.slack\.com/(?:services|workflows)/)[A-Za-z0-9/_-]+",  # Slack webhooks
        _word("sk_", "(?:live|test)_[A-Za-z0-9]{10,}"),  # Stripe secret keys
        _word("rk_", "(?:live|test)_[A-Za-z0-9]{10,}"),  # Stripe restricted keys
        _word("whsec_", "[A-Za-z0-9]{10,}"),  # Stripe webhooks
        _word("npm_", "[A-Za-z0-9]{36}"),  # npm tokens
        r"()-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)",
        r"(\b[a-z][a-z0-9+.-]{1,30}://[^/\s:@\"']{0,80}:)[^\s@\"'/]{1,400}(?=@)",  # a password in a URL
    )
)
_NAMES = (
    r"pass(?:word|wd|phrase)|pwd|credentials?|token"
    r"|secret[_-]?(?:(?:access[_-]?)?key|string)|client[_-]?secret"
    r"|(?:api|access|account|auth|encryption|private|signing)[_-]?key"
)
# In a log only the word before a value shows that it is secret.
_BY_NAME = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?i)(\bauthorization\\?[\"']?\s{0,20}[:=]\s{0,20}\\?[\"']?(?:bearer |basic |token )?)[^\s\"'\\]+",
        # A quoted value may contain anything but its quotes.
        rf"(?i)((?:{_NAMES})\\{{0,3}}[\"']?\s{{0,20}}(?:=>|[:=])\s{{0,20}}(?:\\{{0,3}}\"|'|(?=[^\s\"'\\])))"
        r"(?!\(sensitive)(?:(?<=\")[^\"\\\n]{4,4000}|(?<=')[^'\n]{4,4000}|(?<![\"'])(?!\()[^\s\"',;}\\&]{4,})",
    )
)


def without_credentials(text: str, placeholder: Callable[[str], str]) -> str:
    """Replace everything in the format of a credential. placeholder: receives the text it replaces."""
    return _without(_BY_FORM, text, placeholder)


def without_named_credentials(text: str, placeholder: Callable[[str], str]) -> str:
    """Replace what follows the name of a credential: ``password=``, ``api_key:`` and the like."""
    return _without(_BY_NAME, text, placeholder)


def _without(patterns: Iterable[re.Pattern[str]], text: str, placeholder: Callable[[str], str]) -> str:
    for pattern in patterns:
        text = pattern.sub(lambda match: match[1] + placeholder(match[0][len(match[1]) :]), text)
    return text
