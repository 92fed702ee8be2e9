"""One environment's synthesized stack, and Terraform working in its folder."""

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from delivery.report.private_file import write_private
from delivery.terraform import acting_role, process, program
from delivery.terraform.cdktf import WAIT_FOR_LOCK
from delivery.terraform.stack_json import FILE, stacks_folder
from environments.schema.settings import Environment
from modules.model.acting_role import DEPLOY
from modules.model.cloud_selection import local_endpoint
from modules.model.project import ROOT
from modules.model.provider_lock import write_lock_file

# The plan that Terraform would apply. It holds every value in clear text and never leaves this folder.
_PLAN_FILE = "plan.tfplan"
_AUTOMATION = {"TF_IN_AUTOMATION": "1"}


class CommandFailedError(Exception):
    """A program failed; log: what it printed."""

    def __init__(self, command: str, code: int, log: str) -> None:
        super().__init__(f"{command} ended with {code}")
        self.log = log


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The folder of a stack: cdktf synthesizes into it, and Terraform works in it."""

    folder: Path

    @classmethod
    def of(cls, environment: Environment) -> "Workspace":
        """The environment's folder, below CDKTF_OUTPUT as for the cdktf command line; cdktf.out by default."""
        return cls(folder=stacks_folder() / environment.name)

    @property
    def stack(self) -> Path:
        """The synthesized configuration."""
        return self.folder / FILE

    @property
    def plan_file(self) -> Path:
        """The file that ``plan`` saves and ``apply`` applies."""
        return self.folder / _PLAN_FILE

    def synthesize(self) -> None:
        """Write the environment's configuration. Raises CommandFailedError."""
        variables = {"CDKTF_OUTDIR": str(self.folder.parent.parent), "MOSAIC_ENVIRONMENT": self.folder.name}
        _run([sys.executable, "main.py"], ROOT, variables)

    def write(self, stack: Mapping[str, object]) -> None:
        """Write this configuration, and the lock file that belongs to it, in place of a synthesized one.

        Raises ProviderLockError.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True)
        # On several lines: Terraform quotes the line that it complains about.
        write_private(self.stack, json.dumps(stack, indent=2))
        if local_endpoint() is None:
            write_lock_file(self.stack)

    def plan(self, role: str, *, lock: bool) -> None:
        """Initialize, plan and save the plan.

        role: DEPLOY, or PLAN for a plan that is never applied. lock: False for credentials that may only read. Raises
        CommandFailedError; then there is no saved plan.
        """
        self.forget_plan()
        self._terraform(role, "init", "-input=false", *_locked_providers())
        locking = WAIT_FOR_LOCK if lock else "-lock=false"
        self._terraform(role, "plan", "-input=false", f"-out={_PLAN_FILE}", locking)

    def document(self) -> Mapping[str, object]:
        """The saved plan as JSON. It holds sensitive values. Raises CommandFailedError."""
        content: Mapping[str, object] = json.loads(self._show("-json"))
        return content

    def text(self) -> str:
        """The saved plan as Terraform prints it, with sensitive values masked. Raises CommandFailedError."""
        return self._show("-no-color")

    def lineage(self) -> str | None:
        """The name that Terraform gave the state when it was created; None if there is no state yet.

        Callers who may not read the state do not know it, so it must not be printed. Raises CommandFailedError.
        """
        code, output, errors = process.capture([program.name(), "state", "pull"], folder=self.folder)
        if code:
            raise CommandFailedError(f"{program.name()} state pull", code, errors)
        if not output.strip():
            return None
        lineage = json.loads(output).get("lineage")
        return str(lineage) if lineage else None

    def apply(self) -> None:
        """Apply the saved plan, whatever the configuration says now, and delete it. Raises CommandFailedError.

        Terraform refuses the plan if the state has changed since.
        """
        try:
            self._terraform(DEPLOY, "apply", "-input=false", WAIT_FOR_LOCK, _PLAN_FILE)
        finally:
            self.forget_plan()

    def forget_plan(self) -> None:
        """Delete the saved plan."""
        self.plan_file.unlink(missing_ok=True)

    def _show(self, form: str) -> str:
        code, output, errors = process.capture([program.name(), "show", form, _PLAN_FILE], folder=self.folder)
        if code:
            raise CommandFailedError(f"{program.name()} show", code, errors)
        return output

    def _terraform(self, role: str, command: str, *arguments: str) -> None:
        variables = {**_AUTOMATION, **acting_role.variables(role)}
        _run([program.name(), command, "-no-color", *arguments], self.folder, variables)


def _locked_providers() -> tuple[str, ...]:
    """In a workflow on AWS, the argument with which ``init`` refuses a provider that has no checksums here.

    On a machine of another platform Terraform must add that platform's checksum to the stack's copy of the lock file,
    after verifying the package with the existing ones.
    """
    return ("-lockfile=readonly",) if os.environ.get("CI") and local_endpoint() is None else ()


def _run(command: Sequence[str], folder: Path, variables: Mapping[str, str]) -> None:
    """Run a program and print its output as it comes; keep the output for the error."""
    lines: list[str] = []

    def show(line: str) -> None:
        print(line, end="", flush=True)
        lines.append(line)

    said = f"{' '.join(command[:2])}: stopping after the operations in progress"
    code, _ = process.run(command, folder=folder, variables=variables, said=said, output=show)
    if code:
        raise CommandFailedError(" ".join(command[:2]), code, "".join(lines))
