"""The aws command of the local cloud answers as the program itself does, wherever it runs."""

import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from local.aws.part import command_socket
from local.runtime.ports import HOST
from local.state import Cloud

_PROGRAM = Path(sys.executable).with_name("aws")
_SECRET = "of-the-aws-command"


@pytest.fixture
def aws_command(cloud: Cloud) -> Path:
    assert command_socket(cloud.state).is_socket()
    return cloud.tools / "aws"


def run(
    program: Path, *words: str, environment: Mapping[str, str], folder: Path, given: str = ""
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [program, *words], env=environment, cwd=folder, input=given, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "words",
    [
        ("--version",),
        ("sts", "get-caller-identity", "--query", "Arn", "--output", "text"),
        ("secretsmanager", "describe-secret", "--secret-id", "of-nobody"),
        ("secretsmanager", "get-random-password", "--password-length", "many"),
        ("ec2", "help"),
        ("no-such-service",),
    ],
    ids=" ".join,
)
def test_it_prints_and_exits_as_the_program_does(
    aws_command: Path, cloud_variables: dict[str, str], tmp_path: Path, words: tuple[str, ...]
) -> None:
    ready, program = (
        run(path, *words, environment=cloud_variables, folder=tmp_path) for path in (aws_command, _PROGRAM)
    )
    assert (ready.returncode, ready.stdout, ready.stderr) == (program.returncode, program.stdout, program.stderr)


def test_an_unreadable_configuration_is_reported_to_its_caller_alone(
    aws_command: Path, cloud_variables: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "unreadable").write_text("no section = 1\n")
    words = ("sts", "get-caller-identity")
    broken = {**cloud_variables, "AWS_CONFIG_FILE": str(tmp_path / "unreadable")}
    ready, program = (run(path, *words, environment=broken, folder=tmp_path) for path in (aws_command, _PROGRAM))
    assert program.stderr.endswith("unreadable\n")
    assert (ready.returncode, ready.stderr.splitlines()[-1]) == (program.returncode, program.stderr.splitlines()[-1])
    assert run(aws_command, *words, environment=cloud_variables, folder=tmp_path).returncode == 0


def test_no_call_imports_the_program_again(aws_command: Path, cloud_variables: dict[str, str], tmp_path: Path) -> None:
    """Python reports each import on standard error if this variable is set when it starts."""
    reporting = {**cloud_variables, "PYTHONPROFILEIMPORTTIME": "1"}
    assert "botocore" in run(_PROGRAM, "--version", environment=reporting, folder=tmp_path).stderr
    assert run(aws_command, "--version", environment=reporting, folder=tmp_path).stderr == ""


def test_it_reads_its_callers_input_files_and_variables(
    aws_command: Path, cloud: Cloud, cloud_variables: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "value").write_text("from a file")

    def call(*words: str, given: str = "", **changed: str) -> "subprocess.CompletedProcess[str]":
        environment = {**cloud_variables, **changed}
        return run(aws_command, "secretsmanager", *words, environment=environment, folder=tmp_path, given=given)

    secret = ("--secret-id", _SECRET)
    call("create-secret", "--name", _SECRET, "--secret-string", "file://value").check_returncode()
    try:
        read = ("get-secret-value", *secret, "--output", "text", "--query", "SecretString")
        assert call(*read).stdout == "from a file\n"
        call("put-secret-value", *secret, "--secret-string", "file:///dev/stdin", given="from input").check_returncode()
        assert call(*read, AWS_DEFAULT_OUTPUT="json").stdout == "from input\n"
        assert "The access key AKIAOFNOBODY" in call(*read, AWS_ACCESS_KEY_ID="AKIAOFNOBODY").stderr
    finally:
        cloud.aws().secretsmanager.delete_secret(SecretId=_SECRET, ForceDeleteWithoutRecovery=True)


def test_a_call_ends_when_its_caller_is_killed(
    aws_command: Path, cloud_variables: dict[str, str], tmp_path: Path
) -> None:
    with socket.create_server((HOST, 0)) as silent:
        nowhere = f"http://{HOST}:{silent.getsockname()[1]}"
        environment = {**cloud_variables, "AWS_ENDPOINT_URL": nowhere}
        words = [str(aws_command), "sts", "get-caller-identity"]
        with subprocess.Popen(
            words, env=environment, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        ) as caller:
            connection, _ = silent.accept()
            with connection:
                assert connection.recv(1), "the call ended by itself"
                caller.kill()
                while connection.recv(65536):
                    pass
