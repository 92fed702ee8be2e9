"""The local STS accepts a workflow only by the subject form that a role's trust names."""

import json
from collections.abc import Iterator

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from environments.schema.github import GitHub
from local.aws.clients import AwsClients
from local.aws.github_tokens import AUDIENCE, ISSUER, workflow_token
from local.state import Cloud
from tests.account import SHARED

HOST = ISSUER.removeprefix("https://")
CONTEXT = "environment:staging"
FORMS = {
    form: GitHub.model_validate({"owner_id": 188463562, "repository_id": 1029384756, "subject": form})
    for form in ("names", "immutable", "both")
}
(OLD,), (NEW,) = (FORMS[form].subjects(SHARED.repository, CONTEXT) for form in ("names", "immutable"))
STRANGERS = (
    NEW.replace("@188463562", "@188463563"),
    NEW.replace("@1029384756", "@1029384757"),
    NEW.replace("mosaic-stories@", "somebody@"),
    NEW.replace("@1029384756", ""),
    NEW.replace("staging", "prod"),
)


@pytest.fixture(scope="module", autouse=True)
def roles(aws: AwsClients) -> Iterator[None]:
    """A role for each form, and GitHub's provider if no deploy has created it."""
    arn = f"arn:aws:iam::{SHARED.account}:oidc-provider/{HOST}"
    known = {it["Arn"] for it in aws.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]}
    if arn not in known:
        aws.iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=[AUDIENCE])
    for form, settings in FORMS.items():
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": arn},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {
                    f"{HOST}:aud": AUDIENCE,
                    f"{HOST}:sub": settings.subjects(SHARED.repository, CONTEXT),
                }
            },
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        aws.iam.create_role(RoleName=f"workflow-{form}", AssumeRolePolicyDocument=document)
    yield
    for form in FORMS:
        aws.iam.delete_role(RoleName=f"workflow-{form}")
    if arn not in known:
        aws.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)


def admitted(cloud: Cloud, form: str, subject: str) -> bool:
    sts = boto3.client(
        "sts",
        region_name=SHARED.region,
        endpoint_url=cloud.aws_endpoint,
        config=Config(signature_version=UNSIGNED),
    )
    try:
        sts.assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{SHARED.account}:role/workflow-{form}",
            RoleSessionName="workflow",
            WebIdentityToken=workflow_token(cloud.state, subject),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True


@pytest.mark.parametrize(("form", "trusted"), [("names", [OLD]), ("immutable", [NEW]), ("both", [OLD, NEW])])
def test_a_workflow_is_admitted_by_the_trusted_forms(
    cloud: Cloud,
    form: str,
    trusted: list[str],
) -> None:
    assert [subject for subject in (OLD, NEW) if admitted(cloud, form, subject)] == trusted


@pytest.mark.parametrize("subject", STRANGERS)
def test_another_owner_repository_or_context_is_refused(cloud: Cloud, subject: str) -> None:
    assert not any(admitted(cloud, form, subject) for form in FORMS)
