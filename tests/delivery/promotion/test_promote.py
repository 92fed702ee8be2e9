"""A promotion from the running images to the pull request, with moto's registry, GitHub's stand-in and a set clock."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from delivery.github.objects import PullRequest
from delivery.images.image_literals import SettingsEditError
from delivery.images.running import RunningImage
from delivery.promotion.migration import ANNOTATION
from delivery.promotion.promote import Promotion
from delivery.promotion.refusal import RefusedError
from delivery.rehearsal.github_stand_in import GitHubStandIn
from environments.schema.catalogue import file_of
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.github.github_fixture import client, serving
from tests.delivery.history.recorded import CORE_API, DIGESTS, NOON, TAG, WEB, images, record, status
from tests.delivery.promotion.registry import Registry, registry

BRANCH = "promote/prod"
FILE = file_of("prod")
BEFORE = (ROOT / FILE).read_text(encoding="utf-8")
OLD = {"web": f"sha256:{'1' * 64}", "core_api": f"sha256:{'2' * 64}"}
MOVED = f"sha256:{'f' * 64}"


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving() as standin:
        standin.git.commit("main", {FILE: BEFORE, "README.md": "read\n"})
        yield standin


@pytest.fixture
def ecr() -> Iterator[Registry]:
    with registry() as found:
        for field, digest in DIGESTS.items():
            found.push(field, TAG, digest)
        yield found


def pods(digests: dict[str, str]) -> dict[str, Sequence[RunningImage]]:
    return {field: [RunningImage(image=field, digest=digest, pods=2)] for field, digest in digests.items()}


def promotion(github: GitHubStandIn, ecr: Registry, source: str = "staging", target: str = "prod") -> Promotion:
    return Promotion(
        source=SETTINGS.find(source),
        target=SETTINGS.find(target),
        shared=SHARED,
        registry=ecr.images,
        github=client(github),
    )


def promote(
    github: GitHubStandIn,
    ecr: Registry,
    *,
    minutes: int = 60,
    running: dict[str, Sequence[RunningImage]] | None = None,
) -> PullRequest:
    now = NOON + timedelta(minutes=minutes)
    return promotion(github, ecr).make(pods(DIGESTS) if running is None else running, now)


def refusal(github: GitHubStandIn, ecr: Registry, **how: object) -> str:
    """Return the refusal, and check that nothing was written."""
    before = len(github.requests)
    with pytest.raises(RefusedError) as raised:
        promote(github, ecr, **how)  # type: ignore[arg-type]
    assert [row for row in github.requests[before:] if not row.startswith("GET ")] == []
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_images_verified_for_the_soak_time_are_proposed(github: GitHubStandIn, ecr: Registry) -> None:
    record(github, "success")
    made = promote(github, ecr)
    assert (made.base.ref, made.head.ref, made.state) == ("main", BRANCH, "open")
    files = github.git.files(BRANCH)
    assert files.keys() == github.git.files("main").keys()
    assert all(
        f'Image(tag="{TAG}", digest="{digest}")' in re.sub(r"\s+", " ", _flat(files[FILE]))
        for digest in DIGESTS.values()
    )
    assert github.git.dispatched == [("propose.yml", BRANCH), ("ci.yml", BRANCH)]
    assert github.pull_requests[0]["title"] == f"Promote {TAG} to prod"


def _flat(text: str) -> str:
    """Return the text with each call on one line, regardless of formatting."""
    return re.sub(r",\s*\)", ")", re.sub(r"\(\s+", "(", text))


def test_the_table_shows_current_and_new_images_and_since_when(github: GitHubStandIn, ecr: Registry) -> None:
    ecr.push("core_api", "prod-80d2e05", OLD["core_api"], annotations={ANNOTATION: "1f2e3d4c"})
    ecr.push("core_api", "staging-1111111", MOVED, annotations={ANNOTATION: "6a4b2170"})
    running = {**DIGESTS, "core_api": MOVED}
    github.git.comparisons["mosaic-stories/mosaic-life", "80d2e05...e399d2f"] = {
        "ahead_by": 3,
        "behind_by": 0,
        "html_url": "https://github.com/x",
    }
    recorded = images(running)
    recorded["core_api"]["tag"] = "staging-1111111"
    record(github, "success", environment="prod", recorded=images(OLD, "prod-80d2e05"), minutes=-900)
    record(github, "success", recorded=recorded)
    promote(github, ecr, running=pods(running))
    [row] = github.pull_requests
    assert (
        "| application | runs in prod | comes | commits | migrations | runs in staging since |\n"
        "|---|---|---|---|---|---|\n"
        f"| web | `prod-80d2e05` `{OLD['web'][:19]}` | `{TAG}` `{WEB[:19]}` | [3 commits](https://github.com/x) "
        "| none: it has no database | 2026-11-29 12:00 UTC |\n"
        f"| core-api | `prod-80d2e05` `{OLD['core_api'][:19]}` | `staging-1111111` `{MOVED[:19]}` "
        "| unknown: mosaic-stories/mosaic-life cannot be read or lacks one of them | `1f2e3d4c` → `6a4b2170` "
        "| 2026-11-29 12:00 UTC |"
    ) in row["body"]
    assert "What runs in prod is as its last recorded deploy left it." in row["body"]


def test_the_migration_of_an_image_set_by_tag_is_read_by_tag(github: GitHubStandIn, ecr: Registry) -> None:
    settings = SETTINGS.find("prod").core_api.image
    ecr.push("core_api", str(settings.tag), OLD["core_api"], annotations={ANNOTATION: "1f2e3d4c"})
    ecr.push("core_api", "staging-1111111", MOVED, annotations={ANNOTATION: "1f2e3d4c"})
    running = {**DIGESTS, "core_api": MOVED}
    recorded = images(running)
    recorded["core_api"]["tag"] = "staging-1111111"
    record(github, "success", recorded=recorded)
    promote(github, ecr, running=pods(running))
    [row] = github.pull_requests
    [core_api] = [line for line in row["body"].splitlines() if line.startswith("| core-api ")]
    assert core_api.endswith("| none | 2026-11-29 12:00 UTC |")


def test_an_unnamed_migration_is_shown_as_unknown(github: GitHubStandIn, ecr: Registry) -> None:
    record(github, "success")
    promote(github, ecr)
    [row] = github.pull_requests
    assert "| unknown: an image does not say |" in row["body"]
    assert "as its settings say: no deploy is recorded" in row["body"]


def test_a_promotion_while_another_is_open_replaces_it(github: GitHubStandIn, ecr: Registry) -> None:
    record(github, "success")
    first = promote(github, ecr)
    newer = {"web": MOVED, "core_api": f"sha256:{'9' * 64}"}
    for field, digest in newer.items():
        ecr.push(field, "staging-2222222", digest)
    record(github, "success", recorded=images(newer, "staging-2222222"), minutes=100)
    second = promote(github, ecr, minutes=200, running=pods(newer))
    assert first.number == second.number
    [row] = github.pull_requests
    assert row["title"] == "Promote staging-2222222 to prod"
    assert TAG not in row["body"].partition("| web |")[2]
    [parent] = github.git.commits[github.branches[BRANCH]]["parents"]
    assert parent["sha"] == github.branches["main"]
    assert github.git.dispatched == [("propose.yml", BRANCH), ("ci.yml", BRANCH)] * 2


def test_the_same_promotion_again_starts_nothing(github: GitHubStandIn, ecr: Registry) -> None:
    record(github, "success")
    promote(github, ecr)
    tip = github.branches[BRANCH]
    promote(github, ecr, minutes=90)
    assert github.branches[BRANCH] == tip
    assert len(github.git.dispatched) == 2


def test_before_the_soak_time_is_over_nothing_is_written(github: GitHubStandIn, ecr: Registry) -> None:
    record(github, "success")
    assert "in 30 minutes" in refusal(github, ecr, minutes=30)


def test_a_failed_verify_in_between_stops_a_promotion(github: GitHubStandIn, ecr: Registry) -> None:
    identity = record(github, "success")
    status(github, identity, "failure", minutes=300)
    assert "has failed since at 2026-11-29 17:00 UTC" in refusal(github, ecr, minutes=600)


def test_a_tag_moved_after_verification_stops_a_promotion(github: GitHubStandIn, ecr: Registry) -> None:
    record(github, "success")
    ecr.push("web", "staging-0000000", WEB)
    ecr.push("web", TAG, MOVED)
    assert f"mosaic-life/web: the tag {TAG} no longer names {WEB}" in refusal(github, ecr)


def test_an_image_missing_from_the_registry_stops_a_promotion(github: GitHubStandIn, ecr: Registry) -> None:
    record(github, "success")
    ecr.untag("core_api", TAG)
    assert f"mosaic-life/core-api@{CORE_API} cannot be promoted: the registry has no" in refusal(github, ecr)


def test_a_missing_repository_stops_a_promotion(github: GitHubStandIn, ecr: Registry) -> None:
    record(github, "success")
    ecr.delete("core_api")
    assert "the registry has no repository mosaic-life/core-api" in refusal(github, ecr)


def test_a_branch_tag_is_not_promoted_to_a_protected_environment(github: GitHubStandIn, ecr: Registry) -> None:
    ecr.push("web", "develop", WEB)
    ecr.untag("web", TAG)
    recorded = images()
    recorded["web"]["tag"] = "develop"
    record(github, "success", recorded=recorded)
    assert f"mosaic-life/web@{WEB} has no permanent tag (its tags: develop)" in refusal(github, ecr)


def test_a_branch_images_commit_tag_is_promoted(github: GitHubStandIn, ecr: Registry) -> None:
    ecr.push("web", "develop", WEB)
    recorded = images()
    recorded["web"]["tag"] = "develop"
    record(github, "success", recorded=recorded)
    promote(github, ecr)
    assert "develop" not in github.pull_requests[0]["title"]


@pytest.mark.parametrize(
    ("running", "said"),
    [
        ({"web": [], "core_api": []}, "web: no pod of staging is ready, so there is nothing to promote"),
        (
            {"web": [*pods(DIGESTS)["web"], RunningImage(image="x", digest=MOVED, pods=1)], "core_api": []},
            "web: the pods of staging run several images, or do not say which",
        ),
        (
            {"web": [RunningImage(image="web:x", digest=None, pods=1)], "core_api": []},
            "do not say which (web:x on 1)",
        ),
    ],
    ids=["none", "several", "unknown"],
)
def test_pods_without_a_single_image_stop_a_promotion(
    github: GitHubStandIn, ecr: Registry, running: dict[str, Sequence[RunningImage]], said: str
) -> None:
    record(github, "success")
    assert said in refusal(github, ecr, running=running)


def test_images_already_in_the_settings_are_not_proposed_again(github: GitHubStandIn, ecr: Registry) -> None:
    record(github, "success")
    promote(github, ecr)
    github.branches["main"] = github.branches[BRANCH]
    assert "nothing to promote: the settings of prod already name these images" in refusal(github, ecr)


def test_an_environment_cannot_be_promoted_to_itself(github: GitHubStandIn, ecr: Registry) -> None:
    with pytest.raises(RefusedError, match="prod would be promoted to itself; allowed: two environments"):
        promotion(github, ecr, "prod", "prod").check_names()


def test_an_uneditable_file_is_reported_and_nothing_is_written(github: GitHubStandIn, ecr: Registry) -> None:
    github.git.commit("main", {FILE: "ENVIRONMENT = make()\n"})
    record(github, "success")
    before = len(github.requests)
    with pytest.raises(SettingsEditError, match=r"environments/prod\.py:1: "):
        promote(github, ecr)
    assert [row for row in github.requests[before:] if not row.startswith("GET ")] == []
