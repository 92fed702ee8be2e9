"""Only an administrator may delete what isolates a protected environment from others."""

from modules.model.admission.policy import HELP, IS_ADMINISTRATOR, Policy, Rule

DELETIONS = Policy(
    id="deletions",
    says="the namespace, quota, limits and network policies of a protected environment stay",
    rules=[
        Rule(group="", resources=["namespaces"], operations=["DELETE"], scope="Cluster"),
        Rule(group="", resources=["limitranges", "resourcequotas"], operations=["DELETE"]),
        Rule(group="networking.k8s.io", resources=["networkpolicies"], operations=["DELETE"]),
    ],
    variables={
        "asked": "request.resource.resource + '/' + oldObject.metadata.name",
        # After an administrator deletes the namespace, its controller deletes what is in it.
        "ends": "request.resource.resource != 'namespaces' && has(namespaceObject.metadata.deletionTimestamp)",
    },
    validation=(f"!(variables.asked in params.data.kept.split('\\n')) || variables.ends\n|| {IS_ADMINISTRATOR}"),
    message=(
        "'deletion of ' + variables.asked + '; allowed in a protected environment: by an administrator of the cluster. "
        f"{HELP}'"
    ),
)
