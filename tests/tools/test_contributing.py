"""CONTRIBUTING.md's examples are applied to a copy of the source, and they work."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from modules.model.project import ROOT
from tests.delivery.plan_documents import document, resource, stack
from tests.source_copy import copy_source
from tools.check_references import References
from tools.checkout import Checkout
from tools.fenced_code import Block, blocks

BLOCKS = [block for block in blocks((ROOT / "CONTRIBUTING.md").read_text()) if block.file]
# Tests that the examples extend, or that check them against the rest of the project.
TESTS = (
    "tests/unit/environments/test_settings.py",
    "tests/synth/test_addresses.py",
    "tests/synth/test_inventories.py",
    "tests/synth/test_stack.py",
    "tests/delivery/policy/rules/test_table.py",
    "tests/delivery/policy/attacks/test_attacks.py::test_every_blocking_rule_is_the_only_one_to_stop_some_attack",
    "tests/delivery/recovery/test_importing.py",
    "tests/tools/documentation/test_example.py",
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source with all of the page's changes and new files."""
    copy = copy_source(tmp_path_factory.mktemp("contributing") / "project")
    for block in BLOCKS:
        apply(block, copy)
    return copy


def apply(block: Block, project: Path) -> None:
    file = project / str(block.file)
    assert file.exists() is (block.creates is None), (
        f"CONTRIBUTING.md:{block.line}: {file.name} exists: {file.exists()}"
    )
    file.write_text(block.code if block.creates else block.changed(file.read_text()))


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *words], cwd=project, capture_output=True, text=True, check=False)


def test_every_example_follows_the_projects_style(project: Path) -> None:
    python = sorted({str(block.file) for block in BLOCKS if str(block.file).endswith(".py")})
    for command in (["ruff", "check", "--no-cache"], ["ruff", "format", "--check", "--no-cache"]):
        done = run(project, *command, *python)
        assert done.returncode == 0, done.stdout


@pytest.mark.long
def test_every_test_of_the_examples_passes(project: Path) -> None:
    """Including the tests for new settings, constructs and rules. As the page says, addresses are written first."""
    new = sorted(
        str(block.file) for block in BLOCKS if Path(str(block.file)).name.startswith("test_") and block.creates
    )
    assert len(new) == 3, "one each for the guard rule, the command and the construct"
    options = ("-q", "--tb=short", "-p", "no:cacheprovider", "--regenerate", "-k", "not runs_no_terraform")
    done = run(project, "pytest", *options, *TESTS, *new)
    assert done.returncode == 0, done.stdout[-8000:]
    for name in ("staging", "prod"):
        golden = (project / "tests" / "synth" / "addresses" / f"{name}.txt").read_text().splitlines()
        assert "kubernetes_config_map_v1.deployed" in golden


def test_the_settings_error_says_what_is_allowed(project: Path, tmp_path: Path) -> None:
    right, setting = (project / "environments" / "prod.py").read_text(), "infrequent_access_after=90"
    assert setting in right
    program = (
        "from environments.schema.catalogue import Catalogue; import pathlib, sys; "
        "Catalogue(pathlib.Path(sys.argv[1])).load()"
    )
    for value, expected in (("infrequent_access_after=29", "greater than or equal to 30 (given: 29)"), ("", "")):
        (tmp_path / "prod.py").write_text(right.replace(setting, value))
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)], cwd=project, capture_output=True, text=True, check=False
        )
        assert (done.returncode == 0) is (not expected), done.stderr
        assert expected in done.stderr


def test_the_guard_rule_stops_a_plan_of_production(project: Path, tmp_path: Path) -> None:
    metadata = {"metadata": [{"name": "web", "namespace": "mosaic-prod"}]}
    row = resource("kubernetes_pod_disruption_budget_v1", "destroy", metadata)
    (tmp_path / "plan.json").write_text(json.dumps(document(row)))
    (tmp_path / "stack.json").write_text(json.dumps(stack("prod", row)))
    files = (str(tmp_path / "plan.json"), "--stack", str(tmp_path / "stack.json"))
    done = run(project, "delivery", "guard", "prod", *files)
    assert done.returncode == 1, done.stderr
    assert "FAIL disruption-budget prod:kubernetes_pod_disruption_budget_v1.x would be gone" in done.stdout


def test_the_command_is_listed_and_runs(project: Path) -> None:
    assert (
        "  hosts              Print an environment's public host names\n" in run(project, "delivery", "--help").stdout
    )
    assert run(project, "delivery", "hosts", "staging").stdout.startswith("stage.mosaiclife.me\n")


def test_the_examples_have_no_broken_references(project: Path) -> None:
    references = References(Checkout(project))
    of_the_examples = sorted({str(block.file) for block in BLOCKS})
    assert [str(problem) for file in of_the_examples for problem in references.of(file)] == []
