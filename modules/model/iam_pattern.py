"""Patterns of IAM policies: actions, ARNs and condition values with the wildcards ``*`` and ``?``.

Matching is case-sensitive: the caller lowers both sides where IAM ignores case, as in actions. A policy variable such
as ``${aws:username}`` has no meaning here and stands for its own spelling.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

import re


def pattern_matches(pattern: str, text: str) -> bool:
    """Return whether a pattern matches a text: ``*`` stands for any characters or none, ``?`` for exactly one."""
    return _fits(pattern, text, one=".")


def pattern_includes(pattern: str, narrower: str) -> bool:
    """Return whether a pattern matches everything that another one matches.

    True is certain. False may be too strict if both have several adjacent wildcards, such as ``*?`` and ``?*``.
    """
    return _fits(pattern, narrower, one="[^*]")


def _fits(pattern: str, text: str, *, one: str) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", one)
    return re.fullmatch(expression, text, re.DOTALL) is not None
