"""Which provider version is found, and where: mirrors in order, then the registry."""

from pathlib import Path

import pytest

from modules.model.providers import AWS, KUBERNETES, POSTGRESQL
from tests.unit.local.terraform.installation_run import Run
from tests.unit.local.terraform.mirrors import complete, packed, pinned, unpacked

# Releases before and after hashicorp/aws's pinned one.
TOO_OLD, NEXT, TOO_NEW = "4.9.9", "5.100.1", "6.1.10"


def test_a_named_mirror_comes_first_and_the_registry_is_not_called(run: Run, tmp_path: Path) -> None:
    named, implied = complete(tmp_path / "named"), complete(tmp_path / "implied")
    run.variables, run.mirrors = {"MOSAIC_PROVIDER_MIRROR": str(named)}, [implied]
    assert run().lines == (
        f"hashicorp/aws {pinned(AWS)} from {named}",
        f"hashicorp/kubernetes {pinned(KUBERNETES)} from {named}",
        f"cyrilgdn/postgresql {pinned(POSTGRESQL)} from {named}",
    )
    assert run.registry.asked == []
    assert run.built == []


def test_each_provider_comes_from_the_first_source_that_has_it(run: Run, tmp_path: Path) -> None:
    first, second = unpacked(tmp_path / "first", AWS, pinned(AWS)), complete(tmp_path / "second")
    run.mirrors = [tmp_path / "absent", first, second]
    lines = run().lines
    assert lines[0] == f"hashicorp/aws {pinned(AWS)} from {first}"
    assert lines[1] == f"hashicorp/kubernetes {pinned(KUBERNETES)} from {second}"


@pytest.mark.parametrize("layout", [packed, unpacked])
@pytest.mark.parametrize("version", [TOO_OLD, NEXT, TOO_NEW, "5.100.0-beta1"])
def test_other_versions_are_skipped_with_a_message(run: Run, tmp_path: Path, layout: object, version: str) -> None:
    assert callable(layout)
    old, good = layout(tmp_path / "old", AWS, version), complete(tmp_path / "good")
    run.mirrors = [old, good]
    assert run().lines[:2] == (
        f"hashicorp/aws {version} in {old} ignored: the stacks are tested only with {AWS.constraint}",
        f"hashicorp/aws {pinned(AWS)} from {good}",
    )


def test_a_newer_version_next_to_the_pinned_one_is_not_used(run: Run, tmp_path: Path) -> None:
    mirror = complete(tmp_path / "mirror")
    for version in (TOO_OLD, NEXT, TOO_NEW):
        packed(mirror, AWS, version)
    run.mirrors = [mirror]
    assert run().lines[0] == f"hashicorp/aws {pinned(AWS)} from {mirror}"


def test_another_platform_does_not_count(run: Run, tmp_path: Path) -> None:
    run.mirrors = [
        packed(tmp_path / "other", KUBERNETES, pinned(KUBERNETES), platform="plan9_mips"),
        unpacked(tmp_path, AWS, pinned(AWS)),
    ]
    assert "stand-in" in run().lines[1]


def test_the_registry_comes_before_the_stand_ins(run: Run) -> None:
    run.registry.versions = run.official
    installation = run()
    assert installation.lines == (
        f"hashicorp/aws {pinned(AWS)} from the registry",
        f"hashicorp/kubernetes {pinned(KUBERNETES)} from the registry",
        f"cyrilgdn/postgresql {pinned(POSTGRESQL)} from the registry",
    )
    assert installation.configuration.read_text() == "provider_installation {\n  direct {\n    exclude = []\n  }\n}\n"
    assert run.built == []


def test_a_registry_without_this_platform_does_not_count(run: Run, tmp_path: Path) -> None:
    run.registry.versions, run.registry.platform = run.official, "plan9_mips"
    run.mirrors = [unpacked(tmp_path, AWS, pinned(AWS))]
    assert "stand-in" in run().lines[1]


@pytest.mark.parametrize("status", [403, 503])
def test_a_refusing_registry_is_called_once(run: Run, tmp_path: Path, status: int) -> None:
    run.registry.status, run.registry.versions = status, run.official
    run.mirrors = [unpacked(tmp_path, AWS, pinned(AWS))]
    assert [line.partition(" from ")[2].partition(" (")[0] for line in run().lines[1:]] == ["the local stand-in"] * 2
    assert run.registry.asked == ["hashicorp/kubernetes"]


def test_an_unreachable_registry_is_not_an_error_if_there_are_stand_ins(run: Run, tmp_path: Path) -> None:
    run.mirrors = [unpacked(tmp_path, AWS, pinned(AWS))]
    run.registry.shutdown()
    run.registry.server_close()
    assert "stand-in" in run().lines[1]
