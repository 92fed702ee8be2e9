"""Fixtures of the live tests: the project on a cloud, both environments deployed once, and the final table."""

import os
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import boto3
import pytest
import tftest
from lightkube import Client, KubeConfig
from xdist.workermanage import WorkerController

from delivery.account import cluster
from modules.model.names import Names
from tests.account import SETTINGS, SHARED
from tests.bootstrap import bootstrap
from tests.live.data_snapshot import DataSnapshot
from tests.live.deployments import Deployment, Deployments, deploy, present
from tests.live.project import Project, Run
from tests.live.promises import Promises, promise_of
from tests.live.selection import environments_of, group_of, position, reason_to_leave_out
from tests.stages import Stage, skipped

HERE = Path(__file__).parent
PROMISES = pytest.StashKey[Promises]()
PROD = Names.of(SETTINGS.find("prod"), SHARED)


def pytest_configure(config: pytest.Config) -> None:
    try:
        config.stash[PROMISES] = Promises(skipped())
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    promises, aws = config.stash[PROMISES], config.getoption("--aws")
    left_out: list[pytest.Item] = []
    for item in [item for item in items if item.path.is_relative_to(HERE)]:
        promise_of(item)
        if reason := reason_to_leave_out(item, skipped(), aws):
            promises.leave_out(reason)
            left_out.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: position(item.path, HERE) if item.path.is_relative_to(HERE) else -1)


def pytest_collection_finish(session: pytest.Session) -> None:
    for item in session.items:
        if item.path.is_relative_to(HERE):
            session.config.stash[PROMISES].choose(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    # Unlike a test's other hooks, pytest calls this one for the tests of every folder.
    began = time.monotonic()
    result = yield
    if item.path.is_relative_to(HERE):
        item.config.stash[PROMISES].spend(item, time.monotonic() - began)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.config.stash[PROMISES].record(item, call, report)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    # With several processes, the first one writes the table.
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["promises"] = session.config.stash[PROMISES].told()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    # A process that died has sent nothing; xdist reports the test that it died in.
    if told := getattr(node, "workeroutput", {}).get("promises"):
        node.config.stash[PROMISES].add(told)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not config.getoption("collectonly"):
        config.stash[PROMISES].write(terminalreporter)


@pytest.fixture(scope="session")
def project(request: pytest.FixtureRequest) -> Project:
    """The project's commands on this session's cloud: its own local one, or the account with ``--aws``."""
    if request.config.getoption("--aws"):
        return Project(os.environ, _account_cluster)
    variables = request.getfixturevalue("cloud_variables")
    if Stage.DEPLOY not in skipped():
        bootstrap(variables)
    client = Client(KubeConfig.from_file(variables["KUBECONFIG"]))
    return Project(variables, lambda: client)


@pytest.fixture(scope="session")
def hand_made(project: Project) -> DataSnapshot:
    """Production's content before its adoption, or its current content if the deploy stage is skipped."""
    found = DataSnapshot.of(project, PROD)
    assert found.objects
    assert found.rows
    assert {PROD.database_credentials, PROD.session_key} <= set(found.secrets)
    return found


@pytest.fixture(scope="session")
def deployments(request: pytest.FixtureRequest, project: Project) -> Iterator[Deployments]:
    """The environments that the first test's group needs, all started at once: this process may run no other group."""
    first = Path(os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]).relative_to("tests")
    group = group_of(first)
    chosen = [
        item
        for item in request.session.items
        if item.path.is_relative_to(HERE) and group_of(item.path.relative_to(HERE.parent)) == group
    ]
    needed = sorted(frozenset[str]().union(*map(environments_of, chosen)))
    aws = request.config.getoption("--aws")
    if aws is None and "prod" in needed:
        request.getfixturevalue("hand_made")
    promises = request.config.stash[PROMISES]
    logs = request.getfixturevalue("tmp_path_factory").mktemp("logs")

    def begin(environment: str) -> Deployment:
        if Stage.SYNTH in skipped():
            project.use_synthesized(environment)
        if Stage.DEPLOY in skipped() or (aws and SETTINGS.find(environment).protected):
            return present(project, environment)
        done = deploy(project, environment, logs / f"{environment}.log")
        promises.notes.append(f"{environment} deployed in {done.seconds:.0f} s")
        return done

    if aws and not SETTINGS.find(aws).protected:
        # Before anything is created: the session destroys what it creates from nothing.
        _destroy_at_the_end(request, project, aws)
    started = Deployments(begin, needed)
    yield started
    started.close()


@pytest.fixture(scope="session")
def first_plan(deployments: Deployments) -> tftest.TerraformPlanOutput:
    """The first plan of the hand-made production."""
    plan = deployments.of("prod").first_plan
    assert plan is not None, "production was not planned before its deploy"
    return plan


@pytest.fixture(scope="session")
def adopted(deployments: Deployments) -> Run:
    """The run that adopted and deployed production."""
    return deployments.of("prod").run


@pytest.fixture(scope="session")
def printed(request: pytest.FixtureRequest, project: Project) -> Callable[[], list[str]]:
    """Return what the project's commands and the tests themselves have printed so far."""
    return lambda: [*project.printed, *request.config.stash[PROMISES].printed]


@pytest.fixture(scope="session")
def deployed(deployments: Deployments) -> Run:
    """The run that deployed staging from nothing."""
    return deployments.of("staging").run


def _destroy_at_the_end(request: pytest.FixtureRequest, project: Project, environment: str) -> None:
    names = Names.of(SETTINGS.find(environment), SHARED)
    buckets = [bucket["Name"] for bucket in project.client("s3").list_buckets()["Buckets"]]
    if names.media_bucket not in buckets and Stage.DESTROY not in skipped():
        request.addfinalizer(lambda: project.destroy(environment).expect(0))


def _account_cluster() -> Client:
    session = boto3.Session(region_name=SHARED.region)
    return cluster.connect(session, session.client("eks").describe_cluster(name=SHARED.cluster)["cluster"])
