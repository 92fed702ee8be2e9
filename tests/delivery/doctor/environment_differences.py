"""Differences in an environment's own part of the account: bootstrap, names, secrets, Argo CD, images."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from lightkube.core.exceptions import ApiError
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, Namespace
from lightkube.types import PatchType

from delivery.doctor.finding import Mark
from environments.applications import CORE_API
from environments.schema.adoption import Part
from environments.schema.settings import Image
from local.seed.account import database_administrator
from local.seed.registry import push_image
from modules.model.admission.policy import BINDING
from modules.model.argocd_application import argocd_application
from modules.model.names import state_key
from modules.model.tags import aws_tags
from tests.account import SHARED
from tests.delivery.doctor.admission import PLACE, Binding
from tests.delivery.doctor.difference import Difference
from tests.delivery.doctor.patient import NAMES, STAGING, Patient, Settings
from tests.live.admission_bindings import without_bindings
from tests.live.waiting import wait_until

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import TagTypeDef

Application = create_namespaced_resource("argoproj.io", "v1alpha1", "Application", "applications")
_TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
_LOGIN = {
    "host": "h",
    "port": "1",
    "username": NAMES.database_role,
    "password": "made-up-value",
    "dbname": NAMES.database,
}


def staging(settings: Settings, **values: object) -> Settings:
    return settings.changed("staging", **values)


def adopting(*parts: Part) -> "partial[Settings]":
    return partial(staging, adopt=parts)


@contextmanager
def without_state_bucket(patient: Patient) -> Iterator[None]:
    s3 = patient.aws.s3
    s3.delete_bucket(Bucket=NAMES.state_bucket)
    try:
        yield
    finally:
        s3.create_bucket(Bucket=NAMES.state_bucket)


@contextmanager
def locked_state(patient: Patient) -> Iterator[None]:
    key = f"{state_key('staging')}.tflock"
    patient.aws.s3.put_object(Bucket=NAMES.state_bucket, Key=key, Body=b"{}")
    try:
        yield
    finally:
        patient.aws.s3.delete_object(Bucket=NAMES.state_bucket, Key=key)


@contextmanager
def without_binding(patient: Patient) -> Iterator[None]:
    name = f"{NAMES.namespace}-ingresses"
    patient.admission.bootstrap(STAGING, SHARED)
    patient.kubernetes.delete(Binding, name)
    try:
        yield
    finally:
        patient.admission.forget(BINDING, name)


@contextmanager
def binding_that_only_warns(patient: Patient) -> Iterator[None]:
    name = f"{NAMES.namespace}-images"
    patient.admission.bootstrap(STAGING, SHARED)
    patient.kubernetes.patch(Binding, name, {"spec": {"validationActions": ["Warn"]}}, patch_type=PatchType.MERGE)
    try:
        yield
    finally:
        # Applying again would keep both actions: each field manager of the list keeps its own.
        patient.kubernetes.delete(Binding, name)
        patient.admission.forget(BINDING, name)


@contextmanager
def parameters_of_other_settings(patient: Patient) -> Iterator[None]:
    patient.admission.bootstrap(STAGING, SHARED)
    patient.kubernetes.patch(ConfigMap, NAMES.namespace, {"data": {"places": "none"}}, namespace=PLACE)
    try:
        yield
    finally:
        patient.admission.forget("ConfigMap", NAMES.namespace)


@contextmanager
def without_boundary(patient: Patient) -> Iterator[None]:
    iam, arn = patient.aws.iam, f"arn:aws:iam::{SHARED.account}:policy/{NAMES.permissions_boundary}"
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])["PolicyVersion"]["Document"]
    iam.delete_policy(PolicyArn=arn)
    try:
        yield
    finally:
        iam.create_policy(PolicyName=NAMES.permissions_boundary, PolicyDocument=json.dumps(document))


@contextmanager
def without_plan_role(patient: Patient) -> Iterator[None]:
    iam = patient.aws.iam
    trust = iam.get_role(RoleName=NAMES.plan_role)["Role"]["AssumeRolePolicyDocument"]
    iam.delete_role(RoleName=NAMES.plan_role)
    try:
        yield
    finally:
        iam.create_role(RoleName=NAMES.plan_role, AssumeRolePolicyDocument=json.dumps(trust))


@contextmanager
def bucket(patient: Patient, name: str = NAMES.media_bucket, tags: Mapping[str, str] | None = None) -> Iterator[None]:
    s3 = patient.aws.s3
    s3.create_bucket(Bucket=name)
    if tags:
        listed: list[TagTypeDef] = [{"Key": key, "Value": value} for key, value in tags.items()]
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": listed})
    try:
        yield
    finally:
        s3.delete_bucket(Bucket=name)


@contextmanager
def role_of_a_stack(patient: Patient) -> Iterator[None]:
    tags = [{"Key": "ManagedBy", "Value": "terraform"}]
    patient.aws.iam.create_role(
        RoleName=NAMES.core_api_role,
        AssumeRolePolicyDocument=_TRUST,
        Tags=tags,  # type: ignore[arg-type]
    )
    try:
        yield
    finally:
        patient.aws.iam.delete_role(RoleName=NAMES.core_api_role)


@contextmanager
def secret(patient: Patient, path: str, content: Mapping[str, str]) -> Iterator[None]:
    patient.secret(path, json.dumps(content))
    try:
        yield
    finally:
        patient.forget_secret(path)


@contextmanager
def secret_of_a_stack(patient: Patient) -> Iterator[None]:
    """A secret with the tag that only CloudFormation can set."""
    tags = {"aws:cloudformation:stack-name": "mosaic-staging-resources"}
    patient.secret(NAMES.session_key, json.dumps({"secret-key": "made-up-value"}), **tags)
    try:
        yield
    finally:
        patient.forget_secret(NAMES.session_key)


@contextmanager
def administrators_credentials(patient: Patient) -> Iterator[None]:
    with secret(patient, NAMES.database_credentials, {**_LOGIN, **database_administrator(patient.aws, SHARED)}):
        yield


@contextmanager
def database(patient: Patient) -> Iterator[None]:
    patient.sql(f"CREATE DATABASE {NAMES.database}")
    try:
        yield
    finally:
        patient.sql(f"DROP DATABASE {NAMES.database}")


@contextmanager
def database_role(patient: Patient) -> Iterator[None]:
    # Handed over, because a missing handover has its own row.
    patient.sql(
        f"CREATE ROLE {NAMES.database_role}",
        f"GRANT {NAMES.database_role} TO {NAMES.database_deployer} WITH ADMIN TRUE, INHERIT TRUE, SET TRUE",
    )
    try:
        yield
    finally:
        patient.sql(f"DROP ROLE {NAMES.database_role}")


@contextmanager
def namespace(patient: Patient) -> Iterator[None]:
    # It predates the policies, which now require the environment's labels.
    made = Namespace(metadata=ObjectMeta(name=NAMES.namespace))
    with without_bindings(patient.kubernetes, [f"{NAMES.namespace}-namespaces"]):
        wait_until(lambda: _is_created(patient, made), "the namespace is judged")
    try:
        yield
    finally:
        patient.kubernetes.delete(Namespace, NAMES.namespace, grace_period=0)
        while any(
            item.metadata and item.metadata.name == NAMES.namespace for item in patient.kubernetes.list(Namespace)
        ):
            pass


def _is_created(patient: Patient, namespace: Namespace) -> bool:
    try:
        patient.kubernetes.create(namespace)
    except ApiError as error:
        if error.status.code != HTTPStatus.FORBIDDEN:
            raise
        return False
    return True


@contextmanager
def application(patient: Patient, *finalizers: str) -> Iterator[None]:
    wanted = argocd_application(STAGING, SHARED, NAMES)
    metadata = {"name": NAMES.instance, "namespace": SHARED.argocd.namespace, "finalizers": list(finalizers)}
    patient.kubernetes.create(Application.from_dict({**wanted, "metadata": metadata}))
    try:
        yield
    finally:
        name, namespace = NAMES.instance, SHARED.argocd.namespace
        let_go = {"metadata": {"finalizers": None}}
        patient.kubernetes.patch(Application, name, let_go, namespace=namespace, patch_type=PatchType.MERGE)
        patient.kubernetes.delete(Application, name, namespace=namespace)


@contextmanager
def other_image(patient: Patient) -> Iterator[None]:
    push_image(patient.aws.ecr, CORE_API.repository, "staging-1234567")
    try:
        yield
    finally:
        patient.aws.ecr.batch_delete_image(
            repositoryName=CORE_API.repository, imageIds=[{"imageTag": "staging-1234567"}]
        )


DIFFERENCES = (
    Difference(
        id="no state bucket",
        fact=f"state bucket {NAMES.state_bucket}",
        change=without_state_bucket,
        remedy="make bootstrap",
    ),
    Difference(
        id="a state that a run holds",
        fact="state lock",
        change=locked_state,
        remedy="make recover ENV=staging",
    ),
    Difference(
        id="a binding that is gone",
        fact="admission policies",
        mark=Mark.NOTE,
        change=without_binding,
        remedy="make bootstrap",
    ),
    Difference(
        id="a binding that only warns",
        fact="admission policies",
        mark=Mark.NOTE,
        change=binding_that_only_warns,
        remedy="make bootstrap",
    ),
    Difference(
        id="admission by other settings",
        fact="admission parameters",
        change=parameters_of_other_settings,
        remedy="make bootstrap",
    ),
    Difference(
        id="no boundary",
        fact=f"permissions boundary {NAMES.permissions_boundary}",
        change=without_boundary,
        remedy="make bootstrap",
    ),
    Difference(id="no plan role", fact=f"role {NAMES.plan_role}", change=without_plan_role, remedy="make bootstrap"),
    Difference(
        id="a bucket made by hand",
        fact=f"bucket {NAMES.media_bucket}",
        change=bucket,
        remedy='adopt=("media",) in environments/staging.py',
        cures=True,
    ),
    Difference(
        id="a bucket of an earlier run",
        fact=f"bucket {NAMES.backups_bucket}",
        change=partial(bucket, name=NAMES.backups_bucket, tags=aws_tags(STAGING, SHARED)),
        remedy="make recover ENV=staging",
    ),
    Difference(
        id="a role of somebody's Terraform",
        fact=f"role {NAMES.core_api_role}",
        change=role_of_a_stack,
        remedy='adopt=("core-api-role",) in environments/staging.py',
        cures=True,
    ),
    Difference(
        id="an adopted secret that is not there",
        fact=f"secret {NAMES.session_key}",
        settings=adopting("session-key"),
        remedy="adopt=False in environments/staging.py",
        cures=True,
    ),
    Difference(
        id="a database made by hand",
        fact=f"database {NAMES.database}",
        change=database,
        remedy='adopt=("database",) in environments/staging.py',
        cures=True,
    ),
    Difference(
        id="a database role made by hand",
        fact=f"database role {NAMES.database_role}",
        change=database_role,
        remedy='adopt=("database-role",) in environments/staging.py',
        cures=True,
    ),
    Difference(
        id="a namespace made by hand",
        fact=f"namespace {NAMES.namespace}",
        change=namespace,
        remedy='adopt=("namespace",) in environments/staging.py',
        cures=True,
    ),
    Difference(
        id="the administrator's login as credentials",
        fact="database credentials",
        settings=adopting("credentials"),
        change=administrators_credentials,
        remedy='database=Database(credentials_path="...") with a free path in environments/staging.py',
    ),
    Difference(
        id="credentials of another role",
        fact="database credentials",
        settings=adopting("credentials"),
        change=partial(secret, path=NAMES.database_credentials, content={**_LOGIN, "username": "somebody"}),
        remedy=f'database=Database(name="{NAMES.database}", role="somebody", ...) in environments/staging.py',
    ),
    Difference(
        id="no OAuth secret",
        fact="secret mosaic/doctor/nothing",
        settings=lambda settings: settings.changed("shared", google_oauth_secret="mosaic/doctor/nothing"),
        remedy=f"aws secretsmanager create-secret --region {SHARED.region} --name mosaic/doctor/nothing "
        """--secret-string '{"client-id": "...", "client-secret": "..."}'""",
    ),
    Difference(
        id="an OAuth secret without its client",
        fact="secret mosaic/doctor/oauth",
        settings=lambda settings: settings.changed("shared", google_oauth_secret="mosaic/doctor/oauth"),
        change=partial(secret, path="mosaic/doctor/oauth", content={"client-secret": "made-up-value"}),
        remedy=f"aws secretsmanager put-secret-value --region {SHARED.region} --secret-id mosaic/doctor/oauth",
    ),
    Difference(
        id="a capability's secret that nobody keeps",
        fact="secret mosaic/staging/litellm/api-key",
        settings=partial(staging, capabilities=("litellm-key",)),
        remedy="--name mosaic/staging/litellm/api-key",
    ),
    Difference(
        id="no Argo CD project",
        fact="Argo CD project",
        settings=lambda settings: settings.changed(
            "shared", argocd=SHARED.argocd.model_copy(update={"project": "nowhere"})
        ).changed("staging", delivery="argocd"),
        remedy=f'argocd=ArgoCd(project="{SHARED.argocd.project}", ...) in environments/shared.py',
    ),
    Difference(
        id="an Application that delivers already",
        fact="Argo CD delivery",
        change=lambda patient: application(patient, "resources-finalizer.argocd.argoproj.io"),
        remedy='delivery="argocd" with "argocd-application" in adopt in environments/staging.py; or make adopt '
        "ENV=staging",
    ),
    Difference(
        id="an Application that is not adopted",
        fact=f"Application {NAMES.instance}",
        settings=partial(staging, delivery="argocd"),
        change=application,
        remedy='adopt=("argocd-application",) in environments/staging.py',
        cures=True,
    ),
    Difference(
        id="an image that was never pushed",
        fact="image of core-api",
        settings=partial(staging, core_api=STAGING.core_api.model_copy(update={"image": Image(tag="staging-0000000")})),
        change=other_image,
        remedy='core_api=Workload(image=Image(tag="staging-1234567"), ...) in environments/staging.py, or push it',
    ),
    Difference(
        id="an adopted secret of a CloudFormation stack",
        fact=f"secret {NAMES.session_key}",
        mark=Mark.NOTE,
        settings=adopting("session-key"),
        change=secret_of_a_stack,
        remedy="first set DeletionPolicy: Retain in CloudFormation stack mosaic-staging-resources",
    ),
    Difference(
        id="a secret of a CloudFormation stack",
        fact=f"secret {NAMES.session_key}",
        change=secret_of_a_stack,
        remedy='adopt=("session-key",) in environments/staging.py',
    ),
)
