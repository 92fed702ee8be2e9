"""The tests for every environment also pass for new environments with any options."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.readme import CONTENT, FILE
from tests.source_copy import copy_source
from tests.unit.environments.example import Data, changed

_FILE = """\
from environments.schema.settings import Environment

ENVIRONMENT = Environment.model_validate({settings!r})
"""
_SCALED: Data = {
    "web.replicas": 2,
    "web.minimum_available": 1,
    "web.autoscaling": {"minimum": 2, "maximum": 3},
    "quota.cpu_limits": "20",
    "quota.memory_limits": "20Gi",
}
# Not about an environment's configuration: this file, the selection of stacks, tests with their own settings, and
# tests of the program that synthesize everything again.
_OTHERS = (
    Path(__file__).name,
    "test_stack_selection.py",
    "test_account_options.py",
    "test_delivery_options.py",
    "test_options.py",
    "test_template.py",
)
_OF_THE_PROGRAM = "not (runs_no_terraform or a_search_for_references or byte_for_byte)"
# Options that neither staging nor production uses.
FURTHER: dict[str, Data] = {
    "alpha": {"delivery": "argocd"},
    "beta-run": {**_SCALED, "alb": "own"},
    "gamma": {**_SCALED, "alb": "own", "delivery": "argocd", "paused": True},
    "delta": {"paused": True, "protected": True, "adopt": True, "database.extensions": ("vector",)},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source with a file for each of them, and with README.md's example."""
    copy = copy_source(tmp_path_factory.mktemp("project") / "project")
    (copy / FILE).write_text(CONTENT)
    for number, (name, wanted) in enumerate(FURTHER.items(), start=3):
        word = name.replace("-", "_")
        own: Data = {
            "name": name,
            "stage": name,
            "web.hosts": (f"{name}.mosaiclife.me",),
            "web.ingress_order": number * 100 + 10,
            "core_api.hosts": (f"{name}-api.mosaiclife.me",),
            "core_api.ingress_order": number * 100 + 20,
            "session.cookie_name": f"mosaic_{word}_session",
        }
        settings = changed({**own, **wanted})
        (copy / "environments" / f"{word}.py").write_text(_FILE.format(settings=settings))
    return copy


@pytest.mark.long
def test_a_further_environment_passes_every_test_of_its_configuration(project: Path) -> None:
    """The same run writes its addresses, as README.md and docs/testing.md describe for a new environment."""
    options = ("-q", "--tb=short", "-p", "no:cacheprovider", "--regenerate")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            *options,
            *("-k", _OF_THE_PROGRAM),
            "tests/synth",
            *(f"--ignore=tests/synth/{name}" for name in _OTHERS),
        ],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:]
    written = {path.stem for path in (project / "tests" / "synth" / "addresses").iterdir()}
    assert written >= {*FURTHER, Path(FILE).stem}
