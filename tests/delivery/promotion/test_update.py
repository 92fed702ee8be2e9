"""One pull request brings the newest build to staging and is kept up to date (moto's registry, GitHub's stand-in)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from delivery.images.registry import RegistryError
from delivery.images.selection import SelectionError
from delivery.promotion.refusal import RefusedError
from delivery.promotion.update import Update
from delivery.rehearsal.github_stand_in import GitHubStandIn
from environments.schema.catalogue import file_of
from environments.schema.settings import Environment, Image
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.github.github_fixture import client, serving
from tests.delivery.history.recorded import NOON
from tests.delivery.promotion.registry import Registry, registry

STAGING = SETTINGS.find("staging")
DEVELOP = str(STAGING.branch)
BRANCH = "images/staging"
FILE = file_of("staging")
BEFORE = (ROOT / FILE).read_text(encoding="utf-8")


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving() as standin:
        standin.git.commit(DEVELOP, {FILE: BEFORE})
        yield standin


@pytest.fixture
def ecr() -> Iterator[Registry]:
    with registry() as found:
        yield found


def build(ecr: Registry, commit: str, *fields: str, hours: int = 0) -> dict[str, str]:
    """Push a build of develop, this many hours after noon, for both applications or some."""
    digests = {}
    for index, field in enumerate(fields or ("web", "core_api")):
        digests[field] = f"sha256:{commit}{index}{'0' * 56}"
        ecr.push(field, f"staging-{commit}", digests[field], pushed_at=NOON + timedelta(hours=hours))
    return digests


def update(github: GitHubStandIn, ecr: Registry, environment: Environment = STAGING) -> str:
    return Update(environment=environment, shared=SHARED, registry=ecr.images, github=client(github)).make()


def test_a_new_build_is_proposed(github: GitHubStandIn, ecr: Registry) -> None:
    digests = build(ecr, "aaaaaaa")
    assert update(github, ecr) == "staging: staging-aaaaaaa is proposed in #1"
    [row] = github.pull_requests
    assert (row["base"]["ref"], row["title"]) == (STAGING.branch, "Deploy staging-aaaaaaa to staging")
    assert all(digest in github.git.files(BRANCH)[FILE] for digest in digests.values())
    assert github.git.dispatched == [("propose.yml", BRANCH), ("ci.yml", BRANCH)]
    assert "| web | `staging-e399d2f` | `staging-aaaaaaa` `sha256:aaaaaaa00000` |" in row["body"]


def test_a_newer_build_updates_the_pull_request(github: GitHubStandIn, ecr: Registry) -> None:
    build(ecr, "aaaaaaa")
    update(github, ecr)
    build(ecr, "bbbbbbb", hours=1)
    assert update(github, ecr) == "staging: staging-bbbbbbb is proposed in #1"
    [row] = github.pull_requests
    assert row["title"] == "Deploy staging-bbbbbbb to staging"
    assert "aaaaaaa" not in github.git.files(BRANCH)[FILE]


def test_the_next_hour_without_a_build_changes_nothing(github: GitHubStandIn, ecr: Registry) -> None:
    build(ecr, "aaaaaaa")
    update(github, ecr)
    tip = github.branches[BRANCH]
    update(github, ecr)
    assert (github.branches[BRANCH], len(github.git.dispatched)) == (tip, 2)


def test_a_build_missing_from_one_repository_waits(github: GitHubStandIn, ecr: Registry) -> None:
    build(ecr, "aaaaaaa")
    build(ecr, "bbbbbbb", "web", hours=1)
    assert "staging-aaaaaaa is proposed" in update(github, ecr)


def test_the_pull_request_is_closed_when_the_settings_have_its_images(github: GitHubStandIn, ecr: Registry) -> None:
    build(ecr, "aaaaaaa")
    update(github, ecr)
    github.branches[DEVELOP] = github.branches[BRANCH]
    said = update(github, ecr)
    assert said.startswith("staging: the settings on develop already have these images, and #1 was closed")
    assert github.pull_requests[0]["state"] == "closed"
    assert [row["body"] for row in github.comments[1]] == [
        "Closed, since the settings on develop already have these images."
    ]


def test_the_pull_request_is_closed_when_the_settings_have_newer_images(github: GitHubStandIn, ecr: Registry) -> None:
    build(ecr, "aaaaaaa")
    update(github, ecr)
    digests = {field: f"sha256:{index}{'e' * 63}" for index, field in enumerate(("web", "core_api"))}
    for field, digest in digests.items():
        ecr.push(field, "feature-ccccccc", digest, pushed_at=NOON + timedelta(hours=2))
    newer = STAGING.changed(
        {field: {"image": Image(tag="feature-ccccccc", digest=digest)} for field, digest in digests.items()}
    )
    assert "already have something newer, and #1 was closed" in update(github, ecr, newer)


def test_without_a_pull_request_nothing_is_closed(github: GitHubStandIn, ecr: Registry) -> None:
    build(ecr, "aaaaaaa")
    update(github, ecr)
    github.branches[DEVELOP] = github.branches[BRANCH]
    update(github, ecr)
    assert update(github, ecr).endswith("already have these images; the newest build is staging-aaaaaaa")
    assert len(github.comments[1]) == 1


@pytest.mark.parametrize("error", [SelectionError, RegistryError])
def test_without_a_build_or_a_repository_nothing_is_written(
    github: GitHubStandIn, ecr: Registry, error: type[Exception]
) -> None:
    if error is RegistryError:
        ecr.delete("web")
    with pytest.raises(error, match="mosaic-life/web"):
        update(github, ecr)
    assert github.requests == []


def test_a_protected_environment_gets_no_build(github: GitHubStandIn, ecr: Registry) -> None:
    with pytest.raises(RefusedError, match="prod is protected: it gets only what was verified elsewhere"):
        update(github, ecr, SETTINGS.find("prod"))
    assert github.requests == []
