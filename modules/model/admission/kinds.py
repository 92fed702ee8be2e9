"""A deploy role creates the kinds in our stacks, in its environment's own namespace, and nothing else."""

from collections.abc import Mapping

from modules.model.admission.policy import Policy, Rule

KINDS = "kinds"
# What the environments' stacks create in the cluster, as RESOURCE or GROUP/RESOURCE; tests/synth/test_admission.py
# compares the two. An Argo CD Application is not included: it is in Argo CD's namespace, where our roles may do
# nothing.
MADE = (
    "limitranges",
    "namespaces",
    "resourcequotas",
    "serviceaccounts",
    "services",
    "apps/deployments",
    "autoscaling/horizontalpodautoscalers",
    "batch/jobs",
    "external-secrets.io/externalsecrets",
    "external-secrets.io/secretstores",
    "networking.k8s.io/ingresses",
    "networking.k8s.io/networkpolicies",
    "policy/poddisruptionbudgets",
)
# A count can change without its Deployment, and everyone may ask about their own permissions; nothing of that persists.
_HARMLESS = (
    "apps/deployments/scale",
    "authentication.k8s.io/selfsubjectreviews",
    "authorization.k8s.io/selfsubjectaccessreviews",
    "authorization.k8s.io/selfsubjectrulesreviews",
)


def kinds(namespaces: Mapping[str, str]) -> Policy:
    """Return the policy. namespaces: each environment's, by the group of its deploy role.

    It applies everywhere, because the role may create namespaces. It reads no parameters: a policy that applies
    everywhere and misses them would refuse every write in the cluster.
    """
    owners = ", ".join(f"'{group}': '{name}'" for group, name in namespaces.items())
    groups = ", ".join(f"'{group}'" for group in namespaces)
    allowed = ", ".join(f"'{kind}'" for kind in (*MADE, *_HARMLESS))
    return Policy(
        id=KINDS,
        says="a deploy role creates only the kinds in its stack, in its own namespace",
        rules=[Rule(group="*", resources=["*/*"], operations=["CREATE", "UPDATE", "CONNECT"], scope="*")],
        has_parameters=False,
        only={
            "deploy-role": (
                f"has(request.userInfo.groups) && request.userInfo.groups.exists(group, group in [{groups}])"
            )
        },
        variables={
            "namespaces": (
                f"[{{{owners}}}].map(owners, request.userInfo.groups.filter(group, group in owners)"
                ".map(group, owners[group]))[0]"
            ),
            "kind": (
                "(request.resource.group == '' ? '' : request.resource.group + '/') + request.resource.resource\n"
                "+ (request.?subResource.orValue('') == '' ? '' : '/' + request.subResource)"
            ),
            "place": (
                "request.resource.resource == 'namespaces' ? object.metadata.name : request.?namespace.orValue('')"
            ),
            "allowed": f"[{allowed}]",
        },
        validation=(
            "variables.kind in variables.allowed\n&& (variables.place == '' || variables.place in variables.namespaces)"
        ),
        message=(
            "request.operation + ' of ' + variables.kind + (variables.place == '' ? '' : ' in ' + variables.place)\n"
            "+ '; allowed for a deploy role: in ' + variables.namespaces.join(', ') + ' '\n"
            "+ variables.allowed.join(', ') + '. See docs/bootstrap.md'"
        ),
    )
