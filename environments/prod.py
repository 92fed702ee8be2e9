"""Production: runs what is merged to main. It existed before this project and is adopted (docs/production.md)."""

from environments.schema.connection import Connection
from environments.schema.database import Database
from environments.schema.neighbour import Neighbour
from environments.schema.settings import Autoscaling, Backups, Environment, Image, Quota, Session, Workload

ENVIRONMENT = Environment(
    name="prod",
    stage="production",
    branch="main",
    protected=True,
    adopt=(
        *("media", "backups", "session-key", "internal-api-token"),
        *("database", "database-role", "core-api-role", "namespace"),
    ),
    # Permissions of CloudFormation's role that core-api does not use; mail from any sender; trust for previews' pods.
    dropped_permissions=(
        *("s3:Abort*", "s3:DeleteObject*", "s3:GetBucket*", "s3:GetObject*", "s3:List*", "s3:PutObjectLegalHold"),
        *("s3:PutObjectRetention", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"),
        *("secretsmanager:GetSecretValue", "ses:SendEmail", "ses:SendRawEmail"),
        "trust:system:serviceaccount:preview-*:core-api",
    ),
    capabilities=(
        *("ses", "bedrock", "bedrock-guardrail", "marketplace", "sns", "sqs"),
        *("neptune", "litellm", "metrics"),
    ),
    parameters={
        "ses_from_email": "noreply@mosaiclife.me",
        "guardrail_id": "o1m8awhi99vh",
        "guardrail_version": "1",
        # Only the account knows it: aws neptune describe-db-clusters --query 'DBClusters[].DbClusterResourceId'
        "neptune_cluster": "cluster-UNKNOWN",
    },
    # Other teams deploy these into the same namespace (docs/neighbours.md).
    neighbours=(
        Neighbour(
            name="prerender",
            labels={"app.kubernetes.io/name": "prerender"},
            connections=(Connection(direction="in", peer="own namespace", port=3000),),
            # Chrome's sandbox needs root and SYS_ADMIN.
            pod_security="privileged",
            images=("tvanro/prerender-alpine",),
        ),
        Neighbour(
            name="docs",
            labels={"app.kubernetes.io/name": "docs"},
            connections=(Connection(direction="in", peer="load balancer", port=8080),),
            pod_security="baseline",
            hosts=("docs-prod.mosaiclife.me",),
            load_balancer_group="mosaic-life-main",
        ),
    ),
    # docs/images.md describes how to deploy another build.
    web=Workload(
        image=Image(tag="prod-80d2e05"),
        hosts=("mosaiclife.me", "frontend.mosaiclife.me"),
        replicas=2,
        autoscaling=Autoscaling(minimum=2, maximum=10),
        minimum_available=1,
        ingress_order=10,
    ),
    core_api=Workload(
        image=Image(tag="prod-80d2e05"),
        hosts=("api.mosaiclife.me", "backend.mosaiclife.me"),
        replicas=3,
        autoscaling=Autoscaling(minimum=3, maximum=20),
        minimum_available=2,
        ingress_order=20,
    ),
    # Until its adoption, the application logged in as the server's administrator (docs/production.md).
    database=Database(
        name="mosaic",
        credentials_path="mosaic/prod/core-api/database",
        # core-api's migrations need these.
        extensions=("vector", "uuid-ossp", "pg_trgm"),
    ),
    session=Session(cookie_name="mosaic_session"),
    backups=Backups(expire_after=365),
    quota=Quota(
        cpu_requests="12",
        memory_requests="24Gi",
        ephemeral_storage_requests="12Gi",
        cpu_limits="40",
        memory_limits="48Gi",
        ephemeral_storage_limits="48Gi",
        pods=60,
    ),
)
