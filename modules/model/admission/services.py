"""A Service is only an address inside the cluster."""

from modules.model.admission.policy import Policy, Rule, judging

# external-dns also creates DNS names for Services with its annotations.
_DNS = "external-dns.alpha.kubernetes.io/"

SERVICES = Policy(
    id="services",
    says="a service is of type ClusterIP, without external addresses and public names",
    rules=[Rule(group="", resources=["services"])],
    has_parameters=False,
    **judging(
        [
            """(it.spec.?type.orValue('ClusterIP') == 'ClusterIP' ? [] :
  ['service of type ' + it.spec.type + '; allowed: ClusterIP'])""",
            """it.spec.?externalIPs.orValue([]).map(address, 'external IP ' + address + '; allowed: none')""",
            """(it.spec.?externalName.orValue('') == '' ? [] :
  ['external name ' + it.spec.externalName + '; allowed: none'])""",
            f"""it.metadata.?annotations.orValue({{}}).map(key, key).filter(key, key.startsWith('{_DNS}'))
  .map(key, 'annotation ' + key + '; allowed: none of external-dns on a service')""",
        ]
    ),
)
