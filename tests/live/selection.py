"""Selects the live tests of a session and orders them."""

from pathlib import Path

import pytest

from tests.account import SETTINGS
from tests.stages import Stage

# Files, without "test_", and folders. Adoption needs production as it was built by hand; faults and destruction leave
# the most behind if they fail. Previews come before drift, which deletes every admission binding: afterwards the API
# server sees no new environment's parameters (docs/traps.md).
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
    "faults",
    "bad_input",
    "bad_commands",
    "built_account",
)
_LAST = "destroy"
# What a fixture deploys, by the fixture's name.
DEPLOYED_BY = {"deployed": "staging", "adopted": "prod", "first_plan": "prod"}
# Fixtures that only a local cloud can provide: its processes, and a production that may be adopted.
_LOCAL_ONLY = frozenset({"cloud", "hand_made", "first_plan", "adoption"})

# Paths below tests/ whose tests need no environment that other live tests deploy. They share a process, which
# bootstraps one account for all of them. The delivery tests have a staging of their own: in a row with staging's other
# tests, their deploys would take longest.
_APART = ("live/faults", "live/test_bad_commands.py", "live/test_bad_input.py", "live/test_gitops.py")
# Runs on a local cloud of its own, which holds another account.
_BUILT_ACCOUNT = "live/test_built_account.py"
# They deploy both environments once more: in a row with the other tests of those, they would end last and alone.
_ISOLATION = ("live/isolation", "live/previews", "live/test_drift.py")
# They need a local cloud without environments.
_LOCAL = ("local", "plan", "delivery/doctor")
# The groups that take longest.
LONGEST = ("live", "isolation", "apart", "local")


def position(path: Path, folder: Path) -> int:
    """Return the position of a file's tests in the session. folder: of all live tests."""
    part = Path(path.relative_to(folder).parts[0]).stem.removeprefix("test_")
    if part == _LAST:
        return len(_FIRST) + 1
    return _FIRST.index(part) if part in _FIRST else len(_FIRST)


def environments_of(item: pytest.Item) -> frozenset[str]:
    """Return the environments that a test needs deployed."""
    return frozenset(environment for name, environment in DEPLOYED_BY.items() if name in _fixtures(item))


def reason_to_leave_out(item: pytest.Item, skipped: frozenset[Stage], aws: str | None) -> str | None:
    """Return why this session leaves a test out, or None.

    skipped: the stages that the developer leaves out. aws: the environment under test on AWS.
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
    """Return the group of tests that run together in one process (tests/side_by_side.py). path: below tests/.

    Tests that share a local cloud's environments stay in one process. Live tests mostly wait, so several processes
    finish earlier; each has its own local cloud.
    """
    if path == Path(_BUILT_ACCOUNT):
        return _BUILT_ACCOUNT
    for group, places in {"isolation": _ISOLATION, "apart": _APART, "local": _LOCAL}.items():
        if any(path.is_relative_to(place) for place in places):
            return group
    return path.parts[0] if path.parts[0] in ("live", "delivery") else "others"
