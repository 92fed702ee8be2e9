"""Each fact that a caller may not read is reported as unknown; the others are still checked."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from delivery.doctor.finding import Mark
from tests.account import SHARED
from tests.delivery.doctor.patient import Patient

_USER = "doctor-test"
_REFUSED = ("acm:ListCertificates", "rds:DescribeDBInstances", "ecr:DescribeImages", "s3:GetObject")


@pytest.fixture
def session(patient: Patient) -> Iterator[boto3.Session]:
    """A caller who may read all but a few things in the account, and nothing in the cluster."""
    iam = patient.aws.iam
    statements = [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": list(_REFUSED), "Resource": "*"},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.create_user(UserName=_USER)
    iam.put_user_policy(UserName=_USER, PolicyName=_USER, PolicyDocument=document)
    key = iam.create_access_key(UserName=_USER)["AccessKey"]
    yield boto3.Session(
        aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"], region_name=SHARED.region
    )
    iam.delete_access_key(UserName=_USER, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=_USER, PolicyName=_USER)
    iam.delete_user(UserName=_USER)


def test_a_missing_permission_is_reported_in_its_own_row(patient: Patient, session: boto3.Session) -> None:
    found = patient.examine(session=session)
    said = {name: finding.found for name, finding in found.items() if finding.mark is Mark.NOT_SEEN}
    assert said["certificate"] == "AccessDenied for acm:ListCertificates"
    assert said["database server"] == "AccessDenied for rds:DescribeDBInstances"
    assert said["image of web"] == "AccessDenied for ecr:DescribeImages"
    seen = {name for name, finding in found.items() if finding.mark is Mark.OK}
    assert {"cluster", "VPC", "load balancer", "cluster identity provider"} <= seen


@pytest.mark.parametrize(("has_entry", "said"), [(False, "it does not know the caller"), (True, "it may not")])
def test_a_caller_without_cluster_permissions_is_told(
    patient: Patient, session: boto3.Session, *, has_entry: bool, said: str
) -> None:
    entry: Any = {
        "clusterName": SHARED.cluster,
        "principalArn": f"arn:aws:iam::{SHARED.account}:user/{_USER}",
    }
    if has_entry:
        patient.aws.eks.create_access_entry(**entry)
    found = patient.examine(session=session)
    if has_entry:
        patient.aws.eks.delete_access_entry(**entry)
    assert found["API server"].found == said
    assert "create-access-entry" in found["API server"].remedy
    assert found["ingress class"].mark is Mark.NOT_SEEN
    assert {name for name, finding in found.items() if finding.mark is Mark.IN_THE_WAY} == {"API server"}


def test_no_secret_value_is_printed(patient: Patient) -> None:
    found = patient.examine()
    oauth = json.loads(patient.aws.secretsmanager.get_secret_value(SecretId=SHARED.google_oauth_secret)["SecretString"])
    printed = "\n".join(f"{finding.found} {finding.remedy}" for finding in found.values())
    assert [name for name, value in oauth.items() if value in printed] == []
