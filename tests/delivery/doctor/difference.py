"""A planted difference between settings and account, and doctor's expected report."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from delivery.doctor.finding import Mark
from environments.schema.certificate import Certificate
from environments.schema.database import Database
from environments.schema.database_server import DatabaseServer
from environments.schema.external_dns import ExternalDns
from environments.schema.github import GitHub
from environments.schema.settings import ArgoCd
from tests.delivery.doctor.patient import Patient, Settings

_LINE = re.compile(r"(\w+)=(.+) in environments/(shared|staging)\.py")
_TYPES = {kind.__name__: kind for kind in (ArgoCd, Certificate, Database, DatabaseServer, ExternalDns, GitHub)}


@contextmanager
def nothing(_patient: Patient) -> Iterator[None]:
    """No change of the account."""
    yield


def as_they_are(settings: Settings) -> Settings:
    """No change of the settings."""
    return settings


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A difference, made in the account by its own APIs or in the settings.

    fact: the only one whose row reports it. remedy: the advice in the row. cures: the remedy is a settings line that
    fixes the row.
    """

    id: str
    fact: str
    mark: Mark = Mark.IN_THE_WAY
    remedy: str
    settings: Callable[[Settings], Settings] = as_they_are
    change: Callable[[Patient], AbstractContextManager[object]] = nothing
    cures: bool = False


def cured(settings: Settings, remedy: str) -> Settings:
    """Return the settings with a remedy's line copied into the file."""
    line = _LINE.fullmatch(remedy)
    assert line, f"{remedy!r} is no line to set"
    name, value, file = line.groups()
    return settings.changed(file, **{name: eval(value, dict(_TYPES))})  # noqa: S307 the doctor's own text
