"""Terraform installs providers according to the configuration file; invalid settings are reported, nothing changes."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from local.runtime.errors import LocalCloudError
from local.terraform.provider_installation import ProviderInstallation
from modules.model.providers import AWS, KUBERNETES, POSTGRESQL, PROVIDERS, REGISTRY
from tests.unit.local.terraform.installation_run import Run
from tests.unit.local.terraform.mirrors import complete, packed, pinned, unpacked


def terraform_init(folder: Path, installation: ProviderInstallation) -> str:
    """Let the real Terraform install the three providers with the file; return its output."""
    required = {provider.name: {"source": provider.source, "version": provider.constraint} for provider in PROVIDERS}
    (folder / "main.tf.json").write_text(json.dumps({"terraform": {"required_providers": required}}))
    finished = subprocess.run(
        ["terraform", "init", "-no-color"],
        cwd=folder,
        env={**os.environ, "TF_CLI_CONFIG_FILE": str(installation.configuration), "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def test_terraform_installs_from_packed_and_unpacked_mirrors_and_stand_ins(run: Run, tmp_path: Path) -> None:
    run.mirrors = [
        unpacked(tmp_path / "unpacked ${x}", AWS, pinned(AWS)),
        packed(tmp_path / "packed", POSTGRESQL, pinned(POSTGRESQL)),
    ]
    output = terraform_init(tmp_path, run())
    assert f"Installed hashicorp/aws v{pinned(AWS)}" in output
    assert f"Installed hashicorp/kubernetes v{pinned(KUBERNETES)}" in output
    assert f"Installed cyrilgdn/postgresql v{pinned(POSTGRESQL)}" in output
    assert run.built == ["terraform-provider-kubernetes"]


def test_a_stack_switches_to_the_currently_found_providers(run: Run, tmp_path: Path) -> None:
    run.mirrors = [unpacked(tmp_path / "aws", AWS, pinned(AWS))]
    stack = tmp_path / "stack"
    stack.mkdir()
    stand_ins = run()
    terraform_init(stack, stand_ins)
    assert stand_ins.remove_stale_providers(stack) == []
    run.mirrors.append(complete(tmp_path / "official"))
    official = run()
    assert official.remove_stale_providers(stack) == ["hashicorp/kubernetes", "cyrilgdn/postgresql"]
    terraform_init(stack, official)
    for provider in (KUBERNETES, POSTGRESQL):
        (launcher,) = (stack / ".terraform/providers" / REGISTRY / provider.source).glob("*/*/*")
        assert str(tmp_path / "official") in launcher.read_text()
    run.mirrors, run.registry.versions = run.mirrors[:1], run.official
    assert run().remove_stale_providers(stack) == ["hashicorp/kubernetes", "cyrilgdn/postgresql"]


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("MOSAIC_PROVIDERS", "both", "MOSAIC_PROVIDERS=both: must be one of auto, official, standin"),
        ("MOSAIC_PROVIDER_MIRROR", "relative", "must be the absolute path of an existing folder"),
        ("MOSAIC_PROVIDER_MIRROR", "/nowhere/at/all", "must be the absolute path of an existing folder"),
    ],
)
def test_bad_variables_are_reported(run: Run, variable: str, value: str, message: str) -> None:
    run.variables = {variable: value}
    with pytest.raises(LocalCloudError, match=message):
        run()


def test_a_named_mirror_without_any_provider_is_an_error(run: Run, tmp_path: Path) -> None:
    run.variables = {"MOSAIC_PROVIDER_MIRROR": str(tmp_path)}
    with pytest.raises(LocalCloudError, match=r"has none of hashicorp/aws, .*`terraform providers mirror"):
        run()
    assert not (run.folder / "terraform.rc").exists()


def test_empty_variables_count_as_unset(run: Run, tmp_path: Path) -> None:
    run.variables, run.mirrors = {"MOSAIC_PROVIDERS": "", "MOSAIC_PROVIDER_MIRROR": ""}, [complete(tmp_path / "mirror")]
    assert len(run().lines) == len(PROVIDERS)


def test_a_failed_search_keeps_the_previous_file(run: Run, tmp_path: Path) -> None:
    run.mirrors = [complete(tmp_path / "mirror")]
    configuration = run().configuration
    before = configuration.read_text()
    run.variables = {"MOSAIC_PROVIDERS": "none"}
    with pytest.raises(LocalCloudError):
        run()
    assert configuration.read_text() == before
    assert [file.name for file in run.folder.iterdir()] == [configuration.name]
