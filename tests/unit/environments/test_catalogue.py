"""Environments are found as files; an error names the file and the problem."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from environments.preview import preview
from environments.schema.catalogue import FOLDER, Catalogue, choose, file_of
from environments.schema.rules import SettingsError
from environments.schema.settings import Shared
from environments.shared import SHARED

THIRD = """
from environments.schema.settings import Backups, Environment, Image, Quota, Session, Workload

ENVIRONMENT = Environment(
    name="load-run",
    stage="rehearsal",
    branch="develop",
    web=Workload(image=Image(tag="1a2b3c4"), hosts=("load.mosaiclife.me",), replicas=1, ingress_order=210),
    core_api=Workload(image=Image(tag="1a2b3c4"), hosts=("load-api.mosaiclife.me",), replicas=1, ingress_order=220),
    session=Session(cookie_name="mosaic_load_session"),
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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of staging and production."""
    copy = tmp_path / "environments"
    copy.mkdir()
    for name in ("prod", "staging"):
        shutil.copy(FOLDER / f"{name}.py", copy)
    return copy


@pytest.fixture
def lasting(folder: Path) -> Catalogue:
    """A copy for an account without previews."""
    return Catalogue(folder, SHARED.changed({"previews": None}))


def _with_slots(slots: int) -> Shared:
    return SHARED.changed({"previews": {"slots": slots}})


def _refused(folder: Path) -> str:
    with pytest.raises(SettingsError) as raised:
        Catalogue(folder).load()
    return str(raised.value)


def test_the_projects_environments_are_found() -> None:
    assert set(Catalogue().names()) >= {"prod", "staging"}
    assert tuple(environment.name for environment in Catalogue().load()) == Catalogue().names()


def test_an_environment_is_found_by_name() -> None:
    assert Catalogue().find("staging").name == "staging"


def test_an_environment_is_selected_from_the_loaded_ones(folder: Path, lasting: Catalogue) -> None:
    (folder / "load_run.py").write_text(THIRD)
    loaded = lasting.load()
    assert choose("staging", loaded) is loaded[-1]
    with pytest.raises(SettingsError) as raised:
        choose("bootstrap", loaded)
    assert str(raised.value) == (
        "'bootstrap' is not an environment but the stack that prepares the account for them (docs/bootstrap.md); "
        "allowed here: load-run, prod, staging"
    )


def test_an_unknown_name_is_refused_with_the_known_ones(lasting: Catalogue) -> None:
    with pytest.raises(SettingsError) as raised:
        lasting.find("stagin")
    assert str(raised.value) == (
        "environment 'stagin' is unknown; allowed: prod, staging (one file each in environments/)"
    )


def test_a_changed_file_is_reread_even_with_the_same_size_and_time(folder: Path, lasting: Catalogue) -> None:
    path = folder / "load_run.py"
    path.write_text(THIRD)
    written = path.stat()
    assert lasting.find("load-run").web.image.tag == "1a2b3c4"
    path.write_text(THIRD.replace("1a2b3c4", "4c3b2a1"))
    os.utime(path, ns=(written.st_atime_ns, written.st_mtime_ns))
    assert lasting.find("load-run").web.image.tag == "4c3b2a1"


@pytest.mark.parametrize("file", ["load_run.py", "load-run.py"])
def test_a_third_environment_only_needs_a_third_file(folder: Path, lasting: Catalogue, file: str) -> None:
    (folder / file).write_text(THIRD)
    assert lasting.names() == lasting.lasting_names() == ("load-run", "prod", "staging")
    assert [environment.name for environment in lasting.load()] == ["load-run", "prod", "staging"]
    assert lasting.find("load-run").stage == "rehearsal"


def test_previews_are_environments_next_to_the_permanent_ones(folder: Path) -> None:
    catalogue = Catalogue(folder, _with_slots(2))
    assert catalogue.names() == ("preview-1", "preview-2", "prod", "staging")
    assert tuple(environment.name for environment in catalogue.load()) == catalogue.names()
    assert catalogue.find("preview-2") == preview(2)
    assert catalogue.lasting_names() == ("prod", "staging")
    assert tuple(environment.name for environment in catalogue.lasting()) == catalogue.lasting_names()


def test_the_maximum_number_of_previews_is_valid(folder: Path) -> None:
    assert len(Catalogue(folder, _with_slots(9)).load()) == 9 + 2


def test_an_environment_with_a_branch_is_not_a_preview(folder: Path) -> None:
    catalogue = Catalogue(folder, _with_slots(1))
    assert catalogue.find_lasting("staging") == catalogue.find("staging")
    with pytest.raises(
        SettingsError, match="'preview-1' is not an environment here: a preview is deployed from the"
    ) as it:
        catalogue.find_lasting("preview-1")
    assert str(it.value).endswith("allowed here: prod, staging")


def test_a_preview_beyond_the_slots_is_unknown(folder: Path) -> None:
    with pytest.raises(SettingsError, match="'preview-2' is unknown; allowed: preview-1, prod, staging"):
        Catalogue(folder, _with_slots(1)).find("preview-2")


def test_a_file_with_a_previews_name_is_refused(folder: Path) -> None:
    (folder / "preview-1.py").write_text(THIRD.replace('name="load-run"', 'name="preview-1"'))
    assert "name 'preview-1' is used twice by preview-1" in _refused(folder)


def test_a_message_names_an_environments_file() -> None:
    assert file_of("load-run") == "environments/load_run.py"
    assert file_of("preview-3") == "environments/preview.py"


def test_listing_names_reads_no_file(folder: Path) -> None:
    (folder / "broken.py").write_text("this is no Python")
    assert "broken" in Catalogue(folder).names()


def test_two_files_for_one_environment_are_refused(folder: Path) -> None:
    for file in ("load_run.py", "load-run.py"):
        (folder / file).write_text(THIRD)
    assert "name 'load-run' is used twice by load-run; allowed: each once in the account" in _refused(folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "ENVIRONMENT is None; allowed: an Environment of environments/schema/settings.py"),
        (
            "ENVIRONMENT = 'staging'",
            "ENVIRONMENT is 'staging'; allowed: an Environment of environments/schema/settings.py",
        ),
        (THIRD, "name 'load-run' differs from the file's; allowed: 'third'"),
        ("def x(:", "SyntaxError: "),
        ("import mosaic_unknown", "ModuleNotFoundError: No module named 'mosaic_unknown'"),
        ("ENVIRONMENT = Environment()", "NameError: name 'Environment' is not defined"),
    ],
    ids=["nothing", "something else", "another name", "syntax", "import", "name"],
)
def test_a_file_without_an_environment_of_its_name_is_refused(folder: Path, content: str, message: str) -> None:
    (folder / "third.py").write_text(content)
    assert _refused(folder).startswith(f"environments/third.py: {message}")


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            "backups=Backups(expire_after=30)",
            "backups=Backups(expire_after=0)",
            "Backups.expire_after: Input should be greater",
        ),
        ("branch=", "brunch=", "Environment.brunch: no such setting; allowed: name, stage, slot, branch, protected, "),
        ('name="load-run"', 'name="Load"', "Environment.name: 'Load' is not an environment name"),
        ("replicas=1, ingress_order=210", "ingress_order=210", "Workload.replicas: Field required"),
    ],
    ids=["value", "unknown key", "format", "missing key"],
)
def test_a_wrong_setting_is_reported_with_its_file_and_value(
    folder: Path, right: str, wrong: str, message: str
) -> None:
    assert right in THIRD
    (folder / "load_run.py").write_text(THIRD.replace(right, wrong, 1))
    assert f"environments/load_run.py: {message}" in _refused(folder)


def test_a_third_environment_is_checked_against_the_others(folder: Path) -> None:
    (folder / "load_run.py").write_text(THIRD.replace("ingress_order=210", "ingress_order=110"))
    assert _refused(folder) == (
        "ingress_order 110 is used by load-run and by staging; allowed: each once in the account"
    )


def test_settings_do_not_need_cdktf() -> None:
    """They are read where nothing else is installed, and outlive the generator."""
    code = "import sys; from environments.schema.catalogue import Catalogue; Catalogue().load(); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"cdktf", "jsii", "constructs", "boto3", "modules"} & set(run.stdout.split())
