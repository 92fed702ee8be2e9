"""Recorded deploys on GitHub's stand-in, at given times."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from delivery.history.record import TASK
from delivery.rehearsal.github_stand_in import BOT, GitHubStandIn, Row
from tests.delivery.github.github_fixture import HEAD

NOON = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
WEB, CORE_API = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
DIGESTS = {"web": WEB, "core_api": CORE_API}
TAG = "staging-e399d2f"


def images(digests: Mapping[str, str] = DIGESTS, tag: str = TAG) -> dict[str, Row]:
    return {field: {"tag": tag, "digest": digest, "migration": None} for field, digest in digests.items()}


def record(
    github: GitHubStandIn,
    *states: str,
    minutes: int = 0,
    environment: str = "staging",
    recorded: Mapping[str, Row] | None = None,
    commit: str = HEAD,
    creator: Row = BOT,
) -> int:
    """Record a deploy this many minutes after noon, and its statuses one minute apart."""
    github.deployments.clock = lambda: NOON + timedelta(minutes=minutes)
    payload = {"version": 1, "plan": f"sha256:{'c' * 64}", "images": images() if recorded is None else recorded}
    fields = {"ref": commit, "task": TASK, "environment": environment, "payload": payload}
    identity: int = github.deployments.add(fields, creator)["id"]
    for index, state in enumerate(states):
        status(github, identity, state, minutes=minutes + index, creator=creator)
    return identity


def status(github: GitHubStandIn, deployment: int, state: str, *, minutes: int, creator: Row = BOT) -> None:
    """Record a deploy's status this many minutes after noon."""
    github.deployments.clock = lambda: NOON + timedelta(minutes=minutes)
    fields = {"state": state, "description": f"said {state}", "log_url": "https://github.com/o/r/actions/runs/9"}
    github.deployments.add_status(deployment, fields, creator)
