"""Whatever stops a deploy, one documented command and one deploy repair the environment.

Three throwaway environments, and one that is only interrupted, are each broken several times, at ever later points of
their deploys. Engines are stopped last, because all environments share them.
"""

import subprocess
from collections.abc import Iterator
from functools import partial
from itertools import chain

import pytest

from local import commands as local_cloud
from local.runtime.ports import AWS, KUBE_APISERVER, POSTGRESQL
from local.state import Cloud
from tests.cloud import kill
from tests.live.faults.scenarios import Scenario, Scenarios, running_scenarios
from tests.live.faults.throwaway import Throwaway, stopped
from tests.live.project import Project

pytestmark = pytest.mark.promise("Faults")

# Where each environment's deploys are killed: first its first deploy, then the deploy after the recovery. Everything
# except the buckets' rules is created in seconds: if the named resource existed before the first kill took effect, the
# second kill comes while the deploy waits for the rules. The first environment is also killed once before anything is
# created; its lock then becomes another run's.
_CLUSTER_READ = r"data\.aws_eks_cluster\S+ .*Read complete"
_LATE = r"|_lifecycle.*Still creating"
KILLED = (
    (r"aws_s3_bucket\.media: Creating",),
    (r"terraform_data\.database_credentials_value\S*: Creation", rf"kubernetes_deployment_v1\.\w+: Creation{_LATE}"),
    (r"postgresql_role\.database_role: Creating", rf"kubernetes_job_v1\.migration: Creating{_LATE}"),
)
INTERRUPTED = (
    _CLUSTER_READ,
    r"postgresql_role\.database_role: Creating",
    r"_lifecycle.*Still creating\.\.\. \[10s",
)
_NETWORK = "kubernetes_network_policy_v1.network_allow"
_KILLED_BEFORE = "an earlier run was killed before it stored its state:"


def killed(throwaway: Throwaway, said: str, before: dict[str, object]) -> None:
    throwaway.kill(said)
    assert throwaway.is_locked(), f"the killed deploy of {throwaway.name} held no lock: it was killed too late"
    before |= throwaway.snapshot()
    throwaway.recover().expect(0).says("lock    released: ")
    assert not throwaway.is_locked(), f"the recovery of {throwaway.name} left the lock on the state"


def its_lock_belongs_to_another_run(throwaway: Throwaway) -> None:
    """The lock of another user or machine stays until somebody who knows that run gives the lock's id."""
    throwaway.kill(_CLUSTER_READ)
    left = throwaway.lock()
    assert left is not None, f"the killed deploy of {throwaway.name} held no lock: it was killed too late"
    user, _, host = left["Who"].rpartition("@")
    for who in (f"{user}-of-another@{host}", f"{user}@{host}-of-another"):
        lock = {**left, "Who": who}
        throwaway.lock_as(lock)
        refused = throwaway.recover().expect(1).says(f"of {who}, since {left['Created']}, lock {left['ID']}")
        refused.says(f"when you know that it is dead: make recover ENV={throwaway.name} LOCK={left['ID']}")
        assert throwaway.lock() == lock
    refused = throwaway.recover("--lock-id", "of-no-lock").expect(1)
    refused.says(f"--lock-id 'of-no-lock' is not this lock's; allowed: {left['ID']}")
    assert throwaway.lock() == lock
    lifted = throwaway.recover("--lock-id", left["ID"]).expect(0)
    lifted.says(f"of {who}, since {left['Created']}, lock {left['ID']}")
    assert not throwaway.is_locked(), f"the recovery of {throwaway.name} left the lock on the state"


def converges(throwaway: Throwaway, before: dict[str, object]) -> None:
    throwaway.deploy().expect(0)
    throwaway.prove(before)


def converges_after_interruptions(throwaway: Throwaway) -> None:
    # Terraform also aborts requests to the API server, which may still have executed them (docs/recovery.md).
    throwaway.recover().expect(0)
    converges(throwaway, {})


def a_second_deploy_is_refused(throwaway: Throwaway, before: dict[str, object]) -> None:
    """While the first deploy lives, however slow, a second deploy and a recovery are refused."""

    def meanwhile(process: subprocess.Popen[str]) -> None:
        with stopped(process, "terraform"):
            throwaway.recover().expect(1).says("it is in use: Terraform runs here as process")
            second = throwaway.deploy().expect(1).says("Error acquiring the state lock")
            second.says(f"if that run is dead: make recover ENV={throwaway.name}")

    throwaway.deploy_until(r"_lifecycle.*Still creating", meanwhile).expect(0)
    throwaway.prove(before)


def a_migration_fails(throwaway: Throwaway) -> None:
    """It blocks what follows, and runs again once its cause is fixed."""
    before = throwaway.snapshot()
    run, space = throwaway.project.run, f"--namespace={throwaway.names.namespace}"
    run("kubectl", space, "create", "quota", "by-hand", "--hard=count/pods=0").expect(0)
    jsonpath = "--output=jsonpath={.spec.template.spec.containers[0].image}"
    image = run("kubectl", space, "get", "deployment", "core-api", jsonpath).expect(0).output
    throwaway.release("broken")

    def lose_patience(_process: object) -> None:
        patch = '--patch={"spec": {"activeDeadlineSeconds": 1}}'
        run("kubectl", space, "patch", "job", "core-api-migrate-broken", patch).expect(0)

    failed = throwaway.deploy_until(r"kubernetes_job_v1\.migration.*Still creating", lose_patience).expect(1)
    failed.says("core-api-migrate-broken")
    after = run("kubectl", space, "get", "deployment", "core-api", jsonpath).expect(0).output
    assert after == image, f"core-api runs {after}, whose migration has failed"
    run("kubectl", space, "delete", "quota", "by-hand").expect(0)
    converges(throwaway, before)


def its_secrets_are_deleted(throwaway: Throwaway) -> None:
    """Their values are deleted for good; new ones reach the role and the pods."""
    before = throwaway.snapshot()
    client = throwaway.project.client("secretsmanager")
    for name in throwaway.names.secret_paths:
        client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        del before[name]
    converges(throwaway, before)


def its_state_is_lost(throwaway: Throwaway) -> None:
    """The recovery imports the running environment with its secrets' values, and no resources of others."""
    before = throwaway.snapshot()
    # For resources outside AWS, Terraform itself reports that they exist.
    throwaway.project.terraform(throwaway.name).execute_command("state", "rm", _NETWORK)
    failed = throwaway.deploy().expect(1).says("already exists")
    failed.says(f"if an error says that something already exists, {_KILLED_BEFORE} make recover ENV={throwaway.name}")
    throwaway.forget_state()
    refused = throwaway.deploy().expect(2).says("exists, created by this project, not in the state")
    refused.says(f"make recover ENV={throwaway.name}").says("so nothing was changed")
    label = partial(
        throwaway.project.run, "kubectl", f"--namespace={throwaway.names.namespace}", "label", "--overwrite"
    )
    label("deployment", "web", "environment=prod").expect(0)
    refused = throwaway.recover().expect(1)
    refused.says(f"Deployment web exists and is not {throwaway.name}'s: label environment is 'prod'")
    label("deployment", "web", f"environment={throwaway.name}").expect(0)
    owner = f"ALTER DATABASE {throwaway.names.database} OWNER TO "
    throwaway.project.run("psql", "--command", f"{owner} {throwaway.names.database_deployer}").expect(0)
    refused = throwaway.recover().expect(1)
    refused.says(f"database {throwaway.names.database} exists and is not {throwaway.name}'s: its owner is")
    throwaway.project.run("psql", "--command", f"{owner} {throwaway.names.database_role}").expect(0)
    throwaway.recover().expect(0).says("import  aws_secretsmanager_secret.session_key")
    throwaway.deploy().expect(0).says(", 0 destroyed")
    throwaway.prove(before)


def its_resources_are_tainted_and_a_secret_is_scheduled_for_deletion(throwaway: Throwaway) -> None:
    """Terraform would replace a bucket, a database and its login: the recovery keeps them, and the secret's value."""
    before = throwaway.snapshot()
    secret = throwaway.names.database_credentials
    throwaway.project.client("secretsmanager").delete_secret(SecretId=secret, RecoveryWindowInDays=7)
    terraform = throwaway.project.terraform(throwaway.name)
    addresses = ("aws_s3_bucket.media", "postgresql_database.database", "postgresql_role.database_role")
    for address in addresses:
        terraform.execute_command("taint", address)
    recovered = throwaway.recover().expect(0).says(f"restore secret {secret}")
    for address in addresses:
        recovered.says(f"mend    {address}")
    throwaway.deploy().expect(0).says(", 0 destroyed")
    throwaway.prove(before)


def its_state_cannot_be_written(throwaway: Throwaway) -> None:
    """From the middle of a deploy the state bucket refuses the state; the recovery finds what was created until then.

    The following deploy is the one whose migration fails, which starts from here.
    """
    s3, bucket = throwaway.project.client("s3"), throwaway.names.state_bucket
    deny = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", '
        f'"Resource": "arn:aws:s3:::{bucket}/{throwaway.name}/terraform.tfstate"}}]}}'
    )
    throwaway.release("unwritten")
    failed = throwaway.deploy_until(
        r"kubernetes_job_v1\.migration: Creating", lambda _: s3.put_bucket_policy(Bucket=bucket, Policy=deny)
    ).expect(1)
    failed.says(f"once {bucket} is writable: make recover ENV={throwaway.name}")
    s3.delete_bucket_policy(Bucket=bucket)
    recovered = throwaway.recover().expect(0)
    recovered.says("import  kubernetes_job_v1.migration: Job core-api-migrate-unwritten exists").says("remove  ")


# What happens to each scenario's environment once it runs.
AFTERWARDS = (
    (its_resources_are_tainted_and_a_secret_is_scheduled_for_deletion,),
    (its_secrets_are_deleted, its_state_is_lost),
    (its_state_cannot_be_written, a_migration_fails),
)


def _scenario(throwaway: Throwaway, number: int) -> Scenario:
    before: dict[str, object] = {}
    held = {its_lock_belongs_to_another_run.__name__: partial(its_lock_belongs_to_another_run, throwaway)}
    ends = a_second_deploy_is_refused if number == 0 else converges
    return {
        **(held if number == 0 else {}),
        **{f"killed at {said}": partial(killed, throwaway, said, before) for said in KILLED[number]},
        f"whole {number}": partial(ends, throwaway, before),
        **{fault.__name__: partial(fault, throwaway) for fault in AFTERWARDS[number]},
    }


@pytest.fixture(scope="module")
def throwaways(project: Project, tmp_path_factory: pytest.TempPathFactory) -> list[Throwaway]:
    folder = tmp_path_factory.mktemp("faults")
    return [
        Throwaway(project, folder / str(number), f"fault-{number}", 500 + 10 * number)
        for number in range(len(KILLED) + 1)
    ]


@pytest.fixture(scope="module")
def scenarios(throwaways: list[Throwaway]) -> Iterator[Scenarios]:
    """Every scenario except the engines', all started at once."""
    *breaking, interrupted = throwaways
    with running_scenarios() as begun:
        begun.begin(
            {f"interrupted at {said}": partial(interrupted.interrupt, said) for said in INTERRUPTED}
            | {"whole after interruptions": partial(converges_after_interruptions, interrupted)}
        )
        for number, throwaway in enumerate(breaking):
            begun.begin(_scenario(throwaway, number))
        yield begun


@pytest.mark.parametrize("said", INTERRUPTED)
def test_an_interrupted_deploy_stores_its_state_and_leaves_no_lock(scenarios: Scenarios, said: str) -> None:
    scenarios.step(f"interrupted at {said}")


def test_one_recovery_and_one_deploy_repair_an_interrupted_environment(scenarios: Scenarios) -> None:
    scenarios.step("whole after interruptions")


def test_the_lock_of_another_run_stays_until_its_id_is_given(scenarios: Scenarios) -> None:
    scenarios.step(its_lock_belongs_to_another_run.__name__)


@pytest.mark.parametrize("said", chain(*KILLED))
def test_one_recovery_after_a_kill_releases_the_lock_and_imports_existing_resources(
    scenarios: Scenarios, said: str
) -> None:
    scenarios.step(f"killed at {said}")


@pytest.mark.parametrize("number", range(len(KILLED)))
def test_one_deploy_completes_a_killed_and_recovered_environment(scenarios: Scenarios, number: int) -> None:
    """One deploy completes a killed and recovered environment, and no other deploy or recovery runs beside it."""
    scenarios.step(f"whole {number}")


@pytest.mark.parametrize("fault", [fault.__name__ for fault in chain(*AFTERWARDS)])
def test_a_running_environment_survives_a_fault(scenarios: Scenarios, fault: str) -> None:
    scenarios.step(fault)


@pytest.fixture(scope="module")
def running(throwaways: list[Throwaway], scenarios: Scenarios) -> Throwaway:
    """A running environment, once no scenario needs the engines."""
    scenarios.close()
    *_, interrupted = throwaways
    return interrupted


def test_an_environment_survives_engines_that_die_in_the_middle_of_its_deploy(cloud: Cloud, running: Throwaway) -> None:
    """An environment survives PostgreSQL, the API server and AWS, each dying in the middle of its deploy."""
    before = running.snapshot()
    for name in running.names.secret_paths:
        del before[name]
    running.release("second")
    running.change("database=Database(", "database=Database(credentials_version=2, ")
    running.change("session=Session(", "session=Session(key_version=2, ")
    stored = r"terraform_data\.database_credentials_value\S*: Creation complete"
    running.deploy_until(stored, lambda _: kill(cloud.processes, POSTGRESQL))
    local_cloud.up(lambda _: None)
    running.deploy_until(r"kubernetes_job_v1\.migration: Creating", lambda _: kill(cloud.processes, KUBE_APISERVER))
    local_cloud.up(lambda _: None)
    running.change("key_version=2", "key_version=3")
    running.deploy_until(r"terraform_data\.session_key_value\S*: Creating", lambda _: kill(cloud.processes, AWS))
    local_cloud.up(lambda _: None)
    running.recover().expect(0)
    converges(running, before)


def test_a_recovered_environment_is_destroyed_like_any_other(running: Throwaway) -> None:
    running.project.destroy(running.name).expect(0)
    assert running.snapshot() == {}
