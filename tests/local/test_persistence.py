"""The local cloud's content outlives its processes, however they end; what was deleted stays deleted."""

import json
import secrets

import pytest
from lightkube import Client
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap

from local import commands as local_cloud
from local.aws.clients import AwsClients
from local.kubernetes.client import connect
from local.postgresql.installation import find_installation
from local.postgresql.server import Postgres
from local.runtime.errors import LocalCloudError
from local.runtime.ports import AWS
from local.seed.aws_objects import policy, read_secret
from local.state import Cloud
from tests.account import SHARED
from tests.cloud import kill

BUCKET = "mosaic-persistence-test"
TRUST = policy({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})


def test_everything_survives_down_and_up(cloud: Cloud, aws: AwsClients, kubernetes: Client) -> None:
    aws.s3.create_bucket(Bucket=BUCKET)
    aws.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    contents = [b"first", b"second" * 100_000]
    versions = [aws.s3.put_object(Bucket=BUCKET, Key="a/b", Body=content)["VersionId"] for content in contents]
    aws.secretsmanager.create_secret(Name="persistence/test", SecretString='{"key": "value"}')
    aws.iam.create_role(RoleName="persistence-test", AssumeRolePolicyDocument=TRUST)
    kubernetes.create(ConfigMap(metadata=ObjectMeta(name="persistence-test", namespace="default"), data={"a": "b"}))
    account = describe(aws)

    local_cloud.down()
    assert {part.condition for part in local_cloud.status()} == {"stopped"}
    again = local_cloud.up()

    assert again.ports == cloud.ports
    aws = again.aws()
    for version, content in zip(versions, contents, strict=True):
        assert aws.s3.get_object(Bucket=BUCKET, Key="a/b", VersionId=version)["Body"].read() == content
    assert read_secret(aws, "persistence/test") == {"key": "value"}
    assert aws.iam.get_role(RoleName="persistence-test")
    kept = connect(again.kubeconfig).get(ConfigMap, "persistence-test", namespace="default")
    assert kept.data == {"a": "b"}
    assert describe(aws) == account


def describe(aws: AwsClients) -> list[object]:
    """Return AWS's description of the shared parts, without the answers' own metadata."""
    (instance,) = aws.rds.describe_db_instances()["DBInstances"]
    return [
        aws.eks.describe_cluster(name=SHARED.cluster)["cluster"],
        aws.elbv2.describe_load_balancers()["LoadBalancers"],
        aws.acm.list_certificates()["CertificateSummaryList"],
        instance["MasterUserSecret"],
        aws.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"],
        [key["AccessKeyId"] for key in aws.iam.list_access_keys(UserName="administrator")["AccessKeyMetadata"]],
    ]


def test_killed_servers_lose_no_confirmed_data(cloud: Cloud, aws: AwsClients) -> None:
    postgres = Postgres(
        state=cloud.state,
        port=cloud.database_port,
        installation=find_installation(cloud.state),
        certificates=cloud.certificates,
    )
    with postgres.connect_as_superuser() as connection:
        connection.execute("CREATE TABLE kept (id int)")
        connection.execute("INSERT INTO kept VALUES (7)")
    aws.secretsmanager.create_secret(Name="killed/test", SecretString="{}")
    for name in (AWS, "postgresql", "etcd"):
        kill(cloud.processes, name)

    local_cloud.up(lambda _line: None)

    assert read_secret(cloud.aws(), "killed/test") == {}
    with postgres.connect_as_superuser() as connection:
        assert connection.execute("SELECT id FROM kept").fetchall() == [(7,)]
    assert {part.condition for part in local_cloud.status()} == {"ready"}


def test_up_does_not_reseed_what_was_changed_or_deleted(cloud: Cloud, aws: AwsClients) -> None:
    bucket, key = f"mosaic-prod-media-{SHARED.account}", "avatars/7.png"
    assert key in keys(aws, bucket)
    aws.s3.delete_object(Bucket=bucket, Key=key)
    aws.iam.update_assume_role_policy(RoleName="mosaic-prod-core-api-role", PolicyDocument=TRUST)
    local_cloud.up(lambda _line: None)
    assert key not in keys(cloud.aws(), bucket)
    role = cloud.aws().iam.get_role(RoleName="mosaic-prod-core-api-role")["Role"]
    assert role["AssumeRolePolicyDocument"] == json.loads(TRUST)


def keys(aws: AwsClients, bucket: str) -> set[str]:
    return {found["Key"] for found in aws.s3.list_objects_v2(Bucket=bucket)["Contents"]}


def test_a_rotated_password_of_the_administrator_is_in_use_after_up(cloud: Cloud, aws: AwsClients) -> None:
    (instance,) = aws.rds.describe_db_instances()["DBInstances"]
    arn = instance["MasterUserSecret"]["SecretArn"]
    # As long as a real one: later tests on this cloud search what they read for every secret of the account.
    password = secrets.token_urlsafe(24)
    aws.secretsmanager.put_secret_value(
        SecretId=arn, SecretString=json.dumps({"username": "mosaicadmin", "password": password})
    )
    local_cloud.up(lambda _line: None)
    read_again = cloud.password_file.read_text().count(password)
    assert read_again == 1


def test_a_damaged_snapshot_is_named(cloud: Cloud) -> None:
    snapshot = cloud.state / "aws" / "backends.pickle"
    intact = snapshot.read_bytes()
    kill(cloud.processes, AWS)
    snapshot.write_bytes(intact[: len(intact) // 2])
    try:
        with pytest.raises(LocalCloudError, match=r"aws .* died(.|\n)*backends\.pickle is damaged(.|\n)*run `reset`"):
            local_cloud.up(lambda _line: None)
    finally:
        snapshot.write_bytes(intact)
        local_cloud.up(lambda _line: None)
