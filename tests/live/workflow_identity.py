"""Takes on a delivery role as a workflow does: by a token that says who it is, with no key."""

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from local.aws.github_tokens import workflow_token
from local.state import Cloud
from tests.account import SHARED

# What GitHub's tokens of this repository begin with, in the last of the forms that its settings trust.
REPOSITORY = SHARED.github.subjects(SHARED.repository, "")[-1].removesuffix(":")


def take_on(cloud: Cloud, role: str, subject: str) -> dict[str, str]:
    """The variables by which a command acts as this role. Raises ClientError where it does not trust the subject."""
    sts = boto3.client(
        "sts",
        region_name=SHARED.region,
        endpoint_url=cloud.aws_endpoint,
        config=Config(signature_version=UNSIGNED),
    )
    key = sts.assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{SHARED.account}:role/{role}",
        RoleSessionName="workflow",
        WebIdentityToken=workflow_token(cloud.state, subject),
    )["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_SESSION_TOKEN": key["SessionToken"],
    }
