"""The command ``python -m delivery promote``: its input checks and its result."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from delivery.commands import promote as command
from delivery.commands.promote import main
from delivery.images.running import RunningImage
from delivery.rehearsal.github_stand_in import GitHubStandIn
from environments.schema.catalogue import file_of
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS
from tests.delivery.command_line import KEYS, NOWHERE
from tests.delivery.github.github_fixture import serving
from tests.delivery.history.recorded import DIGESTS, TAG, record
from tests.delivery.promotion.registry import registry

KNOWN = ", ".join(SETTINGS.lasting_names())


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubStandIn]:
    with serving() as standin:
        standin.git.commit("main", {file_of("prod"): (ROOT / file_of("prod")).read_text(encoding="utf-8")})
        for name, value in {**standin.variables(), **KEYS}.items():
            monkeypatch.setenv(name, value)
        yield standin


def test_the_command_promotes_and_prints_the_pull_request(
    github: GitHubStandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """There are no pods here; the images that they run are stubbed."""
    running = {field: [RunningImage(image=field, digest=digest, pods=1)] for field, digest in DIGESTS.items()}
    monkeypatch.setattr(command, "running_images", lambda _target: running)
    record(github, "success")
    with registry() as ecr:
        for field, digest in DIGESTS.items():
            ecr.push(field, TAG, digest)
        assert main(["staging", "prod"]) == 0
        assert capsys.readouterr().out == "prod: #1 proposes the images that run in staging\n"
        now = datetime.now(UTC)
        github.deployments.rows[0]["created_at"] = github.deployments.statuses[1][0]["created_at"] = now.isoformat()
        assert main(["staging", "prod"]) == 1
    assert capsys.readouterr().err.startswith("refused: staging has been running these digests since ")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["prod", "prod"], 1, "refused: prod would be promoted to itself"),
        (["nowhere", "prod"], 2, f"environment 'nowhere' is unknown; allowed: {KNOWN}"),
        (["staging", "nowhere"], 2, f"environment 'nowhere' is unknown; allowed: {KNOWN}"),
        (["staging", "bootstrap"], 2, "'bootstrap' is not an environment"),
    ],
)
def test_invalid_promotions_are_refused_before_any_request(
    github: GitHubStandIn,
    arguments: list[str],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(arguments) == code
    assert said in capsys.readouterr().err
    assert github.requests == []


def test_an_unresponsive_account_is_reported(
    github: GitHubStandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MOSAIC_CLOUD", "local")
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOWHERE)
    assert main(["staging", "prod"]) == 2
    assert NOWHERE in capsys.readouterr().err
    assert github.requests == []
