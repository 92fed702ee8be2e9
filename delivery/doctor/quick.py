"""The part of the doctor that every deploy can afford: it stops deploys that would fail halfway, with the same rows."""

import sys

from delivery.account.session import AccountError
from delivery.account.target import Target
from delivery.doctor.examination import Examination
from delivery.doctor.facts import facts, read
from delivery.doctor.finding import Mark
from delivery.doctor.table import table
from delivery.preflight.readiness import NotReadyError
from environments.schema.settings import BOOTSTRAP, Environment
from modules.model.selected_settings import SETTINGS, SHARED


def stop_if_anything_is_in_the_way(environment: Environment | None) -> None:
    """Print the rows to standard error and raise NotReadyError if AWS shows that a deploy would fail.

    environment: the one to deploy; None for the bootstrap stack. Facts that the caller may not read stop nothing.
    Raises CloudError.
    """
    stack = environment.name if environment else BOOTSTRAP
    # All environments share the account, so any of them will do.
    looked_at = environment or SETTINGS.lasting()[0]
    try:
        examination = Examination(Target.of(looked_at, SHARED), quick=True)
    except AccountError as error:
        raise NotReadyError(str(error)) from None
    needed_by = {"both", "environment" if environment else BOOTSTRAP}
    chosen = [fact for fact in facts(examination) if fact.needed_by in needed_by]
    stopping = [row for row in read(examination, chosen) if row.finding.mark is Mark.IN_THE_WAY]
    if not stopping:
        return
    for line in table(stopping):
        print(line, file=sys.stderr)
    count = "1 fact is" if len(stopping) == 1 else f"{len(stopping)} facts are"
    raise NotReadyError(f"{stack}: {count} in the way, so nothing was changed; more: make doctor ENV={looked_at.name}")
