"""The command ``python -m delivery history``: one line per deploy."""

from collections.abc import Iterator

import pytest

from delivery.command_line import main
from delivery.rehearsal.github_stand_in import GitHubStandIn
from tests.delivery.github.github_fixture import HEAD, serving
from tests.delivery.history.recorded import CORE_API, WEB, images, record, status


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubStandIn]:
    with serving() as standin:
        for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_REPOSITORY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("GITHUB_API_URL", standin.url)
        yield standin


@pytest.mark.parametrize("variable", ["GITHUB_TOKEN", "GH_TOKEN"])
def test_records_are_listed_newest_first(
    github: GitHubStandIn, variable: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For the settings' repository; only a token is needed."""
    monkeypatch.setenv(variable, github.token)
    migrated = images()
    migrated["core_api"]["migration"] = "6a4b2170"
    record(github, "success", recorded=migrated)
    failed = record(github, "success", minutes=10)
    status(github, failed, "failure", minutes=300)
    record(github, recorded={}, minutes=400)
    assert main(["history", "staging"]) == 0
    web, core_api = f"  web       staging-e399d2f  {WEB}", f"  core_api  staging-e399d2f  {CORE_API}"
    plan = f"  plan      sha256:{'c' * 64}"
    assert capsys.readouterr().out.splitlines() == [
        f"2026-11-29 18:40 UTC  {HEAD[:12]}  not verified",
        plan,
        f"2026-11-29 12:10 UTC  {HEAD[:12]}  failed since at 2026-11-29 17:00: said failure",
        *(plan, core_api, web),
        f"2026-11-29 12:00 UTC  {HEAD[:12]}  verified since 2026-11-29 12:00",
        *(plan, f"{core_api}  migration 6a4b2170", web),
    ]


def test_the_limit_is_passed_on(
    github: GitHubStandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", github.token)
    for minutes in range(3):
        record(github, recorded={}, minutes=minutes)
    assert main(["history", "staging", "--limit", "2"]) == 0
    assert capsys.readouterr().out.count(" UTC ") == 2
    assert len([row for row in github.requests if "/statuses" in row]) == 2


def test_an_environment_without_a_record_says_so(
    github: GitHubStandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", github.token)
    assert main(["history", "prod"]) == 0
    assert capsys.readouterr().out == "prod: no deploy is recorded\n"


def test_without_a_token_the_message_says_where_to_get_one(
    github: GitHubStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["history", "staging"]) == 2
    assert "neither GITHUB_TOKEN nor GH_TOKEN is set; allowed: a token that may read mosaic-stories/platform" in (
        capsys.readouterr().err
    )
    assert github.requests == []


def test_an_unknown_environment_is_refused(github: GitHubStandIn, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "nowhere"]) == 2
    assert "environment 'nowhere' is unknown" in capsys.readouterr().err
    assert github.requests == []


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_that_is_not_a_number_is_refused(limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["history", "staging", f"--limit={limit}"])
    assert "is not a number of records; allowed: 1 or more" in capsys.readouterr().err
