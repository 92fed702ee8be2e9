"""Where the published parts of each environment's plan are, from the run that plans to those that read."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from delivery.plan.document import PlanError

PLANS = Path("plans")
_PRIVATE = 0o700


@dataclass(frozen=True, kw_only=True)
class PlanFolder:
    """What is known about one environment's plan, in a folder of its name; nothing in it is sensitive.

    root: the folder of all environments.
    """

    root: Path
    environment: str

    @property
    def folder(self) -> Path:
        """The environment's own folder; the synthesized stack in it has the name that cdktf gives it."""
        return self.root / self.environment

    @property
    def document(self) -> Path:
        """The published plan (``delivery.plan.sanitizing``); missing where the run failed."""
        return self.folder / "plan.json"

    @property
    def text(self) -> Path:
        """The same as Terraform shows it, for people."""
        return self.folder / "plan.txt"

    @property
    def stack(self) -> Path:
        """The configuration that was planned."""
        return self.folder / "cdk.tf.json"

    @property
    def log(self) -> Path:
        """What a run printed that made no plan."""
        return self.folder / "plan.log"

    def clear(self) -> None:
        """Make the folder, empty: a part of an earlier run must not be taken for one of this. Raises PlanError.

        Nobody else may read it: where a plan's values are masked is known, but not what a provider may print.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            self.root.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            self.folder.mkdir(mode=_PRIVATE)
        except OSError as error:
            raise PlanError(f"{self.folder}: {error.strerror}; allowed: a folder that can be written") from None
