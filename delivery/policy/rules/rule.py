"""What a rule of the guard is, and what it reads."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from delivery.plan.document import Plan, ResourceChange
from delivery.policy.rules.known_image import KnownImage
from delivery.redaction.marks import UNKNOWN, Sensitive, Unknown
from environments.schema.settings import Environment, Shared
from modules.model.names import Names

_REFERENCE = re.compile(r"\$\{([a-z0-9_]+)\.([a-z0-9_]+)\.([a-z0-9_]+)\}")
_Path = tuple[str | int, ...]
# What resources of a kind protect: its type, where it has its name, and where they name it.
_PROTECTED: Mapping[str, tuple[str, _Path, _Path]] = {
    "aws_iam_role_": ("aws_iam_role", ("name",), ("role_name",)),
    "aws_s3_bucket_": ("aws_s3_bucket", ("bucket",), ("bucket",)),
    "kubernetes_": ("kubernetes_namespace", ("metadata", 0, "name"), ("metadata", 0, "namespace")),
    "postgresql_": ("postgresql_database", ("name",), ("database",)),
}


class Blocks(StrEnum):
    """Where a finding stops a pull request; elsewhere it is only named."""

    ALWAYS = "in every environment"
    PROTECTED = "in a protected environment"
    NEVER = "nowhere"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One danger: the address of what it is about, and what would happen to it, in words that follow the address.

    What the words quote of the plan is apart, never a sensitive value: whoever shows it must take care of its form.
    """

    address: str
    template: str
    quoted: tuple[str, ...] = ()

    @classmethod
    def of(cls, address: str, template: str, *quoted: object) -> "Finding":
        """A finding whose template has a ``{}`` for each quotation."""
        return cls(address=address, template=template, quoted=tuple(map(str, quoted)))

    def words(self, quote: Callable[[str], str] = str) -> str:
        """The words, each quotation in the form that ``quote`` gives it."""
        return self.template.format(*map(quote, self.quoted))


@dataclass(frozen=True, kw_only=True)
class Review:
    """What the rules read: one environment's plan, its settings, its neighbours' and its synthesized configuration.

    known_images: by their digests, what the records of deploys say of them; None where they were not asked.
    """

    known_images: Mapping[str, KnownImage] | None = None
    plan: Plan
    environment: Environment
    neighbours: Sequence[Environment]
    shared: Shared
    stack: Mapping[str, object]

    @property
    def names(self) -> Names:
        """The environment's physical names."""
        return Names.of(self.environment, self.shared)

    def changes(self, *types: str) -> Iterator[ResourceChange]:
        """The resources of these families with which something is done; one may end in ``*``."""
        for change in self.plan.resources:
            if change.does_something and any(_is_of(change.family, type_) for type_ in types):
                yield change

    def lapses(self, change: ResourceChange) -> bool:
        """The resource goes while the role, bucket, namespace or database that it protects stays."""
        if not change.is_removed:
            return False
        for prefix, (owner, name, reference) in _PROTECTED.items():
            if change.type.startswith(prefix):
                protected = at(change.before, *reference)
                return not any(row.is_removed and at(row.before, *name) == protected for row in self.changes(owner))
        return True

    def planned(self, change: ResourceChange, attribute: str) -> object:
        """An attribute after the apply; where only the apply can tell, the expression that it is made from.

        The expression's references to what the plan does know are filled in; the others stay. None where nothing is
        asked for, so that the service's default comes.
        """
        result = (change.after or {}).get(attribute)
        if result is not UNKNOWN:
            return result
        declared = self.declared(change)
        if declared is not None and attribute not in declared:
            return None
        expression = at(declared, attribute)
        return _REFERENCE.sub(self._known, expression) if isinstance(expression, str) else UNKNOWN

    def declared(self, change: ResourceChange) -> Mapping[str, object] | None:
        """What the stack says of the resource; None where it is not in it."""
        body = at(self.stack, "resource", change.type, change.name)
        return body if isinstance(body, dict) else None

    def _known(self, reference: re.Match[str]) -> str:
        type_, name, attribute = reference.groups()
        for change in self.plan.resources:
            known = (change.after or {}).get(attribute) if change.address == f"{type_}.{name}" else None
            if isinstance(known, str):
                return known
        return reference[0]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: its id in overrides, the danger in a few words, the reason for the rule, and how it is found.

    whole: one override with the address ``*`` may allow all that it finds in an environment.
    """

    id: str
    danger: str
    reason: str
    blocks: Blocks
    find: Callable[[Review], Iterator[Finding]]
    whole: bool = False


def at(tree: object, *path: str | int) -> object:
    """What is at this path of a tree of attributes; None where nothing is."""
    for step in path:
        if isinstance(tree, Mapping):
            tree = tree.get(str(step))
        elif isinstance(tree, list) and isinstance(step, int):
            tree = tree[step] if step < len(tree) else None
        else:
            return tree if tree is UNKNOWN else None
    return tree


def items(tree: object) -> list[object]:
    """The items of a list; none where it is no list."""
    return tree if isinstance(tree, list) else []


def texts(tree: object) -> set[str]:
    """The strings of a list, or the string alone; what is hidden or not yet known as the words for that."""
    values = tree if isinstance(tree, list) else [tree]
    return {str(item) for item in values if isinstance(item, str | Sensitive | Unknown)}


def is_on(value: object) -> bool:
    """A switch that is on, or may be."""
    return value is not None and value is not False


def _is_of(type_: str, pattern: str) -> bool:
    return type_.startswith(pattern[:-1]) if pattern.endswith("*") else type_ == pattern
