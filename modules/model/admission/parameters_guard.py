"""Only an administrator may change the policies' parameters."""

from modules.model.admission.policy import IS_ADMINISTRATOR, Policy, Rule

PARAMETERS_GUARD = Policy(
    id="parameters",
    says="the parameters of the admission policies are changed by an administrator of the cluster",
    rules=[
        Rule(group="", resources=["configmaps"], operations=["CREATE", "UPDATE", "DELETE"]),
        Rule(group="", resources=["namespaces"], operations=["DELETE"], scope="Cluster"),
    ],
    has_parameters=False,
    # Kubernetes itself puts it into every namespace.
    only={"of-ours": "!(request.resource.resource == 'configmaps' && request.?name.orValue('') == 'kube-root-ca.crt')"},
    validation=(
        "(request.resource.resource == 'configmaps' && has(namespaceObject.metadata.deletionTimestamp))\n"
        f"|| {IS_ADMINISTRATOR}"
    ),
    message=(
        "request.operation + ' of ' + request.resource.resource + ' ' + request.?name.orValue('')\n"
        "+ ' in the namespace of the admission policies; allowed: by an administrator of the cluster. '\n"
        "+ 'See docs/bootstrap.md'"
    ),
)
