"""Finds what exists of an environment without being in its state, and what else blocks a deploy."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from delivery.preflight import deleted_secrets
from delivery.recovery import kubernetes_objects
from delivery.recovery.error import RecoveryError
from delivery.recovery.search import Found, Search
from delivery.recovery.stack import Declared
from delivery.recovery.stored_state import StoredState
from delivery.recovery.table import DATA, FINDERS, PUT

_JOB = "kubernetes_job_v1"
_STEP = "terraform_data"


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """What a recovery does.

    imports: existing objects by address. forgotten: the addresses among them where the state has another object, which
    the killed run replaced; only a migration's name ever changes. restored: paths of secrets that are scheduled for
    deletion. failed_jobs: names. untainted: addresses.

    steps: addresses of steps that run again before the other imports, so that the plan of the import knows their
    results. If a Deployment's annotation is unknown in the plan, and unchanged in the apply, the apply stops with
    "inconsistent final plan": the provider SDK takes a null for a false (docs/traps.md).
    """

    imports: Mapping[str, Found]
    steps: tuple[str, ...]
    forgotten: tuple[str, ...]
    restored: tuple[str, ...]
    failed_jobs: tuple[str, ...]
    untainted: tuple[str, ...]

    @classmethod
    def take(cls, search: Search, state: StoredState, *, only: Container[str] | None = None) -> "Inventory":
        """Ask the services about everything that the stack declares, or only about these addresses.

        Changes nothing. Raises RecoveryError.
        """
        missing = [
            declared
            for declared in search.stack.resources
            if (only is None or declared.address in only)
            and (declared.address not in state.ids or (declared.type == _JOB and _is_another(search, declared, state)))
        ]
        imports, failed_jobs = {}, []
        for declared in missing:
            if declared.type in PUT:
                continue
            if declared.type not in FINDERS:
                raise RecoveryError(f"{declared.address}: its type is not in delivery/recovery/table.py")
            found = FINDERS[declared.type](search, declared.body)
            if found is not None:
                imports[declared.address] = found
            elif declared.type == _JOB:
                name = declared.body["metadata"]["name"]
                failed_jobs += [name] if kubernetes_objects.has_failed(search, name) else []
        return cls(
            imports=imports,
            steps=tuple(declared.address for declared in missing if declared.type == _STEP),
            forgotten=tuple(address for address in imports if address in state.ids),
            restored=tuple(deleted_secrets.find(search.target)) if only is None else (),
            failed_jobs=tuple(failed_jobs),
            untainted=tuple(
                sorted(
                    address
                    for address in state.tainted
                    if address.partition(".")[0] in DATA and (only is None or address in only)
                )
            ),
        )

    @property
    def lines(self) -> Iterator[str]:
        """Yield what the recovery will do, one line each."""
        for path in self.restored:
            yield f"restore secret {path}: scheduled for deletion, and keeps its value"
        for name in self.failed_jobs:
            yield f"delete  Job {name}: it failed, and the next deploy runs it again"
        for address in self.untainted:
            yield f"mend    {address}: marked as incomplete; kept instead of replaced"
        for address in self.forgotten:
            yield f"forget  {address}: the state has the previous one, which the killed run replaced"
        for address, found in self.imports.items():
            yield f"import  {address}: {found.name} exists"


def _is_another(search: Search, declared: Declared, state: StoredState) -> bool:
    """Whether the state has a Job of another name than the configuration."""
    name = f"{search.target.names.namespace}/{declared.body['metadata']['name']}"
    return state.ids[declared.address] != name
