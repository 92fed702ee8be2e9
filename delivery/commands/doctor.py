"""Check, fact by fact, whether a deploy would start, and say what to do if not.

Reads the account, the cluster, the database server, Argo CD, GitHub's identity provider and the image registry with
your own credentials, and changes nothing. Each fact is a row: its result, what the settings say, what exists, and below
it the line to set or the command to run (docs/doctor.md). Exit code 0: a deploy would start; 1: something is in the
way; 2: it cannot check (unknown environment, no credentials or another account's, no answer).
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

from delivery.account.session import AccountError
from delivery.account.target import Target
from delivery.doctor.examination import Examination
from delivery.doctor.facts import facts, read
from delivery.doctor.finding import Mark
from delivery.doctor.table import table
from environments.schema.rules import SettingsError
from modules.model.cloud_selection import CloudError
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS, SHARED


def main(arguments: Sequence[str] | None = None) -> int:
    """Examine the named environment and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m delivery doctor", description=__doc__.partition("\n")[0])
    parser.add_argument("environment", help=f"one of {', '.join(SETTINGS.names())}")
    parser.add_argument("--quick", action="store_true", help="check only the quick facts, as every deploy does")
    options = parser.parse_args(arguments)
    try:
        target = Target.of(SETTINGS.find(options.environment), SHARED)
        target.caller()
    except (SettingsError, InvalidNameError, CloudError, AccountError) as error:
        print(f"doctor: {error}", file=sys.stderr)
        return 2
    examination = Examination(target, quick=options.quick)
    rows = read(examination, list(facts(examination)))
    for line in table(rows):
        print(line)
    counts = Counter(row.finding.mark for row in rows)
    verdict = "would not start" if counts[Mark.IN_THE_WAY] else "would start"
    listed = ", ".join(f"{counts[mark]} {mark}" for mark in Mark)
    print(f"{options.environment}: {len(rows)} facts: {listed}. A deploy {verdict}.")
    return 1 if counts[Mark.IN_THE_WAY] else 0
