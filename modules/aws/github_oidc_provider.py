"""GitHub's OIDC provider: by its tokens a workflow becomes a role, with no key that anybody keeps."""

import json
from collections.abc import Sequence

from cdktf import Postcondition, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.data_aws_iam_openid_connect_provider import DataAwsIamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from constructs import Construct

from environments.schema.github import GitHub
from modules.base.terraform import forget

_ISSUER = "token.actions.githubusercontent.com"
_AUDIENCE = "sts.amazonaws.com"


class GitHubOidcProvider(Construct):
    """GitHub's OIDC provider of the account, created here or owned by somebody else.

    Workflows exchange its tokens for a role's session, so no AWS key is stored at GitHub. If ownership moves from this
    stack to somebody else, the provider is removed from the state and not destroyed, because other roles may trust it.

    Source: https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws

    Args:
        repository: `OWNER/NAME`; only workflows of this repository are trusted.
        settings: form of the token's subject, and who owns the provider.

    """

    def __init__(self, scope: Construct, id_: str, *, repository: str, settings: GitHub) -> None:
        super().__init__(scope, id_)
        self._repository = repository
        self._settings = settings
        self._arn = self._existing() if settings.identity_provider == "existing" else self._created()

    def _created(self) -> str:
        # No thumbprint: AWS checks GitHub's certificate against its own authorities.
        url = f"https://{_ISSUER}"
        return IamOpenidConnectProvider(self, "resource", url=url, client_id_list=[_AUDIENCE]).arn

    def _existing(self) -> str:
        provider = DataAwsIamOpenidConnectProvider(
            self,
            "resource",
            url=f"https://{_ISSUER}",
            lifecycle=TerraformResourceLifecycle(
                postcondition=[
                    Postcondition(
                        condition=f'${{contains(self.client_id_list, "{_AUDIENCE}")}}',
                        error_message=(
                            f"GitHub's OIDC provider of this account does not admit the audience {_AUDIENCE}, which "
                            "aws-actions/configure-aws-credentials asks for; its owner has to add it."
                        ),
                    )
                ]
            ),
        )
        forget(self, [f"aws_iam_openid_connect_provider.{provider.friendly_unique_id}"])
        return provider.arn

    def trust(self, contexts: Sequence[str]) -> str:
        """A role's trust policy for workflows of this repository in exactly these contexts.

        Args:
            contexts: what follows the repository in a token's subject, such as `environment:prod`.

        """
        subjects = [subject for context in contexts for subject in self._settings.subjects(self._repository, context)]
        statement = {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": self._arn},
            "Condition": {"StringEquals": {f"{_ISSUER}:aud": _AUDIENCE, f"{_ISSUER}:sub": subjects}},
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
