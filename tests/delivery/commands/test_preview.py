"""The command ``python -m delivery preview``: what it prints, records and rejects. tests/live deploys."""

from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from delivery.commands import preview
from delivery.preview.claim import Images
from delivery.preview.claim_store import ClaimStore
from delivery.preview.claims import Slot
from delivery.preview.github_pull_requests import GitHubPullRequests
from delivery.preview.pull_requests import Refused, Unclear
from environments.schema.catalogue import Catalogue
from environments.schema.settings import Image
from modules.model.names import claims_object
from modules.model.selected_settings import SHARED
from tests.delivery.images.registry_contents import RegistryContents, digest
from tests.delivery.preview.clocked_s3 import client_with_clock
from tests.delivery.preview.recorded import HOUR, NOW, REPOSITORY, claim, claims

BUCKET, KEY = claims_object(SHARED)
IMAGES = ("--images", "web=pr-1", "core-api=pr-1")
BUILD = Images(web=Image(tag="pr-1", digest=digest(1)), core_api=Image(tag="pr-1", digest=digest(2)))
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def store(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> ClaimStore:
    """The claims in moto's account, with its clock."""
    s3 = client_with_clock(session)
    s3.create_bucket(Bucket=BUCKET)
    store = ClaimStore(s3, bucket=BUCKET, key=KEY)
    monkeypatch.setattr(ClaimStore, "of", lambda *_: store)
    return store


@pytest.fixture
def command(store: ClaimStore, contents: RegistryContents, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process, with moto as the account; the registry has a build pr-1."""
    contents.build("pr-1", 1)

    def command(*words: str) -> tuple[int, str, str]:
        code = preview.main(words)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


def test_a_claim_is_printed_recorded_and_passed_to_the_workflow(
    command: Command, store: ClaimStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(output))
    said = f"preview-1: claimed by {REPOSITORY}#7: web pr-1, core-api pr-1\n"
    assert command("claim", "--pull-request", "7", "--commit", "0" * 40, *IMAGES) == (0, said, "")
    found = store.read().claims.slot("preview-1").claim
    assert found
    assert found == claim(7, id=found.id, commit="0" * 40, images=BUILD, deployed=None)
    assert output.read_text() == "slot=preview-1\n"
    said = f"preview-1: renewed for {REPOSITORY}#7: web pr-1, core-api pr-1\n"
    assert command("claim", "--pull-request", "7", *IMAGES) == (0, said, "")


def test_if_all_slots_are_taken_the_refusal_says_by_whom_and_until_when(command: Command, store: ClaimStore) -> None:
    for number in (7, 8, 9):
        command("claim", "--pull-request", str(number), *IMAGES)
    before = store.read()
    code, output, errors = command("claim", "--pull-request", "10", *IMAGES)
    assert (code, output) == (1, "")
    first, headings, *rows = (line.removeprefix("preview: ") for line in errors.splitlines())
    assert first == f"{REPOSITORY}#10: no slot is free; allowed: release one of these first:"
    assert headings.split("  ")[0] == "slot"
    assert [row.split()[0] for row in rows] == ["preview-1", "preview-2", "preview-3"]
    for number, row in zip((7, 8, 9), rows, strict=True):
        assert f"claimed, not deployed  {REPOSITORY}#{number}  web pr-1, core-api pr-1  2026-11-30 12:00 UTC" in row
    assert store.read().claims == before.claims


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ["--repository", "somebody/mosaic-life", *IMAGES],
            2,
            f"preview: somebody/mosaic-life is not the repository of the previews; allowed: {REPOSITORY} "
            "(previews.repository in environments/shared.py)\n",
        ),
        (
            ["--images", "web=pr-2", "core-api=pr-1"],
            1,
            "preview: web: the registry has no mosaic-life/web:pr-2; allowed: a tag that its build has pushed\n",
        ),
        (
            ["--images", "web=arm", "core-api=arm"],
            1,
            "mosaic-life/web:arm is built for linux/arm64; allowed: an image for linux/amd64, which the nodes run",
        ),
        (
            ["--github", *IMAGES],
            2,
            "preview: --github without --commit; allowed: the head commit of the pull request\n",
        ),
    ],
)
def test_a_forbidden_claim_is_refused_and_not_recorded(  # noqa: PLR0917 by pytest's names
    command: Command,
    store: ClaimStore,
    contents: RegistryContents,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    code: int,
    said: str,
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "made-up")
    contents.index("arm", 10, "linux/arm64")
    found, output, errors = command("claim", "--pull-request", "7", *words)
    assert (found, output) == (code, "")
    assert said in errors
    assert store.read().tag is None


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Refused(reason="it is closed"), f"{REPOSITORY}#7 gets no preview: it is closed"),
        (Unclear(reason="GitHub: 500"), f"cannot tell whether {REPOSITORY}#7 may have a preview: GitHub: 500"),
    ],
)
def test_github_is_asked_before_anything_is_recorded(
    command: Command, store: ClaimStore, monkeypatch: pytest.MonkeyPatch, answer: Refused | Unclear, said: str
) -> None:
    class PullRequestsStandIn:
        def refusal(self, *asked: object) -> Refused | Unclear:
            assert asked == (REPOSITORY, 7, "0" * 40)
            return answer

    monkeypatch.setattr(GitHubPullRequests, "of", lambda *_: PullRequestsStandIn())
    code, _, errors = command("claim", "--github", "--pull-request", "7", "--commit", "0" * 40, *IMAGES)
    assert (code, errors) == (1, f"preview: {said}\n")
    assert store.read().tag is None


def test_the_list_has_a_row_for_each_slot(command: Command, store: ClaimStore) -> None:
    store.update(
        lambda _, __: claims(
            preview_1=Slot(claim=claim(7)),
            preview_2=Slot(claim=claim(8, asleep=True, renewed_at=NOW - 20 * HOUR)),
        )
    )
    code, output, errors = command("list")
    assert (code, errors) == (0, "")
    rows = [" | ".join(filter(None, map(str.strip, row.split("  ")))) for row in output.splitlines()]
    assert rows == [
        "slot | state | pull request | images | since | sleeps at | ends at",
        f"preview-1 | running | {REPOSITORY}#7 | web pr-1, core-api pr-1 | 2026-11-30 12:00 UTC | "
        "2026-12-01 00:00 UTC | 2026-12-05 12:00 UTC",
        f"preview-2 | asleep | {REPOSITORY}#8 | web pr-1, core-api pr-1 | 2026-11-30 12:00 UTC | 2026-12-04 16:00 UTC",
        "preview-3 | free",
    ]


def test_a_claim_is_extended_and_woken(command: Command, store: ClaimStore) -> None:
    asleep = claim(7, asleep=True, renewed_at=NOW - 20 * HOUR)
    store.update(lambda _, __: claims(preview_2=Slot(claim=asleep)))
    assert command("extend", "--pull-request", "7") == (
        0,
        f"preview-2: {REPOSITORY}#7 sleeps at 2026-12-01 00:00 UTC\n"
        "preview-2: it was asleep; to start its pods again: python -m delivery preview deploy preview-2\n",
        "",
    )
    assert store.read().claims == claims(preview_2=Slot(claim=claim(7)))


def test_a_pull_request_without_a_preview_is_reported(command: Command, store: ClaimStore) -> None:
    code, _, errors = command("extend", "--pull-request", "7")
    assert (code, f"{REPOSITORY}#7 has no preview; allowed: claim one" in errors) == (1, True)
    # GitHub may report its end twice.
    assert command("release", "--pull-request", "7") == (0, f"{REPOSITORY}#7 has no preview\n", "")


def test_a_claim_for_a_removed_slot_is_not_released(command: Command, store: ClaimStore) -> None:
    store.update(lambda _, __: claims(preview_9=Slot(claim=claim(7))))
    code, _, errors = command("release", "--pull-request", "7")
    assert (code, "'preview-9' is not a slot; allowed: preview-1, preview-2, preview-3" in errors) == (2, True)
    assert store.read().claims == claims(preview_9=Slot(claim=claim(7)))


def test_settings_without_previews_are_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(preview, "SETTINGS", Catalogue(shared=SHARED.changed({"previews": None})))
    assert preview.main(["list"]) == 2
    assert "the settings have no previews; allowed: previews=Previews(...)" in capsys.readouterr().err


def test_a_dump_that_cannot_be_read_is_refused(command: Command, tmp_path: Path) -> None:
    code, printed, error = command("seed", str(tmp_path / "nowhere.sql"))
    assert (code, printed) == (2, "")
    assert "nowhere.sql: the dump cannot be read: No such file or directory" in error


def test_rows_are_not_loaded_without_the_administrators_login(command: Command, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text("SELECT 1;")
    code, printed, error = command("seed", str(dump))
    assert (code, printed) == (1, "")
    assert f"cannot log in to the {SHARED.database_server.title} as its administrator" in error
