"""Which live tests a session makes, and in which order."""

from pathlib import Path

import pytest

from tests.account import SETTINGS
from tests.stages import Stage

# Files, without "test_", and folders. Adoption needs production as it was made by hand; faults and destruction leave
# the most behind if they go wrong. Previews come before drift, which takes every admission binding away: from then on
# the API server sees no new environment's parameters (docs/traps.md).
_FIRST = (
    "production",
    "staging",
    "delivery_roles",
    "isolation",
    "load_balancer",
    "secrets",
    "odd_passwords",
    "previews",
    "drift",
    "rotation",
    "previews",
    "faults",
    "bad_input",
    "bad_commands",
    "built_account",
)
_LAST = "destroy"
# What a fixture deploys, by its name.
DEPLOYED_BY = {"deployed": "staging", "adopted": "prod", "first_plan": "prod"}
# Fixtures that only a local cloud can give: its processes, and a production that may be taken over.
_LOCAL_ONLY = frozenset({"cloud", "hand_made", "first_plan", "adoption"})

# Paths below tests/ whose tests need no environment that other live tests deploy: in one process, which bootstraps one
# account for all of them. Those of the delivery have a staging of their own: its deploys are the longest of those that
# staging's tests make one after the other.
_APART = ("live/faults", "live/test_bad_commands.py", "live/test_bad_input.py", "live/test_gitops.py")
# On a local cloud of its own, which holds another account.
_BUILT_ACCOUNT = "live/test_built_account.py"


def position(path: Path, folder: Path) -> int:
    """Where a file's tests stand in the session; folder: of all live tests."""
    part = Path(path.relative_to(folder).parts[0]).stem.removeprefix("test_")
    if part == _LAST:
        return len(_FIRST) + 1
    return _FIRST.index(part) if part in _FIRST else len(_FIRST)


def environments_of(item: pytest.Item) -> frozenset[str]:
    """The environments that a test needs deployed."""
    return frozenset(environment for name, environment in DEPLOYED_BY.items() if name in _fixtures(item))


def reason_to_leave_out(item: pytest.Item, skipped: frozenset[Stage], aws: str | None) -> str | None:
    """Why a test is not made in this session, or None.

    skipped: the stages that the developer left out. aws: the environment that is judged on AWS.
    """
    stage = _stage(item)
    if stage in skipped:
        return f"the stage {stage} is skipped by {stage.variable}"
    return None if aws is None else _reason_on_aws(item, aws)


def _reason_on_aws(item: pytest.Item, environment: str) -> str | None:
    needed = environments_of(item)
    protected = sorted(name for name in needed if SETTINGS.find(name).protected)
    if environment not in needed:
        return f"not about {environment}"
    if _LOCAL_ONLY & set(_fixtures(item)) or _stage(item) is Stage.DESTROY:
        return "made on the local cloud only: needs a cloud that may be broken"
    if protected and not item.get_closest_marker("read_only"):
        return f"may change {', '.join(protected)}, which is protected"
    return None


def _stage(item: pytest.Item) -> Stage:
    marker = item.get_closest_marker("stage")
    return Stage(marker.args[0]) if marker else Stage.VALIDATE


def _fixtures(item: pytest.Item) -> tuple[str, ...]:
    return tuple(getattr(item, "fixturenames", ()))


def group_of(path: Path) -> str:
    """What a test is run together with in one process (tests/side_by_side.py). path: below tests/.

    What shares a local cloud's environments stays in one process. Most of a live test is waiting, so two processes are
    done earlier; each has a local cloud of its own.
    """
    if path.parts[0] != "live":
        return "others"
    if path == Path(_BUILT_ACCOUNT):
        return _BUILT_ACCOUNT
    return "apart" if any(path.is_relative_to(place) for place in _APART) else "live"
