"""The local AWS allows a caller what the account's policies allow, and nothing else."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws.clients import AwsClients
from local.aws.credentials import AccessKey
from local.seed.aws_objects import create_bucket, create_secret, policy
from local.state import Cloud
from tests.account import SHARED

ACCOUNT = f"arn:aws:iam::{SHARED.account}"
BUCKET = "permissions-of-callers"
OTHER = "permissions-of-others"
TRUST = {"Effect": "Allow", "Principal": {"AWS": f"{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
_numbers = count()

Statement = Mapping[str, Any]
Role = Callable[..., AwsClients]


@pytest.fixture(scope="module")
def buckets(aws: AwsClients) -> None:
    for bucket in (BUCKET, OTHER):
        create_bucket(aws, bucket)
        aws.s3.put_object(Bucket=bucket, Key="a/1", Body=b"content")


@pytest.fixture
def role(cloud: Cloud, aws: AwsClients) -> Iterator[Role]:
    """Creates a role with these permissions, and returns clients of a session of it."""
    made: list[str] = []

    def make(
        *statements: Mapping[str, Any], session: Mapping[str, Any] | None = None, boundary: str = ""
    ) -> AwsClients:
        name = f"caller-{next(_numbers)}"
        limits = {"PermissionsBoundary": boundary} if boundary else {}
        aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(TRUST), **limits)  # type: ignore[arg-type]
        made.append(name)
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": statements})
            aws.iam.put_role_policy(RoleName=name, PolicyName="permissions", PolicyDocument=document)
        return assume(cloud, aws, name, session)

    yield make
    for name in made:
        for inline in aws.iam.list_role_policies(RoleName=name)["PolicyNames"]:
            aws.iam.delete_role_policy(RoleName=name, PolicyName=inline)
        aws.iam.delete_role(RoleName=name)


def assume(cloud: Cloud, who: AwsClients, name: str, session: Statement | None = None) -> AwsClients:
    arn = f"{ACCOUNT}:role/{name}"
    narrowed = {"Policy": policy(session)} if session else {}
    key = who.sts.assume_role(RoleArn=arn, RoleSessionName="test", **narrowed)["Credentials"]  # type: ignore[arg-type]
    return AwsClients(
        cloud.aws_endpoint, AccessKey(id=key["AccessKeyId"], secret=key["SecretAccessKey"]), token=key["SessionToken"]
    )


def allow(action: str, *resources: str, **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": list(resources), **more}


def deny(action: str, *resources: str, **more: object) -> dict[str, Any]:
    return {**allow(action, *resources, **more), "Effect": "Deny"}


def code(call: Callable[..., object], **parameters: object) -> str:
    """Return the error's code, or ``ok``."""
    try:
        call(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "ok"


def test_a_role_without_a_policy_may_only_ask_who_it_is(role: Role) -> None:
    nobody = role()
    assert code(nobody.sts.get_caller_identity) == "ok"
    assert code(nobody.s3.list_buckets) == "AccessDenied"
    assert code(nobody.iam.list_roles) == "AccessDenied"
    assert code(nobody.secretsmanager.list_secrets) == "AccessDeniedException"
    assert code(nobody.eks.describe_cluster, name=SHARED.cluster) == "AccessDeniedException"
    assert code(nobody.ec2.describe_vpcs) == "UnauthorizedOperation"


def test_each_object_is_authorized_separately(buckets: None, role: Role) -> None:
    reader = role(
        allow("s3:GetObject", f"arn:aws:s3:::{BUCKET}/a/*"), allow("s3:DeleteObject", f"arn:aws:s3:::{OTHER}")
    )
    assert code(reader.s3.get_object, Bucket=BUCKET, Key="a/1") == "ok"
    assert code(reader.s3.get_object, Bucket=BUCKET, Key="b/1") == "AccessDenied"
    assert code(reader.s3.get_object, Bucket=OTHER, Key="a/1") == "AccessDenied"
    assert code(reader.s3.head_object, Bucket=OTHER, Key="a/1") == "403"
    assert code(reader.s3.put_object, Bucket=BUCKET, Key="a/1", Body=b"") == "AccessDenied"
    refused = reader.s3.delete_objects(Bucket=OTHER, Delete={"Objects": [{"Key": "a/1"}]})
    assert [(error["Key"], error["Code"]) for error in refused["Errors"]] == [("a/1", "AccessDenied")]


def test_a_copy_needs_the_permission_to_read(buckets: None, role: Role) -> None:
    writer = role(allow("s3:*", f"arn:aws:s3:::{BUCKET}/*"))
    parameters = {"Bucket": BUCKET, "Key": "a/copy"}
    assert code(writer.s3.copy_object, **parameters, CopySource=f"{OTHER}/a/1") == "AccessDenied"
    assert code(writer.s3.copy_object, **parameters, CopySource=f"{BUCKET}/a/1") == "ok"


def test_a_list_can_be_allowed_by_prefix(buckets: None, role: Role) -> None:
    prefix = {"StringLike": {"s3:prefix": "a/*"}}
    lister = role(allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}", Condition=prefix))
    assert code(lister.s3.list_objects_v2, Bucket=BUCKET, Prefix="a/x") == "ok"
    assert code(lister.s3.list_objects_v2, Bucket=BUCKET, Prefix="b/") == "AccessDenied"
    assert code(lister.s3.list_objects_v2, Bucket=BUCKET) == "AccessDenied"


def test_a_bucket_policy_admits_a_named_role_and_its_denial_applies_to_everybody(aws: AwsClients, role: Role) -> None:
    create_bucket(aws, "permissions-of-a-policy")
    arn = "arn:aws:s3:::permissions-of-a-policy"
    guest, other = role(), role(allow("s3:*", f"{arn}/*"))
    name = guest.sts.get_caller_identity()["Arn"].split("/")[1]
    statements = [
        {**allow("s3:GetObject", f"{arn}/*"), "Principal": {"AWS": f"{ACCOUNT}:role/{name}"}},
        {**allow("s3:PutObject", f"{arn}/*"), "Principal": {"AWS": f"{ACCOUNT}:root"}},
        {**allow("s3:DeleteObject", f"{arn}/*"), "Effect": "Deny", "Principal": "*"},
    ]
    aws.s3.put_bucket_policy(
        Bucket="permissions-of-a-policy", Policy=json.dumps({"Version": "2012-10-17", "Statement": statements})
    )
    parameters = {"Bucket": "permissions-of-a-policy", "Key": "a"}
    assert code(aws.s3.put_object, **parameters, Body=b"") == "ok"
    assert code(guest.s3.get_object, **parameters) == "ok"
    # The account may decide who writes, and only the other role's own policy allows it.
    assert code(guest.s3.put_object, **parameters, Body=b"") == "AccessDenied"
    assert code(other.s3.put_object, **parameters, Body=b"") == "ok"
    assert code(other.s3.delete_object, **parameters) == "AccessDenied"


def refusal(call: Callable[..., object], **parameters: object) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return str(refused.value.response["Error"]["Message"])


def test_an_explicit_denial_overrides_a_bucket_policy_and_the_error_names_it(aws: AwsClients, role: Role) -> None:
    create_bucket(aws, "permissions-of-a-denial")
    arn = "arn:aws:s3:::permissions-of-a-denial"
    parameters: dict[str, Any] = {"Bucket": "permissions-of-a-denial", "Key": "a"}
    aws.s3.put_object(**parameters, Body=b"")
    guest, denied = role(), role(deny("s3:GetObject*", f"{arn}/*"))
    names = [who.sts.get_caller_identity()["Arn"].split("/")[1] for who in (guest, denied)]
    given = {**allow("s3:*", arn, f"{arn}/*"), "Principal": {"AWS": [f"{ACCOUNT}:role/{name}" for name in names]}}
    assert "because no identity-based policy allows the s3:GetObject action" in refusal(
        guest.s3.get_object, **parameters
    )
    aws.s3.put_bucket_policy(Bucket="permissions-of-a-denial", Policy=policy(given))
    assert code(guest.s3.get_object, **parameters) == "ok"
    assert code(denied.s3.put_object, **parameters, Body=b"") == "ok"
    assert "with an explicit deny in an identity-based policy" in refusal(denied.s3.get_object, **parameters)


def test_a_denial_for_all_except_some_secrets_does_not_affect_these(aws: AwsClients, role: Role) -> None:
    for name in ("denials/one", "denials/two"):
        create_secret(aws, name, {"value": "x"})
    one = aws.secretsmanager.describe_secret(SecretId="denials/one")["ARN"]
    but_one = {"Effect": "Deny", "Action": "secretsmanager:GetSecretValue", "NotResource": [one]}
    reader = role(allow("*", "*"), but_one)
    assert code(reader.secretsmanager.get_secret_value, SecretId="denials/one") == "ok"
    assert code(reader.secretsmanager.get_secret_value, SecretId="denials/two") == "AccessDeniedException"
    assert code(reader.secretsmanager.get_secret_value, SecretId="denials/none") == "AccessDeniedException"
    assert code(reader.secretsmanager.describe_secret, SecretId="denials/two") == "ok"


def test_a_denial_of_any_other_boundary_applies_to_a_role_without_one(aws: AwsClients, role: Role) -> None:
    limit = aws.iam.create_policy(
        PolicyName="demanded", PolicyDocument=policy({"Effect": "Allow", "Action": "s3:List*", "Resource": "*"})
    )["Policy"]["Arn"]
    other = {"StringNotEquals": {"iam:PermissionsBoundary": limit}}
    maker = role(
        allow("*", "*"), deny("iam:CreateRole", "*", Condition=other), deny("iam:PutRolePolicy", "*", Condition=other)
    )
    parameters = {"RoleName": "bound", "AssumeRolePolicyDocument": policy(TRUST)}
    written = {"RoleName": "bound", "PolicyName": "p", "PolicyDocument": policy(allow("s3:ListAllMyBuckets", "*"))}
    assert "with an explicit deny" in refusal(maker.iam.create_role, **parameters)
    assert code(maker.iam.create_role, **parameters, PermissionsBoundary=limit) == "ok"
    assert code(maker.iam.put_role_policy, **written) == "ok"
    aws.iam.delete_role_permissions_boundary(RoleName="bound")
    assert "with an explicit deny" in refusal(maker.iam.put_role_policy, **written)
    aws.iam.delete_role_policy(RoleName="bound", PolicyName="p")
    aws.iam.delete_role(RoleName="bound")


def test_each_secret_is_authorized_separately_by_name_and_by_arn(aws: AwsClients, role: Role) -> None:
    for name in ("permissions/one", "permissions/two"):
        create_secret(aws, name, {"value": "x"})
    one, two = (
        aws.secretsmanager.describe_secret(SecretId=name)["ARN"] for name in ("permissions/one", "permissions/two")
    )
    reader = role(allow("secretsmanager:GetSecretValue", one))
    for identifier, expected in {"permissions/one": "ok", one: "ok"}.items():
        assert code(reader.secretsmanager.get_secret_value, SecretId=identifier) == expected
    for identifier in ("permissions/two", two, "permissions/none"):
        assert code(reader.secretsmanager.get_secret_value, SecretId=identifier) == "AccessDeniedException"
    maker = role(allow("secretsmanager:CreateSecret", f"arn:aws:secretsmanager:{SHARED.region}:*:secret:made/*"))
    assert code(maker.secretsmanager.create_secret, Name="made/one", SecretString="{}") == "ok"
    assert (
        code(maker.secretsmanager.create_secret, Name="permissions/three", SecretString="x") == "AccessDeniedException"
    )


def test_roles_the_cluster_and_the_instance_are_authorized_by_their_arns(role: Role) -> None:
    cluster = f"arn:aws:eks:{SHARED.region}:{SHARED.account}:cluster/{SHARED.cluster}"
    instance = f"arn:aws:rds:{SHARED.region}:{SHARED.account}:db:{SHARED.database_server.name}"
    looker = role(
        allow("eks:DescribeCluster", cluster),
        allow("rds:DescribeDBInstances", instance),
        allow("iam:*", f"{ACCOUNT}:role/mosaic-prod-*"),
    )
    assert code(looker.eks.describe_cluster, name=SHARED.cluster) == "ok"
    assert code(looker.eks.describe_cluster, name="another") == "AccessDeniedException"
    assert code(looker.rds.describe_db_instances, DBInstanceIdentifier=SHARED.database_server.name) == "ok"
    assert code(looker.rds.describe_db_instances) == "AccessDenied"
    assert code(looker.iam.get_role, RoleName="mosaic-prod-core-api-role") == "ok"
    assert code(looker.iam.delete_role, RoleName=f"{SHARED.cluster}-cluster") == "AccessDenied"


def test_a_vpc_attribute_is_authorized_by_the_vpcs_arn(aws: AwsClients, role: Role) -> None:
    vpc, other = (aws.ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"] for _ in range(2))
    looker = role(allow("ec2:DescribeVpcAttribute", f"arn:aws:ec2:{SHARED.region}:{SHARED.account}:vpc/{vpc}"))
    ask = partial(code, looker.ec2.describe_vpc_attribute, Attribute="enableDnsSupport")
    assert ask(VpcId=vpc) == "ok"
    assert ask(VpcId=other) == "UnauthorizedOperation"


def test_an_aurora_cluster_is_authorized_by_its_arn(role: Role) -> None:
    looker = role(allow("rds:DescribeDBClusters", f"arn:aws:rds:{SHARED.region}:{SHARED.account}:cluster/none"))
    assert code(looker.rds.describe_db_clusters, DBClusterIdentifier="none") == "AccessDenied"
    looker = role(allow("rds:DescribeDBClusters", f"arn:aws:rds:{SHARED.region}:{SHARED.account}:cluster:none"))
    assert code(looker.rds.describe_db_clusters, DBClusterIdentifier="none") == "DBClusterNotFoundFault"
    assert code(looker.rds.describe_db_clusters, DBClusterIdentifier="another") == "AccessDenied"


def test_a_boundary_limits_a_role_and_a_policy_can_require_it(aws: AwsClients, role: Role) -> None:
    limit = aws.iam.create_policy(
        PolicyName="only-lists", PolicyDocument=policy({"Effect": "Allow", "Action": "s3:List*", "Resource": "*"})
    )["Policy"]["Arn"]
    limited = role(allow("*", "*"), boundary=limit)
    assert code(limited.s3.list_buckets) == "ok"
    assert code(limited.iam.list_roles) == "AccessDenied"

    demanded = {"StringEquals": {"iam:PermissionsBoundary": limit}}
    maker = role(allow("iam:CreateRole", f"{ACCOUNT}:role/made-*", Condition=demanded))
    parameters = {"RoleName": "made-with-limits", "AssumeRolePolicyDocument": policy(TRUST)}
    assert code(maker.iam.create_role, **parameters) == "AccessDenied"
    assert code(maker.iam.create_role, **parameters, PermissionsBoundary=limit) == "ok"
    assert code(maker.iam.create_role, **parameters) == "AccessDenied"
    aws.iam.delete_role(RoleName="made-with-limits")


def test_a_sessions_own_policy_limits_it(role: Role) -> None:
    limited = role(allow("*", "*"), session={"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"})
    assert code(limited.s3.list_buckets) == "ok"
    assert code(limited.iam.list_roles) == "AccessDenied"


def test_only_a_trusted_caller_assumes_a_role(cloud: Cloud, aws: AwsClients, role: Role) -> None:
    closed = {"Effect": "Allow", "Principal": {"AWS": f"{ACCOUNT}:role/nobody"}, "Action": "sts:AssumeRole"}
    aws.iam.create_role(RoleName="closed", AssumeRolePolicyDocument=policy(closed))
    aws.iam.create_role(RoleName="left-to-the-account", AssumeRolePolicyDocument=policy(TRUST))
    with pytest.raises(ClientError, match="sts:AssumeRole"):
        assume(cloud, aws, "closed")
    with pytest.raises(ClientError, match="sts:AssumeRole"):
        assume(cloud, role(), "left-to-the-account")
    with pytest.raises(ClientError, match="sts:AssumeRole"):
        assume(cloud, aws, "that-does-not-exist")
    assume(cloud, role(allow("sts:AssumeRole", f"{ACCOUNT}:role/left-to-the-account")), "left-to-the-account")
    for name in ("closed", "left-to-the-account"):
        aws.iam.delete_role(RoleName=name)


def test_the_error_names_a_condition_that_the_local_aws_does_not_know(role: Role) -> None:
    unusual = role(allow("s3:ListAllMyBuckets", "*", Condition={"StringEquals": {"aws:UserAgent": "x"}}))
    with pytest.raises(ClientError, match="aws:UserAgent is not known here"):
        unusual.s3.list_buckets()
