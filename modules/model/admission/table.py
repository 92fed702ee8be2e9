"""Every policy, and where it applies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from environments.schema.settings import Environment, Shared
from modules.model.admission.deletions import DELETIONS
from modules.model.admission.images import IMAGES
from modules.model.admission.ingresses import ingresses
from modules.model.admission.kinds import kinds
from modules.model.admission.namespaces import NAMESPACES
from modules.model.admission.parameters_guard import PARAMETERS_GUARD
from modules.model.admission.policy import Binding, Policy
from modules.model.admission.secrets import secrets
from modules.model.admission.services import SERVICES
from modules.model.names import Names, admission_namespace


@dataclass(frozen=True, kw_only=True)
class Admission:
    """All policies of an account with their bindings, and which of them apply to an environment.

    policies: by their names in the cluster.
    """

    policies: dict[str, Policy]
    bindings: tuple[Binding, ...]

    @classmethod
    def of(cls, environments: Sequence[Environment], shared: Shared) -> Self:
        """The policies for these environments. Raises InvalidNameError."""
        names = {environment.name: Names.of(environment, shared) for environment in environments}
        of_account = (kinds({own.deploy_role: own.namespace for own in names.values()}), PARAMETERS_GUARD)
        everywhere = (NAMESPACES, ingresses(shared), SERVICES, IMAGES, secrets(shared))
        of_protected = (DELETIONS,)

        def name_of(policy: Policy, owner: str) -> str:
            return f"{owner}-{policy.id}"

        def bindings() -> Iterator[Binding]:
            for environment in environments:
                own = names[environment.name]
                for policy in (*everywhere, *(of_protected if environment.protected else ())):
                    yield Binding(
                        name=name_of(policy, own.namespace),
                        policy=name_of(policy, shared.project),
                        environment=environment.name,
                        namespace=own.namespace,
                        parameters=(admission_namespace(shared), own.namespace) if policy.has_parameters else None,
                    )
            # The policy for deploy roles applies in every namespace, the guard only in that of the parameters.
            kinds_, guard = of_account
            yield Binding(name=name_of(kinds_, shared.project), policy=name_of(kinds_, shared.project))
            yield Binding(
                name=name_of(guard, shared.project),
                policy=name_of(guard, shared.project),
                namespace=admission_namespace(shared),
            )

        return cls(
            policies={name_of(policy, shared.project): policy for policy in (*everywhere, *of_protected, *of_account)},
            bindings=tuple(bindings()),
        )

    def bindings_of(self, environment: str) -> list[Binding]:
        """The bindings that apply to this environment."""
        return [binding for binding in self.bindings if binding.environment in {environment, None}]
