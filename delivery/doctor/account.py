"""The caller's account and the region that the caller's shell uses."""

from collections.abc import Iterator

import boto3

from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, fine, note


def facts(examination: Examination) -> Iterator[Fact]:
    """The caller and the region."""
    shared = examination.target.shared
    yield Fact(
        name="caller",
        settings=f"account {shared.account}",
        read=lambda: fine(examination.target.caller()),
        needed_by="both",
    )
    yield Fact(name="region", settings=shared.region, read=lambda: _region(shared.region), needed_by="both")


def _region(wanted: str) -> Finding:
    own = boto3.Session().region_name
    if own in (None, wanted):
        return fine(own or "none in this shell; commands use the settings'")
    return note(
        f"{own} in this shell; make's commands use the settings', but aws and kubectl do not",
        f"export AWS_REGION={wanted}",
    )
