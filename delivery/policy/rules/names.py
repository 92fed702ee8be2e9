"""Only what carries this environment's names may be touched."""

import re
from collections.abc import Iterator, Mapping, Set

from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, items
from delivery.redaction.marks import Sensitive
from environments.schema.settings import Environment, Shared
from modules.model.names import Names

# Where each kind of thing has its physical name.
_NAMED: Mapping[str, tuple[str | int, ...]] = {
    "aws_iam_role": ("name",),
    "aws_s3_bucket": ("bucket",),
    "aws_secretsmanager_secret": ("name",),
    "kubernetes_namespace": ("metadata", 0, "name"),
    "postgresql_database": ("name",),
    "postgresql_role": ("name",),
}


def _find(review: Review) -> Iterator[Finding]:
    own = review.names.unique
    foreign = _foreign_names(review)
    for change in review.changes("*"):
        yield from dict.fromkeys((*_identity(review, change, own), *_mentions(change, foreign)))


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
    if change.family == "kubernetes_ingress":
        hosts = {str(at(rule, "host") or "every host") for rule in items(at(change.after, "spec", 0, "rule"))}
        for host in sorted(hosts - set(review.environment.hosts)):
            yield Finding.of(change.address, "would serve {}, which is no host of this environment", host)


def _is_own_application(review: Review, attributes: object) -> bool:
    """Argo CD looks for its Applications in one namespace, that of none of the environments."""
    manifest = at(attributes, "manifest")
    identity = at(manifest, "kind"), at(manifest, "metadata", "namespace"), at(manifest, "metadata", "name")
    return identity == ("Application", review.shared.argocd.namespace, review.names.instance)


def _mentions(change: ResourceChange, foreign: Mapping[re.Pattern[str], tuple[str, str]]) -> Iterator[Finding]:
    for side in (change.before, change.after):
        for text in _all_texts(side):
            for pattern, (name, owner) in foreign.items():
                if pattern.search(text):
                    yield Finding.of(change.address, "names {}, which belongs to {}", name, owner)


def _foreign_names(review: Review) -> dict[re.Pattern[str], tuple[str, str]]:
    own = _names(review.environment, review.shared)
    foreign = {
        re.compile(pattern): (name, neighbour.name)
        for neighbour in review.neighbours
        for name, pattern in _names(neighbour, review.shared).items()
        if name not in own
    }
    # Bootstrap alone reads it: whatever of an environment names it would be the administrator of every database.
    administrator = review.shared.database_server.administrator_secret
    if administrator:
        foreign[re.compile(_whole(administrator, review.shared))] = administrator, "the database server's administrator"
    return foreign


def _names(environment: Environment, shared: Shared) -> dict[str, str]:
    """Each name that only this environment may use, with the pattern that finds it as a whole."""
    names = (*Names.of(environment, shared).unique, environment.session.cookie_name)
    patterns = {name: _whole(name, shared) for name in names}
    own = Names.of(environment, shared)
    for role in (own.database_deployer, own.database_planner):
        # Their logins have a number.
        patterns[role] = rf"(?<![\w-]){re.escape(role)}(_\d+)?(?![\w-])"
    # A host may be the parent domain of another environment's.
    return patterns | {host: rf"(?<![\w.-]){re.escape(host)}(?![\w-]|\.\w)" for host in environment.hosts}


def _whole(name: str, shared: Shared) -> str:
    # The ARN of a secret ends in six characters of the service's choice, and a policy may leave them open.
    suffix = r"(-([A-Za-z0-9]{6}|\?{6}))?" if "/" in name else ""
    # A database may be called as the project is, with which every environment's paths of secrets start.
    end = r"[\w/-]" if name == shared.project else r"[\w-]"
    return rf"(?<![\w-]){re.escape(name)}{suffix}(?!{end})"


def _all_texts(tree: object) -> Iterator[str]:
    """Every string in it, sensitive ones too: what is said about them is only the name that was searched."""
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
        danger="Another environment is touched",
        reason="An environment's state and plan must be able to reach its own resources only.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
)
