"""Admission: the API server refuses what an environment must not have, whatever the right to it that a role has."""

from collections import defaultdict

import pytest

from local.aws.github_tokens import workflow_token
from local.state import Cloud
from modules.model.admission.table import Admission
from tests.account import SETTINGS, SHARED
from tests.live.admission_bindings import wait_until, without_bindings
from tests.live.isolation.api_server_admitted import ADMITTED
from tests.live.isolation.api_server_attempts import ATTEMPTS, attempts_of, not_refused
from tests.live.isolation.attempt import Sides
from tests.live.isolation.raw_api import Answer, RawApi
from tests.live.isolation.tenant import Tenant, assume
from tests.live.project import Project
from tests.live.workflow_identity import REPOSITORY

pytestmark = pytest.mark.promise("Isolation")
ADMISSION = Admission.of(SETTINGS.load(), SHARED)


@pytest.fixture
def sides(own: Tenant, other: Tenant) -> Sides:
    return Sides(own=own, other=other)


@pytest.fixture
def deployer(monkeypatch: pytest.MonkeyPatch, project: Project, cloud: Cloud, own: Tenant) -> RawApi:
    """The API server as a deploy of the environment reaches it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", project.variables["AWS_ENDPOINT_URL"])
    subject = f"{REPOSITORY}:environment:{own.settings.name}"
    role = f"arn:aws:iam::{SHARED.account}:role/{own.names.deploy_role}"
    session = assume(project, role, workflow_token(cloud.state, subject))
    return RawApi(session, project.client("eks").describe_cluster(name=SHARED.cluster)["cluster"])


@pytest.mark.read_only
def test_the_api_server_refuses_each_attempt_of_a_deploy_role(deployer: RawApi, sides: Sides) -> None:
    assert not_refused(deployer, sides) == []


@pytest.mark.read_only
def test_the_api_server_says_what_was_given_and_what_is_allowed(deployer: RawApi, sides: Sides) -> None:
    for attempt in attempts_of(sides.own.settings):
        if attempt.by:
            said = deployer.send(attempt.of(sides)).message
            assert "; allowed" in said, f"{attempt.name}: {said}"


@pytest.mark.read_only
@pytest.mark.parametrize("what", ADMITTED)
def test_what_a_deploy_makes_is_admitted(deployer: RawApi, sides: Sides, what: str) -> None:
    answer = deployer.send(ADMITTED[what](sides))
    assert answer == Answer(code=answer.code, message="")


def test_each_policy_stops_some_attempt() -> None:
    assert {attempt.by for attempt in ATTEMPTS if attempt.by} == {
        policy.id for policy in ADMISSION.policies.values()
    } - {"parameters"}


def test_without_its_binding_a_policy_stops_nothing(project: Project, deployer: RawApi, sides: Sides) -> None:
    """Without its binding a policy stops nothing, and nothing else does: each attempt is stopped by what it names."""
    stopped: dict[str, list[str]] = defaultdict(list)
    for attempt in attempts_of(sides.own.settings):
        if attempt.by:
            stopped[attempt.by].append(attempt.name)
    bindings = {ADMISSION.policies[it.policy].id: it.name for it in ADMISSION.bindings_of(sides.own.settings.name)}
    for policy, names in stopped.items():
        with without_bindings(project.kubernetes, [bindings[policy]]):
            wait_until(lambda: not_refused(deployer, sides) != [], f"{bindings[policy]} stops nothing")
            assert not_refused(deployer, sides) == names
        wait_until(lambda: not_refused(deployer, sides) == [], f"{bindings[policy]} is in force again")
