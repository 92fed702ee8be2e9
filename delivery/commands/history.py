"""List the recorded deploys of an environment, the newest first.

``python -m delivery history ENVIRONMENT [--limit N]``, with GITHUB_TOKEN or GH_TOKEN (``gh auth token`` prints one),
shows the time, the commit, whether the deploy was verified and has stayed so, the hash of its plan, and its images.
Exit code 2: GitHub or the account does not answer.
"""

import argparse
import sys
from collections.abc import Sequence
from itertools import islice

from delivery.github.client import GitHub, GitHubError
from delivery.history.record import NEWEST, Record, RecordError, State, records
from delivery.report.markdown import printable
from environments.schema.rules import SettingsError
from modules.model.selected_settings import SETTINGS, SHARED


def lines(record: Record) -> list[str]:
    """Return a record's output lines."""
    state = str(record.state)
    if record.state is State.VERIFIED and record.verified_at:
        state += f" since {record.verified_at:%Y-%m-%d %H:%M}"
    elif record.failed:
        state += f" at {record.failed.created_at:%Y-%m-%d %H:%M}: {printable(record.failed.description or '')}"
    head = f"{record.created_at:%Y-%m-%d %H:%M} UTC  {record.commit[:12]}  {state}"
    images = [
        f"  {field:<9} {image.tag or '-'}  {image.digest}"
        + (f"  migration {image.migration}" if image.migration else "")
        for field, image in record.deployed.images.items()
    ]
    return [head, f"  plan      {record.deployed.plan or 'unknown'}", *(map(printable, images))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, print the records."""
    parser = argparse.ArgumentParser(prog="python -m delivery history", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("--limit", type=_count, default=NEWEST, help=f"number of deploys, {NEWEST} by default")
    options = parser.parse_args(arguments)
    try:
        name = SETTINGS.find(options.environment).name
        found = list(islice(records(GitHub.of(SHARED.repository), name), options.limit))
    except (SettingsError, GitHubError, RecordError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print("\n".join(line for record in found for line in lines(record)) or f"{name}: no deploy is recorded")
    return 0


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of records; allowed: 1 or more")
    return int(text)
