"""Options that neither staging nor production uses today, and values that constructs refuse."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from cdktf import App, TerraformOutput, TerraformResource

from environments.applications import SECRETS, WEB
from environments.schema.adoption import PARTS, Part
from modules.aws.irsa_role import Grant
from modules.base.terraform import ReadableStack
from modules.kubernetes.deployment import Deployment
from modules.kubernetes.migration_job import MigrationJob
from modules.model.kubernetes.pod_template import PodTemplate
from modules.model.names import InvalidNameError
from modules.model.selected_settings import SHARED
from tests.synth.synthesis import synthesize_settings
from tests.synth.template import Template, differences
from tests.unit.environments.example import Data, environment

DIGEST = f"sha256:{'0123456789abcdef' * 4}"
WEB_DIGEST = f"sha256:{'f' * 64}"
POD = PodTemplate(
    name="web",
    image="web:1",
    image_pull_policy="Always",
    resources=WEB.resources,
    service_account="web",
    labels={"app": "web"},
)
WANTED: Data = {
    "protected": True,
    "adopt": True,
    "web.image": {"digest": WEB_DIGEST},
    "core_api.image": {"digest": DIGEST},
    "log_level": "debug",
    "web.resources": {
        "cpu_request": "1",
        "memory_request": "64Mi",
        "ephemeral_storage_request": "1Mi",
        "cpu_limit": "2",
        "memory_limit": "1Gi",
        "ephemeral_storage_limit": "2Mi",
    },
    "core_api.autoscaling": {"minimum": 1, "maximum": 2, "cpu_percent": 50, "memory_percent": 60},
    "database": {"credentials_version": 2, "extensions": ("vector",)},
    "media": {"infrequent_access_after": 45, "old_versions_expire_after": 9},
    "quota.cpu_requests": "4",
    "quota.cpu_limits": "12",
}


def _synthesize(folder: Path, changes: Data) -> Template:
    return synthesize_settings(folder, environment(changes))


@pytest.fixture(scope="module")
def third(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return _synthesize(tmp_path_factory.mktemp("third"), WANTED)


@pytest.fixture
def stack(tmp_path: Path) -> ReadableStack:
    return ReadableStack(App(outdir=str(tmp_path)), "test")


def test_each_option_reaches_the_stack(third: Template) -> None:
    expected = {
        "kubernetes_deployment_v1.web_deployment": {
            "spec": {
                "template": {
                    "spec": {
                        "container": [
                            {
                                "image": f"{SHARED.image_registry}/mosaic-life/web@{WEB_DIGEST}",
                                "resources": {
                                    "requests": {"cpu": "1", "memory": "64Mi"},
                                    "limits": {"cpu": "2", "memory": "1Gi"},
                                },
                            }
                        ]
                    }
                }
            }
        },
        "kubernetes_job_v1.migration": {"metadata": {"name": "core-api-migrate-0123456789ab"}},
        "kubernetes_horizontal_pod_autoscaler_v2.core_api_autoscaler": {
            "spec": {
                "min_replicas": 1,
                "max_replicas": 2,
                "metric": [
                    {"resource": {"name": "cpu", "target": {"average_utilization": 50}}},
                    {"resource": {"name": "memory", "target": {"average_utilization": 60}}},
                ],
            }
        },
        "postgresql_database.database": {"name": "core_test", "template": "core_test_template"},
    }
    assert not list(differences(third.resolve(third.bodies), expected, "stack"))
    (container,) = third.one("kubernetes_deployment_v1", "core_api_deployment")["spec"]["template"]["spec"]["container"]
    assert {"name": "LOG_LEVEL", "value": "debug"} in container["env"]
    days = str(third.one("aws_s3_bucket_lifecycle_configuration", "media_lifecycle")["rule"])
    assert "'days': 45" in days
    assert "'noncurrent_days': 9" in days


def test_an_adopted_secret_uses_the_number_in_the_settings(third: Template) -> None:
    """An existing value is kept for the first number (tests/plan/test_generated_value.py)."""
    assert third.one("terraform_data", "database_credentials_value")["triggers_replace"][1] == "2"
    stored = third.one("ephemeral.aws_secretsmanager_secret_version", "database_credentials_stored")
    assert stored["secret_id"] == "${terraform_data.database_credentials_value.output}"


IMPORTED: dict[Part, str] = {
    "media": "aws_s3_bucket.media",
    "backups": "aws_s3_bucket.backups",
    "session-key": "aws_secretsmanager_secret.session_key",
    "internal-api-token": "aws_secretsmanager_secret.internal_api_token",
    "credentials": "aws_secretsmanager_secret.database_credentials",
    "database": "postgresql_database.database",
    "database-role": "postgresql_role.database_role",
    "core-api-role": "aws_iam_role.core_api_role",
    "namespace": "kubernetes_namespace_v1.namespace",
}
# Everything in the hand-made production: all except the token, which its applications did not know.
MADE_BY_HAND = [part for part in IMPORTED if part != "internal-api-token"]


@pytest.mark.parametrize(
    ("adopt", "parts"),
    [
        (False, []),
        (True, MADE_BY_HAND),
        (("media", "backups", "core-api-role"), ["media", "backups", "core-api-role"]),
        *(((part,), [part]) for part in ("session-key", "internal-api-token", "credentials")),
        *(((part,), [part]) for part in ("database", "database-role", "namespace")),
    ],
    ids=str,
)
def test_only_named_parts_are_adopted(tmp_path: Path, adopt: object, parts: list[Part]) -> None:
    stack = _synthesize(tmp_path, {"adopt": adopt})
    imported = {block["to"] for block in stack.document.get("import", [])}
    assert imported == {IMPORTED[part] for part in parts}


def test_each_random_secret_of_the_contract_can_be_adopted() -> None:
    assert {secret.id for secret in SECRETS if secret.origin == "random"} <= set(PARTS)


def test_an_argocd_application_is_adopted_if_it_is_named(tmp_path: Path) -> None:
    named = _synthesize(tmp_path / "named", {"delivery": "argocd", "adopt": ("argocd-application",)})
    assert named.document["import"] == [
        {
            "id": "apiVersion=argoproj.io/v1alpha1,kind=Application,namespace=argocd,name=mosaic-life-test",
            "to": "kubernetes_manifest.argocd_application",
        }
    ]
    whole = _synthesize(tmp_path / "whole", {"delivery": "argocd", "adopt": True})
    assert {block["to"] for block in whole.document["import"]} == {IMPORTED[part] for part in MADE_BY_HAND}


def test_given_database_names_are_used_everywhere(tmp_path: Path) -> None:
    given = {"name": "mosaic", "role": "mosaic_app", "credentials_path": "mosaic/app/database"}
    stack = _synthesize(tmp_path, {"database": given})
    assert stack.one("postgresql_database", "database")["name"] == "mosaic"
    assert stack.one("postgresql_role", "database_role")["name"] == "mosaic_app"
    assert stack.one("aws_secretsmanager_secret", "database_credentials")["name"] == "mosaic/app/database"
    (step,) = stack.one("terraform_data", "database_credentials_value")["provisioner"]
    stored = step["local-exec"]["environment"]["CONTENT"]
    assert "\"username\": 'mosaic_app'" in stored
    assert "\"dbname\": 'mosaic'" in stored
    (store,) = {
        item["remoteRef"]["key"]
        for item in stack.one("kubernetes_manifest", "secrets_database_credentials")["manifest"]["spec"]["data"]
    }
    assert store == "mosaic/app/database"
    assert stack.outputs["database_credentials_path"] == "mosaic/app/database"
    assert not [text for _, text in stack.strings() if text in ("core_test", "mosaic/test/rds/credentials")]


def test_an_invalid_service_name_stops_the_synthesis(tmp_path: Path) -> None:
    with pytest.raises(InvalidNameError, match=r"\(\d+ characters\) is not a S3 bucket name"):
        _synthesize(tmp_path, {"name": "a" * 40})


@pytest.mark.parametrize("action", ["s3:*", "s3:Get*", "*"])
def test_a_wildcard_action_is_refused(action: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"action {action!r} holds a wildcard; allowed: each action by its")):
        Grant(actions=["s3:GetObject", action], resources=["arn:aws:s3:::bucket"])


@pytest.mark.parametrize("resource", ["*", "arn:aws:s3:::bucket*", "arn:aws:s3:::*/*", "arn:aws:s3:::bucket/a*/*"])
def test_a_wildcard_resource_is_refused(resource: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"resource {resource!r} holds a wildcard; allowed: an exact ARN")):
        Grant(actions=["s3:GetObject"], resources=[resource])


def test_all_objects_of_one_bucket_can_be_granted() -> None:
    grant = Grant(actions=["s3:GetObject"], resources=["arn:aws:s3:::bucket/*"])
    assert grant.statement == {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::bucket/*"]}


def test_a_selector_that_does_not_match_its_pods_is_refused(stack: ReadableStack) -> None:
    with pytest.raises(ValueError, match=r"test/web: the selector .* does not select the pods"):
        Deployment(
            stack,
            "web",
            name="web",
            namespace="space",
            labels={},
            selector={"app": "core-api"},
            replicas=1,
            pod=POD,
        )


def test_annotations_on_a_jobs_pod_are_refused(stack: ReadableStack) -> None:
    """Its change would be planned again forever."""
    pod = replace(POD, annotations={"team": "platform"})
    creation = TerraformResource(stack, "creation", terraform_resource_type="terraform_data")
    with pytest.raises(
        ValueError, match=r"test/job: the pod of a Job has the annotations {'team': 'platform'}; allowed"
    ):
        MigrationJob(stack, "job", name="job", namespace="space", labels={}, pod=pod, database_creation=creation)


def test_two_elements_with_one_address_are_refused(stack: ReadableStack) -> None:
    """Terraform would keep only the last of them."""
    first = TerraformOutput(stack, "some-name", value="x")
    assert first.friendly_unique_id == "some_name"
    second = TerraformOutput(stack, "some_name", value="x")
    with pytest.raises(ValueError, match=r"test/some_name and test/some-name would both be .* 'some_name'; give one"):
        _ = second.friendly_unique_id
