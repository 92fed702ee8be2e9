"""The account that doctor examines: the session's local cloud, bootstrapped, without staging."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from local.aws.clients import AwsClients
from local.clients.environment import variables
from local.kubernetes.client import connect
from local.state import Cloud
from modules.model.names import Names, bootstrap_state_bucket
from tests.account import SETTINGS, SHARED
from tests.cloud import environment_variables
from tests.delivery.database_logins import making, new_passwords, store
from tests.delivery.doctor.admission import AdmissionOfPatient
from tests.delivery.doctor.patient import Patient

_DENY_ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})


@pytest.fixture(scope="module")
def patient(cloud: Cloud) -> Iterator[Patient]:
    """Staging's account as bootstrap leaves it; everything new is deleted at the end."""
    aws, names = cloud.aws(), Names.of(SETTINGS.find("staging"), SHARED)
    buckets = {bootstrap_state_bucket(SHARED), names.state_bucket} - {
        bucket["Name"] for bucket in aws.s3.list_buckets()["Buckets"]
    }
    for bucket in buckets:
        aws.s3.create_bucket(Bucket=bucket)
    boundary = f"arn:aws:iam::{SHARED.account}:policy/{names.permissions_boundary}"
    is_new = False
    with suppress(aws.iam.exceptions.EntityAlreadyExistsException):
        aws.iam.create_policy(PolicyName=names.permissions_boundary, PolicyDocument=_DENY_ALL)
        is_new = True
    roles = [role for role in (names.plan_role, names.deploy_role) if _create_role(aws, role)]
    kubernetes = connect(cloud.kubeconfig)
    admission = AdmissionOfPatient(kubernetes)
    patient = Patient(cloud=cloud, aws=aws, kubernetes=kubernetes, admission=admission)
    with environment_variables(variables(cloud)), _logins(patient, names):
        yield patient
    admission.end()
    for role in roles:
        aws.iam.delete_role(RoleName=role)
    if is_new:
        aws.iam.delete_policy(PolicyArn=boundary)
    for bucket in buckets:
        aws.s3.delete_bucket(Bucket=bucket)


@contextmanager
def _logins(patient: Patient, names: Names) -> Iterator[None]:
    """The logins to the database server; those of an earlier bootstrap are kept."""
    known = {secret["Name"] for secret in patient.aws.secretsmanager.list_secrets()["SecretList"]}
    paths = {names.deploy_login, names.plan_login}
    if paths <= known:
        yield
        return
    passwords = new_passwords(names)
    patient.sql(*making(names, passwords))
    store(patient.aws.secretsmanager, names, passwords)
    yield
    for path in paths:
        patient.forget_secret(path)
    for role in (names.database_deployer, names.database_planner):
        patient.sql(f"DROP ROLE {role}_1", f"REVOKE ALL ON DATABASE postgres FROM {role}", f"DROP ROLE {role}")


def _create_role(aws: AwsClients, name: str) -> bool:
    try:
        aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=_DENY_ALL)
    except aws.iam.exceptions.EntityAlreadyExistsException:
        return False
    return True
