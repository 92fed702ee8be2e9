"""Evaluates a stack's templates as far as its plan allows."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product

from delivery.policy.explanation.known_values import KnownValues, UnexplainedError, traversal, traversals
from delivery.policy.explanation.template import Expression, parts
from delivery.redaction.marks import UNKNOWN, Sensitive, Unknown

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.S)
_LITERAL = re.compile(r"true|false|null|-?\d+(?:\.\d+)?")
# Limit for combinations: with more, it would be no selection any more.
_MOST = 1000


@dataclass(frozen=True)
class OneOf:
    """One of these scalars, possibly ``UNKNOWN``: functions choose and convert, but they don't invent values."""

    values: frozenset[object]

    def __str__(self) -> str:
        return f"one of {', '.join(sorted(map(str, self.values)))}"


@dataclass(frozen=True)
class Unexplained:
    """An expression whose value neither stack nor plan know."""

    text: str

    def __str__(self) -> str:
        return f"${{{self.text}}}, which the plan does not know"


def evaluate(tree: object, known: KnownValues) -> object:
    """The value of a stack's attribute: any JSON in, the same shape out.

    ``UNKNOWN``, ``Sensitive``, ``OneOf`` and ``Unexplained`` replace expressions that have no plain value.
    """
    if isinstance(tree, Mapping):
        return {str(_key(evaluate(key, known))): evaluate(item, known) for key, item in tree.items()}
    if isinstance(tree, list):
        return [evaluate(item, known) for item in tree]
    if not isinstance(tree, str):
        return tree
    try:
        found = [_expression(part.text, known) if isinstance(part, Expression) else part for part in parts(tree)]
        return found[0] if len(found) == 1 else _joined(found)
    except UnexplainedError as error:
        return Unexplained(str(error))


def _key(value: object) -> object:
    return value.value if isinstance(value, Sensitive) else value


def _expression(text: str, known: KnownValues) -> object:
    if _LITERAL.fullmatch(text):
        return json.loads(text)
    steps = traversal(text)
    return _selected(text, known) if steps is None else known.value(steps)


def _selected(text: str, known: KnownValues) -> object:
    """The values that functions can choose from: the expression's literals and everything that it refers to."""
    strings = [json.loads(f'"{found}"') for found in _STRING.findall(text) if "${" not in found]
    referred = []
    for steps in traversals(_STRING.sub('""', text)):
        try:
            referred.append(known.value(steps))
        except UnexplainedError:
            # A function's name, a keyword or a for variable; an unknown reference adds nothing to choose from either.
            continue
    leaves = [leaf for tree in referred for leaf in _leaves(tree)]
    chosen = frozenset(leaf.value if isinstance(leaf, Sensitive) else leaf for leaf in (*leaves, *strings))
    if not chosen:
        raise UnexplainedError(text)
    if chosen == {UNKNOWN}:
        return UNKNOWN
    is_sensitive = re.search(r"(?<!non)sensitive\(", text) or any(isinstance(leaf, Sensitive) for leaf in leaves)
    return Sensitive(OneOf(chosen)) if is_sensitive else OneOf(chosen)


def _joined(found: list[object]) -> object:
    if any(part is UNKNOWN for part in found):
        return UNKNOWN
    plain = [part.value if isinstance(part, Sensitive) else part for part in found]
    choices = [list(part.values) if isinstance(part, OneOf) else [part] for part in plain]
    rows = islice(product(*choices), _MOST)
    texts = frozenset(UNKNOWN if UNKNOWN in row else "".join(map(text_of, row)) for row in rows)
    joined: object = next(iter(texts)) if len(texts) == 1 else OneOf(texts)
    return Sensitive(joined) if any(isinstance(part, Sensitive) for part in found) else joined


def text_of(value: object) -> str:
    """A scalar as Terraform writes it in a string. Raises UnexplainedError for anything else."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise UnexplainedError(f"a {type(value).__name__} within a text")


def _leaves(tree: object) -> Iterator[Sensitive | Unknown | str | int | float | bool]:
    if isinstance(tree, Sensitive) and isinstance(tree.value, dict | list):
        yield from (leaf if leaf is UNKNOWN else Sensitive(leaf) for leaf in _leaves(tree.value))
    elif isinstance(tree, Mapping):
        for item in tree.values():
            yield from _leaves(item)
    elif isinstance(tree, list):
        for item in tree:
            yield from _leaves(item)
    elif isinstance(tree, Sensitive | Unknown | str | int | float):
        yield tree
