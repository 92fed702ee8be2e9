"""Assumes a delivery role as a workflow does: with a token that identifies the workflow, and no key."""

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from local.aws.github_tokens import workflow_token
from local.state import Cloud
from tests.account import SHARED

# How the subjects of this repository's GitHub tokens begin, in the last form that its settings trust.
REPOSITORY = SHARED.github.subjects(SHARED.repository, "")[-1].removesuffix(":")


def take_on(cloud: Cloud, role: str, subject: str) -> dict[str, str]:
    """Return the variables for a command to act as this role. Raises ClientError if the role rejects the subject."""
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
