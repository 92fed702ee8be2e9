"""Reads IAM policy documents so that two of them can be compared.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from modules.model.iam_pattern import pattern_includes

EVERYBODY = "*"
# With these operators, fewer values admit fewer requests; with all others only identical values are as strict.
_POSITIVE = re.compile(r"(forAnyValue:)?(string(equals|equalsIgnoreCase|like)|arn(equals|like)|bool|ipAddress)", re.I)
# Operators that compare with patterns, each with its exact counterpart.
_PATTERN = {"StringLike": "StringEquals", "ArnLike": "ArnEquals"}
_SHOWN = 8
Conditions = Mapping[tuple[str, str], frozenset[str]]


class PolicyError(ValueError):
    """A text is not a policy document; the message says why, without the text."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement, with each part as a set.

    principals: ``TYPE:VALUE`` or EVERYBODY; one empty text in a policy that belongs to a role. resources: one empty
    text in a trust policy. A negated part (NotAction and so on) is a single text that only itself and a wildcard cover.
    conditions: the values for each operator and key.
    """

    allows: bool
    principals: frozenset[str]
    actions: frozenset[str]
    resources: frozenset[str]
    conditions: Conditions

    @property
    def triples(self) -> Iterator[tuple[str, str, str]]:
        """Each principal with each action and resource."""
        return product(sorted(self.principals), sorted(self.actions), sorted(self.resources))

    def covers(self, triple: tuple[str, str, str]) -> bool:
        """Whether it names this principal, action and resource, whatever its conditions."""
        principal, action, resource = triple
        return (
            not {principal, EVERYBODY}.isdisjoint(self.principals)
            and any(pattern_includes(pattern.lower(), action.lower()) for pattern in self.actions)
            and any(pattern_includes(pattern, resource) for pattern in self.resources)
        )

    def applies_whenever(self, other: "Statement") -> bool:
        """Whether its conditions hold wherever the other's do."""
        return all(
            any(
                key == other_key and _is_as_strict(other_operator, other_values, operator, values)
                for (other_operator, other_key), other_values in other.conditions.items()
            )
            for (operator, key), values in self.conditions.items()
        )

    def text(self, triples: Iterable[tuple[str, str, str]]) -> str:
        """A clause in words about these principals, actions and resources under the statement's conditions."""
        principals, actions, resources = (sorted(set(part) - {""}) for part in zip(*triples, strict=True))
        words = _listed(actions)
        if resources:
            words += f" on {_listed(resources)}"
        if principals:
            words += f" to {_listed([p if p != EVERYBODY else 'everybody' for p in principals])}"
        return f"{words} {self.limits}".rstrip()

    @property
    def limits(self) -> str:
        """The statement's conditions, in words that follow what it allows; empty if there are none."""
        return f"if {self._text_of(self.conditions)}" if self.conditions else ""

    @staticmethod
    def _text_of(conditions: Conditions) -> str:
        # The end of a key such as oidc.eks.REGION.amazonaws.com/id/ID:sub says what it is about.
        return " and ".join(
            f"{key.rpartition('/')[2]} {op} {_listed(values)}" for (op, key), values in sorted(conditions.items())
        )

    def gain(self, triples: Sequence[tuple[str, str, str]], known: Iterable["Statement"]) -> str:
        """The clause about triples that no known statement allows under these conditions.

        If one allows them under other conditions, it names only the actions and the new conditions.
        """
        similar = [statement for statement in known if all(statement.covers(triple) for triple in triples)]
        old = {item for statement in similar for item in statement.conditions.items()}
        new = {key: values for key, values in self.conditions.items() if (key, values) not in old}
        if not similar or not new:
            return self.text(triples)
        actions = _listed({action for _, action, _ in triples})
        return f"{actions} if {self._text_of(new)}"


def read(text: object) -> tuple[Statement, ...]:
    """The statements of a policy attribute of a plan; none if there is no policy. Raises PolicyError."""
    if text is None or text == "":
        return ()
    if not isinstance(text, str):
        raise PolicyError("it is sensitive, or known only after the apply")
    try:
        document = json.loads(text)
    except ValueError:
        raise PolicyError("it is not JSON") from None
    if document == {}:
        # How hashicorp/aws is told that a secret has none: modules/aws/generated_secret.py
        return ()
    rows = document.get("Statement") if isinstance(document, dict) else None
    rows = [rows] if isinstance(rows, dict) else rows
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PolicyError("it has no list of statements")
    return tuple(_statement(row) for row in rows)


def gains(before: Iterable[Statement], after: Iterable[Statement]) -> Iterator[str]:
    """What the later statements allow beyond the earlier, each in words that follow "would allow"."""
    known = [statement for statement in before if statement.allows]
    for statement in after:
        new = [
            triple
            for triple in statement.triples
            if statement.allows and not any(old.covers(triple) and old.applies_whenever(statement) for old in known)
        ]
        if new:
            yield statement.gain(new, known)


def lost_denials(before: Iterable[Statement], after: Iterable[Statement]) -> Iterator[str]:
    """What only the earlier statements deny, each in words that follow "would no longer deny"."""
    kept = [statement for statement in after if not statement.allows]
    for statement in before:
        lost = [
            triple
            for triple in statement.triples
            if not statement.allows and not any(new.covers(triple) and new.applies_whenever(statement) for new in kept)
        ]
        if lost:
            yield statement.text(lost)


def _statement(row: Mapping[str, object]) -> Statement:
    effect = row.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError("a statement's Effect is neither Allow nor Deny")
    conditions = row.get("Condition", {})
    if not isinstance(conditions, dict) or not all(isinstance(keys, dict) for keys in conditions.values()):
        raise PolicyError("a statement's Condition is not an object of objects")
    return Statement(
        allows=effect == "Allow",
        principals=_part(row, "Principal"),
        actions=_part(row, "Action"),
        resources=_part(row, "Resource"),
        conditions={
            (operator, key): _texts(values) for operator, keys in conditions.items() for key, values in keys.items()
        },
    )


def _part(row: Mapping[str, object], name: str) -> frozenset[str]:
    if name in row:
        return _principals(row[name]) if name == "Principal" else _texts(row[name])
    contrary = f"Not{name}"
    return frozenset([f"{contrary} {json.dumps(row[contrary], sort_keys=True)}" if contrary in row else ""])


def _principals(value: object) -> frozenset[str]:
    if not isinstance(value, dict):
        return _texts(value)
    return frozenset(_principal(type_, name) for type_, names in value.items() for name in _texts(names))


def _principal(type_: str, name: str) -> str:
    if type_ == "AWS" and name == "*":
        return EVERYBODY
    if type_ == "AWS" and re.fullmatch(r"\d{12}", name):
        return f"AWS:arn:aws:iam::{name}:root"
    return f"{type_}:{name}"


def _is_as_strict(operator: str, values: frozenset[str], wider: str, wider_values: frozenset[str]) -> bool:
    """Whether every request that meets the first condition meets the wider one, of the same key."""
    if wider in _PATTERN and operator in (wider, _PATTERN[wider]):
        return all(any(pattern_includes(pattern, value) for pattern in wider_values) for value in values)
    if operator != wider:
        return False
    return values <= wider_values if _POSITIVE.fullmatch(wider) else values == wider_values


def _texts(value: object) -> frozenset[str]:
    return frozenset(str(item) for item in (value if isinstance(value, list) else [value]))


def _listed(values: Iterable[str]) -> str:
    shown = sorted(values)
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more
