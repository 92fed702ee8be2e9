"""A proposal is read back as written, and nothing that a stranger puts into its folder is trusted."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from delivery.proposal.error import ProposalError
from delivery.proposal.proposal import LARGEST, MOST_ENTRIES, Proposal, read_proposal
from environments.schema.document import SettingsDocument
from modules.model.selected_settings import SETTINGS

NAMES = ("bootstrap", *SETTINGS.names())
STACK: dict[str, object] = {"terraform": {}}


def _write(folder: Path, place: str, content: object) -> None:
    (folder / place).parent.mkdir(parents=True, exist_ok=True)
    (folder / place).write_text(content if isinstance(content, str) else json.dumps(content))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A proposal of these settings with short stacks."""
    _write(tmp_path, "settings.json", SettingsDocument.of(SETTINGS).to_json())
    for name in NAMES:
        _write(tmp_path, f"stacks/{name}/cdk.tf.json", STACK)
    return tmp_path


def _refused(folder: Path) -> str:
    with pytest.raises(ProposalError) as raised:
        read_proposal(folder)
    assert len(str(raised.value)) < 1000
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_proposal_is_read(folder: Path) -> None:
    proposal = read_proposal(folder)
    assert SettingsDocument.parse(json.dumps(proposal.settings)) == SettingsDocument.of(SETTINGS)
    assert proposal.stacks == dict.fromkeys(NAMES, STACK)


def _link(folder: Path) -> None:
    (folder / "stacks/staging/cdk.tf.json").unlink()
    (folder / "stacks/staging/cdk.tf.json").symlink_to("/etc/passwd")


def _link_of_settings(folder: Path) -> None:
    (folder / "settings.json").rename(folder.parent / "elsewhere.json")
    (folder / "settings.json").symlink_to(folder.parent / "elsewhere.json")


def _linked_folder(folder: Path) -> None:
    shutil.rmtree(folder / "stacks/staging")
    (folder / "stacks/staging").symlink_to(folder / "stacks/prod")


def _linked_stacks(folder: Path) -> None:
    shutil.rmtree(folder / "stacks")
    (folder / "stacks").symlink_to("/")


def _pipe(folder: Path) -> None:
    (folder / "settings.json").unlink()
    os.mkfifo(folder / "settings.json")


def _folder_for_a_file(folder: Path) -> None:
    (folder / "settings.json").unlink()
    (folder / "settings.json").mkdir()


def _large(folder: Path) -> None:
    os.truncate(folder / "settings.json", LARGEST + 1)


def _many(folder: Path) -> None:
    for number in range(MOST_ENTRIES):
        (folder / f"stacks/many-{number}").mkdir()


def _of_bytes(folder: Path) -> None:
    (folder / "settings.json").write_bytes(b'{"a": "\xff"}')


def _without_a_stack(folder: Path) -> None:
    shutil.rmtree(folder / "stacks/staging")


def _without_settings(folder: Path) -> None:
    (folder / "settings.json").unlink()


@pytest.mark.parametrize(
    ("attack", "words"),
    [
        (_link, "stacks/staging/cdk.tf.json is a link"),
        (_link_of_settings, "settings.json is a link"),
        (_linked_folder, "stacks/staging is a link"),
        (_linked_stacks, "stacks is a link"),
        (_pipe, "settings.json is a link or something else that is not a file"),
        (_folder_for_a_file, "settings.json is a link or something else"),
        (_large, f"settings.json has {LARGEST + 1} bytes; allowed: {LARGEST}"),
        (_many, f"more than {MOST_ENTRIES} files and folders"),
        (_of_bytes, "settings.json cannot be read: 'utf-8' codec"),
        (_without_a_stack, "staging: in settings.json, without a stack"),
        (_without_settings, "has no settings.json"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_invalid_proposal_folder_is_refused(folder: Path, attack: Callable[[Path], None], words: str) -> None:
    attack(folder)
    assert words in _refused(folder)


@pytest.mark.parametrize(
    ("place", "content", "words"),
    [
        ("main.tf", "x", "main.tf is in the proposal; allowed: settings.json, and stacks/NAME/cdk.tf.json"),
        ("stacks/x.json", "x", "stacks: 'x.json'; allowed: an environment's name"),
        ("stacks/staging/main.tf", "x", "stacks/staging/main.tf is in the proposal"),
        ("stacks/staging/.terraform.lock.hcl", "x", "stacks/staging/.terraform.lock.hcl is in the proposal"),
        ("stacks/staging/a/cdk.tf.json", {}, "stacks/staging/a is in the proposal"),
        ("stacks/Staging/cdk.tf.json", {}, "stacks: 'Staging'; allowed: an environment's name"),
        ("stacks/-x/cdk.tf.json", {}, "stacks: '-x'; allowed: an environment's name"),
        ("stacks/a\u202eb/cdk.tf.json", {}, "stacks: 'a\\u202eb'; allowed: an environment's name"),
        ("stacks/unknown/cdk.tf.json", {}, "unknown: a stack, but not in settings.json"),
        ("stacks/staging/cdk.tf.json", "[]", "stacks/staging/cdk.tf.json is list; allowed: an object"),
        ("stacks/staging/cdk.tf.json", "{", "stacks/staging/cdk.tf.json: Expecting property name"),
        ("stacks/staging/cdk.tf.json", '{"a": 1, "a": 2}', "stacks/staging/cdk.tf.json: the key 'a' occurs twice"),
        ("stacks/staging/cdk.tf.json", '{"a": NaN}', "NaN is not a JSON number"),
        ("stacks/staging/cdk.tf.json", "[" * 10_000, "nested too deeply"),
        ("settings.json", "[]", "settings.json has no object shared"),
        ("settings.json", {"shared": 1, "environments": []}, "settings.json has no object shared"),
        ("settings.json", {"shared": {}}, "settings.json has no list environments with objects"),
        (
            "settings.json",
            {"shared": {}, "environments": ["prod"]},
            "settings.json has no list environments with objects",
        ),
    ],
)
def test_invalid_proposal_content_is_refused(folder: Path, place: str, content: object, words: str) -> None:
    _write(folder, place, content)
    assert words in _refused(folder)


@pytest.mark.parametrize(
    "name", ["../prod", "/etc", "a/b", "a.b", "", None, 1, ["prod"], "prod\n", "x" * 100_000 + "."]
)
def test_an_invalid_environment_name_is_refused(name: object) -> None:
    with pytest.raises(ProposalError, match=r"settings\.json: environments\.name: .*allowed: an environment's name"):
        Proposal(settings={"shared": {}, "environments": [{"name": name}]}, stacks={"bootstrap": {}})


@pytest.mark.parametrize(("name", "other"), [("prod", "prod"), ("bootstrap", "prod")])
def test_a_repeated_name_is_refused(name: str, other: str) -> None:
    settings = {"shared": {}, "environments": [{"name": name}, {"name": other}]}
    with pytest.raises(ProposalError, match=rf"settings\.json has '{name}' 2 times; allowed: once"):
        Proposal(settings=settings, stacks={"bootstrap": {}, "prod": {}})


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    assert "No such file or directory; allowed: the folder of a proposal" in _refused(tmp_path / "none")
