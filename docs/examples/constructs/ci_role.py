"""A role with which a workflow on the default branch may plan an environment."""

import json

from constructs import Construct

from modules.aws.ci_role import CiRole
from modules.aws.github_oidc_provider import GitHubOidcProvider
from modules.model.selected_settings import SHARED


def example(scope: Construct) -> CiRole:
    github = GitHubOidcProvider(scope, "github", repository=SHARED.repository, settings=SHARED.github)
    return CiRole(
        scope,
        "plan",
        name="mosaic-demo-plan",
        trust=github.trust(["ref:refs/heads/main"]),
        permissions=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::mosaic-demo-media"}
                ],
            }
        ),
        cluster=SHARED.cluster,
        namespace="mosaic-demo",
        access_policy="AmazonEKSViewPolicy",
        group="mosaic-plan",
    )
