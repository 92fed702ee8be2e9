"""On the local cloud, what Terraform checks and starts is a script that starts the provider."""

import subprocess
from pathlib import Path

import pytest

from local.terraform.launcher import launching_mirror
from local.terraform.provider_source import Mirror
from modules.model.providers import AWS
from tests.unit.local.terraform.installation_run import Run
from tests.unit.local.terraform.mirrors import packed, pinned, unpacked


def launcher(root: Path) -> Path:
    (program,) = Mirror(root).package(AWS, pinned(AWS)).iterdir()
    return program


@pytest.fixture
def program(tmp_path: Path) -> Path:
    printing = tmp_path / "it's a folder" / "program"
    printing.parent.mkdir()
    printing.write_text('#!/bin/sh\necho "$$ $#: $1"\n')
    printing.chmod(0o755)
    return printing


@pytest.mark.usefixtures("run")
def test_a_launcher_becomes_the_program_with_the_same_words(program: Path) -> None:
    words: list[str | Path] = [launcher(launching_mirror(AWS, pinned(AWS), program)), "a word"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as started:
        output, _ = started.communicate()
    assert (started.returncode, output) == (0, f"{started.pid} 1: a word\n")


@pytest.mark.usefixtures("run")
def test_each_program_has_a_package_of_its_own(program: Path) -> None:
    first = launching_mirror(AWS, pinned(AWS), program)
    before = launcher(first).read_text()
    assert launching_mirror(AWS, pinned(AWS), program) == first
    assert launching_mirror(AWS, pinned(AWS), program.with_name("another")) != first
    assert launcher(first).read_text() == before


def test_on_aws_terraform_checks_the_provider_itself(run: Run, tmp_path: Path) -> None:
    run.mirrors = [unpacked(tmp_path, AWS, pinned(AWS))]
    assert run(cloud="local").mirrors[AWS.source] != tmp_path
    run.registry.versions = run.official
    assert run(cloud="aws").mirrors[AWS.source] == tmp_path


def test_terraform_unpacks_a_packed_provider_itself(run: Run, tmp_path: Path) -> None:
    run.mirrors = [packed(tmp_path, AWS, pinned(AWS))]
    assert run().mirrors[AWS.source] == tmp_path
