"""No secret value appears where it does not belong, and an unusual one arrives unchanged."""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from modules.model.names import Names
from tests.account import SETTINGS, SHARED
from tests.live import trace_log
from tests.live.deployments import Deployments
from tests.live.project import Project, Run
from tests.live.rotation import rotated
from tests.live.secret_values import SecretValue, found, held, states

pytestmark = pytest.mark.promise("Secrets")
STAGING = Names.of(SETTINGS.find("staging"), SHARED)
PROD = Names.of(SETTINGS.find("prod"), SHARED)
# What hashicorp/kubernetes 2.38 would log below INFO without delivery/terraform/log_level.py (docs/traps.md).
TOKEN_LEAK = "provider.terraform-provider-kubernetes"


@pytest.fixture(scope="module")
def values(project: Project, adopted: Run, deployed: Run) -> list[SecretValue]:
    found_values = held(project)
    assert {value.name for value in found_values} >= _expected(project)
    # A shorter value could appear in a text by chance. Only names are compared, because a failure prints them.
    assert [value.name for value in found_values if len(value.value) < 20] == []
    return found_values


def _expected(project: Project) -> set[str]:
    """Return the name of every expected value, from its secret and field."""
    managed = project.database_server.administrator_secret
    assert managed is not None
    administrator = project.client("secretsmanager").describe_secret(SecretId=managed)
    return {
        *(f"{names.database_credentials} password" for names in (STAGING, PROD)),
        *(f"{names.session_key} secret-key" for names in (STAGING, PROD)),
        f"{SHARED.google_oauth_secret} client-secret",
        f"{administrator['Name']} password",
        "AWS secret access key",
    }


@dataclass(frozen=True)
class RotationPlan:
    """Everything that a plan of new values leaves behind, by location, and its log at TRACE."""

    places: dict[str, bytes] = field(repr=False)
    log: bytes = field(repr=False)


@pytest.fixture(scope="module")
def rotation_plan(project: Project, deployed: Run, tmp_path_factory: pytest.TempPathFactory) -> RotationPlan:
    """Plan new values as a pull request does."""
    folder = tmp_path_factory.mktemp("rotation-plan")
    changed = rotated(project, folder / "copy")
    stack = changed.stack("staging")
    changed.terraform("staging")
    said = changed.run(
        *("terraform", f"-chdir={stack}", "plan", "-input=false", "-no-color", f"-out={folder / 'plan'}"),
        **trace_log.everything(folder / "log"),
    ).expect(0)
    shown = changed.run("terraform", f"-chdir={stack}", "show", "-json", str(folder / "plan")).expect(0)
    (folder / "plan.json").write_text(shown.output)
    changed.run(
        *(
            ".venv/bin/python",
            "-m",
            "delivery",
            "comment",
            "--commit",
            "0" * 40,
            "--out",
            str(folder / "comment.md"),
        ),
        *("--stacks", str(stack.parent), f"staging={folder / 'plan.json'}"),
    ).expect(0)
    places = {f"the plan file's {name}": content for name, content in _unpacked(folder / "plan").items()}
    comment = (folder / "comment.md").read_bytes()
    assert b"terraform_data.database_credentials_value" in comment
    places |= {
        "the plan's output": said.output.encode(),
        "the plan's JSON": shown.output.encode(),
        "the plan comment": comment,
    }
    return RotationPlan(places=places, log=(folder / "log").read_bytes())


def test_no_secret_value_is_in_a_synthesized_configuration(project: Project, values: list[SecretValue]) -> None:
    places = {
        str(path): path.read_bytes()
        for environment in ("staging", "prod")
        for path in project.stack(environment).rglob("*")
        if path.is_file() and not path.is_symlink() and ".terraform/providers" not in str(path)
    }
    assert any(place.endswith("cdk.tf.json") for place in places)
    _assert_nowhere(values, places)


def test_no_secret_value_is_in_a_current_or_former_state(project: Project, values: list[SecretValue]) -> None:
    _assert_nowhere(values, states(project, STAGING, PROD))


def test_no_secret_value_is_in_a_plan_of_new_values_or_in_its_comment(
    values: list[SecretValue], rotation_plan: RotationPlan
) -> None:
    _assert_nowhere(values, rotation_plan.places)


def test_a_plan_of_new_values_generates_none(rotation_plan: RotationPlan) -> None:
    """A plan of new values generates none: only the apply asks Secrets Manager for random values."""
    assert b"ListSecretVersionIds" in rotation_plan.log
    assert b"GetRandomPassword" not in rotation_plan.log


def test_no_secret_value_is_in_the_output_of_a_verification(project: Project, values: list[SecretValue]) -> None:
    said = {name: project.verify(name).expect(0).output.encode() for name in ("staging", "prod")}
    _assert_nowhere(values, said)


def test_no_secret_value_is_in_the_output_of_commands_and_tests(
    printed: Callable[[], list[str]], values: list[SecretValue], adopted: Run, deployed: Run
) -> None:
    texts = printed()
    assert {adopted.output, deployed.output} <= set(texts), "the output of the deploys was not kept"
    _assert_nowhere(values, {f"output {number}": text.encode() for number, text in enumerate(texts)})


@pytest.mark.stage("deploy")
def test_terraform_at_trace_logs_no_secret_value(deployments: Deployments, values: list[SecretValue]) -> None:
    """At TRACE, Terraform and its providers log no secret value except the cluster's token (docs/traps.md)."""
    leaks: set[str] = set()
    for environment in ("staging", "prod"):
        log = deployments.of(environment).log
        assert log is not None
        entries = list(trace_log.read(log))
        assert any(entry.speaker.startswith("provider.terraform-provider-postgresql") for entry in entries)
        leaks |= {entry.about for entry in entries if found(values, {"it": entry.text.encode()})}
    assert {leak for leak in leaks if not leak.startswith(TOKEN_LEAK)} == set()


def test_the_projects_command_at_trace_logs_no_secret_value(
    project: Project, values: list[SecretValue], tmp_path: Path
) -> None:
    """The project's own command with TF_LOG=TRACE logs no secret value."""
    log = tmp_path / "log"
    said = project.run(
        *(".venv/bin/python", "-m", "delivery", "plan", "staging"),
        environment="staging",
        TF_LOG="TRACE",
        TF_LOG_PATH=str(log),
    ).expect(0)
    assert "TF_LOG_PROVIDER=TRACE makes them" in said.output
    written = log.read_bytes()
    assert b"[TRACE]" in written, "nothing was logged at the requested level"
    _assert_nowhere(values, {"the log": written})


def _unpacked(plan: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(plan) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _assert_nowhere(values: list[SecretValue], places: dict[str, bytes]) -> None:
    assert values, "there is no value to look for"
    assert places, "there is no place to look at"
    # A failed assertion prints its operands: these contain only names of values and locations.
    leaks = found(values, places)
    assert leaks == []
