"""What the API server refuses in the environments' namespaces, with the figures of each environment."""

from collections.abc import Sequence

from cdktf_cdktf_provider_kubernetes.config_map_v1 import ConfigMapV1, ConfigMapV1Metadata
from cdktf_cdktf_provider_kubernetes.manifest import Manifest, ManifestFieldManager
from cdktf_cdktf_provider_kubernetes.namespace_v1 import NamespaceV1, NamespaceV1Metadata
from constructs import Construct

from environments.schema.settings import Environment, Shared
from modules.base.terraform import depend_on
from modules.model.admission.parameters import admission_parameters
from modules.model.admission.table import Admission
from modules.model.names import Names, admission_namespace
from modules.model.tags import account_labels, labels


class AdmissionPolicies(Construct):
    """ValidatingAdmissionPolicies with their bindings, and a ConfigMap of parameters for each environment.

    A binding without its parameters admits nothing, so bindings are created last and deleted first.

    Args:
        environments: settings of every environment.
        shared: settings of the account.

    """

    def __init__(self, scope: Construct, id_: str, *, environments: Sequence[Environment], shared: Shared) -> None:
        super().__init__(scope, id_)
        of_account = account_labels(shared)
        admission = Admission.of(environments, shared)
        of_environment = {environment.name: labels(environment, shared) for environment in environments}
        policies = Construct(self, "policy")
        for name, policy in admission.policies.items():
            self._manifest(policies, policy.id, policy.manifest(name, of_account))
        namespace = NamespaceV1(
            self, "namespace", metadata=NamespaceV1Metadata(name=admission_namespace(shared), labels=of_account)
        )
        reference = f"${{kubernetes_namespace_v1.{namespace.friendly_unique_id}.metadata[0].name}}"
        parameters = Construct(self, "parameters")
        for environment in environments:
            ConfigMapV1(
                parameters,
                environment.name,
                metadata=ConfigMapV1Metadata(
                    name=Names.of(environment, shared).namespace,
                    namespace=reference,
                    labels=of_environment[environment.name],
                ),
                data=admission_parameters(environment, shared),
            )
        bindings = Construct(self, "binding")
        for binding in admission.bindings:
            own = of_environment.get(binding.environment or "", of_account)
            self._manifest(bindings, binding.name, binding.manifest(own))
        depend_on(bindings, policies, parameters)

    def _manifest(self, scope: Construct, id_: str, manifest: dict[str, object]) -> None:
        Manifest(scope, id_, manifest=manifest, field_manager=ManifestFieldManager(force_conflicts=True))
