"""Slots in the session's cloud, beside staging and production: bootstrapped once, and three of them claimed at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from tests.live.previews.account_inventory import account_inventory
from tests.live.previews.occupied_slots import OccupiedSlots
from tests.live.previews.preview_commands import SLOTS, PreviewCommands
from tests.live.project import Project, Run

BUILD = "pr-0000001"
Key = TypeVar("Key")


@pytest.fixture(scope="session")
def previews(
    project: Project, adopted: Run, deployed: Run, tmp_path_factory: pytest.TempPathFactory
) -> PreviewCommands:
    """The commands of previews, where bootstrap has made three slots beside what stands."""
    commands = PreviewCommands(project, tmp_path_factory.mktemp("previews"))
    commands.bootstrap().expect(0)
    commands.push(BUILD)
    return commands


@pytest.fixture(scope="session")
def occupied(previews: PreviewCommands) -> OccupiedSlots:
    """Three pull requests with a slot each, two of which are deployed, all at once."""
    inventory = account_inventory(previews.project)
    claimed = _at_once(lambda number: previews.claim(number, BUILD).expect(0), (101, 102, 103))
    requests = {slot.name: claim.pull_request for slot in SLOTS if (claim := previews.claims.slot(slot.name).claim)}
    first, second, third = sorted(requests)
    return OccupiedSlots(
        commands=previews,
        inventory=inventory,
        claimed=claimed,
        deployed=_at_once(lambda slot: previews.deploy(slot).expect(0), (first, second)),
        requests=requests,
        first=first,
        second=second,
        third=third,
    )


def _at_once(run: Callable[[Key], Run], keys: tuple[Key, ...]) -> dict[Key, Run]:
    with ThreadPoolExecutor() as pool:
        return dict(zip(keys, pool.map(run, keys), strict=True))
