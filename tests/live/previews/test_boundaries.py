"""Unreviewed code in a preview reaches nothing of other previews, staging or production, nor they of it.

The attempts are those of tests/live/isolation, with this folder's pairs.
"""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws.github_tokens import workflow_token
from local.state import Cloud
from modules.model.names import PREVIEWS_ENVIRONMENT, bootstrap_state_bucket, claims_object, previews_role, state_key
from tests.account import SHARED
from tests.live.isolation.delivery_actor import CONTEXTS, not_refused
from tests.live.isolation.iam_attempts import attempts_on_the_other, attempts_upwards
from tests.live.isolation.tenant import Tenant, assume, listed, outcome
from tests.live.isolation.test_buckets import (  # noqa: F401 collected here, too
    test_core_api_cannot_change_the_other_environments_objects,
    test_core_api_cannot_list_or_describe_any_other_bucket_of_the_account,
    test_core_api_cannot_put_objects_into_the_other_environment_or_copy_them_out,
    test_core_api_cannot_read_any_terraform_state,
    test_core_api_reads_and_writes_its_own_buckets,
)
from tests.live.isolation.test_database import (  # noqa: F401 likewise
    test_every_other_database_of_the_instance_refuses_the_login,
    test_the_login_can_neither_create_shared_objects_nor_use_those_of_others,
    test_the_login_can_neither_end_nor_read_the_other_environments_sessions,
    test_the_login_creates_and_migrates_its_own_tables,
)
from tests.live.isolation.test_network import (  # noqa: F401 likewise
    test_no_path_leads_from_any_pod_to_any_pod_of_the_other_environment,
)
from tests.live.isolation.test_secrets import (  # noqa: F401 likewise
    test_core_api_cannot_change_any_secret_not_even_its_own,
    test_core_api_reads_exactly_its_own_secrets,
)
from tests.live.isolation.test_sessions import (  # noqa: F401 likewise
    test_a_cookie_signed_by_one_environment_fails_in_the_other,
    test_the_pods_sign_with_the_key_of_their_environment,
)
from tests.live.isolation.test_sql import test_postgresql_refuses_every_attempt_of_both_logins  # noqa: F401 likewise
from tests.live.previews.preview_commands import PreviewCommands
from tests.live.project import Project

pytestmark = pytest.mark.promise("Previews")


def test_aws_refuses_every_attempt_of_every_delivery_role(cloud: Cloud, own: Tenant, other: Tenant) -> None:
    name = own.settings.name
    attempts = [
        attempt for kind in CONTEXTS for of in (attempts_on_the_other, attempts_upwards) for attempt in of(name, kind)
    ]
    found = not_refused({name: own, other.settings.name: other}, cloud, attempts)
    assert found == [], listed(found)


@pytest.mark.parametrize("slot", ["preview-1", "preview-2"])
def test_the_deploy_role_of_a_preview_cannot_change_the_buckets_that_bootstrap_created(
    cloud: Cloud, tenants: dict[str, Tenant], slot: str
) -> None:
    tenant = tenants[slot]
    subject = f"repo:{SHARED.repository}:environment:{slot}"
    s3 = _client(tenant.project, cloud, tenant.names.deploy_role, subject, "s3")
    for bucket in tenant.buckets:
        rules = tenant.project.client("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        policy = tenant.project.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]
        answers = {
            "delete": outcome(s3.delete_bucket, Bucket=bucket),
            "policy": outcome(s3.put_bucket_policy, Bucket=bucket, Policy=policy),
            "lifecycle": outcome(
                s3.put_bucket_lifecycle_configuration, Bucket=bucket, LifecycleConfiguration={"Rules": rules}
            ),
            "read": outcome(s3.get_object, Bucket=bucket, Key="anything"),
        }
        assert set(answers.values()) == {"refused"}, f"{bucket}: {answers}"
        assert outcome(s3.list_object_versions, Bucket=bucket) == "allowed"
        assert outcome(s3.list_multipart_uploads, Bucket=bucket) == "allowed"


def test_the_claims_role_reads_and_writes_claims_and_nothing_else(previews: PreviewCommands, cloud: Cloud) -> None:
    project = previews.project
    subject = f"repo:{SHARED.repository}:environment:{PREVIEWS_ENVIRONMENT}"
    s3 = _client(project, cloud, previews_role(SHARED), subject, "s3")
    bucket, key = claims_object(SHARED)
    absent = {"Bucket": bucket, "Key": key}
    before = outcome(s3.get_object, **absent)
    assert before in ("allowed", "NoSuchKey"), "a missing object must not be answered as forbidden"
    body = project.client("s3").get_object(**absent)["Body"].read() if before == "allowed" else json.dumps({}).encode()
    assert outcome(s3.put_object, **absent, Body=body) == "allowed"
    assert outcome(s3.delete_object, **absent) == "refused"
    if before == "NoSuchKey":
        project.client("s3").delete_object(**absent)
    state = {"Bucket": bootstrap_state_bucket(SHARED), "Key": state_key("bootstrap")}
    assert outcome(s3.get_object, **state) == "refused"
    assert outcome(s3.put_object, **{**state, "Key": "previews/another.json"}, Body=b"{}") == "refused"
    secrets = _client(project, cloud, previews_role(SHARED), subject, "secretsmanager")
    assert outcome(secrets.get_secret_value, SecretId=SHARED.google_oauth_secret) == "refused"
    for stranger in ("environment:preview-1", "pull_request", "ref:refs/heads/main"):
        with pytest.raises(ClientError, match="AccessDenied"):
            assume(
                project,
                f"arn:aws:iam::{SHARED.account}:role/{previews_role(SHARED)}",
                workflow_token(cloud.state, f"repo:{SHARED.repository}:{stranger}"),
            )


def _client(project: Project, cloud: Cloud, role: str, subject: str, service: str) -> Any:  # noqa: ANN401 each service has a class of its own
    """Return a client of an AWS API with a role that a workflow of this subject assumes."""
    arn = f"arn:aws:iam::{SHARED.account}:role/{role}"
    session = assume(project, arn, workflow_token(cloud.state, subject))
    return session.client(
        service,  # type: ignore[call-overload]
        endpoint_url=project.variables["AWS_ENDPOINT_URL"],
    )
