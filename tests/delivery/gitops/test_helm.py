"""How Helm is found."""

from pathlib import Path

import pytest

from delivery.gitops import helm
from delivery.gitops.helm import HelmError, helm_program


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helm, "_PACKAGE", "a-package-that-nobody-has-installed")


def test_the_packages_helm_takes_precedence_over_path(tmp_path: Path) -> None:
    assert helm_program(tmp_path) == tmp_path / "helm"


@pytest.mark.usefixtures("no_package")
def test_without_the_package_the_helm_on_the_path_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "helm"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    assert helm_program(tmp_path) == program


@pytest.mark.usefixtures("no_package")
def test_without_either_the_message_says_what_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HelmError, match=r"is not installed, and the PATH has no helm; allowed: one of them"):
        helm_program(tmp_path)
