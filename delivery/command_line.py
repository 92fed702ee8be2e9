"""The command line ``python -m delivery COMMAND``.

A command is a file in delivery/commands/, loaded only when it is called. ``--help`` reads only their first lines.
"""

import ast
import difflib
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from delivery.terraform import program

GROUPS: Mapping[str, tuple[str, ...]] = {
    "everyday": ("plan", "deploy", "verify", "doctor", "images", "destroy"),
    "review": ("save-plan", "guard", "comment"),
    "releases": ("promote", "history"),
    "operations": ("adopt", "preview", "recover", "gitops", "rehearse", "tunnel"),
    "GitHub": (
        *("propose", "find-proposal", "post-comment", "environments"),
        *("deploy-reviewed", "record-deployment", "drift", "update-images"),
        *("preview-settings", "decide-previews", "report-previews"),
    ),
}
NAMES = tuple(name for names in GROUPS.values() for name in names)
INTERRUPTED = 130
_FOLDER = Path(__file__).parent / "commands"
_USAGE = "usage: python -m delivery COMMAND [ARGUMENTS]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named command and return its exit code: 2 if it is missing or unknown, 130 after Ctrl-C."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words and words[0] in ("-h", "--help"):
        print("\n".join(_help()))
        return 0
    if not words:
        print(f"{_USAGE}\nerror: no command; allowed: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    name, *rest = words
    if name not in NAMES or program.problem():
        print(f"error: {program.problem()}" if name in NAMES else f"{_USAGE}\nerror: {unknown(name)}", file=sys.stderr)
        return 2
    try:
        code: int = import_module(f"delivery.commands.{_module(name)}").main(rest)
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        return INTERRUPTED
    except ValueError as error:
        # Commands read the environments' files themselves, but the shared settings and the local cloud's account are
        # read on import, so their errors surface here. Imported late because the help needs no settings.
        lines = import_module("environments.schema.problems").of_shared_settings(error)
        if not lines and not isinstance(error, import_module("modules.model.cloud_selection").CloudError):
            raise
        for line in lines or [error]:
            print(f"error: {line}", file=sys.stderr)
        return 2
    return code


def unknown(name: str) -> str:
    """The message for an unknown command: the nearest names, or all of them."""
    nearest = difflib.get_close_matches(name.replace("_", "-"), NAMES)
    if nearest:
        return f"{name!r} is not a command; the nearest: {', '.join(nearest)} (all: python -m delivery --help)"
    return f"{name!r} is not a command; allowed: {', '.join(NAMES)}"


def _help() -> Iterator[str]:
    yield _USAGE
    width = max(map(len, NAMES))
    for group, names in GROUPS.items():
        yield f"\n{group}:"
        for name in names:
            yield f"  {name:<{width}}  {_summary(name)}"
    yield "\npython -m delivery COMMAND --help shows what a command takes."


def _summary(name: str) -> str:
    """The first line of the command's file, read without running it."""
    source = (_FOLDER / f"{_module(name)}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0].rstrip(".")


def _module(name: str) -> str:
    return name.replace("-", "_")
