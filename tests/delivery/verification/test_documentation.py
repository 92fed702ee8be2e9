"""docs/verify.md lists every check, and says whether verify waits for it."""

import re
from collections.abc import Iterator

import pytest

from delivery.account.target import Target
from delivery.commands.verify import checks
from delivery.verification.check import Check
from environments.schema.settings import Environment
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import KEYS

PAGE = (ROOT / "docs" / "verify.md").read_text()
# The command itself makes this check before any other.
CREDENTIALS = "credentials"
VARIANTS: tuple[dict[str, object], ...] = (
    {},
    {"alb": "own", "neighbours": ()},
    {"paused": True},
    {"delivery": "argocd"},
)


def listed() -> Iterator[tuple[str, bool]]:
    """Each name in the table as a pattern, and whether it is marked as waited for."""
    table = PAGE[PAGE.index("| check | what must hold |") : PAGE.index("## As the plan role")]
    for cell in re.findall(r"^\| ([^|]+) \|", table, re.M)[1:]:
        for name in cell.removesuffix(" *").split(", "):
            pattern = re.sub(r"\\\.\\\.\\\.|[A-Z]{4,}", ".+", re.escape(name.strip()))
            yield pattern.replace(r"\ .+", "( .+)?") if name.endswith("...") else pattern, cell.endswith(" *")


@pytest.fixture(scope="module")
def made() -> list[Check]:
    found: dict[str, Check] = {}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in KEYS.items():
            patch.setenv(name, value)
        for environment in SETTINGS.load():
            fields = {field: getattr(environment, field) for field in Environment.model_fields}
            for variant in VARIANTS:
                target = Target.of(Environment(**{**fields, **variant}), SHARED, {})
                found |= {check.name: check for check in checks(target)}
    return list(found.values())


def test_every_check_is_listed_and_marked_if_verify_waits_for_it(made: list[Check]) -> None:
    rows = list(listed())
    for check in made:
        waited = [waits for pattern, waits in rows if re.fullmatch(pattern, check.name)]
        assert waited, f"{check.name} is not in docs/verify.md"
        assert check.waits in waited, f"{check.name}: waited for is {check.waits}, in docs/verify.md {waited}"


def test_every_row_belongs_to_a_check(made: list[Check]) -> None:
    names = [check.name for check in made]
    left = [pattern for pattern, _ in listed() if not any(re.fullmatch(pattern, name) for name in names)]
    assert left == [CREDENTIALS]
