"""Each object with one of the environment's names, and what a deploy would do with it."""

from collections.abc import Iterator
from functools import partial

from delivery.doctor.adoption import AdoptableParts
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact


def facts(examination: Examination) -> Iterator[Fact]:
    """A fact for each part of ``adopt``."""
    parts = AdoptableParts.of(examination)
    for part in parts.parts.values():
        yield Fact(
            name=part.title,
            settings=f"{'' if examination.target.environment.adopts(part.name) else 'not '}in adopt",
            read=partial(parts.finding, part),
            quick=part.of_aws,
        )
