"""The command ``python -m delivery record-deployment``: it records whether verify passes or fails."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.commands import record_deployment as command
from delivery.commands.record_deployment import deployed_images, main
from delivery.history.record import RecordedImage
from delivery.images.running import RunningImage
from delivery.plan.artifact import PlanFolder
from delivery.plan.hash import plan_hash
from delivery.promotion.migration import ANNOTATION
from delivery.rehearsal.github_stand_in import GitHubStandIn
from delivery.verification.verify_run import VerifyRun
from modules.model.selected_settings import SETTINGS
from tests.delivery.command_line import KEYS, NOWHERE
from tests.delivery.github.github_fixture import HEAD, serving
from tests.delivery.history.recorded import CORE_API, DIGESTS, WEB
from tests.delivery.plan_documents import real_document, real_plan, real_stack
from tests.delivery.promotion.registry import registry

STAGING = SETTINGS.find("staging")
TAG = STAGING.web.image.tag

RUNNING = {field: [RunningImage(image=field, digest=digest, pods=1)] for field, digest in DIGESTS.items()}


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubStandIn]:
    with serving() as standin:
        variables = {
            **standin.variables(),
            **KEYS,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_RUN_ID": "9",
            "GITHUB_SHA": HEAD,
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield standin


def planned(root: Path) -> None:
    folder = PlanFolder(root=root, environment="staging")
    folder.clear()
    folder.document.write_text(json.dumps(real_document("staging-image")))
    folder.stack.write_text(json.dumps(real_stack("staging-image")))


@pytest.mark.parametrize(("code", "state"), [(0, "success"), (1, "failure")])
def test_a_deploy_is_always_recorded_and_exits_like_verify(
    github: GitHubStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, state: str
) -> None:
    """There is no environment here; the images that it runs are stubbed."""
    planned(tmp_path)
    monkeypatch.setattr(command, "run_verify", lambda _name: VerifyRun(code=code))
    monkeypatch.setattr(command, "running_images", lambda _target: RUNNING)
    with registry():
        assert main(["staging", "--plans", str(tmp_path)]) == code
    [row] = github.deployments.rows
    assert (row["sha"], row["environment"], row["task"]) == (HEAD, "staging", "mosaic")
    assert row["payload"] == {
        "version": 1,
        "plan": plan_hash(real_plan("staging-image"), real_stack("staging-image")),
        "images": {field: {"tag": TAG, "digest": digest, "migration": None} for field, digest in DIGESTS.items()},
    }
    [[status]] = github.deployments.statuses.values()
    assert (status["state"], status["log_url"]) == (state, "https://github.com/mosaic-stories/platform/actions/runs/9")


def test_an_unreachable_environment_is_not_recorded(
    github: GitHubStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned(tmp_path)
    for name, value in {"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": NOWHERE}.items():
        monkeypatch.setenv(name, value)
    assert main(["staging", "--plans", str(tmp_path)]) == 2
    assert github.requests == []


def test_an_application_without_exactly_one_known_image_is_not_recorded() -> None:
    running: list[list[RunningImage]] = [
        [],
        [*RUNNING["web"], RunningImage(image="web", digest=CORE_API, pods=1)],
        [RunningImage(image="web", digest=None, pods=1)],
    ]
    for web in running:
        found = deployed_images(STAGING, {**RUNNING, "web": web}, None)
        assert found == {"core_api": RecordedImage(tag=TAG, digest=CORE_API)}


def test_one_digest_with_two_names_is_one_image() -> None:
    web = [*RUNNING["web"], RunningImage(image="another name", digest=WEB, pods=1)]
    assert deployed_images(STAGING, {"web": web}, None) == {"web": RecordedImage(tag=TAG, digest=WEB)}


def test_an_images_migration_is_recorded_if_the_image_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    with registry() as ecr:
        for field in DIGESTS:
            ecr.push(field, str(TAG), DIGESTS[field], annotations={ANNOTATION: "6a4b2170"})
        found = deployed_images(STAGING, RUNNING, ecr.images)
        assert {field: image.migration for field, image in found.items()} == {"web": None, "core_api": "6a4b2170"}
        ecr.delete("core_api")
        assert deployed_images(STAGING, RUNNING, ecr.images)["core_api"].migration is None
    assert capsys.readouterr().err == ""


def test_an_unresponsive_registry_is_reported_and_the_deploy_is_still_recorded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with registry() as ecr:
        images = ecr.images
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": NOWHERE}.items():
        monkeypatch.setenv(name, value)
    assert deployed_images(STAGING, RUNNING, images)["core_api"].migration is None
    assert "core-api: cannot tell which migration its image has: no answer from the registry" in capsys.readouterr().err


def test_without_a_plan_or_github_nothing_is_verified(
    github: GitHubStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["staging", "--plans", str(tmp_path)]) == 2
    assert "plan.json" in capsys.readouterr().err
    monkeypatch.delenv("GITHUB_TOKEN")
    assert main(["staging", "--plans", str(tmp_path)]) == 2
    assert "GITHUB_TOKEN not set" in capsys.readouterr().err
    assert main(["nowhere"]) == 2
    assert github.requests == []
