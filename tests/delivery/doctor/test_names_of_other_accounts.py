"""Bucket names are global: a name taken by another account is not reported as a missing permission."""

import boto3
import pytest

from delivery.account.target import Target
from delivery.doctor.examination import Examination
from delivery.doctor.facts import facts, read
from delivery.doctor.finding import Mark
from tests.account import SHARED
from tests.cloud import environment_variables
from tests.delivery.command_line import KEYS
from tests.delivery.doctor.patient import NAMES, STAGING


@pytest.fixture
def target(empty_account: str, monkeypatch: pytest.MonkeyPatch) -> Target:
    """Staging in an account, while another account has a bucket with staging's name."""
    monkeypatch.setenv("MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS", "false")
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": empty_account}.items():
        monkeypatch.setenv(name, value)
    session = boto3.Session(region_name=SHARED.region)
    with environment_variables({"MOTO_ACCOUNT_ID": "111122223333"}):
        session.client("s3").create_bucket(Bucket=NAMES.media_bucket)
    return Target(environment=STAGING, shared=SHARED, names=NAMES, local=True, session=session)


def test_a_bucket_of_another_account_is_an_obstacle(target: Target) -> None:
    examination = Examination(target, quick=True)
    name = f"bucket {NAMES.media_bucket}"
    (row,) = read(examination, [fact for fact in facts(examination) if fact.name == name])
    assert (row.finding.mark, row.finding.found) == (
        Mark.IN_THE_WAY,
        "another account owns the bucket of this name",
    )
    assert "another name in environments/staging.py" in row.finding.remedy
