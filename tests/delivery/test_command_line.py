"""The command line: the commands, the message for unknown ones, and that each is loaded only when it is called."""

import subprocess
import sys
from pathlib import Path

import pytest

from delivery.command_line import GROUPS, NAMES, main
from modules.model.project import ROOT
from tests.conftest import LOCAL_CLOUD, run_main
from tests.delivery.command_line import run_command
from tests.source_copy import copy_source

FILES = {path.stem.replace("_", "-") for path in (ROOT / "delivery" / "commands").glob("*.py")} - {"--init--"}


def test_every_command_file_is_a_command_in_exactly_one_group() -> None:
    assert sorted(NAMES) == sorted(FILES)


def test_the_help_shows_each_command_in_its_group_with_a_description() -> None:
    done = run_command("--help")
    assert (done.returncode, done.stderr) == (0, "")
    shown = {}
    for line in done.stdout.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            group = line.removesuffix(":")
        elif line.startswith("  "):
            name, summary = line.split(maxsplit=1)
            shown[name] = group
            assert summary[0].isupper()
    assert shown == {name: group for group, names in GROUPS.items() for name in names}


@pytest.mark.parametrize("name", NAMES)
def test_each_command_documents_its_arguments(name: str) -> None:
    done = run_command(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: python -m delivery {name} ")


def test_the_help_loads_neither_commands_nor_cloud_libraries() -> None:
    code = (
        "import sys; from delivery.command_line import main; main(['--help']); "
        "heavy = ('delivery.commands', 'boto', 'pydantic', 'modules');"
        "print('loaded', *(name for name in sys.modules if name.startswith(heavy)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("verfy", "'verfy' is not a command; the nearest: verify"),
        ("postcomment", "'postcomment' is not a command; the nearest: post-comment, comment"),
        ("deploy_reviewed", "the nearest: deploy-reviewed"),
        ("xyz", f"'xyz' is not a command; allowed: {', '.join(NAMES)}"),
        ("", f"'' is not a command; allowed: {', '.join(NAMES)}"),
    ],
)
def test_an_unknown_command_names_the_nearest_ones(given: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([given]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err


def test_without_a_command_all_commands_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert f"no command; allowed: {', '.join(NAMES)}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("program", "command"),
    [("delivery.verify", "verify"), ("delivery.run", "plan|deploy|destroy"), ("delivery.drift", "drift")],
)
def test_a_former_program_points_to_its_command(program: str, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-u", "-m", program, "staging"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: {program} is gone; allowed: python -m delivery {command}\n"


_PROVIDER = 'github=GitHub(identity_provider="existing")'
_SECRET = 'administrator_secret="mosaic/prod/rds/credentials"'
BAD_SHARED = [
    (
        _PROVIDER,
        'github=GitHub(identity_provider="existing", owner_id="abc")',
        "GitHub.owner_id: 'abc' is not a GitHub id; allowed: a whole number such as 188463562",
    ),
    (
        _SECRET,
        'administrator_secret=""',
        "DatabaseServer.administrator_secret: '' is not the path of a secret; allowed: 1 to 512 of",
    ),
]


def _with_shared_settings(copy: Path, right: str, wrong: str) -> Path:
    file = copy_source(copy) / "environments" / "shared.py"
    text = file.read_text()
    assert right in text
    file.write_text(text.replace(right, wrong))
    return copy


@pytest.mark.parametrize(("right", "wrong", "said"), BAD_SHARED)
def test_bad_shared_settings_are_one_message(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    copy = _with_shared_settings(tmp_path / "copy", right, wrong)
    done = subprocess.run(
        [sys.executable, "-m", "delivery", "environments"], cwd=copy, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: environments/shared.py: {said}")
    assert "(given: " in line


@pytest.mark.parametrize(("right", "wrong", "said"), BAD_SHARED)
def test_synthesis_gives_the_same_message_for_bad_shared_settings(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    done = run_main(tmp_path / "out", {}, project=_with_shared_settings(tmp_path / "copy", right, wrong))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: environments/shared.py: {said}")


@pytest.mark.parametrize("cloud", [{}, {"MOSAIC_CLOUD": "aws"}, LOCAL_CLOUD], ids=["unset", "aws", "local"])
def test_an_unknown_local_account_is_one_message_of_commands_and_synthesis(
    tmp_path: Path, cloud: dict[str, str]
) -> None:
    variables = {**cloud, "MOSAIC_LOCAL_ACCOUNT": "desinged"}
    said = "error: MOSAIC_LOCAL_ACCOUNT is 'desinged'; allowed: built, designed (built if it is unset)\n"
    for program, code in ((("-m", "delivery", "environments"), 2), (("main.py",), 1)):
        done = run_main(tmp_path, variables, program=program)
        assert (done.returncode, done.stdout, done.stderr) == (code, "", said)


def test_the_help_needs_no_settings(tmp_path: Path) -> None:
    done = run_main(tmp_path, {"MOSAIC_LOCAL_ACCOUNT": "desinged"}, program=("-m", "delivery", "--help"))
    assert (done.returncode, done.stderr) == (0, "")
