"""Evaluates one IAM policy document as AWS does; anything it cannot evaluate like AWS is an error, never a guess.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
moto's own evaluator treats an unmet condition as a denial, NotResource as everything, and a resource's name as a
regular expression; no maintained Python library evaluates a document.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from modules.model.iam_pattern import pattern_matches


class PolicyError(ValueError):
    """The document contains something that this module does not evaluate; the message names it."""


class Decision(Enum):
    """A document's decision about a request, in the words of IAM's policy simulator."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


@dataclass(frozen=True, kw_only=True)
class Request:
    """The request to evaluate.

    action: ``s3:GetObject``. resource: an ARN, or ``*`` if the action has no resource. context: condition keys in lower
    case with their values; a key that this request lacks has no values, and a key that ends in a slash, such as
    ``aws:resourcetag/``, stands for all keys of its kind that this request lacks. principals: the values with which a
    Principal element may name the caller, as ``TYPE:VALUE``; ignored in a document that belongs to the caller.
    """

    action: str
    resource: str
    context: Mapping[str, Sequence[str]]
    principals: frozenset[str] = field(default=frozenset())


def evaluate(document: str | Mapping[str, Any], request: Request) -> Decision:
    """Return the document's decision: an applicable Deny overrides every Allow.

    Raises:
        PolicyError: the document contains something that cannot be evaluated here.

    """
    content = json.loads(document) if isinstance(document, str) else document
    effects = {statement["Effect"] for statement in _listed(content["Statement"]) if _applies(statement, request)}
    if "Deny" in effects:
        return Decision.EXPLICIT_DENY
    return Decision.ALLOWED if "Allow" in effects else Decision.IMPLICIT_DENY


def _applies(statement: Mapping[str, Any], request: Request) -> bool:
    return (
        _names(statement, "Action", lambda pattern: _matches(request.action.lower(), pattern.lower()))
        and _names(statement, "Resource", lambda pattern: _matches(request.resource, pattern))
        and _names_principal(statement, request.principals)
        and all(
            _is_met(operator, key, _listed(values), request.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _names(statement: Mapping[str, Any], element: str, is_meant: Callable[[str], bool]) -> bool:
    """Return whether an element or its Not form matches; a trust policy has no Resource and always matches its role."""
    if element in statement:
        return any(is_meant(pattern) for pattern in _listed(statement[element]))
    return not any(is_meant(pattern) for pattern in _listed(statement.get(f"Not{element}", [])))


def _names_principal(statement: Mapping[str, Any], principals: frozenset[str]) -> bool:
    if "NotPrincipal" in statement:
        raise PolicyError("NotPrincipal is not evaluated here; allowed: Principal")
    named = statement.get("Principal")
    if named is None:
        return True
    texts = {named} if isinstance(named, str) else {f"{kind}:{it}" for kind in named for it in _listed(named[kind])}
    return bool(texts & {"*", "AWS:*"}) or not texts.isdisjoint(principals)


def _is_met(operator: str, key: str, values: Sequence[str], context: Mapping[str, Sequence[str]]) -> bool:
    found = context.get(key.lower(), context.get(f"{key.lower().partition('/')[0]}/"))
    if found is None:
        raise PolicyError(f"condition key {key} is not known here; allowed: {', '.join(sorted(context))}")
    if operator == "Null":
        return (not found) is (str(values[0]).lower() == "true")
    base, optional = (operator.removesuffix("IfExists"), True) if operator.endswith("IfExists") else (operator, False)
    quantifier, _, base = base.rpartition(":")
    positive = base.replace("Not", "")
    if positive not in _TESTS or quantifier not in _QUANTIFIERS:
        raise PolicyError(f"condition operator {operator} is not evaluated here; allowed: {', '.join(sorted(_TESTS))}")
    if not found:
        return optional or base != positive or quantifier == "ForAllValues"
    test = _TESTS[positive]
    matched = [any(test(value, str(wanted)) for wanted in values) is (base == positive) for value in found]
    return all(matched) if quantifier == "ForAllValues" else any(matched)


def _matches(text: str, pattern: str) -> bool:
    if "${" in pattern:
        raise PolicyError(f"the policy variable in {pattern} is not evaluated here")
    return pattern_matches(pattern, text)


_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda found, wanted: found == wanted,
    "StringEqualsIgnoreCase": lambda found, wanted: found.lower() == wanted.lower(),
    "StringLike": _matches,
    "ArnEquals": _matches,
    "ArnLike": _matches,
    "Bool": lambda found, wanted: found.lower() == wanted.lower(),
}
_QUANTIFIERS = ("", "ForAnyValue", "ForAllValues")


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 a policy's element is one thing or a list of them
    return value if isinstance(value, list) else [value]
