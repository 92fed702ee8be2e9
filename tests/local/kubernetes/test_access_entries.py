"""What an EKS access entry gives an IAM role in the cluster: a name, and the permissions of an access policy."""

from collections.abc import Callable, Iterator

import boto3
import pytest

from delivery.account.cluster import token
from local.aws.access_policies import ADMIN_VIEW, CLUSTER_ADMIN, VIEW
from local.aws.clients import AwsClients
from local.seed.aws_objects import policy
from local.state import Cloud
from tests.account import SHARED
from tests.local.kubernetes.test_eks_token import ask, who

ROLE = "reader"
ARN = f"arn:aws:iam::{SHARED.account}:role/{ROLE}"
TRUST = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SHARED.account}:root"}, "Action": "sts:AssumeRole"}
POD, ITSELF = "/api/v1/namespaces/default/pods", "/api/v1/namespaces/default"
SECRETS = "/api/v1/namespaces/default/secrets"
CUSTOM = "/apis/external-secrets.io/v1/namespaces/default/externalsecrets"
OUTSIDE = ("/api/v1/namespaces/kube-system/pods", "/api/v1/namespaces/kube-system", "/api/v1/pods", "/api/v1/nodes")

Bearer = Callable[[], str]


@pytest.fixture
def bearer(cloud: Cloud, aws: AwsClients, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bearer]:
    """Returns a token of a new session of the role."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.aws_endpoint)
    aws.iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=policy(TRUST))

    def of_a_session() -> str:
        key = aws.sts.assume_role(RoleArn=ARN, RoleSessionName="run@1")["Credentials"]
        session = boto3.Session(
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            aws_session_token=key["SessionToken"],
            region_name=SHARED.region,
        )
        return token(session, SHARED.cluster)

    yield of_a_session
    aws.iam.delete_role(RoleName=ROLE)


@pytest.fixture
def entry(aws: AwsClients, bearer: Bearer) -> Iterator[None]:
    aws.eks.create_access_entry(clusterName=SHARED.cluster, principalArn=ARN)
    yield
    aws.eks.delete_access_entry(clusterName=SHARED.cluster, principalArn=ARN)


def associate(aws: AwsClients, access_policy: str) -> None:
    aws.eks.associate_access_policy(
        clusterName=SHARED.cluster,
        principalArn=ARN,
        policyArn=access_policy,
        accessScope={"type": "namespace", "namespaces": ["default"]},
    )


def test_a_role_without_an_access_entry_is_not_admitted(cloud: Cloud, bearer: Bearer) -> None:
    assert who(cloud, bearer())[0] == 401


def test_a_role_has_the_name_of_its_session(cloud: Cloud, aws: AwsClients, bearer: Bearer, entry: None) -> None:
    """The name that EKS gives: https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html."""
    described = aws.eks.describe_access_entry(clusterName=SHARED.cluster, principalArn=ARN)["accessEntry"]
    session = f"arn:aws:sts::{SHARED.account}:assumed-role/{ROLE}"
    assert described["username"] == session + "/{{SessionName}}"
    status, review = who(cloud, bearer())
    assert status == 201
    assert review["status"]["userInfo"]["username"] == f"{session}/run-1"
    assert review["status"]["userInfo"]["extra"]["canonicalArn"] == [ARN]


def test_an_access_entry_alone_grants_nothing(cloud: Cloud, bearer: Bearer, entry: None) -> None:
    held = bearer()
    assert {path: ask(cloud, held, path)[0] for path in (POD, ITSELF, SECRETS, *OUTSIDE)} == dict.fromkeys(
        (POD, ITSELF, SECRETS, *OUTSIDE), 403
    )


@pytest.mark.parametrize(
    ("access_policy", "allowed", "creates"),
    [
        (VIEW, {POD, ITSELF}, 403),
        (ADMIN_VIEW, {POD, ITSELF, SECRETS, CUSTOM}, 403),
        (CLUSTER_ADMIN, {POD, ITSELF, SECRETS, CUSTOM}, 201),
    ],
)
def test_an_access_policy_allows_its_kinds_in_its_namespace(
    cloud: Cloud, aws: AwsClients, bearer: Bearer, *, entry: None, access_policy: str, allowed: set[str], creates: int
) -> None:
    associate(aws, access_policy)
    held = bearer()
    answers = {path: ask(cloud, held, path)[0] for path in (POD, ITSELF, SECRETS, CUSTOM, *OUTSIDE)}
    assert {path for path, status in answers.items() if status == 200} == allowed
    assert {status for path, status in answers.items() if path not in allowed} == {403}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "made-by-a-role"}}
    assert ask(cloud, held, "/api/v1/namespaces/default/configmaps?dryRun=All", body)[0] == creates
