"""Lists the functions and names that the templates in Terraform's JSON use.

There, every string of a value is a template, and so is every key of an object that is a value. This module reads
Terraform's own lexical grammar and refuses what our code never writes: comments, heredocs, namespaces. So its result is
complete.
Source: https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Two sigils are an escape; three or more are refused, so that this need not understand them.
_TEXT = re.compile(r"(?P<sigils>\$+|%+)\{")
_STRING = re.compile(r'(?P<sigils>\$+|%+)\{|(?P<escape>\\.)|(?P<quote>")', re.S)
_CODE = re.compile(
    r"(?P<unread>//|/\*|\#|<<|::|[^\x00-\x7f])"
    r"|(?P<space>\s+)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_-]*)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r'|(?P<quote>")|(?P<open>\{)|(?P<close>\})'
    r"|(?P<sign>[-+*/%!<>=&|?:.,()\[\]~])",
)
# A parenthesis after one of these does not start a call.
_KEYWORDS = frozenset({"if", "in"})


class UnreadableError(ValueError):
    """A template contains something that this module does not read; the message says what and where."""


@dataclass(frozen=True, kw_only=True)
class Expressions:
    """What the expressions of one string use.

    functions: each name that is called. names: each name that starts a reference, with the attribute after it if there
    is one: ``var.role``, ``each``, ``data.aws_lb``. They include names of arguments and keys of objects.
    """

    functions: frozenset[str]
    names: frozenset[str]


def is_template(text: str) -> bool:
    """Whether the string contains anything but literal text. True for a string that cannot be read."""
    try:
        return bool(list(_tokens(text)))
    except UnreadableError:
        return True


def expressions(text: str) -> Expressions:
    """Return what the string's expressions use. Raises UnreadableError."""
    functions, names = set(), set()
    tokens = ["", *_tokens(text), "", ""]
    for before, token, after, next_after in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
        if not re.match(r"[A-Za-z_]", token):
            continue
        if after == "(" and token not in _KEYWORDS:
            functions.add(token)
        elif before != ".":
            names.add(f"{token}.{next_after}" if after == "." else token)
    return Expressions(functions=frozenset(functions), names=frozenset(names))


def _tokens(text: str) -> Iterator[str]:
    """The words, numbers and signs in a template's expressions, without its literal text."""
    # A stack of what is open here: literal text, strings in expressions, expressions, braces in expressions.
    modes, position = ["text"], 0
    while position < len(text):
        mode = modes[-1]
        if mode == "code":
            match = _CODE.match(text, position)
        else:
            match = (_TEXT if mode == "text" else _STRING).search(text, position)
            if match is None and mode == "text":
                break
        if match is None or match.lastgroup == "unread":
            raise UnreadableError(f"{text[position : position + 20]!r} at character {position}")
        position = match.end()
        match match.lastgroup:
            case "sigils" if len(match["sigils"]) > 2:
                raise UnreadableError(f"{match[0]!r} at character {match.start()}")
            case "sigils" if len(match["sigils"]) == 1:
                modes.append("code")
                yield match[0]
            case "quote":
                modes.pop() if mode == "string" else modes.append("string")
            case "open":
                modes.append("code")
                yield "{"
            case "close":
                modes.pop()
                yield "}"
            case "word" | "number" | "sign":
                yield match[0]
    if modes != ["text"]:
        raise UnreadableError(f"an expression is not closed in {text[-20:]!r}")
