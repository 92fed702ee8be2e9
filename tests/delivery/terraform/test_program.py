"""Which program is run as Terraform, and which processes are one."""

import pytest

from delivery.command_line import main
from delivery.terraform import program


@pytest.mark.parametrize(
    ("given", "name"), [(None, "terraform"), ("", "terraform"), ("/opt/tofu-1.12", "/opt/tofu-1.12")]
)
def test_the_variable_names_it_as_cdktf_reads_it(given: str | None, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(program.VARIABLE, raising=False)
    if given is not None:
        monkeypatch.setenv(program.VARIABLE, given)
    assert program.name() == name


def test_a_process_is_known_whatever_this_shell_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(program.VARIABLE, "/opt/tofu-1.12")
    assert [name for name in ("terraform", "tofu", "tofu-1.12", "sleep") if program.is_process(name)] == [
        "terraform",
        "tofu",
        "tofu-1.12",
    ]


def test_a_program_that_cannot_be_run_is_refused_before_a_command_begins(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(program.VARIABLE, "/nowhere/tofu")
    assert main(["plan", "staging"]) == 2
    assert capsys.readouterr().err == (
        "error: TERRAFORM_BINARY_NAME is '/nowhere/tofu', which cannot be run; allowed: the name or the absolute path "
        "of Terraform or OpenTofu, or unset for terraform\n"
    )
