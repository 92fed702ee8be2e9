"""The two applications: everything about them that is the same in every environment.

Paths, ports, probe timings, variables, secrets and permissions are the application's own; an environment chooses only
how much of it runs (``settings.Workload``) and which of CAPABILITIES it has. To add something, add a line here.
``environments/schema/contract.py`` explains the terms and lists the fields that a text in braces may name.

The facts are from the application's own repository (mosaic-stories/mosaic-life at 80d2e05): variables and startup
requirements from services/core-api/app/config/settings.py, Secrets and keys from infra/helm/mosaic-life, permissions
from infra/cdk/lib, the paths that nginx writes from apps/web/Dockerfile.
"""

from collections.abc import Mapping

from environments.schema.connection import Connection
from environments.schema.contract import (
    Application,
    ApplicationSecret,
    Capability,
    FromSecret,
    HealthCheck,
    OAuthCallback,
    Permission,
    Probe,
    ScalingBehavior,
)
from environments.schema.settings import Resources

WEB = Application(
    name="web",
    component="frontend",
    repository="mosaic-life/web",
    service_port=80,
    resources=Resources(
        cpu_request="200m",
        memory_request="256Mi",
        ephemeral_storage_request="64Mi",
        cpu_limit="500m",
        memory_limit="512Mi",
        ephemeral_storage_limit="512Mi",
    ),
    liveness=Probe(path="/", period=20, initial_delay=15),
    readiness=Probe(path="/", period=10, initial_delay=5),
    health_check=HealthCheck(path="/", interval=30, timeout=5),
    # What nginx writes: temporary files, its cache, its process id, and at startup its configuration, generated from a
    # template. If it cannot write the configuration, it listens on no port.
    writable_paths=("/tmp", "/var/cache/nginx", "/var/run", "/etc/nginx/conf.d"),  # noqa: S108 mount points
    variables={"PRERENDER_HOST": "prerender-{environment}.{namespace}.svc.cluster.local:3000"},
)

CORE_API = Application(
    name="core-api",
    component="backend",
    repository="mosaic-life/core-api",
    service_port=8080,
    resources=Resources(
        cpu_request="250m",
        memory_request="512Mi",
        ephemeral_storage_request="256Mi",
        cpu_limit="1000m",
        memory_limit="1Gi",
        ephemeral_storage_limit="1Gi",
    ),
    liveness=Probe(path="/healthz", period=10, initial_delay=30, timeout=5),
    readiness=Probe(path="/readyz", period=5, initial_delay=10, timeout=3),
    health_check=HealthCheck(path="/healthz", interval=15, timeout=5, protocol_version="HTTP1"),
    writable_paths=("/tmp",),  # noqa: S108 a mount point, not a file that we open
    variables={
        "PORT": "{container_port}",
        # The stage twice: the application reads ENV, its chart and tools read ENVIRONMENT.
        "ENVIRONMENT": "{stage}",
        "ENV": "{stage}",
        "LOG_LEVEL": "{log_level}",
        "AWS_REGION": "{region}",
        "APP_URL": "https://{web_host}",
        "API_URL": "https://{api_host}",
        "AUTH_PROVIDER": "google",
        "GOOGLE_CLIENT_ID": FromSecret(secret="google-oauth", key="client-id"),
        "GOOGLE_CLIENT_SECRET": FromSecret(secret="google-oauth", key="client-secret"),
        "SESSION_SECRET_KEY": FromSecret(secret="session-secret", key="secret-key"),
        "SESSION_COOKIE_DOMAIN": "{cookie_domain}",
        # Always set: its default is the same everywhere, and environments share the domain.
        "SESSION_COOKIE_NAME": "{cookie_name}",
        "STORAGE_BACKEND": "s3",
        "S3_MEDIA_BUCKET": "{media_bucket}",
        "S3_BACKUP_BUCKET": "{backups_bucket}",
        "DB_URL": FromSecret(secret="database-credentials", key="DB_URL"),
        "INTERNAL_API_TOKEN": FromSecret(secret="internal-api-token", key="token"),
    },
    # Settings._require_real_secrets_outside_dev raises a RuntimeError when the application is imported.
    required=("SESSION_SECRET_KEY", "INTERNAL_API_TOKEN"),
    scaling=ScalingBehavior(
        scale_down_window=300,
        scale_down_percent=50,
        scale_down_period=60,
        scale_up_percent=100,
        scale_up_pods=4,
        scale_up_period=15,
    ),
    migration_command=("alembic", "upgrade", "head"),
)

APPLICATIONS = (CORE_API, WEB)

# By the settings' field of each application.
APPLICATION_OF_FIELD: Mapping[str, Application] = {"web": WEB, "core_api": CORE_API}


def _escaped(field: str) -> str:
    # urlquery escapes for a query, where a space may be a plus; in a URL's user part it must be %20.
    return f'{{{{ .{field} | urlquery | replace "+" "%20" }}}}'


SECRETS = (
    ApplicationSecret(
        name="database-credentials",
        path="{database_credentials}",
        properties={field: field for field in ("host", "port", "username", "password", "dbname")},
        templates={
            "DB_URL": f"postgresql+psycopg://{_escaped('username')}:{_escaped('password')}"
            "@{{ .host }}:{{ .port }}/{{ .dbname }}?sslmode=require"
        },
        chart_value="database",
        origin="database",
        id="database-credentials",
        version="database.credentials_version",
    ),
    ApplicationSecret(
        name="session-secret",
        path="{project}/{environment}/session/secret-key",
        properties={"secret-key": "secret-key"},
        chart_value="session",
        origin="random",
        id="session-key",
        version="session.key_version",
    ),
    ApplicationSecret(
        name="google-oauth",
        path="{google_oauth_secret}",
        properties={"client-id": "client-id", "client-secret": "client-secret"},
        chart_value="googleOAuth",
    ),
    # It gives access to the API's internal endpoints, such as the one that cleans up.
    ApplicationSecret(
        name="internal-api-token",
        path="{project}/{environment}/internal-api/token",
        properties={"token": "token"},
        chart_value="internalApi",
        origin="random",
        id="internal-api-token",
        version="internal_api.token_version",
    ),
)

OAUTH_CALLBACKS = (
    OAuthCallback(
        uri="https://{api_host}/api/auth/google/callback", sender="core-api, which makes it of API_URL (auth/router.py)"
    ),
    OAuthCallback(uri="https://{host}/auth/callback", sender="nobody today: the design of 2025-11-30 names it"),
)

_GRAPH = "arn:aws:neptune-db:{region}:{account}:{neptune_cluster}/*"
_MODEL_REGIONS = ("us-east-1", "us-east-2", "us-west-2")

CAPABILITIES = (
    Capability(
        name="ses",
        parameters=("ses_from_email",),
        permissions=(
            Permission(
                actions=("ses:SendEmail", "ses:SendRawEmail"),
                resources=("*",),
                conditions={"StringEquals": {"ses:FromAddress": "{ses_from_email}"}},
            ),
            Permission(
                actions=("ses:GetSendQuota", "ses:GetSendStatistics", "ses:ListVerifiedEmailAddresses"),
                # None of these can be limited to a resource.
                resources=("*",),
            ),
        ),
        variables={"SES_FROM_EMAIL": "{ses_from_email}", "SES_REGION": "{region}"},
    ),
    Capability(
        name="bedrock",
        permissions=(
            Permission(
                actions=("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"),
                # A model of the us. profiles answers from any of these regions.
                resources=tuple(
                    arn
                    for region in _MODEL_REGIONS
                    for arn in (
                        f"arn:aws:bedrock:{region}::foundation-model/anthropic.*",
                        f"arn:aws:bedrock:{region}::foundation-model/amazon.titan-embed-text-v2:0",
                        f"arn:aws:bedrock:{region}:{{account}}:inference-profile/us.anthropic.*",
                    )
                ),
            ),
        ),
    ),
    Capability(
        name="bedrock-guardrail",
        parameters=("guardrail_id", "guardrail_version"),
        permissions=(
            Permission(
                actions=("bedrock:ApplyGuardrail",),
                resources=("arn:aws:bedrock:{region}:{account}:guardrail/{guardrail_id}",),
            ),
        ),
        variables={"BEDROCK_GUARDRAIL_ID": "{guardrail_id}", "BEDROCK_GUARDRAIL_VERSION": "{guardrail_version}"},
    ),
    # Newer models require an agreement before their first use; the role that uses them accepts it.
    Capability(
        name="marketplace",
        permissions=(
            Permission(
                actions=(
                    "aws-marketplace:ViewSubscriptions",
                    "aws-marketplace:Subscribe",
                    "aws-marketplace:Unsubscribe",
                ),
                resources=("*",),
            ),
        ),
    ),
    Capability(
        name="sns",
        permissions=(
            Permission(
                actions=("sns:Publish",),
                resources=("arn:aws:sns:{region}:{account}:{project}-{environment}-domain-events",),
            ),
        ),
    ),
    Capability(
        name="sqs",
        permissions=(
            Permission(
                actions=(
                    "sqs:ChangeMessageVisibility",
                    "sqs:DeleteMessage",
                    "sqs:GetQueueAttributes",
                    "sqs:GetQueueUrl",
                    "sqs:ReceiveMessage",
                ),
                resources=("arn:aws:sqs:{region}:{account}:{project}-{environment}-events",),
            ),
        ),
    ),
    # neptune_cluster: the cluster's resource id (cluster-...). Environments share the cluster; env_prefix separates
    # them.
    Capability(
        name="neptune",
        parameters=("neptune_cluster",),
        permissions=(
            Permission(actions=("neptune-db:connect",), resources=(_GRAPH,)),
            Permission(
                actions=(
                    "neptune-db:DeleteDataViaQuery",
                    "neptune-db:GetQueryStatus",
                    "neptune-db:ReadDataViaQuery",
                    "neptune-db:WriteDataViaQuery",
                ),
                resources=(_GRAPH,),
                conditions={"StringEquals": {"neptune-db:QueryLanguage": "OpenCypher"}},
            ),
        ),
        variables={
            f"NEPTUNE_{field.upper()}": FromSecret(secret="neptune-connection", key=field)
            for field in ("host", "port", "region", "iam_auth", "env_prefix")
        },
        secrets=(
            ApplicationSecret(
                name="neptune-connection",
                path="{project}/{environment}/neptune/connection",
                properties={field: field for field in ("host", "port", "region", "iam_auth", "env_prefix")},
                chart_value="neptune",
            ),
        ),
        connections=(Connection(direction="out", peer="vpc", port=8182),),
    ),
    Capability(
        name="litellm",
        variables={"LITELLM_BASE_URL": "http://litellm.aiservices.svc.cluster.local:4000"},
        connections=(Connection(direction="out", peer="namespace", namespace="aiservices", port=4000),),
    ),
    Capability(
        name="litellm-key",
        variables={"LITELLM_API_KEY": FromSecret(secret="litellm-api-key", key="LITELLM_API_KEY")},
        secrets=(
            ApplicationSecret(
                name="litellm-api-key",
                path="{project}/{environment}/litellm/api-key",
                properties={"LITELLM_API_KEY": "api_key"},
                chart_value="litellm",
            ),
        ),
    ),
    Capability(
        name="metrics",
        connections=(Connection(direction="in", peer="namespace", namespace="observability", port=8080),),
    ),
)
