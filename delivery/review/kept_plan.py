"""The plan that a workflow run kept in an artifact: text that is read, never run."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from delivery.github.client import GitHub
from delivery.plan.document import Plan, PlanError
from delivery.plan.hash import plan_hash
from delivery.terraform.stack_json import FILE
from environments.schema.settings import Environment

# A stack of everything and its plan have some 2 MB each.
_LARGEST_FILE = 64 * 1024 * 1024


class ArchiveError(ValueError):
    """An archive lacks the wanted file, or has it in an unsupported form or size."""


@dataclass(frozen=True, kw_only=True)
class KeptPlan:
    """A plan, the stack that was planned, and the hash of both."""

    plan: Plan
    stack: Mapping[str, object]

    @property
    def hash(self) -> str:
        """The hash in the header of its comment."""
        return plan_hash(self.plan, self.stack)


def kept_plans(github: GitHub, environment: Environment, run: int) -> list[KeptPlan]:
    """Return this environment's plans in the artifacts of a run; none if all are expired or unreadable.

    Raises GitHubError.
    """
    plans = []
    for artifact in github.artifacts(run, f"plan-{environment.name}"):
        if artifact.expired:
            continue
        try:
            plans.append(_read(github.download(artifact), environment.name))
        except (ArchiveError, PlanError):
            continue
    return plans


def _read(archive: bytes, environment: str) -> KeptPlan:
    """Read the two files. Raises ArchiveError or PlanError."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as content:
            plan, stack = (_text(content, f"{environment}/{name}") for name in ("plan.json", FILE))
        read = json.loads(stack)
        parsed = Plan.parse(plan)
    # The errors of zipfile for a broken, encrypted or unsupported archive.
    except (zipfile.BadZipFile, RuntimeError, zlib.error, EOFError, OSError, ValueError) as error:
        raise ArchiveError(f"{environment}: the archive cannot be read: {error}") from None
    if not isinstance(read, dict):
        raise ArchiveError(f"{environment}/{FILE}: not a synthesized stack")
    return KeptPlan(plan=parsed, stack=read)


def _text(archive: zipfile.ZipFile, name: str) -> str:
    """Read one file by its exact name, without unpacking it to disk."""
    members = [member for member in archive.infolist() if member.filename == name]
    if len(members) != 1 or members[0].file_size > _LARGEST_FILE:
        raise ArchiveError(f"{name}: allowed: one such file of at most {_LARGEST_FILE} bytes")
    return archive.read(members[0]).decode()
