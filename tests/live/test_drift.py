"""Changes made by hand: plan or verify names each one, and one deploy reverts them all.

Each change of an environment has its own resource. All changes are made together; whether each one is seen and
reverted is tested separately.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

import pytest

from tests.live.admission_bindings import unjudged
from tests.live.drift import aws_changes, database_changes, kubernetes_changes
from tests.live.drift.beyond_terraform import ADDITIONS, Addition
from tests.live.drift.change import Change
from tests.live.drift.drift_target import DriftTarget
from tests.live.project import Project, Run, changes

Result = TypeVar("Result")

pytestmark = pytest.mark.promise("Drift")

STAGING = (
    *aws_changes.BUCKETS,
    *aws_changes.ROLES,
    aws_changes.SECRET_POLICY,
    aws_changes.SECRET_DELETED,
    *kubernetes_changes.STAGING,
    database_changes.PUBLIC,
    database_changes.POWER,
    database_changes.MEMBERSHIP,
)
PROD = (
    aws_changes.SECRET_VALUE,
    *kubernetes_changes.PROD,
    database_changes.OWNER,
    database_changes.PASSWORD,
)
CHANGES = {"staging": STAGING, "prod": PROD}
ROWS = [
    pytest.param(environment, row, id=f"{environment}: {row.name}")
    for environment in CHANGES
    for row in CHANGES[environment]
]
ROW_OF = {row.name: (environment, row) for environment, rows in CHANGES.items() for row in rows}


@dataclass(frozen=True, kw_only=True)
class Verified:
    """A verification of an environment. failed: the message of each failing check, by its name."""

    run: Run
    failed: Mapping[str, str]

    @classmethod
    def of(cls, project: Project, environment: str, *, wait: int) -> "Verified":
        run = project.verify(environment, "--wait", str(wait))
        lines = [line.removeprefix("FAIL ") for line in run.output.splitlines() if line.startswith("FAIL ")]
        return cls(run=run, failed=dict(line.split(": ", 1) for line in lines))


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a plan and a verification of an environment report: addresses that change, and checks that fail."""

    planned: Mapping[str, list[str]]
    failed: Mapping[str, str]

    @classmethod
    def of(cls, project: Project, environment: str) -> "Seen":
        failed = Verified.of(project, environment, wait=0).failed
        return cls(planned=changes(project.plan(environment)), failed=failed)


@dataclass(frozen=True, kw_only=True)
class Round:
    """One environment changed, checked, deployed once, verified, and checked with additions outside Terraform.

    One plan shows that the deploy left nothing to do, and that additions outside Terraform change no plan.
    """

    target: DriftTarget
    before: Mapping[str, object]
    changed: Mapping[str, object]
    healed: Mapping[str, object]
    drifted: Seen
    deploy: Run
    after: Verified
    beyond: Seen


def look(target: DriftTarget) -> dict[str, object]:
    return {row.name: row.look(target) for row in CHANGES[target.environment]}


@pytest.fixture(scope="module")
def rounds(project: Project, deployed: Run, adopted: Run) -> dict[str, Round]:
    targets = {environment: DriftTarget(project, environment) for environment in CHANGES}
    before = {environment: look(target) for environment, target in targets.items()}
    # The API server would refuse some of these changes from anybody.
    with _unjudged(project, targets):
        for environment, target in targets.items():
            for row in CHANGES[environment]:
                row.make(target)
    changed = {environment: look(target) for environment, target in targets.items()}
    drifted = _both(lambda environment: Seen.of(project, environment))
    deploys = _both(project.deploy)
    healed = {environment: look(target) for environment, target in targets.items()}
    after = _both(lambda environment: Verified.of(project, environment, wait=120))
    with _unjudged(project, targets):
        for addition in ADDITIONS:
            addition.make(targets[addition.environment])
    beyond = _both(lambda environment: Seen.of(project, environment))
    for addition in ADDITIONS:
        addition.undo(targets[addition.environment])
    left = {environment: run.output for environment, run in _both(project.verify).items() if run.code}
    assert not left, left
    return {
        environment: Round(
            target=target,
            before=before[environment],
            changed=changed[environment],
            healed=healed[environment],
            drifted=drifted[environment],
            deploy=deploys[environment],
            after=after[environment],
            beyond=beyond[environment],
        )
        for environment, target in targets.items()
    }


def _unjudged(project: Project, targets: Mapping[str, DriftTarget]) -> AbstractContextManager[None]:
    return unjudged(project.kubernetes, [target.names.namespace for target in targets.values()])


def _both(do: Callable[[str], Result]) -> dict[str, Result]:
    """Call it for both environments at once, since it mostly waits."""
    with ThreadPoolExecutor() as pool:
        return dict(zip(CHANGES, pool.map(do, CHANGES), strict=True))


def test_each_change_of_an_environment_has_its_own_resource() -> None:
    for environment, rows in CHANGES.items():
        planned = [row.plan for row in rows if row.plan]
        assert len(planned) == len(set(planned)), environment


@pytest.mark.parametrize(("environment", "row"), ROWS)
def test_plan_or_verify_names_a_change_by_hand(rounds: dict[str, Round], environment: str, row: Change) -> None:
    """Plan or verify names a change made by hand."""
    found = rounds[environment]
    assert found.changed[row.name] != found.before[row.name], "the change had no effect"
    if row.plan:
        assert row.plan in found.drifted.planned, f"the plan does not name {row.plan}"
    check = row.check(found.target)
    if check:
        assert check in found.drifted.failed, f"verify does not fail in {check!r}"


@pytest.mark.parametrize(("environment", "row"), ROWS)
def test_one_deploy_reverts_a_change_by_hand(rounds: dict[str, Round], environment: str, row: Change) -> None:
    """One deploy reverts a change by hand: the API answers as before, the plan is empty, verify's check passes."""
    found = rounds[environment]
    assert found.deploy.code == 0, found.deploy.output[-4000:]
    assert found.healed[row.name] == found.before[row.name]
    assert row.plan not in found.beyond.planned
    assert row.check(found.target) not in found.after.failed


@pytest.mark.parametrize("environment", CHANGES)
def test_a_plan_names_only_what_was_changed(rounds: dict[str, Round], environment: str) -> None:
    expected = {address for row in CHANGES[environment] for address in (row.plan, *row.also)}
    planned = set(rounds[environment].drifted.planned)
    assert planned
    assert planned - expected == set()


@pytest.mark.parametrize("environment", CHANGES)
def test_one_deploy_leaves_no_drift(rounds: dict[str, Round], environment: str) -> None:
    """One deploy leaves no drift, and no plan names what is added outside Terraform.

    If a provider learns to see such an addition, correct docs/drift.md.
    """
    found = rounds[environment]
    assert found.beyond.planned == {}
    assert found.after.failed == {}
    found.after.run.expect(0).says(" 0 failed")


@pytest.mark.parametrize(
    ("environment", "row"),
    [
        pytest.param(environment, row, id=f"{environment}: {row.name}")
        for name in database_changes.UNSEEN
        for environment, row in [ROW_OF[name]]
    ],
)
def test_the_deploy_says_what_it_repairs_before_terraform(
    rounds: dict[str, Round], environment: str, row: Change
) -> None:
    """The deploy names what it repairs itself because Terraform cannot see it: a password, a revoked membership."""
    output = rounds[environment].deploy.output
    (line,) = [line for line in output.splitlines() if line.endswith(database_changes.UNSEEN[row.name])]
    assert line.startswith(f"deploy {environment}: ")


@pytest.mark.parametrize("addition", ADDITIONS, ids=lambda addition: addition.name)
def test_verify_names_additions_outside_terraform(rounds: dict[str, Round], addition: Addition) -> None:
    """Verify names additions that no plan can show, because Terraform manages nothing of the kind."""
    found = rounds[addition.environment].beyond
    check = addition.check.format_map(vars(DriftTarget.names_of(addition.environment)))
    assert check in found.failed, f"verify does not fail in {check!r}"
    assert addition.says in found.failed[check]
