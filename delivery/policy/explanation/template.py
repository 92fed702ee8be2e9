"""Splits Terraform's template strings into plain text and expressions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SEQUENCE = re.compile(r"\$\$\{|%%\{|\$\{|%\{")
_TOKEN = re.compile(r'[{}"]')
_IN_STRING = re.compile(r'\\.|\$\$\{|\$\{|"', re.S)


@dataclass(frozen=True)
class Expression:
    """The text between ``${`` and ``}``."""

    text: str


def parts(text: str) -> tuple[str | Expression, ...]:
    """The parts of a string in a stack, in order; an escaped ``$${`` is the plain text ``${``.

    A string with a directive (``%{``) or an unclosed expression is a single expression.
    """
    try:
        return tuple(_parts(text))
    except ValueError:
        return (Expression(text),)


def _parts(text: str) -> Iterator[str | Expression]:
    plain, position = "", 0
    while match := _SEQUENCE.search(text, position):
        plain += text[position : match.start()]
        position = match.end()
        if match[0] == "%{":
            raise ValueError(text)
        if match[0] != "${":
            plain += match[0][1:]
            continue
        if plain:
            yield plain
        plain, end = "", _end(text, position)
        yield Expression(text[position : end - 1].strip())
        position = end
    plain += text[position:]
    if plain or not text:
        yield plain


def _end(text: str, position: int) -> int:
    """The position after the brace that closes the expression. Raises ValueError without one."""
    depth = 1
    while match := _TOKEN.search(text, position):
        position = match.end()
        if match[0] == '"':
            position = _end_of_string(text, position)
            continue
        depth += 1 if match[0] == "{" else -1
        if not depth:
            return position
    raise ValueError(text)


def _end_of_string(text: str, position: int) -> int:
    while match := _IN_STRING.search(text, position):
        position = match.end()
        if match[0] == '"':
            return position
        if match[0] == "${":
            position = _end(text, position)
    raise ValueError(text)
