"""Which existing AWS objects this environment may import."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from delivery.account.target import Target
from delivery.recovery import aws_objects
from delivery.recovery.error import RecoveryError
from delivery.recovery.search import Search
from delivery.recovery.stack import Stack
from modules.model.selected_settings import SETTINGS, SHARED

OURS = {"Project": "MosaicLife", "Environment": "staging"}
THEIRS = OURS | {"Environment": "prod"}


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> Iterator[Search]:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", SHARED.account)
    monkeypatch.setattr("moto.core.models.DEFAULT_ACCOUNT_ID", SHARED.account)
    with mock_aws():
        stack = Stack(
            folder=Path("staging"), content={"resource": {"aws_s3_bucket": {"media": {"bucket": "made-up-media"}}}}
        )
        target = Target.of(SETTINGS.find("staging"), SHARED, {})
        yield Search(target=target, stack=stack)


def tags(of: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in of.items()]


def test_a_missing_object_is_not_found(search: Search) -> None:
    assert aws_objects.bucket(search, {"bucket": "made-up-media"}) is None
    assert aws_objects.lifecycle(search, {"bucket": "${aws_s3_bucket.media.id}"}) is None
    assert aws_objects.secret(search, {"name": "made/up"}) is None
    assert aws_objects.role(search, {"name": "made-up"}) is None


def test_our_bucket_may_have_no_tags_yet(search: Search) -> None:
    s3 = search.target.s3
    s3.create_bucket(Bucket="made-up-media")
    found = aws_objects.bucket(search, {"bucket": "made-up-media"})
    assert found is not None
    assert found.id == "made-up-media"
    s3.put_bucket_tagging(Bucket="made-up-media", Tagging={"TagSet": tags(THEIRS)})  # type: ignore[typeddict-item]
    with pytest.raises(RecoveryError, match="is not staging's: tag Environment is 'prod', not 'staging'"):
        aws_objects.bucket(search, {"bucket": "made-up-media"})


def test_a_secret_is_recognized_by_its_tags(search: Search) -> None:
    client = search.target.secrets_manager
    arn = client.create_secret(Name="made/up", Tags=tags(OURS))["ARN"]  # type: ignore[arg-type]
    found = aws_objects.secret(search, {"name": "made/up"})
    assert found is not None
    assert found.id == arn
    client.delete_secret(SecretId="made/up", RecoveryWindowInDays=7)
    assert aws_objects.secret(search, {"name": "made/up"}) == found
    client.create_secret(Name="made/by-hand")
    with pytest.raises(RecoveryError, match="tag Project is None, not 'MosaicLife', tag Environment is None"):
        aws_objects.secret(search, {"name": "made/by-hand"})


def test_a_role_is_recognized_by_its_tags(search: Search) -> None:
    search.target.iam.create_role(RoleName="made-up", AssumeRolePolicyDocument="{}", Tags=tags(THEIRS))  # type: ignore[arg-type]
    with pytest.raises(RecoveryError, match="role made-up exists and is not staging's"):
        aws_objects.role(search, {"name": "made-up"})
