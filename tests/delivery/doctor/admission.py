"""The admission policies of the account that doctor examines, as bootstrap leaves them."""

import time
from typing import Any

from lightkube import Client
from lightkube.codecs import from_dict
from lightkube.core.exceptions import ApiError
from lightkube.generic_resource import create_global_resource
from lightkube.resources.core_v1 import ConfigMap, Namespace

from environments.schema.settings import Environment, Shared
from modules.model.admission.parameters import admission_parameters
from modules.model.admission.policy import API_VERSION, BINDING, POLICY
from modules.model.admission.table import Admission
from modules.model.names import Names, admission_namespace
from tests.account import SHARED

_GROUP, _VERSION = API_VERSION.split("/")
Policy = create_global_resource(_GROUP, _VERSION, POLICY, "validatingadmissionpolicies")
Binding = create_global_resource(_GROUP, _VERSION, BINDING, "validatingadmissionpolicybindings")
PLACE = admission_namespace(SHARED)
_MANAGER = "doctor-test"


class AdmissionOfPatient:
    """Creates missing or outdated policies, and deletes them all at the end.

    If the account already has the policies because it was bootstrapped, they are deleted too: doctor's tests need
    their own cluster.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._made: dict[tuple[str, str], dict[str, Any]] = {}

    def bootstrap(self, environment: Environment, shared: Shared) -> None:
        """Make all policies for these settings; unchanged ones are kept."""
        admission = Admission.of([environment], shared)
        names = Names.of(environment, shared)
        parameters = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": names.namespace, "namespace": PLACE},
            "data": admission_parameters(environment, shared),
        }
        for manifest in (
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": PLACE}},
            parameters,
            *(policy.manifest(name, {}) for name, policy in admission.policies.items()),
            *(binding.manifest({}) for binding in admission.bindings),
        ):
            identity = manifest["kind"], manifest["metadata"]["name"]
            if self._made.get(identity) != manifest:
                made: Any = from_dict(manifest)
                self._client.apply(made, field_manager=_MANAGER, force=True)
                self._made[identity] = manifest

    def forget(self, kind: str, name: str) -> None:
        """Force the next bootstrap to make it again."""
        del self._made[kind, name]

    def end(self) -> None:
        """Delete everything that was made, bindings first."""
        kinds: dict[str, Any] = {BINDING: Binding, POLICY: Policy, "ConfigMap": ConfigMap, "Namespace": Namespace}
        client: Any = self._client
        for kind, resource in kinds.items():
            for made, name in self._made:
                if made == kind:
                    place = {"namespace": PLACE} if kind == "ConfigMap" else {}
                    try:
                        client.delete(resource, name, **place)
                    except ApiError as error:
                        if error.status.code != 404:
                            raise
        while any(item.metadata and item.metadata.name == PLACE for item in client.list(Namespace)):
            time.sleep(0.2)
