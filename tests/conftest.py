"""Shared by several layers of tests: an option, and each stack synthesized once by the real entry point."""

import functools
import gc
import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import botocore.session
import hypothesis
import pytest

import modules.base.bindings  # noqa: F401 before any CDKTF import, for all tests: it loads only what is used
from delivery.gitops.helm import unpack_helm
from environments.schema.settings import BOOTSTRAP
from local.clients.environment import UNSET, variables
from local.state import Cloud
from modules.model.project import ROOT
from modules.model.selected_settings import SETTINGS
from tests.cloud import kept_cloud, running_cloud
from tests.side_by_side import GroupScheduling
from tests.stages import Stage, skipped
from tests.synth.template import Template

# Previews differ only by their number.
ENVIRONMENTS = (*SETTINGS.lasting_names(), "preview-1")
# Nothing listens on this loopback address: a synthesis makes no call.
LOCAL_CLOUD = {"MOSAIC_CLOUD": "local", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}


# An example's duration depends on the machine, not on the code.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")


# Every boto3 session reads megabytes of service descriptions from JSON again, and a test opens several sessions.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)

# What collection creates stays until the end. Looking for garbage among it takes longer than creating it.
gc.disable()

# Fast layers come first; those that change the session's cloud most come last.
LAYERS = ("unit", "tools", "synth", "delivery", "local", "plan", "live")
# The environments that the live tests deploy and check.
LIVE_ENVIRONMENTS = ("staging", "prod")


def pytest_configure(config: pytest.Config) -> None:
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        # This process distributes tests and collects none: it would not load the conftest that writes their table.
        gc.enable()
        table = importlib.import_module("tests.live.conftest")
        if not config.pluginmanager.is_registered(table):
            config.pluginmanager.register(table)
    # A shell's background job ignores SIGINT, and so would every command that a test interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LAYERS.index(item.path.relative_to(ROOT / "tests").parts[0]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> GroupScheduling | None:
    """Distribute by group unless another way is requested, for example by `make check`."""
    return GroupScheduling(config, log) if config.option.dist == "load" else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="write the golden files anew instead of comparing them")
    parser.addoption(
        "--aws",
        metavar="ENVIRONMENT",
        choices=LIVE_ENVIRONMENTS,
        help=f"run the live tests of this environment ({', '.join(LIVE_ENVIRONMENTS)}) on AWS; without it they have a "
        "local cloud of their own, whatever MOSAIC_CLOUD says",
    )


def run_main(
    folder: Path, variables: Mapping[str, str], project: Path = ROOT, program: Sequence[str] = ("main.py",)
) -> "subprocess.CompletedProcess[str]":
    """Run main.py, or another program, with these variables and without the caller's cloud or environment."""
    callers = ("AWS_", "MOSAIC_CLOUD", "MOSAIC_ENVIRONMENT", "MOSAIC_LOCAL_ACCOUNT", "MOSAIC_SETTINGS")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(callers)}
    quiet = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
    return subprocess.run(
        [sys.executable, *program],
        cwd=project,
        env={**inherited, **quiet, **variables, "CDKTF_OUTDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def synthesize(folder: Path, variables: Mapping[str, str]) -> Path:
    """Run main.py, which must succeed; return the folder of its stacks."""
    finished = run_main(folder, variables)
    assert finished.returncode == 0, f"main.py ended with {finished.returncode}\n{finished.stdout}{finished.stderr}"
    return folder / "stacks"


def read_templates(stacks: Path) -> dict[str, Template]:
    return {name: Template.read(stacks / name / "cdk.tf.json") for name in SETTINGS.names()}


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """This session's own local cloud, beside the developer's; kept for the next session if a stage is left out."""
    left_out = skipped()
    if left_out & {Stage.DEPLOY, Stage.DESTROY}:
        kept = kept_cloud(anew=Stage.DEPLOY not in left_out, keep=Stage.DESTROY in left_out)
    else:
        kept = running_cloud()
    with kept as started:
        yield started


@pytest.fixture(scope="session")
def cloud_variables(cloud: Cloud) -> dict[str, str]:
    """The process's environment with the variables of this session's cloud."""
    inherited = {name: value for name, value in os.environ.items() if name not in UNSET}
    return {**inherited, **variables(cloud)}


@pytest.fixture(scope="session")
def aws_stacks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthesize(tmp_path_factory.mktemp("aws"), {})


@pytest.fixture(scope="session")
def templates(aws_stacks: Path) -> dict[str, Template]:
    """Every environment's stack, synthesized for AWS."""
    return read_templates(aws_stacks)


@pytest.fixture(scope="session")
def bootstrap(aws_stacks: Path) -> Template:
    """The stack that prepares the account, synthesized for AWS."""
    return Template.read(aws_stacks / BOOTSTRAP / "cdk.tf.json")


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    """The name of each environment in turn."""
    return str(request.param)


@pytest.fixture
def template(templates: dict[str, Template], environment: str) -> Template:
    """The stack of each environment in turn."""
    return templates[environment]


@pytest.fixture(scope="session")
def staging(templates: dict[str, Template]) -> Template:
    return templates["staging"]


@pytest.fixture(scope="session")
def prod(templates: dict[str, Template]) -> Template:
    return templates["prod"]


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program helm."""
    return unpack_helm(tmp_path_factory.mktemp("helm"))
