"""A role with which a workflow on the default branch may read one object."""

import json

from constructs import Construct

from modules.aws.github_oidc_provider import GitHubOidcProvider
from modules.aws.workflow_role import WorkflowRole
from modules.model.selected_settings import SHARED


def example(scope: Construct) -> WorkflowRole:
    github = GitHubOidcProvider(scope, "github", repository=SHARED.repository, settings=SHARED.github)
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::mosaic-demo/claims.json"}
    return WorkflowRole(
        scope,
        "claims",
        name="mosaic-demo-claims",
        trust=github.trust(["ref:refs/heads/main"]),
        permissions=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
