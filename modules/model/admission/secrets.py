"""Limits what External Secrets Operator copies into a namespace, and the AWS roles of pods and stores."""

from environments.schema.settings import Shared
from modules.model.admission.policy import Policy, Rule, judging

_GROUP = "external-secrets.io"
_ROLE = "eks.amazonaws.com/role-arn"
_STORE = "(it.spec.?secretStoreRef.?kind.orValue('SecretStore') + '/' + it.spec.?secretStoreRef.?name.orValue(''))"


def secrets(shared: Shared) -> Policy:
    """Return the policy. shared: the settings with the region of Secrets Manager.

    A store without authentication would read with the operator's own identity, which reads every environment's secrets.
    """
    return Policy(
        id="secrets",
        says="ExternalSecrets read the environment's own paths from its own store; service accounts have its own roles",
        rules=[
            Rule(group=_GROUP, resources=["*"]),
            Rule(group=f"generators.{_GROUP}", resources=["*"]),
            Rule(group="", resources=["serviceaccounts"]),
        ],
        **judging(
            [
                """(variables.kind in ['ExternalSecret', 'SecretStore', 'ServiceAccount'] ? [] :
  [variables.kind + '; allowed: ExternalSecret, SecretStore'])""",
                f"""(variables.kind != 'ExternalSecret' || {_STORE} in variables.stores ? [] :
  ['store ' + {_STORE} + '; allowed: ' + variables.stores.join(', ')])""",
                """(variables.kind != 'ExternalSecret' ? [] : it.spec.?data.orValue([])
  .map(entry, entry.?remoteRef.?key.orValue('')).filter(path, !(path in variables.paths))
  .map(path, 'path ' + path + '; allowed: ' + variables.paths.join(', ')))""",
                """(variables.kind != 'ExternalSecret' ? [] : it.spec.?data.orValue([])
  .filter(entry, has(entry.sourceRef)).map(entry, 'sourceRef of ' + entry.secretKey + '; allowed: none'))""",
                """(variables.kind == 'ExternalSecret' && it.spec.?dataFrom.orValue([]).size() > 0 ?
  ['dataFrom; allowed: none, each property by its name in data'] : [])""",
                f"""(variables.kind != 'SecretStore' || (it.metadata.name == params.data.storeName
    && it.spec.provider.all(name, name == 'aws')
    && it.spec.provider.aws.all(name, name in ['service', 'region', 'auth'])
    && it.spec.provider.aws.?service.orValue('') == 'SecretsManager'
    && it.spec.provider.aws.?region.orValue('') == '{shared.region}'
    && it.spec.provider.aws.?auth.orValue({{}}).map(name, name) == ['jwt']
    && it.spec.provider.aws.auth.jwt.map(name, name) == ['serviceAccountRef']
    && it.spec.provider.aws.auth.jwt.serviceAccountRef.map(name, name) == ['name']
    && it.spec.provider.aws.auth.jwt.serviceAccountRef.name == params.data.storeAccount) ? [] :
  ['SecretStore ' + it.metadata.name + '; allowed: ' + params.data.storeName
    + ' with provider aws, service SecretsManager, region {shared.region} and no authentication but '
    + 'jwt.serviceAccountRef.name ' + params.data.storeAccount])""",
                f"""(variables.kind != 'ServiceAccount' ? [] : it.metadata.?annotations.orValue({{}}).map(key, key)
  .filter(key, key == '{_ROLE}' && !(it.metadata.annotations[key] in variables.roles))
  .map(key, 'role ' + it.metadata.annotations[key] + '; allowed: ' + variables.roles.join(', ')))""",
            ],
            more={
                "kind": "request.kind.kind",
                "stores": "params.data.stores.split('\\n')",
                "paths": "params.data.paths.split('\\n')",
                "roles": "params.data.roles.split('\\n')",
            },
        ),
    )
