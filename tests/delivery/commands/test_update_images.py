"""The command ``python -m delivery update-images``: its input checks and its result."""

from collections.abc import Iterator

import pytest

from delivery.commands.update_images import main
from delivery.rehearsal.github_stand_in import GitHubStandIn
from environments.schema.catalogue import file_of
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS
from tests.delivery.command_line import KEYS
from tests.delivery.github.github_fixture import serving
from tests.delivery.history.recorded import DIGESTS
from tests.delivery.promotion.registry import registry

STAGING = SETTINGS.find("staging")


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubStandIn]:
    with serving() as standin:
        standin.git.commit(str(STAGING.branch), {file_of("staging"): (ROOT / file_of("staging")).read_text("utf-8")})
        for name, value in {**standin.variables(), **KEYS}.items():
            monkeypatch.setenv(name, value)
        yield standin


def test_a_build_is_proposed(github: GitHubStandIn, capsys: pytest.CaptureFixture[str]) -> None:
    with registry() as ecr:
        for field, digest in DIGESTS.items():
            ecr.push(field, "staging-aaaaaaa", digest)
        assert main(["staging"]) == 0
    assert capsys.readouterr().out == "staging: staging-aaaaaaa is proposed in #1\n"
    assert len(github.pull_requests) == 1


@pytest.mark.parametrize(
    ("environment", "code", "said"),
    [
        ("staging", 1, "refused: no tag staging-COMMIT is in every repository"),
        ("prod", 1, "refused: prod is protected"),
        ("nowhere", 2, "error: environment 'nowhere' is unknown"),
    ],
)
def test_an_invalid_proposal_is_refused(
    github: GitHubStandIn, environment: str, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with registry():
        assert main([environment]) == code
    assert said in capsys.readouterr().err
    assert github.requests == []


def test_without_a_token_no_request_is_made(
    github: GitHubStandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert main(["staging"]) == 2
    assert "neither GITHUB_TOKEN nor GH_TOKEN is set" in capsys.readouterr().err
    assert github.requests == []
