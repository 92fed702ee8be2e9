"""The artifact with a saved plan: exactly two text files of limited size are read."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping

import pytest

from delivery.plan.hash import plan_hash
from delivery.rehearsal.github_stand_in import GitHubStandIn
from delivery.review import kept_plan
from delivery.review.kept_plan import kept_plans
from modules.model.selected_settings import SETTINGS
from tests.delivery.github.github_fixture import client, pull_request, serving
from tests.delivery.plan_documents import FOLDER, real_plan, real_stack

RUN = 5
NAME = "staging-replicas"
FILES = {
    "staging/plan.json": (FOLDER / f"{NAME}.plan.json").read_bytes(),
    "staging/cdk.tf.json": (FOLDER / f"{NAME}.stack.json").read_bytes(),
}


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving(pull_request()) as standin:
        yield standin


def hashes(github: GitHubStandIn) -> list[str]:
    return [row.hash for row in kept_plans(client(github), SETTINGS.find("staging"), RUN)]


def keep(github: GitHubStandIn, archive: bytes) -> None:
    github.add_artifact(RUN, "plan-staging", {})
    github.artifacts[-1] |= {"data": archive, "size_in_bytes": len(archive)}


def archive(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as written:
        for name, data in files:
            written.writestr(name, data)
    return content.getvalue()


def test_the_plan_and_its_stack_are_read(github: GitHubStandIn) -> None:
    expected = plan_hash(real_plan(NAME), real_stack(NAME))
    github.add_artifact(RUN, "plan-staging", {**FILES, "staging/plan.txt": b"\xff", "../../escaped": b"x"})
    assert hashes(github) == [expected]
    github.add_artifact(6, "plan-staging", FILES)
    github.add_artifact(RUN, "plan-prod", FILES)
    github.add_artifact(RUN, "plan-staging", FILES)
    assert hashes(github) == [expected, expected]


@pytest.mark.parametrize(
    "changed",
    [
        {"staging/plan.json": None},
        {"staging/cdk.tf.json": None},
        {"staging/plan.json": b"{}"},
        {"staging/plan.json": b"\xff"},
        {"staging/plan.json": b"[" * 200_000},
        {"staging/cdk.tf.json": b"[]"},
        {"staging/cdk.tf.json": b"{"},
        {"staging/cdk.tf.json": b'{"a":' * 200_000},
    ],
)
def test_an_artifact_without_one_of_the_files_counts_as_missing(
    github: GitHubStandIn, changed: Mapping[str, bytes | None]
) -> None:
    files = {name: data for name, data in {**FILES, **changed}.items() if data is not None}
    github.add_artifact(RUN, "plan-staging", files)
    assert hashes(github) == []


def test_a_duplicate_file_is_not_read(github: GitHubStandIn) -> None:
    """Unpacking programs disagree about which of the two counts."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        keep(github, archive(*FILES.items(), ("staging/plan.json", FILES["staging/plan.json"])))
    assert hashes(github) == []


def test_a_file_that_unpacks_to_more_than_expected_is_not_read(
    github: GitHubStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = archive(*FILES.items())
    keep(github, whole)
    assert len(hashes(github)) == 1
    monkeypatch.setattr(kept_plan, "_LARGEST_FILE", len(FILES["staging/plan.json"]) - 1)
    assert hashes(github) == []


def test_a_broken_archive_counts_as_missing(github: GitHubStandIn) -> None:
    whole = archive(*FILES.items())
    encrypted = bytearray(whole)
    for begin in (b"PK\x03\x04", b"PK\x01\x02"):
        # The flag's offset in a local header and in the central directory (APPNOTE 4.3.7, 4.3.12).
        encrypted[encrypted.index(begin) + (6 if begin == b"PK\x03\x04" else 8)] |= 1
    damaged = bytearray(whole)
    damaged[whole.index(b"PK\x01\x02") // 2] ^= 0xFF
    for data in (b"", b"x", whole[: len(whole) // 2], bytes(encrypted), bytes(damaged)):
        keep(github, data)
    assert hashes(github) == []
    assert json.loads(FILES["staging/cdk.tf.json"])
