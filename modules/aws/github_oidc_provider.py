"""GitHub's OIDC provider: by its tokens a workflow becomes a role, with no key that anybody keeps."""

import json
from collections.abc import Sequence

from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from constructs import Construct

_ISSUER = "token.actions.githubusercontent.com"
_AUDIENCE = "sts.amazonaws.com"


class GitHubOidcProvider(Construct):
    """The provider, one for the account.

    repository: OWNER/NAME; only its workflows are ever trusted.
    Source: https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
    """

    def __init__(self, scope: Construct, id_: str, *, repository: str) -> None:
        super().__init__(scope, id_)
        self._repository = repository
        # No thumbprint: AWS checks GitHub's certificate against its own authorities.
        provider = IamOpenidConnectProvider(self, "resource", url=f"https://{_ISSUER}", client_id_list=[_AUDIENCE])
        self._arn = provider.arn

    def trust(self, contexts: Sequence[str]) -> str:
        """A role's trust policy: workflows of this repository in exactly these contexts.

        contexts: what follows the repository in a token's subject, such as ``pull_request`` or ``environment:prod``.
        """
        subjects = [f"repo:{self._repository}:{context}" for context in contexts]
        statement = {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": self._arn},
            "Condition": {"StringEquals": {f"{_ISSUER}:aud": _AUDIENCE, f"{_ISSUER}:sub": subjects}},
        }
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
