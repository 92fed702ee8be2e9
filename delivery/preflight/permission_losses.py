"""Compares what an adopted core-api role can do today with what its environment's settings grant.

Only what is allowed is compared. A deny in today's policies makes the real loss smaller than reported, never larger.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from modules.model.iam_policy_document import Statement, read

# Conditions that admit exactly the values they name.
_NAMES_VALUES = re.compile(r"(forAnyValue:)?string(equals|equalsIgnoreCase|like)(ifExists)?", re.I)
_BUCKETS = "arn:aws:s3:::"


@dataclass(frozen=True, kw_only=True)
class RolePolicy:
    """A policy of a role. title: its kind and name, for messages."""

    title: str
    document: Mapping[str, object]

    def statements(self) -> Iterator[tuple[str, Statement]]:
        """Yield each statement that allows something, with its place. Raises PolicyError."""
        rows = self.document.get("Statement")
        rows = rows if isinstance(rows, list) else [rows]
        for number, (row, statement) in enumerate(zip(rows, read(json.dumps(self.document)), strict=False), start=1):
            if statement.allows:
                yield f"{self.title}, statement {row.get('Sid') or number}", statement


@dataclass(frozen=True, kw_only=True)
class Loss:
    """One thing that the role would lose.

    name: as ``dropped_permissions`` names it. action: AWS's name; empty for trust. limits: the statement's conditions
    in words. place: the policy and its statement.
    """

    name: str
    action: str
    limits: str
    place: str

    def is_dropped_by(self, dropped: str) -> bool:
        """Whether an entry of ``dropped_permissions`` covers this loss, by its own name or by the action's."""
        return dropped in (self.name, self.action or self.name)


def lost_permissions(policies: Sequence[RolePolicy], given: Sequence[Mapping[str, object]]) -> Iterator[Loss]:
    """Yield each action on a resource that a policy allows and no granted statement does. Raises PolicyError."""
    ours = read(json.dumps({"Statement": list(given)}))
    for policy in policies:
        for place, statement in policy.statements():
            for triple in statement.triples:
                _, action, resource = triple
                if _gives_nothing(action, resource, ours) or any(
                    each.covers(triple) and each.applies_whenever(statement) for each in ours
                ):
                    continue
                name = action if resource == "*" else f"{action} on {resource}"
                yield Loss(name=name, action=action, limits=statement.limits, place=place)


def lost_trust(trust: RolePolicy, *, provider: str, subject: str) -> Iterator[Loss]:
    """Yield who can assume the role today, except the subject of the identity provider. Raises PolicyError.

    provider: its ARN. subject: the one in the pods' tokens.
    """
    for place, statement in trust.statements():
        for principal in sorted(statement.principals):
            for admitted in _subjects(statement) if principal == f"Federated:{provider}" else [principal]:
                if admitted != subject:
                    yield Loss(name=f"trust:{admitted or principal}", action="", limits=statement.limits, place=place)


def _subjects(statement: Statement) -> Sequence[str]:
    """The subjects that a statement of a trust policy names; one empty string if it admits any."""
    named = {
        value
        for (operator, key), values in statement.conditions.items()
        if key.endswith(":sub") and _NAMES_VALUES.fullmatch(operator)
        for value in values
    }
    return sorted(named) or [""]


def _gives_nothing(action: str, resource: str, ours: Sequence[Statement]) -> bool:
    """Whether S3 checks this action, which we also grant, only on the other kind of resource (bucket or object).

    Handwritten policies often list both kinds for every action.
    """
    is_exact = "/" in resource or not re.search(r"[*?]", resource)
    if not (resource.startswith(_BUCKETS) and is_exact):
        return False
    alike = [each for each in ours if action.lower() in {own.lower() for own in each.actions}]
    kinds = {"/" in own for each in alike for own in each.resources}
    return bool(kinds) and ("/" in resource) not in kinds
