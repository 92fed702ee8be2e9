"""A plan may only touch resources with this environment's names."""

import re
from collections.abc import Iterator, Mapping, Set

from delivery.plan.document import Action, ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at
from delivery.redaction.marks import Sensitive
from environments.schema.settings import Environment, Shared
from modules.model.names import Names

# Where each resource type has its physical name.
_NAMED: Mapping[str, tuple[str | int, ...]] = {
    "aws_iam_role": ("name",),
    "aws_s3_bucket": ("bucket",),
    "aws_secretsmanager_secret": ("name",),
    "kubernetes_namespace": ("metadata", 0, "name"),
    "postgresql_database": ("name",),
    "postgresql_role": ("name",),
}

# Arguments that name the owner of a resource, by provider.
_REFERRING: Mapping[str, tuple[str, ...]] = {
    "aws": ("bucket", "role", "role_name", "secret_id"),
    "postgresql": ("database",),
}
# Blocks that mention names without creating anything.
_READ = ("data", "ephemeral", "locals", "output", "import")
# Excludes URLs: https://x@host is about the host.
_MAIL = re.compile(r"(?<![\w.+/:@-])[\w.+-]+@[\w.-]+")


class _Foreign:
    """The names that are not this environment's. owners: by each name's pattern, the name and its owner."""

    def __init__(self, owners: Mapping[str, tuple[str, str]]) -> None:
        self._owners = {re.compile(pattern): owner for pattern, owner in owners.items()}
        self._any = re.compile("|".join(f"(?:{pattern})" for pattern in owners) or r"(?!)")

    def named(self, address: str, text: str) -> Iterator[Finding]:
        """A finding at this address for each such name in a text; the domain of a mail address does not count."""
        text = _MAIL.sub("", text)
        if self._any.search(text):
            for pattern, (name, owner) in self._owners.items():
                if pattern.search(text):
                    yield Finding.of(address, "names {}, which belongs to {}", name, owner)


def _find(review: Review) -> Iterator[Finding]:
    own = review.names.unique
    foreign = _Foreign(_foreign_names(review))
    # The owner of a host is no secret: the certificate is looked up by domain, which can be a host.
    hosts = {host for neighbour, _ in _others(review) for host in neighbour.hosts}
    read = _Foreign({pattern: owner for pattern, owner in _foreign_names(review).items() if owner[0] not in hosts})
    for change in review.changes("*"):
        found = (
            *_identity(review, change, own),
            *_references(review, change, own, foreign),
            *_mentions(review, change, foreign),
        )
        yield from dict.fromkeys(found)
    for kind in _READ:
        texts = _texts_of(at(review.stack, kind), kind)
        yield from dict.fromkeys(found for address, text in texts for found in read.named(address, text))


def _identity(review: Review, change: ResourceChange, own: Set[str]) -> Iterator[Finding]:
    for attributes in (change.before, change.after):
        if attributes is None:
            continue
        if change.family in _NAMED:
            name = str(at(attributes, *_NAMED[change.family]))
            if name not in own:
                yield Finding.of(change.address, "is named {}, which is no name of this environment", name)
        elif change.type.startswith("kubernetes_"):
            metadata = at(attributes, "manifest", "metadata") or at(attributes, "metadata", 0)
            namespace = at(metadata, "namespace")
            if _is_own_application(review, attributes):
                continue
            if namespace != review.names.namespace:
                where = namespace or "(none: the whole cluster)", review.names.namespace
                yield Finding.of(change.address, "is in the namespace {}, not in {}", *where)


def _references(review: Review, change: ResourceChange, own: Set[str], foreign: _Foreign) -> Iterator[Finding]:
    """A resource may only belong to a bucket, role, secret or database of this environment or this plan."""
    known = own | {
        name
        for row in review.plan.resources
        if row.family in _NAMED
        for side in (row.before, row.after)
        if isinstance(name := at(side, *_NAMED[row.family]), str)
    }
    for argument in _REFERRING.get(change.type.partition("_")[0], ()):
        for attributes in (change.before, change.after):
            if argument not in (attributes or {}) or change.family in _NAMED:
                continue
            given = review.planned(change, argument) if attributes is change.after else at(attributes, argument)
            name = re.sub(r"^arn:aws:[a-z]+:[a-z0-9-]*:[0-9]*:(secret:)?|-([A-Za-z0-9]{6}|\?{6})$", "", str(given))
            is_said = any(True for _ in foreign.named(change.address, str(given)))
            if given is not None and not is_said and known.isdisjoint((str(given), name)):
                yield Finding.of(change.address, "is about {} {}, which is none of this environment", argument, given)


def _is_own_application(review: Review, attributes: object) -> bool:
    """Argo CD looks for its Applications in one namespace, which belongs to no environment."""
    manifest = at(attributes, "manifest")
    identity = at(manifest, "kind"), at(manifest, "metadata", "namespace"), at(manifest, "metadata", "name")
    return identity == ("Application", review.shared.argocd.namespace, review.names.instance)


def _mentions(review: Review, change: ResourceChange, foreign: _Foreign) -> Iterator[Finding]:
    # A change in place that drops a foreign name moves away from it, which is allowed.
    sides: list[object] = [change.after, review.declared(change)]
    if change.action is not Action.CHANGE:
        sides.append(change.before)
    for text in _all_texts(sides):
        yield from foreign.named(change.address, text)


def _texts_of(tree: object, address: str) -> Iterator[tuple[str, str]]:
    """Each text below a kind of block, with its block's address; for data and ephemeral that is one name longer."""
    depth = 2 if address.partition(".")[0] in ("data", "ephemeral") else 1
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            if address.count(".") < depth:
                yield from _texts_of(value, f"{address}.{key}")
            else:
                yield from ((address, text) for text in _all_texts({key: value}))
    else:
        yield from ((address, text) for text in _all_texts(tree))


def _foreign_names(review: Review) -> dict[str, tuple[str, str]]:
    own = _names(review.environment, review.shared)
    foreign = {
        pattern: (name, neighbour.name)
        for neighbour, shared in _others(review)
        for name, pattern in _names(neighbour, shared).items()
        if name not in own
    }
    # Only bootstrap reads it: any part of an environment that names it could administer every database.
    administrator = review.shared.database_server.administrator_secret
    if administrator:
        foreign[_whole(administrator, review.shared)] = administrator, "the database server's administrator"
    return foreign


def _others(review: Review) -> Iterator[tuple[Environment, Shared]]:
    """The other environments, before and after the change: one that it removes still has its data."""
    yield from ((neighbour, review.shared) for neighbour in review.neighbours)
    if review.base:
        for environment in review.base.environments:
            if environment.name != review.environment.name:
                yield environment, review.base.shared


def _names(environment: Environment, shared: Shared) -> dict[str, str]:
    """Each name that only this environment may use, with a pattern that matches the whole name."""
    names = (*Names.of(environment, shared).unique, environment.session.cookie_name)
    patterns = {name: _whole(name, shared) for name in names}
    own = Names.of(environment, shared)
    for role in (own.database_deployer, own.database_planner):
        # Their logins end in a number.
        patterns[role] = rf"(?<![\w-]){re.escape(role)}(_\d+)?(?![\w-])"
    # A host may be the parent domain of another environment's host.
    return patterns | {host: rf"(?<![\w.-]){re.escape(host)}(?![\w-]|\.\w)" for host in environment.hosts}


def _whole(name: str, shared: Shared) -> str:
    # A secret's ARN ends in six characters chosen by AWS, which a policy may leave open.
    suffix = r"(-([A-Za-z0-9]{6}|\?{6}))?" if "/" in name else ""
    # A database may have the project's name, with which the secret paths of every environment begin.
    end = r"[\w/-]" if name == shared.project else r"[\w-]"
    return rf"(?<![\w-]){re.escape(name)}{suffix}(?!{end})"


def _all_texts(tree: object) -> Iterator[str]:
    """Every string in it, including sensitive ones: a finding shows only the matched name."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, Sensitive):
        yield from _all_texts(tree.value)
    elif isinstance(tree, Mapping):
        for key, item in tree.items():
            yield key
            yield from _all_texts(item)
    elif isinstance(tree, list):
        for item in tree:
            yield from _all_texts(item)


RULES = (
    Rule(
        id="names",
        danger="Another environment is affected",
        reason="An environment's state and plan may reach only its own resources.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
)
