"""Which program runs as Terraform, and which processes count as Terraform."""

import pytest

from delivery.command_line import main
from delivery.terraform import program


@pytest.mark.parametrize(
    ("given", "name"), [(None, "terraform"), ("", "terraform"), ("/opt/tofu-1.12", "/opt/tofu-1.12")]
)
def test_the_program_is_read_from_the_same_variable_as_cdktfs(
    given: str | None, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(program.VARIABLE, raising=False)
    if given is not None:
        monkeypatch.setenv(program.VARIABLE, given)
    assert program.name() == name


def test_a_process_is_recognized_regardless_of_this_shells_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(program.VARIABLE, "/opt/tofu-1.12")
    assert [name for name in ("terraform", "tofu", "tofu-1.12", "sleep") if program.is_process(name)] == [
        "terraform",
        "tofu",
        "tofu-1.12",
    ]


def test_a_program_that_cannot_run_is_refused_before_a_command_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(program.VARIABLE, "/nowhere/tofu")
    assert main(["plan", "staging"]) == 2
    assert capsys.readouterr().err == (
        "error: TERRAFORM_BINARY_NAME is '/nowhere/tofu', which cannot be run; allowed: the name or the absolute path "
        "of Terraform or OpenTofu, or unset for terraform\n"
    )
