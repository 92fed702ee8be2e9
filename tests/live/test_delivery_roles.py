"""What a workflow's role can do, and that it cannot gain more; isolation/ tests what it must not reach."""

import json
import sys
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from lightkube import Client
from lightkube.core.exceptions import ApiError
from lightkube.core.resource import NamespacedResource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import (
    ConfigMap,
    LimitRange,
    Namespace,
    Pod,
    ResourceQuota,
    Secret,
    Service,
    ServiceAccount,
)
from lightkube.resources.networking_v1 import Ingress, NetworkPolicy

from delivery.account.cluster import connect
from delivery.plan.document import Plan
from delivery.plan.hash import plan_hash
from delivery.policy.guard import guard
from delivery.policy.overrides import Overrides
from delivery.terraform.stack_json import read_stack
from delivery.verification.secrets import ExternalSecret
from local.state import Cloud
from modules.model.iam_policies import NETWORK_ADDON, boundary_arn
from modules.model.names import Names, state_key
from tests.account import SETTINGS, SHARED
from tests.live.drift.drift_target import DriftTarget
from tests.live.images import push_all, with_tag
from tests.live.project import Project, Run
from tests.live.workflow_identity import REPOSITORY, take_on

pytestmark = pytest.mark.promise("Isolation")
STAGING, PROD = (Names.of(SETTINGS.find(name), SHARED) for name in ("staging", "prod"))
PLANNED, DEPLOYED = f"{REPOSITORY}:ref:refs/heads/{SHARED.default_branch}", f"{REPOSITORY}:environment:staging"


class Holder:
    """The holder of a role: clients of AWS's APIs and of the cluster."""

    def __init__(self, cloud: Cloud, role: str, subject: str) -> None:
        self.variables = take_on(cloud, role, subject)
        self.session = boto3.Session(
            aws_access_key_id=self.variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.variables["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=self.variables["AWS_SESSION_TOKEN"],
            region_name=SHARED.region,
        )

    def cluster(self) -> Client:
        return connect(self.session, self.session.client("eks").describe_cluster(name=SHARED.cluster)["cluster"])


@pytest.fixture(scope="module", autouse=True)
def endpoint(cloud: Cloud, project: Project) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", cloud.aws_endpoint)
        yield


@pytest.fixture(scope="module")
def planner(cloud: Cloud, endpoint: None) -> Holder:
    return Holder(cloud, STAGING.plan_role, PLANNED)


@pytest.fixture(scope="module")
def deployer(cloud: Cloud, endpoint: None) -> Holder:
    return Holder(cloud, STAGING.deploy_role, DEPLOYED)


def refused(call: Callable[..., object], **parameters: object) -> bool:
    """Return whether the server refuses this for lack of permission; any other error fails the test."""
    try:
        call(**parameters)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("AccessDenied", "AccessDeniedException", "403"):
            raise
        return True
    except ApiError as error:
        if error.status.code != HTTPStatus.FORBIDDEN:
            raise
        return True
    return False


def test_the_plan_role_plans_and_verifies(project: Project, deployed: Run, planner: Holder, tmp_path: Path) -> None:
    command = ("python", "-m", "delivery", "save-plan", "staging", "--no-lock", "--out", str(tmp_path / "plans"))
    done = project.run(str(project.root / ".venv/bin" / command[0]), *command[1:], **planner.variables)
    assert "No changes" in done.expect(0).output + "".join(
        path.read_text() for path in (tmp_path / "plans").rglob("*") if path.is_file()
    )
    written = [tmp_path / "plans", *(tmp_path / "plans").rglob("*")]
    assert {"staging", "plan.json", "plan.txt", "cdk.tf.json"} <= {path.name for path in written}
    assert [path for path in written if path.stat().st_mode & 0o077] == []
    verify = (str(project.root / ".venv/bin/python"), "-m", "delivery", "verify", "staging")
    said = project.run(*verify, **planner.variables).expect(0).output
    (left_out,) = [line for line in said.splitlines() if line.startswith("--   secrets: ")]
    assert f"which {STAGING.plan_role} may not read: secret keys, database password, " in left_out
    assert f"; {STAGING.deploy_role} or an administrator" in left_out
    made = [line.split(":")[0] for line in said.splitlines() if line.startswith(("ok ", "warn", "FAIL"))]
    assert "ok   external secret database-credentials" in made
    assert not [line for line in made if "database login" in line or "secret keys" in line]


def test_drift_that_no_plan_sees_is_reviewed_and_deployed_as_one_plan(
    project: Project, deployed: Run, planner: Holder, deployer: Holder, tmp_path: Path
) -> None:
    """Drift that no plan sees is reviewed and deployed as one plan: a deleted secret, its policy, another password."""
    secrets = project.client("secretsmanager")
    secrets.delete_secret(SecretId=STAGING.session_key)
    another = {"AWS": "arn:aws:iam::210987654321:root"}
    given = {"Effect": "Allow", "Principal": another, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [given]})
    secrets.put_resource_policy(SecretId=STAGING.database_credentials, ResourcePolicy=policy)
    DriftTarget(project, "staging").run_sql("ALTER ROLE {role} PASSWORD 'another'", role=STAGING.database_role)

    refused = _plan(project, planner, tmp_path / "refused", "--no-lock")
    assert refused.code == 1
    assert f"the secret {STAGING.session_key} is scheduled for deletion" in (
        tmp_path / "refused" / "staging" / "plan.log"
    ).read_text(encoding="utf-8")
    repaired = _plan(project, deployer, tmp_path / "deploys", "--restore").expect(0)
    assert f"deploy staging: restored the secret {STAGING.session_key}" in repaired.output
    assert f"the database refused the stored password of {STAGING.database_role}; set again" in repaired.output
    assert DriftTarget(project, "staging").logs_in()
    applied = project.stack("staging") / "plan.tfplan"
    kept = applied.read_bytes()
    _plan(project, planner, tmp_path / "reviewed", "--no-lock").expect(0)
    own, reviewed = (Plan.read(tmp_path / it / "staging" / "plan.json") for it in ("deploys", "reviewed"))
    changed = {row.address for row in own.resources if row.does_something}
    assert changed == {"aws_secretsmanager_secret.database_credentials"}
    own_stack, stack = (read_stack(tmp_path / it / "staging" / "cdk.tf.json") for it in ("deploys", "reviewed"))
    assert plan_hash(own, own_stack) == plan_hash(reviewed, stack)
    assert not guard("staging", reviewed, stack=stack, overrides=Overrides.of("")).blocking
    applied.write_bytes(kept)
    command = ("terraform", f"-chdir={applied.parent}", "apply", "-input=false", applied.name)
    project.run(*command, **deployer.variables).expect(0)
    project.verify("staging").expect(0)


def test_productions_role_deploys_images_and_replicas_but_no_lifecycle(
    cloud: Cloud, project: Project, adopted: Run, tmp_path: Path
) -> None:
    """Production's role deploys images and replicas; only an administrator changes its objects' lifecycle."""
    planner = Holder(cloud, PROD.plan_role, PLANNED)
    deployer = Holder(cloud, PROD.deploy_role, f"{REPOSITORY}:environment:prod")
    ordinary = {
        "replicas=2,": "replicas=3,",
        "Autoscaling(minimum=2, maximum=10)": "Autoscaling(minimum=3, maximum=10)",
    }
    tag = "prod-1a2b3c4"
    push_all(project.client("ecr"), tag)
    text = with_tag(project.edited("environments/prod.py", ordinary), tag)
    changed = project.copy(tmp_path / "changed", {"environments/prod.py": text})
    command = (sys.executable, "-m", "delivery", "save-plan", "prod", "--no-lock", "--out", str(tmp_path / "plans"))
    changed.run(*command, environment="prod", **planner.variables).expect(0)
    plan = Plan.read(tmp_path / "plans" / "prod" / "plan.json")
    assert {row.address for row in plan.resources if row.does_something} >= {
        "kubernetes_deployment_v1.web_deployment",
        "kubernetes_horizontal_pod_autoscaler_v2.web_autoscaler",
    }
    changed.deploy("prod", **deployer.variables).expect(0)
    changed.run(sys.executable, "-m", "delivery", "verify", "prod", **deployer.variables).expect(0)

    shorter = project.copy(
        tmp_path / "shorter",
        {"environments/prod.py": project.edited("environments/prod.py", {"expire_after=365": "expire_after=7"})},
    )
    shorter.deploy("prod", **deployer.variables).expect(1).says("s3:PutLifecycleConfiguration").says(
        "an administrator has to deploy it"
    )
    project.deploy("prod", **deployer.variables).expect(0)
    project.verify("prod").expect(0)


def _plan(project: Project, holder: Holder, folder: Path, option: str) -> Run:
    command = (sys.executable, "-m", "delivery", "save-plan", "staging", option, "--out", str(folder))
    return project.run(*command, environment="staging", **holder.variables)


def test_the_plan_role_reads_no_kubernetes_secret(
    project: Project, deployed: Run, adopted: Run, planner: Holder
) -> None:
    """The plan role reads no Kubernetes Secret; in the other namespace it reads only ExternalSecrets, by name."""
    cluster, secret = planner.cluster(), "database-credentials"

    def listed(kind: type[NamespacedResource], namespace: str) -> None:
        assert list(cluster.list(kind, namespace=namespace))

    for namespace in (STAGING.namespace, PROD.namespace):
        assert refused(listed, kind=Secret, namespace=namespace)
        assert refused(cluster.get, res=Secret, name=secret, namespace=namespace)
        assert refused(listed, kind=ExternalSecret, namespace=namespace)
        assert not refused(cluster.get, res=ExternalSecret, name=secret, namespace=namespace)
    for kind in (Deployment, Ingress, Job, LimitRange, NetworkPolicy, Pod, ResourceQuota, Service, ServiceAccount):
        assert not refused(listed, kind=kind, namespace=STAGING.namespace)
        assert refused(listed, kind=kind, namespace=PROD.namespace)


def test_verify_warns_if_the_cluster_enforces_no_network_policies(
    project: Project, deployed: Run, planner: Holder
) -> None:
    """Verify warns if the cluster enforces no network policies.

    The network plugin belongs to the cluster: the plan role can read its switch, and no deploy can turn it on.
    """
    verify = (sys.executable, "-m", "delivery", "verify", "staging")
    eks, addon = project.client("eks"), {"clusterName": SHARED.cluster, "addonName": NETWORK_ADDON}
    eks.update_addon(**addon, configurationValues='{"enableNetworkPolicy": "false"}')
    try:
        project.run(*verify, **planner.variables).expect(0).says(
            f"warn network plugin: the add-on {NETWORK_ADDON} does not enforce them"
        )
    finally:
        eks.update_addon(**addon, configurationValues='{"enableNetworkPolicy": "true"}')
    project.run(*verify, **planner.variables).expect(0).says("ok   network plugin: enableNetworkPolicy is true")


def test_the_plan_role_changes_nothing(project: Project, deployed: Run, planner: Holder) -> None:
    s3, iam = planner.session.client("s3"), planner.session.client("iam")
    secrets = planner.session.client("secretsmanager")
    assert refused(s3.put_object, Bucket=STAGING.state_bucket, Key=state_key("staging"), Body=b"")
    assert refused(s3.put_object, Bucket=STAGING.state_bucket, Key=f"{state_key('staging')}.tflock", Body=b"")
    assert refused(s3.delete_bucket, Bucket=STAGING.media_bucket)
    assert refused(iam.delete_role, RoleName=STAGING.core_api_role)
    assert refused(secrets.put_secret_value, SecretId=STAGING.session_key, SecretString="{}")
    cluster = planner.cluster()
    assert not refused(lambda: list(cluster.list(Pod, namespace=STAGING.namespace)))
    assert refused(cluster.create, obj=_config_map(STAGING.namespace))
    assert refused(cluster.delete, res=Namespace, name=STAGING.namespace)
    assert refused(cluster.create, obj=Namespace(metadata=ObjectMeta(name="made-by-a-plan")))


@pytest.mark.parametrize("holder", ["planner", "deployer"])
def test_stagings_roles_neither_read_nor_change_productions_namespace(
    request: pytest.FixtureRequest, project: Project, adopted: Run, holder: str
) -> None:
    staging: Holder = request.getfixturevalue(holder)
    cluster = staging.cluster()
    assert refused(lambda: list(cluster.list(Secret, namespace=PROD.namespace)))
    assert refused(cluster.get, res=Namespace, name=PROD.namespace)
    assert refused(cluster.create, obj=_config_map(PROD.namespace))
    assert refused(cluster.delete, res=Namespace, name=PROD.namespace)
    assert refused(lambda: list(cluster.list(Secret, namespace="*")))


def test_the_deploy_role_extends_no_roles_permissions_not_even_its_own(
    project: Project, deployed: Run, deployer: Holder
) -> None:
    iam = deployer.session.client("iam")
    everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    for role in (STAGING.deploy_role, STAGING.plan_role, "made-by-a-deploy"):
        assert refused(iam.put_role_policy, RoleName=role, PolicyName="more", PolicyDocument=everything)
        assert refused(iam.update_assume_role_policy, RoleName=role, PolicyDocument=everything)
    assert refused(iam.create_role, RoleName="made-by-a-deploy", AssumeRolePolicyDocument=everything)
    own = STAGING.core_api_role
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert refused(iam.attach_role_policy, RoleName=own, PolicyArn=administrator)
    assert refused(iam.delete_role_permissions_boundary, RoleName=own)
    assert refused(iam.put_role_permissions_boundary, RoleName=own, PermissionsBoundary=administrator)
    for call in (iam.create_policy_version, iam.delete_policy):
        more = {"PolicyDocument": everything, "SetAsDefault": True} if call == iam.create_policy_version else {}
        assert refused(call, PolicyArn=boundary_arn(STAGING, SHARED), **more)


def _config_map(namespace: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name="made-by-a-role", namespace=namespace), data={})
