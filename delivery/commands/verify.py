"""Check a running environment against its settings.

``python -m delivery verify ENVIRONMENT`` asks the real APIs. It computes the expected state from the settings and the
names, and does not read Terraform's state. Each check prints one line to standard output; progress goes to standard
error. The environment's plan role may not read secrets: it skips and lists the checks that need one. Exit code
0: all checks passed; 1: a check failed; 2: the environment cannot be checked (unknown, no credentials or another
account's, no answer). docs/verify.md lists the checks.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from delivery.account.session import AccountError
from delivery.account.target import Target
from delivery.verification import (
    argocd,
    buckets,
    database,
    database_access,
    database_migration,
    images,
    irsa_role,
    namespace,
    public_hosts,
    secrets,
    workloads,
)
from delivery.verification.check import Check, Outcome, Status, perform
from delivery.verification.ingress import dns_records, listeners, load_balancer, reconciliation, rules, targets
from environments.schema.rules import SettingsError
from modules.model.cloud_selection import CloudError
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SETTINGS, SHARED

# Our cluster token lives 15 minutes.
LONGEST_WAIT = 600
_REPORT_EVERY_SECONDS = 10.0


def checks(target: Target) -> Iterator[Check]:
    """Every check of the environment; those that may need to wait come first."""
    families = (
        argocd,
        secrets,
        workloads,
        images,
        database,
        database_migration,
        database_access,
        buckets,
        irsa_role,
        public_hosts,
        load_balancer,
        reconciliation,
        listeners,
        rules,
        targets,
        dns_records,
        namespace,
    )
    for family in families:
        yield from family.checks(target)


class _Progress:
    """Reports on standard error what is missing, immediately and then every ten seconds."""

    def __init__(self, target: Target, wait: int) -> None:
        self._target = target
        self._started = time.monotonic()
        self._wait = wait
        self._said: dict[str, float] = {}

    def say(self, check: Check, missing: str) -> None:
        waited = time.monotonic() - self._started
        if waited - self._said.get(check.name, -_REPORT_EVERY_SECONDS) >= _REPORT_EVERY_SECONDS:
            self._said[check.name] = waited
            print(
                self._target.redaction.clean_line(f"wait {check.name} ({waited:.0f} s of {self._wait}): {missing}"),
                file=sys.stderr,
                flush=True,
            )


def verify(target: Target, wait: int) -> Counter[Status]:
    """Run every check that the caller may run, print a line for each, and return the number of checks per status.

    wait: seconds that all checks together may take to pass. One line lists the checks that the plan role cannot run.
    """
    deadline = time.monotonic() + wait
    progress = _Progress(target, wait)
    counts: Counter[Status] = Counter()
    # Sequential: lightkube decodes with msgspec, which crashes the process if two threads meet a type at once.
    wanted = list(checks(target))
    left_out = [check.name for check in wanted if check.reads_secrets] if target.asked_by_plan_role else []
    for check in wanted:
        if check.name in left_out:
            continue
        outcome = perform(check, deadline=deadline, progress=partial(progress.say, check))
        counts[outcome.status] += 1
        _print(target, check.name, outcome)
    if left_out:
        names = target.names
        print(
            f"--   secrets: {len(left_out)} checks need a secret's value, which {names.plan_role} may not read: "
            f"{', '.join(left_out)}; {names.deploy_role} or an administrator of the account runs them",
            flush=True,
        )
    return counts


def _print(target: Target, name: str, outcome: Outcome) -> None:
    print(f"{outcome.status:<4} {name}: {target.redaction.clean_line(outcome.text)}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify the named environment and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m delivery verify", description=__doc__.partition("\n")[0])
    parser.add_argument("environment", help=f"one of {', '.join(SETTINGS.names())}")
    parser.add_argument(
        "--wait",
        type=_seconds,
        default=120,
        metavar="SECONDS",
        help=f"seconds to wait for rollouts and secrets, 0 to {LONGEST_WAIT}; default 120",
    )
    options = parser.parse_args(arguments)
    try:
        target = Target.of(SETTINGS.find(options.environment), SHARED)
        caller = target.caller()
    except (SettingsError, InvalidNameError, CloudError, AccountError) as error:
        print(f"verify: {error}", file=sys.stderr)
        return 2
    _print(target, "credentials", Outcome(status=Status.OK, text=caller))
    counts = verify(target, options.wait)
    # The credentials count as a check.
    total, failed, warnings = counts.total() + 1, counts[Status.FAILED], counts[Status.WARNING]
    print(f"{options.environment}: {total} checks, {failed} failed, {warnings} warning{'' if warnings == 1 else 's'}")
    return 1 if failed else 0


def _seconds(text: str) -> int:
    if not text.isdecimal() or int(text) > LONGEST_WAIT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds; allowed: 0 to {LONGEST_WAIT}")
    return int(text)
