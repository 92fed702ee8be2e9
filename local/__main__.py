"""The local cloud's commands: ``python -m local up|finish|down|reset|status|env|logs|summary``."""

import argparse
import shlex
import sys
from collections.abc import Sequence

from environments.schema.rules import SettingsError
from local import commands as local_cloud
from local.clients.environment import UNSET
from local.runtime.errors import LocalCloudError
from local.state import PARTS, Cloud, processes_here
from local.summary import summary
from modules.model.selected_settings import SETTINGS, SHARED

_LOG_LINES = 200
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 on an error that the message explains, 130 on Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m local", description="The local cloud: real servers, one machine.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="start every missing part that is built, and wait until it is ready")
    up.add_argument(
        "environment",
        nargs="?",
        choices=SETTINGS.names(),
        metavar="ENV",
        help="environment to deploy: its settings are checked before anything starts",
    )
    commands.add_parser(
        "finish", help="if the local cloud is up, wait for the parts that are built last and start them"
    )
    commands.add_parser("down", help="stop all parts; their data stays")
    commands.add_parser("reset", help="stop all parts and delete their data")
    commands.add_parser("status", help="show the parts; exit code 1 unless all are ready")
    commands.add_parser("env", help='print the variables for a shell: eval "$(python -m local env)"')
    logs = commands.add_parser("logs", help="print the end of a part's log")
    logs.add_argument("part", choices=PARTS, metavar="PART", help=", ".join(PARTS))
    summarized = commands.add_parser("summary", help="show what a deploy created, and commands to explore it")
    summarized.add_argument("environment", choices=SETTINGS.names(), metavar="ENV", help=", ".join(SETTINGS.names()))
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except (LocalCloudError, SettingsError) as error:
        print(f"local cloud: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED


def _run(options: argparse.Namespace) -> int:
    match options.command:
        case "up":
            if options.environment:
                SETTINGS.find(options.environment)
            local_cloud.up(_print_now, whole=False)
        case "finish":
            local_cloud.finish(_print_now)
        case "down":
            local_cloud.down(_print_now)
        case "reset":
            local_cloud.reset(_print_now)
        case "status":
            return _show_status()
        case "env":
            print(f"unset {' '.join(UNSET)}")
            for name, value in local_cloud.environment().items():
                print(f"export {name}={shlex.quote(value)}")
        case "logs":
            processes = processes_here()
            print(processes.log(options.part), file=sys.stderr)
            print(processes.log_end(options.part, _LOG_LINES))
        case "summary":
            print(summary(options.environment, Cloud.open()))
    return 0


def _show_status() -> int:
    parts = local_cloud.status()
    rows = [("PART", "VERSION", "ADDRESS", "PID", "MEMORY", "READY")]
    rows += [
        (
            part.name,
            part.version,
            part.address,
            str(part.pid or ""),
            "" if part.memory is None else f"{part.memory / 1e6:.0f} MB",
            "yes" if part.condition == "ready" else part.condition,
        )
        for part in parts
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print(f"{sum(part.memory or 0 for part in parts) / 1e6:.0f} MB in all")
    if any(part.pid for part in parts):
        print(f"to ask any host: {Cloud.open().curl(SHARED.domain)}")
    for part in parts:
        if part.reason:
            print(f"\n{part.name} {part.condition}: {part.reason}")
    return 0 if all(part.condition == "ready" for part in parts) else 1


def _print_now(line: str) -> None:
    # Written in one call, since several parts become ready at the same time.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
