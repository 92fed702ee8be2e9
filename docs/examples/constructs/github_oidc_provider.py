"""The provider that the account's own infrastructure repository created."""

from constructs import Construct

from environments.schema.github import GitHub
from modules.aws.github_oidc_provider import GitHubOidcProvider


def example(scope: Construct) -> GitHubOidcProvider:
    return GitHubOidcProvider(
        scope,
        "github",
        repository="mosaic-stories/platform",
        settings=GitHub(identity_provider="existing"),
    )
