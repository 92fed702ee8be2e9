"""Where a run stores the published parts of each environment's plan for later readers."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from delivery.plan.document import PlanError

PLANS = Path("plans")
_PRIVATE = 0o700


@dataclass(frozen=True, kw_only=True)
class PlanFolder:
    """The published parts of one environment's plan, in a folder named after it; nothing in it is sensitive.

    root: the folder of all environments.
    """

    root: Path
    environment: str

    @property
    def folder(self) -> Path:
        """The environment's folder; it contains the synthesized stack under cdktf's name for it."""
        return self.root / self.environment

    @property
    def document(self) -> Path:
        """The published plan (``delivery.plan.sanitizing``); missing if the run failed."""
        return self.folder / "plan.json"

    @property
    def text(self) -> Path:
        """The same plan as Terraform shows it to people."""
        return self.folder / "plan.txt"

    @property
    def stack(self) -> Path:
        """The configuration that was planned."""
        return self.folder / "cdk.tf.json"

    @property
    def log(self) -> Path:
        """The output of a run that failed to produce a plan."""
        return self.folder / "plan.log"

    def clear(self) -> None:
        """Create the folder, empty, so that no part of an earlier run is mistaken for this one's. Raises PlanError.

        Nobody else may read it: a plan's own values are masked, but a provider may print anything.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            self.root.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            self.folder.mkdir(mode=_PRIVATE)
        except OSError as error:
            raise PlanError(f"{self.folder}: {error.strerror}; allowed: a folder that can be written") from None
