"""The stacks that a command line names."""

from collections.abc import Sequence
from dataclasses import dataclass

from delivery.preflight.readiness import NotReadyError
from environments.schema.catalogue import choose
from environments.schema.settings import BOOTSTRAP, Environment
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED


@dataclass(frozen=True, kw_only=True)
class StackSelection:
    """The bootstrap stack, an environment's stack, or both; never neither."""

    bootstrap: bool
    environment: Environment | None

    @classmethod
    def of(cls, action: str, stacks: Sequence[str]) -> "StackSelection":
        """Read the names passed to ``action``. Raises NotReadyError, SettingsError or InvalidNameError."""
        # The bootstrap stack uses every environment's names: a wrong one is reported before anything is created.
        environments = SETTINGS.load()
        for each in environments:
            Names.of(each, SHARED)
        chosen = [choose(name, environments) for name in stacks if name != BOOTSTRAP]
        if len(stacks) > 1 and (action != "deploy" or len(chosen) != 1 or len(stacks) > 2):
            raise NotReadyError(f"{action} {' '.join(stacks)}: allowed: one stack, or deploy bootstrap ENVIRONMENT")
        return cls(bootstrap=BOOTSTRAP in stacks, environment=chosen[0] if chosen else None)
