"""The types for what is the same for the applications in every environment (``environments/applications.py``).

A text in the contract may hold fields in braces, such as ``https://{web_host}``; FIELDS lists them all.
"""

from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from environments.schema.base import Settings
from environments.schema.connection import Connection
from environments.schema.formats import KubernetesName
from environments.schema.settings import Resources

# What a text may name; the values are the environment's (modules/model/values.py).
FIELDS = frozenset(
    {
        "account",
        "api_host",
        "backups_bucket",
        "container_port",
        "cookie_domain",
        "cookie_name",
        "database_credentials",
        "domain",
        "environment",
        "google_oauth_secret",
        "log_level",
        "media_bucket",
        "namespace",
        "project",
        "region",
        "stage",
        "web_host",
    }
)


def fields_of(texts: Iterable[str]) -> set[str]:
    """The fields that texts name. Raises ValueError for unmatched braces."""
    return {field for text in texts for _, field, _, _ in Formatter().parse(text) if field is not None}


def _text(value: str) -> str:
    fields_of([value])
    return value


Text = Annotated[str, AfterValidator(_text)]


def _known(texts: Iterable[str], parameters: Iterable[str] = ()) -> None:
    allowed = FIELDS | set(parameters)
    unknown = sorted(fields_of(texts) - allowed)
    if unknown:
        raise ValueError(f"{{{unknown[0]}}} is not a field; allowed: {', '.join(sorted(allowed))}")


class FromSecret(Settings):
    """An environment variable's value that comes from one key of a Kubernetes Secret."""

    secret: str
    key: str


Variables = Mapping[str, Text | FromSecret]


def _texts(variables: Variables) -> list[str]:
    return [value for value in variables.values() if isinstance(value, str)]


class ApplicationSecret(Settings):
    """A secret that pods read: the place of its value in Secrets Manager, and the Kubernetes Secret made from it.

    name: of the Kubernetes Secret. path: in Secrets Manager; for a random one it may name only {project} and
    {environment}. properties: the Secret's keys, each with the JSON field that it copies. templates: the Secret's
    further keys, each a Go template over the properties; with any of them the Secret holds only these. chart_value:
    below externalSecrets in the chart's values, the object whose secretKey is the path. origin: ``random``: this stack
    generates it, and its one property is the random value; ``database``: the database's login; ``elsewhere``: somebody
    else stores it, and this stack only reads it. For the first two, id: used in Terraform's addresses, and in the
    annotation that restarts pods; version: the setting that is increased by one to rotate it.
    """

    name: KubernetesName
    path: Text
    properties: Mapping[str, str]
    templates: Mapping[str, str] = {}
    chart_value: str
    origin: Literal["random", "database", "elsewhere"] = "elsewhere"
    id: str | None = None
    version: str | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        _known([self.path])
        if (self.origin == "elsewhere") is not (self.id is None and self.version is None):
            raise ValueError(f"{self.name}: id and version are given; allowed: for what this stack generates, both")
        if self.origin == "random" and (
            len(self.properties) != 1 or fields_of([self.path]) - {"project", "environment"}
        ):
            raise ValueError(
                f"{self.name} is random; allowed: one property, and a path of {{project}}, {{environment}}"
            )
        return self


class Permission(Settings):
    """A statement of core-api's role and of its permissions boundary. conditions: operator, key, value, as in IAM."""

    actions: tuple[str, ...]
    resources: tuple[Text, ...]
    conditions: Mapping[str, Mapping[str, Text]] = {}

    @property
    def texts(self) -> list[str]:
        """Every text that may name fields."""
        return [*self.resources, *(value for keys in self.conditions.values() for value in keys.values())]


class Capability(Settings):
    """A feature of core-api that an environment turns on by name: ``capabilities=("litellm",)``; off by default.

    parameters: values that the environment must set in ``parameters``; each is also a field for its texts. permissions:
    for core-api's role, and for the boundary. variables: of core-api, beyond its own. secrets: beyond those of every
    environment. connections: beyond what every environment needs.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    parameters: tuple[str, ...] = ()
    permissions: tuple[Permission, ...] = ()
    variables: Variables = Field(default_factory=dict)
    secrets: tuple[ApplicationSecret, ...] = ()
    connections: tuple[Connection, ...] = ()

    @model_validator(mode="after")
    def _fields_are_known(self) -> Self:
        texts = [*_texts(self.variables), *(text for permission in self.permissions for text in permission.texts)]
        _known(texts, self.parameters)
        return self


class Probe(Settings):
    """An HTTP probe of the container's port; times in seconds."""

    path: str
    period: int
    initial_delay: int
    timeout: int = 1
    failures: int = 3


class HealthCheck(Settings):
    """The load balancer's own health check of a pod; times in seconds.

    protocol_version is set only if the application needs one; the load balancer's default is HTTP1.
    """

    path: str
    interval: int
    timeout: int
    healthy_threshold: int = 2
    unhealthy_threshold: int = 3
    success_codes: str = "200"
    protocol_version: Literal["HTTP1", "HTTP2", "GRPC"] | None = None


class ScalingBehavior(Settings):
    """How fast the autoscaler scales; times in seconds. Without it Kubernetes' own behaviour applies."""

    scale_down_window: int
    scale_down_percent: int
    scale_down_period: int
    scale_up_percent: int
    scale_up_pods: int
    scale_up_period: int


class Application(Settings):
    """One application.

    name: of its Kubernetes objects. component: the value of app.kubernetes.io/component. repository: of its image,
    below the registry. writable_paths: emptyDir mounts in a read-only root file system. variables: of its container and
    its migration. required: those without which it does not start. migration_command: run once for each image before
    the pods are updated; none by default.
    """

    name: str
    component: Literal["frontend", "backend"]
    repository: str
    container_port: int = 8080
    service_port: int
    resources: Resources
    liveness: Probe
    readiness: Probe
    health_check: HealthCheck
    writable_paths: tuple[str, ...]
    variables: Variables
    required: tuple[str, ...] = ()
    scaling: ScalingBehavior | None = None
    migration_command: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _variables_are_known(self) -> Self:
        _known(_texts(self.variables))
        missing = [name for name in self.required if name not in self.variables]
        if missing:
            raise ValueError(f"{self.name} does not start without {missing[0]}; allowed: each of required in variables")
        return self


class OAuthCallback(Settings):
    """A redirect URI for the identity provider's console. {host}: each public host in turn; sender: who sends it."""

    uri: Text
    sender: str
