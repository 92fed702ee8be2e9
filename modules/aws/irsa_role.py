"""An IAM role for one Kubernetes service account (IRSA)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policies_exclusive import IamRolePoliciesExclusive
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.iam_role_policy_attachments_exclusive import IamRolePolicyAttachmentsExclusive
from constructs import Construct

from modules.aws.shared_infrastructure import SharedInfrastructure
from modules.base.terraform import import_existing


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Actions that are allowed on exact resources.

    Attributes:
        actions: IAM actions, each by its full name.
        resources: ARNs; a trailing `/*` stands for all objects below one ARN.

    Raises:
        ValueError: an action or a resource contains any other wildcard.

    """

    actions: Sequence[str]
    resources: Sequence[str]

    def __post_init__(self) -> None:
        for action in self.actions:
            if "*" in action:
                raise ValueError(f"action {action!r} holds a wildcard; allowed: each action by its name")
        for resource in self.resources:
            if "*" in resource.removesuffix("/*"):
                raise ValueError(
                    f"resource {resource!r} holds a wildcard; allowed: an exact ARN, or all objects below one"
                )

    @property
    def statement(self) -> dict[str, object]:
        """The grant as a statement of an IAM policy."""
        return {"Effect": "Allow", "Action": list(self.actions), "Resource": list(self.resources)}


class IrsaRole(Construct):
    """An IAM role that only one service account of one namespace can assume (IRSA).

    The role starts without permissions; `grant` adds them. The next apply removes every policy that somebody attached
    by hand.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html

    Args:
        name: physical name of the role.
        namespace: namespace of the service account.
        service_account: name of the service account. Only its tokens for the audience sts.amazonaws.com are accepted.
        permissions_boundary: ARN of the managed policy that limits every grant.
        shared: the cluster whose OIDC provider signs the tokens.
        adopt: import the existing role of this name.

    Attributes:
        arn: ARN of the role.

    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        namespace: str,
        service_account: str,
        permissions_boundary: str,
        shared: SharedInfrastructure,
        adopt: bool,
    ) -> None:
        super().__init__(scope, id_)
        issuer = shared.oidc_issuer
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Principal": {"Federated": shared.oidc_provider_arn},
                    "Condition": {
                        "StringEquals": {
                            f"{issuer}:sub": f"system:serviceaccount:{namespace}:{service_account}",
                            f"{issuer}:aud": "sts.amazonaws.com",
                        }
                    },
                }
            ],
        }
        role = IamRole(
            self,
            "resource",
            name=name,
            assume_role_policy=json.dumps(trust),
            permissions_boundary=permissions_boundary,
        )
        if adopt:
            import_existing(role, name)
        self._name = role.name  # once: each dot is a request to the jsii kernel
        self._policies: list[str] = []
        self._exclusive = IamRolePoliciesExclusive(self, "policies", role_name=self._name, policy_names=[])
        IamRolePolicyAttachmentsExclusive(self, "attachments", role_name=self._name, policy_arns=[])
        self.arn = role.arn

    def grant(self, name: str, *grants: Grant) -> None:
        """Allow actions on exact resources.

        Args:
            name: name of the inline policy.
            grants: what the policy allows.

        """
        self.allow(name, [grant.statement for grant in grants])

    def allow(self, name: str, statements: Sequence[Mapping[str, object]]) -> None:
        """Allow statements of the applications' contract, which may contain wildcards.

        Args:
            name: name of the inline policy.
            statements: IAM statements.

        """
        policy = IamRolePolicy(
            self,
            name,
            name=name,
            role=self._name,
            policy=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
        )
        self._policies.append(policy.name)
        self._exclusive.policy_names = self._policies
