"""Rules about several values: within an environment, against the shared settings, and between environments.

Each rule returns messages that name the field, the value and what is allowed; ``check`` raises them all together.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from math import ceil

from pydantic import BaseModel

from environments.applications import APPLICATIONS, CAPABILITIES, CORE_API, WEB
from environments.schema.certificate import uncovered
from environments.schema.contract import Application
from environments.schema.database import DatabaseNames
from environments.schema.formats import is_immutable, parse_quantity
from environments.schema.neighbour import selects
from environments.schema.settings import RESOURCE_KINDS, Environment, Resources, Shared, Workload

# A rolling update may add this share of the pods before it removes old ones (modules/model/kubernetes/rollout.py).
SURGE_PERCENT = 25

# The setting for each of an environment's database names.
_DATABASE_FIELDS = {
    "database": "database.name",
    "role": "database.role",
    "credentials_path": "database.credentials_path",
}


class SettingsError(ValueError):
    """No environment can be built from these settings; the message has one line for each problem."""


def _certificate_covers_hosts(environment: Environment, shared: Shared) -> Iterator[str]:
    for field, workload in _workloads(environment):
        for host in uncovered(workload.hosts, shared.certificate_names):
            further = "".join(f", {name}" for name in shared.certificate.names)
            yield (
                f"{field}.hosts: {host!r} is not covered by the certificate; allowed: {shared.domain} and one label "
                f"below it, such as {host.partition('.')[0]}.{shared.domain}{further}"
            )


def _cookie_domain_matches_hosts(environment: Environment, shared: Shared) -> Iterator[str]:
    # RFC 6265 section 5.1.3: the host is the domain itself or ends with a dot and the domain.
    domain = environment.cookie_domain(shared)
    setting = "session" if environment.session.cookie_domain else "shared"
    for field, workload in _workloads(environment):
        for host in workload.hosts:
            if not f".{host}".endswith(domain):
                yield (
                    f"{field}.hosts: {host!r} cannot be sent a cookie of domain {domain!r} "
                    f"({setting}.cookie_domain); allowed: {domain[1:]} and names below it"
                )


def _is_one_of_the_previews(environment: Environment, shared: Shared) -> Iterator[str]:
    slots = shared.previews.slots if shared.previews else 0
    if environment.slot is not None and environment.slot > slots:
        allowed = f"1 to {slots}" if slots else "none"
        yield f"slot: {environment.slot} is not one of the {slots} slots (shared.previews); allowed: {allowed}"


def _administrator_keeps_its_login(environment: Environment, shared: Shared) -> Iterator[str]:
    """A deploy writes the application's login to this path, and a rotation would invalidate the administrator's."""
    path = DatabaseNames.of(environment, shared).credentials_path
    if path == shared.database_server.administrator_secret:
        yield (
            f"database.credentials_path: {path!r} holds the login of the database server's administrator "
            "(shared.database_server.administrator_secret); allowed: another path, for this environment's own login"
        )


def _quota_fits(environment: Environment, _shared: Shared) -> Iterator[str]:
    """A quota below the largest demand would stop a rollout or the autoscaler half-way."""
    demand: dict[str, Decimal] = defaultdict(Decimal)
    for application, workload in ((WEB, environment.web), (CORE_API, environment.core_api)):
        for resources, pods in _pods_at_most(application, workload):
            demand["pods"] += pods
            for field, name in (("requests", "request"), ("limits", "limit")):
                for kind in RESOURCE_KINDS:
                    demand[f"{kind}_{field}"] += pods * parse_quantity(getattr(resources, f"{kind}_{name}"))
    for field, needed in demand.items():
        allowed = getattr(environment.quota, field)
        if parse_quantity(str(allowed)) < needed:
            yield (
                f"quota.{field}: {allowed!r} is less than the {_readable(field, needed)} that all pods may need "
                f"together (largest replica counts, {SURGE_PERCENT} % more during a rolling update, one migration); "
                "allowed: that or more"
            )


def _pods_at_most(application: Application, workload: Workload) -> Iterator[tuple[Resources, int]]:
    resources = workload.resources or application.resources
    yield resources, workload.largest_replica_count + ceil(workload.largest_replica_count * SURGE_PERCENT / 100)
    if application.migration_command:
        yield resources, 1


def _readable(field: str, amount: Decimal) -> str:
    in_bytes = field.startswith(("memory", "ephemeral_storage"))
    return f"{ceil(amount / 1024**2)}Mi" if in_bytes else f"{amount.normalize():f}"


def _capabilities_are_complete(environment: Environment, _shared: Shared) -> Iterator[str]:
    known = {capability.name: capability for capability in CAPABILITIES}
    for name, count in Counter(environment.capabilities).items():
        if name not in known:
            yield f"capabilities: {name!r} is unknown; allowed: {', '.join(known)} (environments/applications.py)"
        elif count > 1:
            yield f"capabilities: {name!r} is listed {count} times; allowed: once"
    wanted = {
        parameter: name for name in environment.capabilities if name in known for parameter in known[name].parameters
    }
    for parameter in wanted.keys() - environment.parameters.keys():
        yield f"parameters: {parameter!r} is missing; allowed: a value, because capabilities has {wanted[parameter]!r}"
    for parameter in environment.parameters.keys() - wanted.keys():
        allowed = ", ".join(wanted) or "none"
        yield f"parameters: {parameter!r} belongs to no capability of this environment; allowed: {allowed}"


def _neighbours_are_somebody_elses(environment: Environment, shared: Shared) -> Iterator[str]:
    """A neighbour whose labels also match our pods would open our pods."""
    for name, count in Counter(neighbour.name for neighbour in environment.neighbours).items():
        if count > 1:
            yield f"neighbours: {name!r} is listed {count} times; allowed: once"
    for neighbour in environment.neighbours:
        for labels in _pod_labels(environment, shared):
            if selects(neighbour.labels, labels):
                yield (
                    f"neighbours.{neighbour.name}.labels: {dict(neighbour.labels)} also selects pods of "
                    f"{labels['app']}; allowed: a label that no pod of this environment itself has"
                )


def _pod_labels(environment: Environment, shared: Shared) -> Iterator[dict[str, str]]:
    """The labels that modules/model/tags.py and pods.py give the applications' and the migration's pods."""
    pods: list[tuple[str, str]] = [(application.name, application.component) for application in APPLICATIONS]
    pods += [(f"{row.name}-migration", "migration") for row in APPLICATIONS if row.migration_command]
    for name, component in pods:
        yield {
            "app": name,
            "app.kubernetes.io/name": name,
            "app.kubernetes.io/instance": f"{shared.application}-{environment.name}",
            "app.kubernetes.io/component": component,
            "app.kubernetes.io/part-of": shared.application,
            "app.kubernetes.io/managed-by": "cdktf",
            "environment": environment.name,
        }


def _workloads(environment: Environment) -> tuple[tuple[str, Workload], ...]:
    return (("web", environment.web), ("core_api", environment.core_api))


def _unique(
    environments: Sequence[Environment], what: str, values: Callable[[Environment], Iterable[object]]
) -> Iterator[str]:
    owner: dict[object, Environment] = {}
    for environment in environments:
        for value in values(environment):
            if value in owner:
                first = owner[value].name
                used = f"twice by {first}" if first == environment.name else f"by {first} and by {environment.name}"
                yield f"{what} {value!r} is used {used}; allowed: each once in the account"
            owner.setdefault(value, environment)


def _ingress_orders_are_unique(environments: Sequence[Environment]) -> Iterator[str]:
    """Per load balancer: it evaluates its rules in this order, and the first match counts."""
    shared = [environment for environment in environments if environment.alb == "shared"]
    for group in (shared, *([environment] for environment in environments if environment.alb == "own")):
        yield from _unique(
            group,
            "ingress_order",
            lambda environment: [environment.web.ingress_order, environment.core_api.ingress_order],
        )


def _a_digest_is_one_image(environments: Sequence[Environment]) -> Iterator[str]:
    owner: dict[str, tuple[str, str]] = {}
    for environment in environments:
        for field, image in environment.images.items():
            if image.digest is None:
                continue
            place = f"{environment.name}.{field}.image.digest"
            first_field, first = owner.setdefault(image.digest, (field, place))
            if field != first_field:
                yield (
                    f"{place}: {image.digest!r} is also used by {first}; "
                    "allowed: a digest of this application's own image"
                )


def _database_name(shared: Shared, field: str, environment: Environment) -> list[str]:
    return [getattr(DatabaseNames.of(environment, shared), field)]


def _hosts(environment: Environment) -> list[str]:
    return [*environment.hosts, *(host for neighbour in environment.neighbours for host in neighbour.hosts)]


def _names_no_other_environment(environments: Sequence[Environment]) -> Iterator[str]:
    """A value that names another environment is how a copied file reaches into its model."""
    for environment in environments:
        own = {environment.name, environment.stage}
        others = {word: other.name for other in environments for word in (other.name, other.stage) if word not in own}
        for field, value in _strings(environment):
            # A build is named after the branch that it was built from, wherever it runs.
            if field.endswith(".image.tag") and is_immutable(value):
                continue
            # A permission that reaches into another environment is exactly what should be dropped.
            if field.startswith("dropped_permissions"):
                continue
            for word in others.keys() & _words(value):
                yield (
                    f"{environment.name}.{field}: {value!r} names the environment {others[word]!r} ({word!r}); "
                    "allowed: no other environment's name"
                )


def _words(value: str) -> set[str]:
    """The value's words, single and joined by hyphens (an environment's name may contain one)."""
    words = re.findall(r"[a-z0-9]+", value.lower())
    return {"-".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)}


def _strings(settings: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(settings, str):
        yield path, settings
    elif isinstance(settings, BaseModel):
        for field in type(settings).model_fields:
            yield from _strings(getattr(settings, field), f"{path}.{field}".lstrip("."))
    elif isinstance(settings, Mapping):
        for key, value in settings.items():
            yield from _strings(value, f"{path}.{key}")
    elif isinstance(settings, tuple):
        for index, item in enumerate(settings):
            yield from _strings(item, f"{path}[{index}]")


def check(environments: Sequence[Environment], shared: Shared) -> None:
    """Raise SettingsError with every problem of these environments, alone and together."""
    problems = [
        f"{environment.name}.{problem}"
        for environment in environments
        for rule in (
            _certificate_covers_hosts,
            _cookie_domain_matches_hosts,
            _is_one_of_the_previews,
            _administrator_keeps_its_login,
            _quota_fits,
            _capabilities_are_complete,
            _neighbours_are_somebody_elses,
        )
        for problem in rule(environment, shared)
    ]
    problems += _unique(environments, "name", lambda environment: [environment.name])
    problems += _unique(environments, "stage", lambda environment: [environment.stage])
    problems += _unique(environments, "host", _hosts)
    problems += _unique(
        environments,
        "(session.cookie_name, cookie_domain)",
        lambda environment: [(environment.session.cookie_name, environment.cookie_domain(shared))],
    )
    for field in ("database", "role", "credentials_path"):
        problems += _unique(environments, _DATABASE_FIELDS[field], partial(_database_name, shared, field))
    problems += _ingress_orders_are_unique(environments)
    problems += _a_digest_is_one_image(environments)
    problems += _names_no_other_environment(environments)
    if problems:
        raise SettingsError("\n".join(problems))
