"""EKS's access policies allow what EKS documents."""

import pytest

from local.aws.access_policies import ADMIN_VIEW, CLUSTER_ADMIN, KNOWN, VIEW

SECRETS, DEPLOYMENTS, CUSTOM = ("", "secrets"), ("apps", "deployments"), ("external-secrets.io", "externalsecrets")


@pytest.mark.parametrize(
    ("policy", "verb", "kind", "allowed"),
    [
        *((CLUSTER_ADMIN, verb, kind, True) for verb in ("get", "delete") for kind in (SECRETS, DEPLOYMENTS, CUSTOM)),
        *((ADMIN_VIEW, "list", kind, True) for kind in (SECRETS, DEPLOYMENTS, CUSTOM)),
        *((ADMIN_VIEW, "patch", kind, False) for kind in (SECRETS, DEPLOYMENTS, CUSTOM)),
        *((VIEW, verb, DEPLOYMENTS, True) for verb in ("get", "list", "watch")),
        *((VIEW, verb, DEPLOYMENTS, False) for verb in ("create", "patch", "delete")),
        *((VIEW, "get", kind, False) for kind in (SECRETS, CUSTOM)),
        (VIEW, "get", ("", "namespaces"), True),
        (VIEW, "get", ("", "pods/log"), True),
        (VIEW, "get", ("", "pods/exec"), False),
        (VIEW, "get", ("", "deployments"), False),
        (VIEW, "get", ("rbac.authorization.k8s.io", "roles"), False),
    ],
)
def test_a_policy_allows_what_eks_documents(policy: str, verb: str, kind: tuple[str, str], *, allowed: bool) -> None:
    group, resource = kind
    assert KNOWN[policy].allows(verb=verb, group=group, resource=resource) is allowed
