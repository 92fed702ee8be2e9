"""The guard's rules, and the review that they read."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from delivery.plan.document import Action, Plan, ResourceChange
from delivery.policy.rules.known_image import KnownImage
from delivery.proposal.plannable import Refusal
from delivery.proposal.understanding import UnknownSetting
from delivery.redaction.marks import UNKNOWN, Sensitive, Unknown
from environments.schema.document import SettingsDocument
from environments.schema.settings import Environment, Shared
from modules.model.names import Names

Path = tuple[str | int, ...]
_REFERENCE = re.compile(r"\$\{([a-z0-9_]+)\.([A-Za-z0-9_-]+)\.([a-z0-9_]+(?:\[\d+\]|\.[a-z0-9_]+)*)\}")


@dataclass(frozen=True, kw_only=True)
class Owner:
    """What resources of a type belong to and protect: its family, the path of its name, and the path that names it."""

    family: str
    name: Path
    reference: Path


# By the type of the resource that belongs to it, or the type's prefix.
OWNERS: Mapping[str, Owner] = {
    "aws_iam_role_policy": Owner(family="aws_iam_role", name=("name",), reference=("role",)),
    "aws_iam_role_*": Owner(family="aws_iam_role", name=("name",), reference=("role_name",)),
    "aws_s3_bucket_*": Owner(family="aws_s3_bucket", name=("bucket",), reference=("bucket",)),
    "kubernetes_*": Owner(
        family="kubernetes_namespace", name=("metadata", 0, "name"), reference=("metadata", 0, "namespace")
    ),
    "postgresql_*": Owner(family="postgresql_database", name=("name",), reference=("database",)),
}
# Values that services derive from a name in the plan; the provider knows them only after the apply.
_DERIVED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("aws_iam_role", "arn"): ("name", "arn:aws:iam::{account}:role/{name}"),
    ("aws_iam_role", "id"): ("name", "{name}"),
    ("aws_s3_bucket", "arn"): ("bucket", "arn:aws:s3:::{name}"),
    ("aws_s3_bucket", "id"): ("bucket", "{name}"),
    ("aws_secretsmanager_secret", "arn"): ("name", "arn:aws:secretsmanager:{region}:{account}:secret:{name}-??????"),
    ("aws_secretsmanager_secret", "id"): ("name", "arn:aws:secretsmanager:{region}:{account}:secret:{name}-??????"),
    ("postgresql_database", "id"): ("name", "{name}"),
}


class Blocks(StrEnum):
    """Where a finding stops a pull request; elsewhere it is only reported."""

    ALWAYS = "in every environment"
    PROTECTED = "in a protected environment"
    NEVER = "nowhere"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One danger: the address, and what would happen there, in words that follow the address.

    Values quoted from the plan are separate and never sensitive; whoever shows them must format them safely.
    """

    address: str
    template: str
    quoted: tuple[str, ...] = ()

    @classmethod
    def of(cls, address: str, template: str, *quoted: object) -> "Finding":
        """A finding whose template has a ``{}`` for each quoted value."""
        return cls(address=address, template=template, quoted=tuple(map(str, quoted)))

    def words(self, quote: Callable[[str], str] = str) -> str:
        """The words, with each quoted value formatted by ``quote``."""
        return self.template.format(*map(quote, self.quoted))


@dataclass(frozen=True, kw_only=True)
class Review:
    """What the rules read: one environment's plan, its settings, its neighbours' and its synthesized configuration.

    trusted: the stack that this code synthesizes from the settings. base, proposed: all settings before and after. Each
    of the three is None if not needed, as in a deploy. unknown_settings: settings that this code's types do not know.
    refusals: what keeps the stack from being planned. known_images: the images in the records of deploys, by digest;
    None if they were not read.
    """

    known_images: Mapping[str, KnownImage] | None = None
    plan: Plan
    environment: Environment
    neighbours: Sequence[Environment]
    shared: Shared
    stack: Mapping[str, object]
    trusted: Mapping[str, object] | None = None
    base: SettingsDocument | None = None
    proposed: SettingsDocument | None = None
    unknown_settings: tuple[UnknownSetting, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @cached_property
    def names(self) -> Names:
        """The environment's physical names."""
        return Names.of(self.environment, self.shared)

    @property
    def protected(self) -> bool:
        """Whether the environment is protected, or was: the change that switches it off is still judged by it."""
        before = self.before
        return self.environment.protected or bool(before and before.protected)

    @property
    def before(self) -> Environment | None:
        """The environment in the base's settings; None for a new one, or without a base."""
        rows = self.base.environments if self.base else ()
        return next((row for row in rows if row.name == self.environment.name), None)

    def changes(self, *types: str) -> Iterator[ResourceChange]:
        """The resources of these families that the plan changes; a family may end in ``*``."""
        for change in self.plan.resources:
            if change.does_something and any(_is_of(change.family, type_) for type_ in types):
                yield change

    def lapses(self, change: ResourceChange) -> bool:
        """Whether the resource goes away while the role, bucket, namespace or database that it protects stays.

        It may go only together with what it protects: if that is destroyed, or is replaced or forgotten like the
        resource itself.
        """
        if not change.is_removed:
            return False
        owner = owner_of(change.type)
        protected = at(change.before, *owner.reference) if owner else None
        if owner is None or not isinstance(protected, str):
            return True
        owners = [
            row
            for row in self.plan.resources
            if row.family == owner.family and protected in (at(row.before, *owner.name), at(row.after, *owner.name))
        ]
        return not owners or any(row.action not in (Action.DESTROY, change.action) for row in owners)

    def planned(self, change: ResourceChange, *path: str | int) -> object:
        """The value at a path after the apply; if only the apply knows it, the expression for it.

        References in the expression to values that the plan knows are filled in; others stay. None if an attribute is
        not set, so that the service's default applies.
        """
        result = at(change.after, *path)
        if result is not UNKNOWN:
            return result
        declared = self.declared(change)
        if declared is not None and len(path) == 1 and path[0] not in declared and "dynamic" not in declared:
            return None
        expression = at(declared, *path)
        return self.filled(expression) if isinstance(expression, str) else UNKNOWN

    def declared(self, change: ResourceChange) -> Mapping[str, object] | None:
        """The resource's block in the stack; None if it has none, is in a module, or is one of several instances."""
        body = at(self.stack, "resource", change.type, change.name)
        return body if isinstance(body, dict) and change.address == f"{change.type}.{change.name}" else None

    def given(self, change: ResourceChange) -> Mapping[str, object]:
        """The arguments that somebody set: those in the stack, and every value that changes."""
        if change.after is None:
            return {}
        declared, before = self.declared(change), change.before or {}
        changed = {
            key: value
            for key, value in change.after.items()
            if value not in (None, "", [], {})
            and value != before.get(key)
            # If the stack omits it, the service chooses a value that is known only after the apply.
            and (declared is None or value is not UNKNOWN)
        }
        return changed | {key: value for key, value in (declared or {}).items() if key != "//"}

    def filled(self, expression: str) -> str:
        """A text in the stack with its references replaced by the values that the plan knows."""
        return _REFERENCE.sub(self._known, expression)

    def _known(self, reference: re.Match[str]) -> str:
        type_, name, path = reference.groups()
        steps = [int(step) if step.isdigit() else step for step in re.split(r"[.\[\]]+", path) if step]
        for change in self.plan.resources:
            if change.address != f"{type_}.{name}":
                continue
            for known in (at(change.after, *steps), at(self.declared(change), *steps)):
                if isinstance(known, str) and "${" not in known:
                    return known
            attribute, form = _DERIVED.get((type_, path), ("", ""))
            source = at(change.after, attribute)
            if form and isinstance(source, str):
                return form.format(name=source, account=self.shared.account, region=self.shared.region)
        return reference[0]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: its id in overrides, the danger in a few words, the reason, and the function that finds it.

    whole: one override with the address ``*`` may allow everything that it finds in an environment.
    """

    id: str
    danger: str
    reason: str
    blocks: Blocks
    find: Callable[[Review], Iterator[Finding]]
    whole: bool = False


def owner_of(type_: str) -> Owner | None:
    """The owner of resources of this type; None for a type that stands alone."""
    return next((owner for pattern, owner in OWNERS.items() if _is_of(type_, pattern)), None)


def at(tree: object, *path: str | int) -> object:
    """The value at a path in a tree of attributes; None if there is none.

    A block may be there without its list, as in the stack. A value that is hidden, unknown or of another shape is
    returned as such for every path below it: it is never mistaken for nothing.
    """
    for step in path:
        if tree is None or isinstance(tree, Sensitive | Unknown):
            return tree
        if isinstance(tree, Mapping):
            if isinstance(step, str):
                tree = tree.get(step)
            elif step > 0:
                return None
        elif isinstance(tree, list) and isinstance(step, int):
            tree = tree[step] if step < len(tree) else None
        else:
            return UNKNOWN
    return tree


def items(tree: object) -> list[object]:
    """The items of a list; empty for None, and any other value as a single item."""
    if tree is None:
        return []
    return tree if isinstance(tree, list) else [tree]


def texts(tree: object) -> set[str]:
    """The strings in a list, or a single string; hidden or unknown values as their placeholder words."""
    return {_text(item) for item in items(tree) if item is not None}


def is_on(value: object) -> bool:
    """Whether a switch is on, or may be."""
    return value is not None and value is not False


def whole(value: object) -> int | None:
    """A whole number, also from text; None for anything else."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def labels_at(tree: object, *path: str | int) -> Mapping[str, object] | None:
    """The labels or annotations there, by name; None if they are unknown."""
    found = at(tree, *path)
    if found is None:
        return {}
    return found if isinstance(found, Mapping) else None


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | Sensitive | Unknown) else json.dumps(value, default=str)


def _is_of(type_: str, pattern: str) -> bool:
    return type_.startswith(pattern[:-1]) if pattern.endswith("*") else type_ == pattern
