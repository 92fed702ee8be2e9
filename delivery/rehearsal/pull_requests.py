"""The rehearsed pull requests: each edits a copy of this checkout and has an expected result."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from environments.schema.catalogue import file_of
from environments.schema.settings import BOOTSTRAP

# What a checkout holds besides source: caches, installed packages, and files generated at its top.
_NOT_SOURCE = shutil.ignore_patterns(".*", "node_modules", "site", "__pycache__", "*.log")
_MADE = ("cdktf.out", "plans", "proposal", "rehearsal")
_INSTALLED = (".venv", "node_modules")


class RehearsalError(ValueError):
    """The checkout cannot be edited as the rehearsal needs; the message says what is missing."""


@dataclass(frozen=True, kw_only=True)
class RehearsedPullRequest:
    """One pull request into an environment's branch.

    name: of its comment's file. edit: changes a copy of the checkout, given its folder and the environment's name.
    passes: whether it may be merged. text: its description. is_fork: it comes from another repository.
    """

    name: str
    edit: Callable[[Path, str], None]
    passes: bool
    text: str = ""
    is_fork: bool = False


def copy_checkout(root: Path, folder: Path) -> Path:
    """Copy a checkout to a new folder, with links to its installed packages, and return the folder."""

    def not_source(parent: str, names: list[str]) -> set[str]:
        return _NOT_SOURCE(parent, names) | {name for name in names if parent == str(root) and name in _MADE}

    shutil.copytree(root, folder, ignore=not_source)
    for name in _INSTALLED:
        (folder / name).symlink_to((root / name).resolve())
    return folder


def pull_requests(environments: tuple[str, ...]) -> tuple[RehearsedPullRequest, ...]:
    """Return the four kinds: settings only, a construct, from a fork, an attack. The first is the one to merge."""
    stacks = (BOOTSTRAP, *environments)
    lines = [f"plan-guard: allow changed-by-code {name}:* because every object gets a label" for name in stacks]
    return (
        RehearsedPullRequest(name="settings", edit=_keep_backups_longer, passes=True),
        RehearsedPullRequest(name="construct", edit=_add_label, passes=True, text="\n\n".join(lines)),
        RehearsedPullRequest(name="fork", edit=_keep_backups_longer, passes=True, is_fork=True),
        RehearsedPullRequest(name="attack", edit=_run_program, passes=False),
    )


def _keep_backups_longer(folder: Path, environment: str) -> None:
    file = folder / file_of(environment)
    source = file.read_text(encoding="utf-8")
    edited, found = re.subn(r"(?<=expire_after=)\d+", lambda days: str(int(days[0]) + 1), source, count=1)
    if not found:
        raise RehearsalError(f"{file_of(environment)} has no expire_after=DAYS for the rehearsal to change")
    file.write_text(edited, encoding="utf-8")


def _add_label(folder: Path, _environment: str) -> None:
    _append(
        folder / "modules" / "model" / "tags.py",
        """
_without_label = labels


def labels(environment: Environment, shared: Shared) -> dict[str, str]:  # noqa: F811
    return {**_without_label(environment, shared), "rehearsed": "yes"}
""",
    )


def _run_program(folder: Path, _environment: str) -> None:
    """Make Terraform run a program on the machine that plans."""
    _append(
        folder / "main.py",
        """
    import json

    for file in Path(os.environ.get("CDKTF_OUTDIR", "cdktf.out")).glob("stacks/*/cdk.tf.json"):
        stack = json.loads(file.read_text(encoding="utf-8"))
        stack["data"]["external"] = {"credentials": {"program": ["sh", "-c", "env >&2; exit 1"]}}
        file.write_text(json.dumps(stack))
""",
    )


def _append(file: Path, source: str) -> None:
    with file.open("a", encoding="utf-8") as content:
        content.write(source)
