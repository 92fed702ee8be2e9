"""The four stages of the live tests, each of which a developer may leave out, like Terratest's test stages.

``MOSAIC_SKIP_DEPLOY=1 MOSAIC_SKIP_DESTROY=1 pytest tests/live/isolation`` validates repeatedly what an earlier run with
``MOSAIC_SKIP_DESTROY=1`` deployed and kept. docs/testing.md shows the whole cycle.
"""

import os
from collections.abc import Mapping
from enum import StrEnum


class Stage(StrEnum):
    """The stages of a live test session, in order."""

    SYNTH = "synth"
    DEPLOY = "deploy"
    VALIDATE = "validate"
    DESTROY = "destroy"

    @property
    def variable(self) -> str:
        """The environment variable that leaves the stage out."""
        return f"MOSAIC_SKIP_{self.name}"


def skipped(variables: Mapping[str, str] = os.environ) -> frozenset[Stage]:
    """Return the stages that these variables leave out.

    Raises:
        ValueError: a variable has another value than 1 or none.

    """
    for stage in Stage:
        if variables.get(stage.variable, "") not in ("", "1"):
            raise ValueError(f"{stage.variable}={variables[stage.variable]}: allowed: 1, or nothing")
    return frozenset(stage for stage in Stage if variables.get(stage.variable))
