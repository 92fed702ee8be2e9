"""Every physical name of an environment, checked against its service's rules. No name has a random part."""

import re
from dataclasses import asdict, dataclass

from environments.applications import CORE_API, SECRETS
from environments.schema.database import DatabaseNames
from environments.schema.settings import BOOTSTRAP, Environment, Image, Shared


class InvalidNameError(ValueError):
    """A name that its service would refuse; the message gives the name, its kind, the rule and the rule's source."""


@dataclass(frozen=True, kw_only=True)
class _Rule:
    kind: str
    pattern: str
    longest: int
    source: str


_BUCKET = _Rule(
    kind="S3 bucket name",
    pattern=r"[a-z0-9][a-z0-9-]+[a-z0-9]",
    longest=63,
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
)
_ROLE = _Rule(
    kind="IAM role name",
    pattern=r"[A-Za-z0-9+=,.@_-]+",
    longest=64,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
)
_POLICY = _Rule(
    kind="IAM policy name",
    pattern=r"[A-Za-z0-9+=,.@_-]+",
    longest=128,
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
)
_SECRET = _Rule(
    kind="Secrets Manager secret name",
    pattern=r"[A-Za-z0-9/_+=.@-]+",
    longest=512,
    source="https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html",
)
_KUBERNETES = _Rule(
    kind="Kubernetes name",
    pattern=r"[a-z0-9]([a-z0-9-]*[a-z0-9])?",
    longest=63,
    source="https://kubernetes.io/docs/concepts/overview/working-with-objects/names/",
)
_POSTGRESQL = _Rule(
    kind="PostgreSQL identifier",
    pattern=r"[a-z_][a-z0-9_]*",
    longest=63,
    source="https://www.postgresql.org/docs/current/sql-syntax-lexical.html",
)

# The GitHub environment with the key of the App for previews (.github/workflows/preview.yml).
PREVIEWS_ENVIRONMENT = "previews"

# The same in every namespace.
QUOTA, LIMITS = "quota", "limits"
DEFAULT_DENY, ALLOW = "default-deny", "allow"
# The store that an environment's ExternalSecrets read from, and the account it acts as.
SECRET_STORE = "environment-secrets"
SECRET_STORE_ACCOUNT = "external-secrets"


def _checked(rule: _Rule, name: str) -> str:
    if len(name) > rule.longest or not re.fullmatch(rule.pattern, name):
        raise InvalidNameError(
            f"{name!r} ({len(name)} characters) is not a {rule.kind}; "
            f"allowed: at most {rule.longest} characters of the form {rule.pattern} ({rule.source})"
        )
    return name


def state_key(stack: str) -> str:
    """The key of a stack's Terraform state in its state bucket; the lock is beside it, as KEY.tflock."""
    return f"{stack}/terraform.tfstate"


@dataclass(frozen=True, kw_only=True)
class Names:
    """One environment's physical names.

    Inputs: the environment's settings and the shared ones. Each name is derived from the environment's, except the
    database names that the settings give. Raises InvalidNameError if any of the names would be refused by its service:
    all are built at once. generated_secrets: the paths of all secrets that hold one random value, including
    session_key. database_deployer, database_planner: the database roles of a deploy and of a plan; deploy_login,
    plan_login: the paths of the secrets with which they log in, created by the bootstrap stack.
    """

    namespace: str
    instance: str
    media_bucket: str
    backups_bucket: str
    state_bucket: str
    database_credentials: str
    session_key: str
    core_api_role: str
    secret_store: str
    secret_store_account: str
    secret_store_role: str
    permissions_boundary: str
    plan_role: str
    deploy_role: str
    database: str
    database_role: str
    database_template: str
    database_deployer: str
    database_planner: str
    deploy_login: str
    plan_login: str
    migration_job: str
    generated_secrets: tuple[str, ...]

    @classmethod
    def of(cls, environment: Environment, shared: Shared) -> "Names":
        """Return the names of this environment."""
        prefix = f"{shared.project}-{environment.name}"
        generated = {
            secret.id: _checked(_SECRET, secret.path.format(project=shared.project, environment=environment.name))
            for secret in SECRETS
            if secret.origin == "random"
        }
        database = DatabaseNames.of(environment, shared)
        return cls(
            namespace=_checked(_KUBERNETES, prefix),
            instance=_checked(_KUBERNETES, f"{shared.application}-{environment.name}"),
            media_bucket=_checked(_BUCKET, f"{prefix}-media-{shared.account}"),
            backups_bucket=_checked(_BUCKET, f"{prefix}-backups-{shared.account}"),
            state_bucket=_checked(_BUCKET, f"{prefix}-terraform-state-{shared.account}"),
            database_credentials=_checked(_SECRET, database.credentials_path),
            session_key=generated["session-key"],
            core_api_role=_checked(_ROLE, f"{prefix}-core-api-role"),
            secret_store=_checked(_KUBERNETES, SECRET_STORE),
            secret_store_account=_checked(_KUBERNETES, SECRET_STORE_ACCOUNT),
            secret_store_role=_checked(_ROLE, f"{prefix}-external-secrets-role"),
            permissions_boundary=_checked(_POLICY, f"{prefix}-boundary"),
            plan_role=_checked(_ROLE, f"{prefix}-plan"),
            deploy_role=_checked(_ROLE, f"{prefix}-deploy"),
            database=_checked(_POSTGRESQL, database.database),
            database_role=_checked(_POSTGRESQL, database.role),
            database_template=_checked(_POSTGRESQL, f"{database.database}_template"),
            database_deployer=_checked(_POSTGRESQL, f"{prefix}-deploy".replace("-", "_")),
            database_planner=_checked(_POSTGRESQL, f"{prefix}-plan".replace("-", "_")),
            deploy_login=_checked(_SECRET, f"{shared.project}/{environment.name}/database/deploy"),
            plan_login=_checked(_SECRET, f"{shared.project}/{environment.name}/database/plan"),
            migration_job=_checked(_KUBERNETES, f"{CORE_API.name}-migrate-{_image_suffix(environment.core_api.image)}"),
            generated_secrets=tuple(generated.values()),
        )

    @property
    def secret_paths(self) -> tuple[str, ...]:
        """The path of each secret that the stack creates."""
        return (self.database_credentials, *self.generated_secrets)

    @property
    def unique(self) -> frozenset[str]:
        """Every name that no other environment has: all except those that are unique only in their namespace."""
        names = asdict(self)
        for field in ("migration_job", "secret_store", "secret_store_account", "generated_secrets"):
            del names[field]
        return frozenset(names.values()) | frozenset(self.generated_secrets)


def numbered_login(role: str, number: int) -> str:
    """The login with this number for a database role; ``role`` may be a reference."""
    return f"{role}_{number}"


def bootstrap_state_bucket(shared: Shared) -> str:
    """The bucket of the bootstrap stack's own state. Raises InvalidNameError."""
    return _checked(_BUCKET, f"{shared.project}-{BOOTSTRAP}-terraform-state-{shared.account}")


def claims_object(shared: Shared) -> tuple[str, str]:
    """The bucket and key of the object that records which pull request has which preview. Raises InvalidNameError."""
    return bootstrap_state_bucket(shared), "previews/claims.json"


def previews_role(shared: Shared) -> str:
    """The role of the jobs that decide about claims, in PREVIEWS_ENVIRONMENT. Raises InvalidNameError."""
    return _checked(_ROLE, f"{shared.project}-previews")


def preview_seed(shared: Shared) -> str:
    """The database that seeded previews are copied from, and the role that owns it. Raises InvalidNameError."""
    return _checked(_POSTGRESQL, f"{shared.project}-preview-seed".replace("-", "_"))


def seed_of(environment: Environment, shared: Shared) -> str | None:
    """The seed that a seeded preview's database is copied from; None for any other environment."""
    is_seeded = environment.slot is not None and shared.previews is not None and shared.previews.seeded
    return preview_seed(shared) if is_seeded else None


def admission_namespace(shared: Shared) -> str:
    """The namespace of the admission policies' parameters. Raises InvalidNameError."""
    return _checked(_KUBERNETES, f"{shared.project}-admission")


def load_balancer_group(environment: Environment, shared: Shared) -> str:
    """The IngressGroup of the environment's load balancer: the shared one, or its own, which nobody else may use.

    Raises InvalidNameError if its own would be the shared one or a neighbour's.
    """
    if environment.alb == "shared":
        return shared.load_balancer_group
    own = Names.of(environment, shared).instance
    if own == shared.load_balancer_group:
        raise InvalidNameError(
            f'{own!r} is the group of the shared load balancer, but {environment.name} has alb="own"; '
            "allowed: another environment's name"
        )
    for neighbour in environment.neighbours:
        if neighbour.load_balancer_group == own:
            raise InvalidNameError(
                f"{own!r} is the group of the neighbour {neighbour.name}, whose ingresses would join the load balancer "
                f'that {environment.name} has for itself (alb="own"); allowed: alb="shared", or another '
                f"load_balancer_group of {neighbour.name}, there and in its own delivery"
            )
    return own


def _image_suffix(image: Image) -> str:
    """The part of a Job's name that comes from its image, so that each image is migrated once.

    A digest is cut to 12 digits after its algorithm, as registries display it; a tag loses characters that are not
    allowed in a name.
    """
    if image.digest:
        return image.digest.removeprefix("sha256:")[:12]
    return re.sub(r"[^a-z0-9]+", "-", (image.tag or "").lower()).strip("-")[:40].strip("-")
