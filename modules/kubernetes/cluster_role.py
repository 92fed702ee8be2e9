"""What the members of a group may do outside namespaces."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf_cdktf_provider_kubernetes.cluster_role_binding_v1 import (
    ClusterRoleBindingV1,
    ClusterRoleBindingV1Metadata,
    ClusterRoleBindingV1RoleRef,
    ClusterRoleBindingV1Subject,
)
from cdktf_cdktf_provider_kubernetes.cluster_role_v1 import (
    ClusterRoleV1,
    ClusterRoleV1Metadata,
    ClusterRoleV1Rule,
)
from constructs import Construct

_RBAC = "rbac.authorization.k8s.io"


@dataclass(frozen=True, kw_only=True)
class PolicyRule:
    """Verbs on the resources of one API group.

    Attributes:
        api_group: name of the API group; the core group is the empty string.
        resources: plural names of the resources.
        verbs: Kubernetes verbs, such as `get`.

    """

    api_group: str
    resources: Sequence[str]
    verbs: Sequence[str]


class ClusterRole(Construct):
    """A cluster role that is bound to the group of the same name.

    Args:
        name: name of the role, the binding and the group.
        rules: what members of the group may do in every namespace.

    Attributes:
        group: name of the group.

    """

    def __init__(self, scope: Construct, id_: str, *, name: str, rules: Sequence[PolicyRule]) -> None:
        super().__init__(scope, id_)
        role = ClusterRoleV1(
            self,
            "resource",
            metadata=ClusterRoleV1Metadata(name=name),
            rule=[
                ClusterRoleV1Rule(api_groups=[rule.api_group], resources=list(rule.resources), verbs=list(rule.verbs))
                for rule in rules
            ],
        )
        ClusterRoleBindingV1(
            self,
            "members",
            metadata=ClusterRoleBindingV1Metadata(name=name),
            role_ref=ClusterRoleBindingV1RoleRef(api_group=_RBAC, kind="ClusterRole", name=role.metadata.name),
            subject=[ClusterRoleBindingV1Subject(api_group=_RBAC, kind="Group", name=name)],
        )
        self.group = name
