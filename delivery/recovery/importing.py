"""Imports existing objects into the state.

It works on a copy of the stack in a temporary folder, so that nothing of it can stay and change a later deploy.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from delivery.recovery.error import RecoveryError
from delivery.recovery.inventory import Inventory
from delivery.recovery.stack import Stack
from delivery.recovery.table import DATA
from delivery.report.private_file import write_private
from delivery.terraform import acting_role, process, program
from delivery.terraform.cdktf import WAIT_FOR_LOCK
from delivery.terraform.stack_json import FILE
from modules.model.acting_role import DEPLOY

_PLAN = "recovery.plan"
_REMOVALS = ("delete", "replace", "remove")


@dataclass(frozen=True, kw_only=True)
class Terraform:
    """Terraform in a folder with the stack's configuration; it uses the stack's own plugins."""

    folder: Path
    data: Path

    def run(self, *arguments: str) -> str:
        """Run a command and return its output; prints each completed change. Raises RecoveryError if it fails."""
        lines: list[str] = []

        def show(line: str) -> None:
            lines.append(line)
            for message in _messages(line):
                if message["type"] == "apply_complete" and not message["@message"].startswith("data."):
                    print(f"done    {message['@message']}", flush=True)

        code, interrupted = process.run(
            [program.name(), *arguments],
            folder=self.folder,
            variables={"TF_DATA_DIR": str(self.data), "TF_IN_AUTOMATION": "1", **acting_role.variables(DEPLOY)},
            said="recover: stopping after the operations in progress",
            output=show,
        )
        if interrupted:
            raise KeyboardInterrupt
        output = "".join(lines)
        if code:
            # With JSON lines an error is a message of its own; otherwise it is the text.
            raise RecoveryError(f"{program.name()} {arguments[0]} failed: {_errors(output) or output}")
        return output


@contextmanager
def workplace(stack: Stack) -> Iterator[Terraform]:
    """Terraform in a temporary copy of the stack's folder. Raises RecoveryError."""
    with TemporaryDirectory(prefix="mosaic-recover-") as temporary:
        # The folder's name tells a search for the lock's holder which environment this is.
        folder = Path(temporary) / stack.folder.name
        folder.mkdir()
        for name in (FILE, ".terraform.lock.hcl"):
            if (stack.folder / name).exists():
                shutil.copy(stack.folder / name, folder)
        terraform = Terraform(folder=folder, data=stack.folder.resolve() / ".terraform")
        terraform.run("init", "-input=false", "-no-color")
        yield terraform


def import_existing(stack: Stack, inventory: Inventory) -> None:
    """Import what the inventory found. Raises RecoveryError; earlier imports are then already in the state."""
    if not (inventory.imports or inventory.untainted):
        return
    with workplace(stack) as terraform:
        for address in inventory.untainted:
            terraform.run("untaint", WAIT_FOR_LOCK, "-no-color", address)
        for address in inventory.forgotten:
            terraform.run("state", "rm", WAIT_FOR_LOCK, address)
        if not inventory.imports:
            return
        write_private(terraform.folder / "recovery.tf.json", json.dumps(configuration(inventory)))
        for addresses in filter(None, (inventory.steps, tuple(inventory.imports))):
            _apply(terraform, addresses)


def _apply(terraform: Terraform, addresses: Sequence[str]) -> None:
    targets = [f"-target={address}" for address in addresses]
    planned = terraform.run("plan", "-input=false", "-json", WAIT_FOR_LOCK, f"-out={_PLAN}", *targets)
    lost = removals(planned)
    if lost:
        raise RecoveryError(f"the import would remove {', '.join(lost)}, so it was not applied")
    terraform.run("apply", "-input=false", "-json", WAIT_FOR_LOCK, _PLAN)


def configuration(inventory: Inventory) -> Mapping[str, object]:
    """The addition to the stack's configuration."""
    return {"import": [{"to": address, "id": found.id} for address, found in inventory.imports.items()]}


def removals(planned: str) -> list[str]:
    """The addresses of data that a plan, in Terraform's JSON lines, would remove or replace."""
    return [
        change["resource"]["addr"]
        for change in planned_changes(planned)
        if change["action"] in _REMOVALS and change["resource"]["resource_type"] in DATA
    ]


def planned_changes(planned: str) -> list[dict[str, Any]]:
    """The changes of a plan in Terraform's JSON lines."""
    return [message["change"] for message in _messages(planned) if message.get("type") == "planned_change"]


def _errors(output: str) -> str:
    found = [message["diagnostic"] for message in _messages(output) if message.get("type") == "diagnostic"]
    return "; ".join(
        " ".join(f"{row.get('address', '')}: {row['summary']}: {row.get('detail', '')}".split())
        for row in found
        if row["severity"] == "error"
    )


def _messages(output: str) -> Iterator[dict]:  # type: ignore[type-arg]  # of Terraform's machine-readable UI
    for line in output.splitlines():
        if line.startswith("{"):
            yield json.loads(line)
