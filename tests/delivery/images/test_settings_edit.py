"""Editing an environment's file changes only the literals of its images."""

import io
import shutil
import tokenize
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from delivery.images.image_literals import SettingsEditError
from delivery.images.settings_edit import set_images
from delivery.images.settings_file import write_images
from delivery.report.text_file import TextFileError
from environments.schema.catalogue import Catalogue
from environments.schema.rules import SettingsError
from environments.schema.settings import Image
from modules.model.selected_settings import SETTINGS
from tests.delivery.images.environment_files import BUILDS, EnvironmentFile, environment_files, formatted

WANTED = {
    "web": Image(tag="staging-1a2b3c4", digest=f"sha256:{'a' * 64}"),
    "core_api": Image(tag="staging-1a2b3c4", digest=f"sha256:{'b' * 64}"),
}
# The layout of additions.
_LAYOUT = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


def words(text: str, images: Mapping[str, Image]) -> list[str]:
    """A file's tokens without layout and without its images' literals."""
    own = {f'"{value}"' for image in images.values() for value in (image.tag, image.digest) if value}
    tokens = [
        token.string
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in _LAYOUT and token.string not in {",", "digest", "None", "="} | own
    ]
    return [token for token in tokens if not token.startswith("#")]


def comments(text: str) -> list[str]:
    return [
        token.string for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == tokenize.COMMENT
    ]


@given(file=environment_files(), wanted=BUILDS)
@settings(
    max_examples=25, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
def test_only_the_literals_of_images_differ(
    tmp_path_factory: pytest.TempPathFactory, file: EnvironmentFile, wanted: dict[str, Image]
) -> None:
    """In every form of file: comments, order, constants and formatting are kept."""
    folder = tmp_path_factory.mktemp("environments") / "environments"
    folder.mkdir()
    path = folder / "test.py"
    path.write_text(file.text)
    before = Catalogue(folder).find("test")
    assert before.images == file.images
    diff = write_images(Catalogue(folder), "test", wanted)
    text = path.read_text()
    after = Catalogue(folder).find("test")
    assert after == before.changed({field: {"image": image} for field, image in wanted.items()})
    assert formatted(text) == text
    assert words(text, wanted) == words(file.text, file.images)
    assert comments(text) == comments(file.text)
    assert bool(diff) == (wanted != file.images)
    assert [it.name for it in folder.iterdir() if it.suffix != ".pyc" and it.is_file()] == ["test.py"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SETTINGS.folder, tmp_path / "environments", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "environments"


@pytest.mark.parametrize("name", SETTINGS.lasting_names())
def test_the_existing_environments_can_be_edited(folder: Path, name: str) -> None:
    before = SETTINGS.find(name)
    wanted = {field: image.changed({"tag": "prod-1a2b3c4"}) for field, image in WANTED.items()}
    write_images(Catalogue(folder), name, wanted)
    text = (folder / f"{name}.py").read_text()
    assert formatted(text) == text
    assert Catalogue(folder).find(name) == before.changed({field: {"image": image} for field, image in wanted.items()})
    assert write_images(Catalogue(folder), name, wanted) == ""


_SETTINGS = "from environments.schema.settings import Backups, Environment, Image, Quota, Session, Workload"
_FILE = f"""{_SETTINGS}

_TAG = "staging-0000000"

ENVIRONMENT = Environment(
    name="test",
    stage="test",
    branch="develop",
    web=Workload(image=Image(tag=_TAG), hosts=("test.mosaiclife.me",), replicas=1, ingress_order=210),
    core_api=Workload(
        image=Image(tag="staging-0000000"), hosts=("test-api.mosaiclife.me",), replicas=1, ingress_order=220
    ),
    session=Session(cookie_name="mosaic_test_session"),
    backups=Backups(expire_after=30),
    quota=Quota(
        cpu_requests="2",
        memory_requests="4Gi",
        ephemeral_storage_requests="4Gi",
        cpu_limits="8",
        memory_limits="8Gi",
        ephemeral_storage_limits="12Gi",
        pods=20,
    ),
)
"""
_WEB = "image=Image(tag=_TAG)"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            _WEB,
            'image=Image(tag=f"staging-{1}")',
            'line: web.image.tag is f"staging-{1}"; allowed: a string, or a cons',
        ),
        (_WEB, 'image=Image(tag="staging-" + "1")', 'line: web.image.tag is "staging-" + "1"; allowed: a string'),
        (_WEB, "image=Image(tag=_TAG.lower())", "line: web.image.tag is _TAG.lower(); allowed: a string"),
        (_WEB, "image=Image(**{'tag': _TAG})", "is an argument without a name; allowed: NAME=VALUE"),
        (_WEB, "image=Image.model_validate({'tag': _TAG})", "web.image is Image.model_validate("),
        ("Image(tag=_TAG)", "Image(tag=_OTHER)", "line: _OTHER is set 0 times here; allowed: _OTHER = ... once"),
        ('branch="develop"', "branch=_TAG", "_TAG is used for more than these images; allowed: a constant for them"),
        (
            '_TAG = "staging-0000000"',
            "_TAG = _TAG",
            "line: _TAG refers to itself; allowed: a constant that is a literal",
        ),
        ("_TAG = ", '_TAG = "a"\n_TAG = ', "_TAG is set 2 times here; allowed: _TAG = ... once, at the file's top lev"),
        ("ENVIRONMENT = Env", "ENVIRONMENT = _E = Env", "ENVIRONMENT is set 1 times here; allowed: ENVIRONMENT = ..."),
        ("Environment(\n", "dict(\n", "ENVIRONMENT is dict( name="),
        ("web=Workload(", "webb=Workload(", "has no web; allowed: web=... written there"),
    ],
)
def test_computed_values_are_refused_with_their_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = tmp_path / "test.py"
    text = formatted(_FILE.replace(old, new, 1))
    file.write_text(text)
    with pytest.raises(SettingsEditError) as raised:
        set_images(file, WANTED)
    message = str(raised.value)
    assert message.startswith(f"{tmp_path.name}/test.py:")
    assert said.removeprefix("line: ") in message
    if said.startswith("line: "):
        number = int(message.split(":")[1])
        assert new.split("=", 1)[1][:10] in text.splitlines()[number - 1]
    assert file.read_text() == text


def test_a_shared_constant_cannot_get_two_values(tmp_path: Path) -> None:
    file = tmp_path / "test.py"
    file.write_text(formatted(_FILE.replace('Image(tag="staging-0000000")', "Image(tag=_TAG)")))
    other = {**WANTED, "core_api": WANTED["core_api"].changed({"tag": "staging-7654321"})}
    with pytest.raises(SettingsEditError, match=r"test\.py:3: core_api\.image\.tag is shared with another application"):
        set_images(file, other)
    assert set_images(file, WANTED).count("staging-1a2b3c4") == 1


def test_a_shared_image_object_cannot_get_two_digests(tmp_path: Path) -> None:
    file = tmp_path / "test.py"
    shared = _FILE.replace('Image(tag="staging-0000000")', "_IMAGE").replace("Image(tag=_TAG)", "_IMAGE")
    file.write_text(formatted(shared.replace('_TAG = "staging-0000000"', '_IMAGE = Image(tag="staging-0000000")')))
    with pytest.raises(
        SettingsEditError, match=r"test\.py:3: core_api\.image\.digest is shared with another application"
    ):
        set_images(file, WANTED)


def test_an_unformatted_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "test.py"
    file.write_text(_FILE.replace("_TAG = ", "_TAG  = "))
    with pytest.raises(SettingsEditError, match=r"test\.py is not formatted, so more than its images would change"):
        set_images(file, WANTED)


def test_an_image_without_a_digest_is_not_written(tmp_path: Path) -> None:
    file = tmp_path / "test.py"
    file.write_text(_FILE)
    with pytest.raises(SettingsEditError, match="allowed: a tag and a digest"):
        set_images(file, {"web": Image(tag="staging-1a2b3c4")})


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TextFileError, match="the environment cannot be read: No such file"):
        set_images(tmp_path / "missing.py", WANTED)


def test_a_file_that_transforms_its_images_is_not_changed(tmp_path: Path) -> None:
    (tmp_path / "environments").mkdir()
    file = tmp_path / "environments" / "test.py"
    text = formatted(f"{_FILE}\nif ENVIRONMENT.web.image.digest:\n    vars()['ENVIRONMENT'] = None\n")
    file.write_text(text)
    with pytest.raises(SettingsError, match="ENVIRONMENT is None"):
        write_images(Catalogue(file.parent), "test", WANTED)
    text = text.replace("= None", '= ENVIRONMENT.changed({"log_level": "debug"})').replace("vars()['", 'vars()["')
    file.write_text(formatted(text))
    with pytest.raises(SettingsEditError, match="test would change more than its images"):
        write_images(Catalogue(file.parent), "test", WANTED)
    assert file.read_text() == formatted(text)
