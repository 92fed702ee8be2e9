"""Which account's settings are selected; an unknown account is refused."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from environments.accounts.designed import DESIGNED
from environments.schema.catalogue import Catalogue
from environments.schema.document import SettingsDocument
from modules.model.cloud_selection import CloudError, local_account
from modules.model.selected_settings import ACCOUNTS, settings_of
from tests.conftest import LOCAL_CLOUD, run_main


def test_the_settings_describe_the_account_as_built() -> None:
    built = settings_of("built")
    assert (built.shared, built.load()) == (Catalogue().shared, Catalogue().load())


def test_the_designed_account_differs_only_in_its_files_fields() -> None:
    built, designed = settings_of("built"), settings_of("designed")
    assert _different(built.shared, designed.shared) == set(DESIGNED.shared)
    for name, differences in DESIGNED.environments.items():
        changed = _different(built.find(name), designed.find(name))
        assert {"adopt", "capabilities"} <= changed <= set(differences)
    others = set(built.lasting_names()) - DESIGNED.environments.keys()
    assert [name for name in others if built.find(name) != designed.find(name)] == []


def _different(one: object, other: object) -> set[str]:
    return {name for name in vars(one) if getattr(one, name) != getattr(other, name)}


@pytest.mark.parametrize(
    ("variables", "account"),
    [
        ({"MOSAIC_CLOUD": "local"}, "built"),
        ({"MOSAIC_CLOUD": "local", "MOSAIC_LOCAL_ACCOUNT": ""}, "built"),
        ({"MOSAIC_CLOUD": "local", "MOSAIC_LOCAL_ACCOUNT": "built"}, "built"),
        ({"MOSAIC_CLOUD": "local", "MOSAIC_LOCAL_ACCOUNT": "designed"}, "designed"),
        # AWS has one account.
        ({"MOSAIC_LOCAL_ACCOUNT": "designed"}, "built"),
        ({"MOSAIC_CLOUD": "aws", "MOSAIC_LOCAL_ACCOUNT": "designed"}, "built"),
    ],
)
def test_the_variable_counts_only_on_the_local_cloud(variables: Mapping[str, str], account: str) -> None:
    assert local_account(ACCOUNTS, variables) == account


@pytest.mark.parametrize("cloud", ["aws", "local"])
def test_an_unknown_account_is_refused_on_either_cloud(cloud: str) -> None:
    with pytest.raises(CloudError) as raised:
        local_account(ACCOUNTS, {"MOSAIC_CLOUD": cloud, "MOSAIC_LOCAL_ACCOUNT": "desinged"})
    assert str(raised.value) == ("MOSAIC_LOCAL_ACCOUNT is 'desinged'; allowed: built, designed (built if it is unset)")


@pytest.mark.parametrize(
    ("variables", "server"),
    [
        ({**LOCAL_CLOUD, "MOSAIC_LOCAL_ACCOUNT": "designed"}, "mosaic-prod-db"),
        ({**LOCAL_CLOUD, "MOSAIC_LOCAL_ACCOUNT": "built"}, "mosaic-prod-aurora"),
        ({"MOSAIC_LOCAL_ACCOUNT": "designed"}, "mosaic-prod-aurora"),
    ],
)
def test_variables_select_a_processes_settings(tmp_path: Path, variables: Mapping[str, str], server: str) -> None:
    program = "from modules.model.selected_settings import SHARED; print(SHARED.database_server.name)"
    assert run_main(tmp_path, variables, program=("-c", program)).stdout == f"{server}\n"


def _settings_with(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "settings.json"
    file.write_text(text)
    return file


@pytest.mark.parametrize("cloud", [{}, {**LOCAL_CLOUD, "MOSAIC_LOCAL_ACCOUNT": "built"}])
def test_a_settings_file_is_used_unchanged(tmp_path: Path, cloud: Mapping[str, str]) -> None:
    file = _settings_with(tmp_path, SettingsDocument.of(settings_of("designed")).to_json())
    program = "from modules.model.selected_settings import SETTINGS; print(SETTINGS.find('prod').adopt)"
    run = run_main(tmp_path, {**cloud, "MOSAIC_SETTINGS": str(file)}, program=("-c", program))
    assert run.stdout == "True\n"


def test_a_settings_file_gives_the_same_stacks(tmp_path: Path, aws_stacks: Path) -> None:
    file = _settings_with(tmp_path, SettingsDocument.of(settings_of("built")).to_json())
    assert run_main(tmp_path / "out", {"MOSAIC_SETTINGS": str(file)}).returncode == 0
    for stack in aws_stacks.glob("*/cdk.tf.json"):
        assert (tmp_path / "out" / "stacks" / stack.parent.name / stack.name).read_text() == stack.read_text()


_DELIVERY = (("-m", "delivery", "environments"), 2)


@pytest.mark.parametrize(
    ("text", "words", "program", "code"),
    [
        (None, "No such file or directory", *_DELIVERY),
        ("{", "the settings are not JSON", *_DELIVERY),
        ("{", "the settings are not JSON", ("main.py",), 1),
        ("{}", "the settings have []", *_DELIVERY),
        ("\ud800", "invalid continuation byte", *_DELIVERY),
    ],
)
def test_a_file_without_settings_is_refused(
    tmp_path: Path, text: str | None, words: str, program: tuple[str, ...], code: int
) -> None:
    file = tmp_path / "settings.json"
    if text is not None:
        file.write_bytes(text.encode(errors="surrogatepass"))
    run = run_main(tmp_path / "out", {"MOSAIC_SETTINGS": str(file)}, program=program)
    assert run.returncode == code
    assert f"error: MOSAIC_SETTINGS is '{file}': " in run.stderr
    assert words in run.stderr
    assert "allowed: the settings.json that `python -m delivery propose` writes" in run.stderr
    assert "Traceback" not in run.stderr


def test_settings_are_selected_without_cdktf() -> None:
    """Every command selects settings, and most need no synthesis."""
    code = "import sys, modules.model.selected_settings; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"cdktf", "jsii", "constructs", "boto3"} & set(run.stdout.split())
