"""The types of an environment's settings, which are frozen and refuse unknown keys.

A field is required if it has no sensible default. Rules about one value or one object are checked here; rules across an
environment, or between environments, are in ``rules.py``.
"""

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from environments.schema.adoption import Adoption, adopts
from environments.schema.base import Settings
from environments.schema.certificate import Certificate
from environments.schema.database import Database
from environments.schema.database_server import DatabaseServer
from environments.schema.external_dns import ExternalDns
from environments.schema.formats import (
    AwsTag,
    CookieDomain,
    CookieName,
    EnvironmentName,
    Host,
    ImageDigest,
    ImageTag,
    KubernetesName,
    Memory,
    Network,
    Quantity,
    Version,
    is_immutable,
    parse_quantity,
)
from environments.schema.github import GitHub, Repository
from environments.schema.neighbour import Neighbour
from environments.schema.previews import Previews, Slot

# The stack that creates what every environment's deploy needs; its names follow the same scheme as an environment's.
BOOTSTRAP = "bootstrap"

Count = Annotated[int, Field(ge=1, le=1000)]
Days = Annotated[int, Field(ge=1, le=3650)]
# A week at most: images that ran longer without a deploy have other reasons not to be promoted.
SoakMinutes = Annotated[int, Field(ge=0, le=10_080)]
Branch = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$")]
# An ARN has at most 2048 characters.
DroppedPermission = Annotated[str, Field(min_length=1, max_length=4096)]
Parameter = Annotated[str, Field(pattern=r"^[A-Za-z0-9/_+=.@:-]{1,512}$")]


# The resources in a container's requests and limits, by the settings' names.
RESOURCE_KINDS = ("cpu", "memory", "ephemeral_storage")


class Autoscaling(Settings):
    """A HorizontalPodAutoscaler's bounds (pods) and targets (percent of the containers' requests)."""

    minimum: Count
    maximum: Count
    cpu_percent: Annotated[int, Field(ge=1, le=100)] = 70
    memory_percent: Annotated[int, Field(ge=1, le=100)] = 80

    @model_validator(mode="after")
    def _bounds_in_order(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum} is more than maximum {self.maximum}; allowed: minimum <= maximum")
        return self


class Resources(Settings):
    """A container's requests and limits, as Kubernetes quantities.

    ephemeral_storage_request, ephemeral_storage_limit: space on the node's disk for what the container writes to its
    empty directories and its log. A pod that writes more is evicted.
    Source: https://kubernetes.io/docs/concepts/storage/ephemeral-storage/
    """

    cpu_request: Quantity
    memory_request: Memory
    ephemeral_storage_request: Memory
    cpu_limit: Quantity
    memory_limit: Memory
    ephemeral_storage_limit: Memory

    @model_validator(mode="after")
    def _requests_within_limits(self) -> Self:
        for kind in RESOURCE_KINDS:
            request, limit = getattr(self, f"{kind}_request"), getattr(self, f"{kind}_limit")
            if parse_quantity(request) > parse_quantity(limit):
                raise ValueError(
                    f"{kind}_request {request} is more than {kind}_limit {limit}; allowed: request <= limit"
                )
        return self


class Image(Settings):
    """One application's image: a tag of its repository, a digest, or both.

    If there is a digest, it decides what runs; the tag beside it is for people, and for a delivery that needs one.
    """

    tag: ImageTag | None = None
    digest: ImageDigest | None = None

    @model_validator(mode="after")
    def _names_an_image(self) -> Self:
        if not (self.tag or self.digest):
            raise ValueError("neither tag nor digest is given; allowed: one of them, or both")
        return self

    @property
    def reference(self) -> str:
        """What follows the repository in the image's name: ``:TAG``, ``@DIGEST`` or ``:TAG@DIGEST``."""
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    @property
    def is_immutable(self) -> bool:
        """Whether it always is the same build."""
        return bool(self.digest) or is_immutable(self.tag or "")


class Workload(Settings):
    """An environment's settings for one of the two applications.

    image: what runs.
    hosts: the public host names of its ingress; URLs are built from the first.
    replicas: pods without autoscaling; with autoscaling its minimum counts and this must equal it.
    minimum_available: pods that a voluntary disruption leaves running; none by default (no disruption budget).
    ingress_order: position among the rules of the shared load balancer (1 to 1000, the controller's limit).
    resources: the application's own by default (``applications.py``).
    """

    image: Image
    hosts: Annotated[tuple[Host, ...], Field(min_length=1)]
    replicas: Count
    autoscaling: Autoscaling | None = None
    minimum_available: Count | None = None
    ingress_order: Annotated[int, Field(ge=1, le=1000)]
    resources: Resources | None = None

    @model_validator(mode="after")
    def _replicas_agree(self) -> Self:
        if self.autoscaling and self.replicas != self.autoscaling.minimum:
            raise ValueError(
                f"replicas {self.replicas} differs from autoscaling.minimum {self.autoscaling.minimum}; "
                "allowed: the same number, because the autoscaler owns the count"
            )
        if self.minimum_available is not None and self.minimum_available >= self.replicas:
            raise ValueError(
                f"minimum_available {self.minimum_available} is not below the smallest replica count {self.replicas}; "
                "a node could then never be drained"
            )
        return self

    @property
    def largest_replica_count(self) -> int:
        """The most pods, not counting a rolling update's surge."""
        return self.autoscaling.maximum if self.autoscaling else self.replicas


class Session(Settings):
    """The login session: its cookie's name differs between environments because they share the cookie's domain.

    cookie_domain: for an environment whose hosts are below a domain of its own; by default the shared one. key_version:
    increase by one to replace the signing key, which logs everybody out.
    """

    cookie_name: CookieName
    cookie_domain: CookieDomain | None = None
    key_version: Version = 1


class InternalApi(Settings):
    """The API's internal endpoints.

    token_version: increase by one to replace the token that opens them.
    """

    token_version: Version = 1


class Media(Settings):
    """The bucket of uploads: when objects move to infrequent access, and when replaced versions expire."""

    infrequent_access_after: Annotated[Days, Field(ge=30, description="S3 takes no less than 30 days")] = 90
    old_versions_expire_after: Days = 30


class Backups(Settings):
    """The bucket of backups: days after which one expires, and after which what is replaced or expired is deleted."""

    expire_after: Days
    old_versions_expire_after: Days = 30


class Quota(Settings):
    """The total that all pods of the namespace may request."""

    cpu_requests: Quantity
    memory_requests: Memory
    ephemeral_storage_requests: Memory
    cpu_limits: Quantity
    memory_limits: Memory
    ephemeral_storage_limits: Memory
    pods: Count


class Environment(Settings):
    """One complete environment.

    name: part of every physical name. stage: the value of ENVIRONMENT and ENV that the application reads. slot: the
    number of a preview, which pull requests claim and release (``environments/preview.py``); None for a lasting
    environment. branch: the branch that is deployed here; None for a preview. protected: data-bearing resources refuse
    to be destroyed, and branch tags are refused. adopt: what already exists under this environment's names is imported
    instead of created: True for everything that production has, or parts by name (``adoption.py``), such as ("media",
    "backups") if there is no database yet. dropped_permissions: what an adopted role of core-api can do and this
    environment's never needs, by the names that a deploy prints when it stops because of them: "ses:SendEmail", "s3:*
    on arn:aws:s3:::a", "trust:SUBJECT". capabilities: what core-api can do beyond the ordinary, by the names in
    ``applications.py``; none by default. parameters: values that those capabilities need, such as an id that only the
    account has. delivery: who owns the workloads: this stack, or Argo CD with the application's Helm chart
    (docs/gitops.md). alb: the load balancer that all environments share, or one of its own.
    tunnel_instance: an instance near the database server that Systems Manager manages; the environment's roles may
    forward the server's port through it (docs/workflows.md). None if the server is reachable without it. paused: no
    pods, autoscalers, disruption budgets and ingresses; data, secrets and everything else stay. neighbours: somebody
    else's pods in the namespace that keep running; any other may be refused or cut off.
    """

    name: EnvironmentName
    stage: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
    slot: Slot | None = None
    branch: Branch | None = Field(default=None, validate_default=True)
    protected: bool = False
    adopt: Adoption = False
    dropped_permissions: tuple[DroppedPermission, ...] = ()
    delivery: Literal["terraform", "argocd"] = "terraform"
    alb: Literal["shared", "own"] = "shared"
    paused: bool = False
    capabilities: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = {}
    neighbours: tuple[Neighbour, ...] = ()
    tunnel_instance: Annotated[str, Field(pattern=r"^m?i-[0-9a-f]{8,17}$")] | None = None
    log_level: Annotated[str, Field(pattern=r"^(debug|info|warning|error|critical)$")] = "info"
    web: Workload
    core_api: Workload
    database: Database = Database()
    session: Session
    internal_api: InternalApi = InternalApi()
    media: Media = Media()
    backups: Backups
    quota: Quota

    @model_validator(mode="after")
    def _name_is_free(self) -> Self:
        if self.name == BOOTSTRAP:
            raise ValueError(
                f"name {self.name!r} is the stack that creates state buckets and delivery roles (docs/bootstrap.md); "
                "allowed: any other name"
            )
        return self

    @field_validator("branch")
    @classmethod
    def _a_preview_alone_has_none(cls, value: str | None, info: ValidationInfo) -> str | None:
        slot = info.data.get("slot")
        if value is None and slot is None:
            raise ValueError("is missing; allowed: the branch that is deployed here, such as develop")
        if value is not None and slot is not None:
            raise ValueError(
                f"{value!r} in slot {slot}; allowed: none, because claims are deployed from the default branch"
            )
        return value

    @model_validator(mode="after")
    def _a_preview_can_be_given_back(self) -> Self:
        if self.slot is None:
            return self
        wanted = {"name": preview_name(self.slot), "protected": False, "adopt": False}
        for field, value in wanted.items():
            if getattr(self, field) != value:
                raise ValueError(
                    f"{field} is {getattr(self, field)!r} in slot {self.slot}; allowed: {value!r}, because a preview "
                    "is defined by its slot and leaves nothing behind"
                )
        return self

    @model_validator(mode="after")
    def _protected_images_are_immutable(self) -> Self:
        for field, image in self.images.items():
            if self.protected and not image.is_immutable:
                raise ValueError(
                    f"{field}.image.tag {image.tag!r} can be moved to another build; "
                    "allowed in a protected environment: prod-COMMIT, staging-COMMIT or COMMIT (7 to 40 hex digits), "
                    "a release such as v1.2.3, or a digest"
                )
        return self

    @model_validator(mode="after")
    def _delivery_can_do_it(self) -> Self:
        for field, image in self.images.items():
            if self.delivery == "argocd" and not image.tag:
                raise ValueError(
                    f"{field}.image.digest {image.digest!r} has no tag, and the chart joins image and tag by a colon; "
                    'allowed with delivery="argocd": a tag, or a tag and a digest'
                )
        if self.adopts("argocd-application") and self.delivery != "argocd":
            raise ValueError(
                f'adopt {self.adopt!r} with delivery="{self.delivery}": the stack has no Application; '
                'allowed: "argocd-application" with delivery="argocd"'
            )
        return self

    @model_validator(mode="after")
    def _what_is_dropped_is_adopted(self) -> Self:
        if self.dropped_permissions and not self.adopts("core-api-role"):
            raise ValueError(
                f"dropped_permissions {self.dropped_permissions!r} with adopt {self.adopt!r}: no role is adopted that "
                'could lose them; allowed: with "core-api-role", or none'
            )
        return self

    def deployed_branch(self, shared: "Shared") -> str:
        """The branch that is deployed here; for a preview the default branch, whose code deploys each claim."""
        return self.branch or shared.default_branch

    def cookie_domain(self, shared: "Shared") -> str:
        """The domain of the session's cookie: the environment's own, or the shared one."""
        return self.session.cookie_domain or shared.cookie_domain

    def adopts(self, part: str) -> bool:
        """Whether this part of the environment already exists and is imported."""
        return adopts(self.adopt, part)

    @property
    def images(self) -> dict[str, Image]:
        """Each application's image by the field that holds it."""
        return {"web": self.web.image, "core_api": self.core_api.image}

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every public host name of the environment."""
        return self.web.hosts + self.core_api.hosts


def preview_name(slot: int) -> str:
    """The name of the preview environment of a slot."""
    return f"preview-{slot}"


class ArgoCd(Settings):
    """The cluster's Argo CD, and where its Applications find the application's chart and its values.

    namespace: of Argo CD and its Applications. project: the AppProject that allows both repositories and the
    environments' namespaces. chart_repository, chart_path: the application's repository; each environment follows its
    own branch of it. values_repository, values_branch: where ``python -m delivery gitops`` writes.
    """

    namespace: str
    project: str
    chart_repository: str
    chart_path: str
    values_repository: str
    values_branch: str


class Shared(Settings):
    """What the account holds once for all environments; created and owned elsewhere, only read here.

    soak_minutes: how long images must have run, verified, before they are promoted to another environment. vpc_cidr: of
    the cluster's VPC, to which pods have no HTTPS access. https_in_vpc: the networks in it to which they do, for
    example of interface endpoints or an internal load balancer. node_platform: the platform of the cluster's nodes,
    which an image for several platforms must include. previews: what pull requests of the application may claim; None
    for nothing.
    """

    project: EnvironmentName
    project_tag: AwsTag
    application: EnvironmentName
    repository: Repository
    github: GitHub = GitHub()
    default_branch: Branch
    account: Annotated[str, Field(pattern=r"^[0-9]{12}$")]
    region: Annotated[str, Field(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    domain: Host
    certificate: Certificate
    cluster: Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z_-]{0,99}$")]
    vpc_cidr: Network
    https_in_vpc: tuple[Network, ...] = ()
    database_server: DatabaseServer
    load_balancer_group: KubernetesName
    external_dns: ExternalDns = ExternalDns()
    google_oauth_secret: Annotated[str, Field(pattern=r"^[A-Za-z0-9/_+=.@-]{1,512}$")]
    cookie_domain: CookieDomain
    image_registry: Host
    node_platform: Annotated[str, Field(pattern=r"^linux/(amd64|arm64)$")] = "linux/amd64"
    ingress_class: KubernetesName
    argocd: ArgoCd
    old_state_expires_after: Days
    soak_minutes: SoakMinutes = 60
    previews: Previews | None = None

    @field_validator("https_in_vpc")
    @classmethod
    def _https_is_within_the_vpc(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        whole = info.data.get("vpc_cidr")
        for network in value if whole else ():
            if network == whole or not IPv4Network(network).subnet_of(IPv4Network(whole)):
                raise ValueError(
                    f"{network!r} is not part of the VPC; "
                    f"allowed: networks within {whole} (vpc_cidr), but not all of it"
                )
        return value

    @model_validator(mode="after")
    def _certificate_is_here(self) -> Self:
        here, arn = f":acm:{self.region}:{self.account}:", self.certificate.arn
        if arn and here not in arn:
            raise ValueError(
                f"certificate.arn {arn!r} belongs to another region or account; allowed: arn:aws{here}certificate/ID, "
                "because a load balancer accepts no other"
            )
        return self

    @property
    def dns_owner(self) -> str:
        """The owner that the cluster's external-dns writes for its records."""
        return self.external_dns.owner or self.cluster

    @property
    def certificate_names(self) -> tuple[str, ...]:
        """The expected names on the certificate: the domain, one label below it, and those that the settings add."""
        primary = (self.certificate.domain,) if self.certificate.domain else ()
        return tuple(dict.fromkeys((self.domain, f"*.{self.domain}", *primary, *self.certificate.names)))
