"""The command ``python -m delivery images``: what it prints, writes and rejects."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import boto3
import pytest

from delivery.commands import images
from environments.applications import CORE_API, WEB
from environments.schema.catalogue import Catalogue
from environments.schema.settings import Image
from modules.model.selected_settings import SETTINGS, SHARED
from tests.delivery.command_line import KEYS, NOWHERE, run_command
from tests.delivery.images.registry_contents import RegistryContents, digest

run = partial(run_command, "images")
TAG = "staging-1a2b3c4"


@pytest.mark.parametrize(
    ("arguments", "variables", "said"),
    [
        (["nowhere"], {}, f"environment 'nowhere' is unknown; allowed: {', '.join(SETTINGS.lasting_names())}"),
        (["preview-1"], {}, "'preview-1' is not an environment here: a preview is deployed from the default branch"),
        (["bootstrap"], {}, "'bootstrap' is not an environment but the stack that prepares the account for them"),
        ([], {}, "the following arguments are required: environment"),
        (["staging", "--set"], {}, "argument --set: expected one argument"),
        (["staging", "--set", "a b"], {}, "'a b' is not an image tag; allowed: at most 128 of A-Z a-z 0-9 _ . and -"),
        (["staging"], {"MOSAIC_CLOUD": "azure"}, "MOSAIC_CLOUD is 'azure'; allowed: 'aws' (default) or 'local'"),
        (["staging"], {}, "Unable to locate credentials"),
        (["staging"], {"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": NOWHERE, **KEYS}, "make local-up"),
    ],
)
def test_bad_input_is_refused_with_one_error_and_exit_code_2(
    arguments: list[str], variables: dict[str, str], said: str
) -> None:
    done = run(*arguments, **variables)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    """Environments in a test folder, which the command uses as the project's."""
    shutil.copytree(SETTINGS.folder, tmp_path / "environments", ignore=shutil.ignore_patterns("__pycache__"))
    copy = Catalogue(tmp_path / "environments")
    monkeypatch.setattr(images, "SETTINGS", copy)
    return copy


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(session: boto3.Session, catalogue: Catalogue, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in this process, with moto as the account."""

    def command(*words: str) -> tuple[int, str, str]:
        code = images.main(words)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


@pytest.mark.parametrize("wanted", [TAG, "latest"])
def test_a_build_is_written_with_its_tag_and_digests(
    command: Command, catalogue: Catalogue, contents: RegistryContents, wanted: str
) -> None:
    contents.build(TAG, 1)
    code, output, errors = command("staging", "--set", wanted)
    assert (code, errors) == (0, "")
    assert catalogue.find("staging").images == {
        "web": Image(tag=TAG, digest=digest(1)),
        "core_api": Image(tag=TAG, digest=digest(2)),
    }
    added = [line.strip("+ ") for line in output.splitlines() if line.startswith("+") and "sha256" in line]
    assert added == [f'digest="{digest(1)}",', f'digest="{digest(2)}",']
    assert command("staging", "--set", wanted) == (0, "staging already has these images\n", "")


def test_another_build_changes_a_tag_and_a_digest_of_each_application(
    command: Command, contents: RegistryContents
) -> None:
    contents.build(TAG, 1)
    command("staging", "--set", TAG)
    contents.build("staging-7654321", 11)
    _, output, _ = command("staging", "--set", "staging-7654321")
    assert sum(line.startswith("+ ") for line in output.splitlines()) == 4


def test_a_newer_build_of_only_one_application_is_reported(command: Command, contents: RegistryContents) -> None:
    contents.build(TAG, 1, hour=1)
    contents.push(WEB.repository, "staging-7654321", 11, hour=2)
    code, _, errors = command("staging", "--set", "latest")
    assert code == 0
    assert errors.startswith(f"images: {WEB.repository} has a newer staging-7654321, pushed 2026-11-29 02:00")


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (
            f"staging --set {TAG}",
            (1, f"the registry has no {CORE_API.repository}:{TAG}; its staging-COMMIT tags: none"),
        ),
        ("staging --set latest", (1, "no tag staging-COMMIT is in every repository")),
        ("prod --set main", (2, "tag 'main' can be moved to another build")),
    ],
)
def test_an_unavailable_build_changes_nothing(
    command: Command, catalogue: Catalogue, contents: RegistryContents, line: str, refusal: tuple[int, str]
) -> None:
    contents.push(WEB.repository, TAG, 1)
    name, *options = line.split()
    file = catalogue.file(name)
    before = file.read_text()
    code, output, errors = command(name, *options)
    assert (code, output, file.read_text()) == (refusal[0], "", before)
    assert errors.startswith(f"images: {refusal[1]}")


def test_a_file_that_cannot_be_edited_is_refused(
    command: Command, catalogue: Catalogue, contents: RegistryContents
) -> None:
    contents.build(TAG, 1)
    file = catalogue.file("staging")
    file.write_text(file.read_text().replace("ENVIRONMENT = ", "ENVIRONMENT  = "))
    code, output, errors = command("staging", "--set", TAG)
    assert (code, output) == (2, "")
    assert errors.startswith("images: environments/staging.py is not formatted")


def test_a_registry_that_is_not_ecr_is_refused(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "SHARED", SHARED.changed({"image_registry": "ghcr.io"}))
    assert command("staging")[2].startswith("images: ghcr.io is not an ECR registry; allowed in image_registry: ")


def test_a_row_reports_unknowns_and_mismatches(
    command: Command, catalogue: Catalogue, contents: RegistryContents
) -> None:
    """The account has no cluster here, so the running images are unknown."""
    contents.build(TAG, 1)
    command("staging", "--set", TAG)
    contents.push(WEB.repository, TAG, 9, hour=5)
    code, output, _ = command("staging")
    heading, web, problem, core_api = output.splitlines()
    assert heading.split("  ")[0] == "application"
    assert web.split()[:2] == ["web", f"{TAG}@{'0' * 12}"]
    assert "not seen: DescribeCluster: ResourceNotFoundException" in web
    assert "pushed 2026-11-29 05:00" in web
    assert problem == f"    -> web: tag {TAG} moved: the settings have {digest(1)}, the registry has {digest(9)}"
    assert core_api.split()[0] == "core-api"
    assert code == 1
