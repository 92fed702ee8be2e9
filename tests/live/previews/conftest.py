"""Slots in the session's cloud beside staging and production: bootstrapped once, three of them claimed at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from modules.model.names import Names
from tests.live.isolation.tenant import Tenant
from tests.live.previews.account_inventory import account_inventory
from tests.live.previews.occupied_slots import OccupiedSlots
from tests.live.previews.preview_commands import SLOTS, PreviewCommands
from tests.live.project import Project, Run

BUILD = "pr-0000001"
# Attacker and target.
PAIRS = (
    ("preview-1", "preview-2"),
    ("preview-2", "preview-1"),
    ("preview-1", "staging"),
    ("preview-1", "prod"),
    ("staging", "preview-1"),
    ("prod", "preview-1"),
)
Key = TypeVar("Key")


@pytest.fixture(scope="session")
def previews(
    project: Project, adopted: Run, deployed: Run, tmp_path_factory: pytest.TempPathFactory
) -> PreviewCommands:
    """The preview commands, after bootstrap has created three slots beside the lasting environments."""
    commands = PreviewCommands(project, tmp_path_factory.mktemp("previews"))
    commands.bootstrap().expect(0)
    commands.push(BUILD)
    return commands


@pytest.fixture(scope="session")
def occupied(previews: PreviewCommands) -> OccupiedSlots:
    """Three pull requests with a slot each; two of the slots are deployed, at the same time."""
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


@pytest.fixture(scope="session")
def tenants(occupied: OccupiedSlots) -> dict[str, Tenant]:
    """The two deployed slots, staging and production."""
    project = occupied.commands.project_with_slots
    return {
        name: Tenant(
            settings=project.settings.find(name),
            names=Names.of(project.settings.find(name), project.settings.shared),
            project=project,
        )
        for name in dict.fromkeys(own for own, _ in PAIRS)
    }


@pytest.fixture(params=PAIRS, ids="-".join)
def pair(request: pytest.FixtureRequest) -> tuple[str, str]:
    own, other = request.param
    return str(own), str(other)


@pytest.fixture
def own(pair: tuple[str, str], tenants: dict[str, Tenant]) -> Tenant:
    """The attacker."""
    return tenants[pair[0]]


@pytest.fixture
def other(pair: tuple[str, str], tenants: dict[str, Tenant]) -> Tenant:
    """The target."""
    return tenants[pair[1]]


def _at_once(run: Callable[[Key], Run], keys: tuple[Key, ...]) -> dict[Key, Run]:
    with ThreadPoolExecutor() as pool:
        return dict(zip(keys, pool.map(run, keys), strict=True))
