"""Staging: runs what is merged to develop, one pod per application, on the account's shared infrastructure."""

from environments.schema.connection import Connection
from environments.schema.database import Database
from environments.schema.neighbour import Neighbour
from environments.schema.settings import Backups, Environment, Image, Quota, Session, Workload

ENVIRONMENT = Environment(
    name="staging",
    stage="staging",
    branch="develop",
    # A CloudFormation stack created these; the database is new.
    adopt=("media", "backups", "session-key", "core-api-role", "namespace"),
    # Permissions of CloudFormation's role that core-api does not use; mail from any sender; trust for previews' pods.
    dropped_permissions=(
        *("s3:Abort*", "s3:DeleteObject*", "s3:GetBucket*", "s3:GetObject*", "s3:List*", "s3:PutObjectLegalHold"),
        *("s3:PutObjectRetention", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"),
        *("secretsmanager:GetSecretValue", "ses:SendEmail", "ses:SendRawEmail"),
        "trust:system:serviceaccount:preview-pr-*:core-api",
    ),
    capabilities=(
        *("ses", "bedrock", "bedrock-guardrail", "marketplace", "sns", "sqs"),
        *("neptune", "litellm", "metrics"),
    ),
    parameters={
        "ses_from_email": "noreply@mosaiclife.me",
        "guardrail_id": "a1kbuwc508sp",
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
            hosts=("docs-staging.mosaiclife.me",),
            load_balancer_group="mosaic-life-staging",
        ),
    ),
    # docs/images.md describes how to deploy another build.
    web=Workload(
        image=Image(tag="staging-e399d2f"),
        hosts=("stage.mosaiclife.me",),
        replicas=1,
        ingress_order=110,
    ),
    core_api=Workload(
        image=Image(tag="staging-e399d2f"),
        hosts=("stage-api.mosaiclife.me",),
        replicas=1,
        ingress_order=120,
    ),
    # core-api's migrations need these.
    database=Database(extensions=("vector", "uuid-ossp", "pg_trgm")),
    session=Session(cookie_name="mosaic_session_stage"),
    backups=Backups(expire_after=30),
    quota=Quota(
        cpu_requests="2",
        memory_requests="4Gi",
        ephemeral_storage_requests="4Gi",
        cpu_limits="8",
        memory_limits="8Gi",
        ephemeral_storage_limits="12Gi",
        pods=20,
    ),
)
