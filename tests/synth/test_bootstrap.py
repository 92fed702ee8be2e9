"""The bootstrap stack has everything that each environment's deploy needs, private and with exact trust."""

import json

import pytest

from environments.schema.settings import Environment
from local.aws.iam.policy import Decision, Request, evaluate
from modules.model.names import Names, bootstrap_state_bucket
from modules.model.selected_settings import SETTINGS, SHARED
from tests.synth.template import Body, Template

ISSUER = "token.actions.githubusercontent.com"
REPOSITORY = f"repo:{SHARED.repository}"


@pytest.fixture
def names(settings: Environment) -> Names:
    return Names.of(settings, SHARED)


def _identifier(environment: str) -> str:
    return environment.replace("-", "_")


def test_bootstraps_state_is_in_its_own_bucket(bootstrap: Template) -> None:
    backend = bootstrap.document["terraform"]["backend"]["s3"]
    assert bootstrap.one("aws_s3_bucket", "state")["bucket"] == backend["bucket"] == bootstrap_state_bucket(SHARED)
    assert backend["key"] == "bootstrap/terraform.tfstate"
    assert (backend["encrypt"], backend["use_lockfile"]) == (True, True)
    assert backend["allowed_account_ids"] == [SHARED.account]
    # The bucket exists before the first apply, whose state is stored in it.
    assert bootstrap.document["import"] == [{"id": backend["bucket"], "to": "aws_s3_bucket.state"}]


def test_every_environment_has_a_bucket_for_its_state(bootstrap: Template, templates: dict[str, Template]) -> None:
    wanted = {stack.document["terraform"]["backend"]["s3"]["bucket"] for stack in templates.values()}
    assert {body["bucket"] for body in _state_buckets(bootstrap).values()} == wanted | {bootstrap_state_bucket(SHARED)}


def _state_buckets(bootstrap: Template) -> dict[str, Body]:
    """All buckets except previews' data buckets, which test_buckets.py tests."""
    found = {name: body for name, body in bootstrap.some("aws_s3_bucket").items() if name.endswith("state")}
    assert len(bootstrap.all("aws_s3_bucket")) - len(found) == 2 * sum(it.slot is not None for it in SETTINGS.load())
    return found


def test_no_state_bucket_can_be_destroyed_or_read_by_strangers(bootstrap: Template) -> None:
    for name, bucket in _state_buckets(bootstrap).items():
        assert bucket["lifecycle"] == {"prevent_destroy": True}, name
        assert bucket["force_destroy"] is False, name
        block = bootstrap.one("aws_s3_bucket_public_access_block", f"{name}_public_access")
        four = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        assert {key: value for key, value in block.items() if key != "bucket"} == dict.fromkeys(four, True)
        (encryption,) = bootstrap.one("aws_s3_bucket_server_side_encryption_configuration", f"{name}_encryption")[
            "rule"
        ]
        assert encryption["apply_server_side_encryption_by_default"] == {"sse_algorithm": "AES256"}
        versioning = bootstrap.one("aws_s3_bucket_versioning", f"{name}_versioning")
        assert versioning["versioning_configuration"] == {"status": "Enabled"}
        (statement,) = json.loads(bootstrap.one("aws_s3_bucket_policy", f"{name}_policy")["policy"])["Statement"]
        assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
        rules = bootstrap.one("aws_s3_bucket_lifecycle_configuration", f"{name}_lifecycle")["rule"]
        expiring = [rule for rule in rules if "noncurrent_version_expiration" in rule]
        assert [rule["noncurrent_version_expiration"] for rule in expiring] == [[{"noncurrent_days": 90}]]
        # A delete marker that hides nothing is not a state.
        expiring = [rule for rule in rules if "expiration" in rule and rule["id"] != "expire-delete-markers"]
        assert not expiring, "a state in use must never expire"


def test_the_account_accepts_githubs_tokens(bootstrap: Template) -> None:
    """The infrastructure repository made the identity provider, so it is read and checked."""
    assert not bootstrap.all("aws_iam_openid_connect_provider")
    provider = bootstrap.one("data.aws_iam_openid_connect_provider", "github")
    assert provider["url"] == f"https://{ISSUER}"
    (check,) = provider["lifecycle"]["postcondition"]
    assert check["condition"] == '${contains(self.client_id_list, "sts.amazonaws.com")}'


def test_the_designed_account_gets_its_identity_provider_here(designed_bootstrap: Template) -> None:
    provider = designed_bootstrap.one("aws_iam_openid_connect_provider", "github")
    assert (provider["url"], provider["client_id_list"]) == (f"https://{ISSUER}", ["sts.amazonaws.com"])
    subject = f"{REPOSITORY}:environment:staging"
    reference = "aws_iam_openid_connect_provider.github"
    assert _trusts(designed_bootstrap, "environment_staging_deploy", subject, provider=reference)
    assert not _trusts(designed_bootstrap, "environment_staging_deploy", subject)


def _trusts(
    bootstrap: Template,
    role: str,
    subject: str,
    audience: str = "sts.amazonaws.com",
    provider: str = "data.aws_iam_openid_connect_provider.github",
) -> bool:
    """Whether the role's trust policy accepts a GitHub token with these claims."""
    document = bootstrap.one("aws_iam_role", role)["assume_role_policy"]
    request = Request(
        action="sts:AssumeRoleWithWebIdentity",
        resource="",
        context={f"{ISSUER}:sub": [subject], f"{ISSUER}:aud": [audience]},
        principals=frozenset([f"Federated:${{{provider}.arn}}"]),
    )
    return evaluate(document, request) is Decision.ALLOWED


def test_a_plan_role_trusts_the_default_branch(bootstrap: Template, environment: str) -> None:
    role = f"environment_{_identifier(environment)}_plan"
    assert _trusts(bootstrap, role, f"{REPOSITORY}:ref:refs/heads/main")


@pytest.mark.parametrize(
    "subject",
    [
        f"{REPOSITORY}:pull_request",
        f"{REPOSITORY}:ref:refs/heads/feature",
        f"{REPOSITORY}:ref:refs/tags/main",
        f"{REPOSITORY}:environment:production",
        f"{REPOSITORY}-fork:ref:refs/heads/main",
        "repo:somebody/platform:ref:refs/heads/main",
        f"{REPOSITORY}:ref:refs/heads/main:more",
    ],
)
def test_no_role_trusts_another_context(bootstrap: Template, environment: str, subject: str) -> None:
    for kind in ("plan", "deploy"):
        assert not _trusts(bootstrap, f"environment_{_identifier(environment)}_{kind}", subject)


def test_a_deploy_role_trusts_its_own_github_environment(bootstrap: Template, environment: str) -> None:
    for other in SETTINGS.names():
        role = f"environment_{_identifier(other)}_deploy"
        assert _trusts(bootstrap, role, f"{REPOSITORY}:environment:{environment}") is (environment == other)
    role = f"environment_{_identifier(environment)}_deploy"
    assert not _trusts(bootstrap, role, f"{REPOSITORY}:environment:{environment}", audience="another")


def test_a_role_has_only_its_one_policy(bootstrap: Template, environment: str, names: Names) -> None:
    for kind, name in {"plan": names.plan_role, "deploy": names.deploy_role}.items():
        address = f"environment_{_identifier(environment)}_{kind}"
        assert bootstrap.one("aws_iam_role", address)["name"] == name
        exclusive = bootstrap.resolve(bootstrap.one("aws_iam_role_policies_exclusive", f"{address}_policies"))
        assert (exclusive["role_name"], exclusive["policy_names"]) == (name, ["rights"])
        attached = bootstrap.resolve(
            bootstrap.one("aws_iam_role_policy_attachments_exclusive", f"{address}_attachments")
        )
        assert (attached["role_name"], attached["policy_arns"]) == (name, [])


def test_a_role_session_can_last_as_long_as_a_deploy(bootstrap: Template, environment: str) -> None:
    for kind in ("plan", "deploy"):
        role = bootstrap.one("aws_iam_role", f"environment_{_identifier(environment)}_{kind}")
        assert role["max_session_duration"] == 90 * 60


def test_in_the_cluster_a_role_is_limited_to_its_own_namespace(
    bootstrap: Template, environment: str, names: Names
) -> None:
    for kind, policy in {"plan": "AmazonEKSViewPolicy", "deploy": "AmazonEKSClusterAdminPolicy"}.items():
        address = f"environment_{_identifier(environment)}_{kind}"
        entry = bootstrap.resolve(bootstrap.one("aws_eks_access_entry", f"{address}_cluster"))
        assert entry["principal_arn"] == f"${{aws_iam_role.{address}.arn}}"
        assert entry["kubernetes_groups"] == [f"mosaic-{kind}", f"mosaic-{environment}-{kind}"]
        association = bootstrap.one("aws_eks_access_policy_association", f"{address}_namespace")
        assert association["policy_arn"] == f"arn:aws:eks::aws:cluster-access-policy/{policy}"
        assert association["access_scope"] == {"type": "namespace", "namespaces": [names.namespace]}


def test_cluster_wide_planners_only_read_and_deployers_only_create_namespaces(bootstrap: Template) -> None:
    kinds = {
        "api_groups": ["apiextensions.k8s.io"],
        "resources": ["customresourcedefinitions"],
        "verbs": ["get", "list"],
    }
    # Without list, so that it does not reveal names.
    custom = {
        "api_groups": ["external-secrets.io"],
        "resources": ["externalsecrets", "secretstores"],
        "verbs": ["get"],
    }
    policies = {
        "api_groups": ["admissionregistration.k8s.io"],
        "resources": ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
        "verbs": ["get", "list"],
    }
    namespaces = {"api_groups": [""], "resources": ["namespaces"], "verbs": ["create"]}
    assert bootstrap.one("kubernetes_cluster_role_v1", "planners")["rule"] == [kinds, policies, custom]
    assert bootstrap.one("kubernetes_cluster_role_v1", "deployers")["rule"] == [kinds, policies, namespaces]
    for name, group in {"planners": "mosaic-plan", "deployers": "mosaic-deploy"}.items():
        binding = bootstrap.resolve(bootstrap.one("kubernetes_cluster_role_binding_v1", f"{name}_members"))
        assert (binding["role_ref"]["kind"], binding["role_ref"]["name"]) == ("ClusterRole", group)
        assert [(subject["kind"], subject["name"]) for subject in binding["subject"]] == [("Group", group)]


def test_the_boundary_is_created_before_the_role_that_needs_it(bootstrap: Template, environment: str) -> None:
    address = f"environment_{_identifier(environment)}"
    assert f"aws_iam_policy.{address}_boundary" in bootstrap.dependencies(f"aws_iam_role.{address}_deploy")


def test_an_environments_roles_have_the_boundary_and_stay_within_it(
    bootstrap: Template, template: Template, environment: str, names: Names
) -> None:
    policy = bootstrap.one("aws_iam_policy", f"environment_{_identifier(environment)}_boundary")
    for role in template.some("aws_iam_role").values():
        assert role["permissions_boundary"] == f"arn:aws:iam::{SHARED.account}:policy/{policy['name']}"
    secret = f"arn:aws:secretsmanager:{SHARED.region}:{SHARED.account}:secret"
    arns = {
        "${aws_s3_bucket.media.arn}": f"arn:aws:s3:::{names.media_bucket}",
        "${aws_s3_bucket.backups.arn}": f"arn:aws:s3:::{names.backups_bucket}",
        "${aws_secretsmanager_secret.database_credentials.arn}": f"{secret}:{names.database_credentials}-AbCdEf",
        "${aws_secretsmanager_secret.session_key.arn}": f"{secret}:{names.session_key}-AbCdEf",
        "${aws_secretsmanager_secret.internal_api_token.arn}": f"{secret}:{names.generated_secrets[1]}-AbCdEf",
    }
    for name, body in template.some("aws_iam_role_policy").items():
        for statement in json.loads(body["policy"])["Statement"]:
            for action in statement["Action"]:
                for resource in statement["Resource"]:
                    if resource.startswith("${"):
                        arn, _, objects = resource.partition("/")
                        asked = arns[arn] + (objects and "/a")
                    else:
                        # Other objects in the account: one example that the pattern matches.
                        asked = resource if resource == "*" else resource.replace("*", "any").replace("?", "a")
                    request = Request(action=action, resource=asked, context=_context(statement))
                    assert evaluate(policy["policy"], request) is Decision.ALLOWED, f"{name}: {action} on {resource}"


def _context(statement: Body) -> dict[str, list[str]]:
    """Return a request context that meets the statement's conditions."""
    conditions: Body = statement.get("Condition", {})
    assert set(conditions) <= {"StringEquals"}
    return {key.lower(): [value] for key, value in conditions.get("StringEquals", {}).items()}


def test_a_cluster_without_access_entries_is_refused(bootstrap: Template) -> None:
    (condition,) = bootstrap.one("data.aws_eks_cluster", "cluster")["lifecycle"]["postcondition"]
    assert "CONFIG_MAP" in condition["condition"]
    assert "API or API_AND_CONFIG_MAP" in condition["error_message"]


def test_deploys_and_plans_have_separate_roles_on_the_database_server(
    bootstrap: Template, environment: str, names: Names
) -> None:
    address = f"environment_{_identifier(environment)}_database"
    deployer, planner = (bootstrap.one("postgresql_role", f"{address}_{it}") for it in ("deployer", "planner"))
    assert (deployer["name"], planner["name"]) == (names.database_deployer, names.database_planner)
    attributes = {"login", "superuser", "create_role", "create_database", "replication", "bypass_row_level_security"}
    assert {it for it in attributes if deployer.get(it)} == {"create_role", "create_database"}
    assert not {it for it in attributes if planner.get(it)}
    for role in ("deployer", "planner"):
        grant = bootstrap.resolve(bootstrap.one("postgresql_grant", f"{address}_{role}_connect"))
        assert (grant["database"], grant["object_type"], grant["privileges"]) == ("postgres", "database", ["CONNECT"])


def test_grants_on_the_common_database_are_never_concurrent(bootstrap: Template) -> None:
    grants = [f"postgresql_grant.{name}" for name in bootstrap.some("postgresql_grant") if name.endswith("_connect")]
    for one in grants:
        for other in grants:
            ordered = one in bootstrap.dependencies(other) or other in bootstrap.dependencies(one)
            assert one == other or ordered, f"{one} and {other}"


def test_a_login_is_a_member_of_only_its_role(bootstrap: Template, environment: str, names: Names) -> None:
    roles = {"deploy": names.database_deployer, "plan": names.database_planner}
    for kind, role in roles.items():
        address = f"environment_{_identifier(environment)}_{kind}_login"
        secret = bootstrap.one("aws_secretsmanager_secret", address)
        assert secret["name"] == {"deploy": names.deploy_login, "plan": names.plan_login}[kind]
        login = bootstrap.resolve(bootstrap.one("postgresql_role", f"{address}_login_1"))
        assert (login["name"], login["login"], login["roles"]) == (f"{role}_1", True, [role])
        assert login.get("assume_role") == (role if kind == "deploy" else None)
        stored = f"ephemeral.aws_secretsmanager_secret_version.{address}_stored_1"
        assert login["password_wo"] == f"${{jsondecode({stored}.secret_string).password}}"
        assert bootstrap.bodies[stored]["version_stage"] == "settings-1"


def test_a_login_is_stored_only_after_the_database_has_it(bootstrap: Template, environment: str) -> None:
    for kind, role in {"deploy": "deployer", "plan": "planner"}.items():
        address = f"environment_{_identifier(environment)}_{kind}_login"
        waited_for = bootstrap.dependencies(f"terraform_data.{address}_current")
        assert f"postgresql_role.{address}_login_1" in waited_for
        assert f"postgresql_grant.environment_{_identifier(environment)}_database_{role}_connect" in waited_for
        value = bootstrap.one("terraform_data", f"{address}_value_1")["provisioner"][0]["local-exec"]
        assert value["environment"]["STAGES"] == "settings-1"


def test_the_template_is_closed_and_has_the_extensions_of_the_settings(
    bootstrap: Template, settings: Environment, environment: str, names: Names
) -> None:
    address = f"environment_{_identifier(environment)}_database_template"
    if not settings.database.extensions:
        assert address not in bootstrap.all("postgresql_database")
        return
    template = bootstrap.one("postgresql_database", address)
    assert (template["name"], template["is_template"]) == (names.database_template, True)
    assert template["owner"] == "${data.aws_rds_cluster.database.master_username}"
    public = bootstrap.one("postgresql_grant", f"{address}_public")
    assert (public["role"], public["privileges"]) == ("public", [])
    made = {
        body["name"]
        for body in bootstrap.resolve(bootstrap.all("postgresql_extension")).values()
        if body["database"] == names.database_template
    }
    assert made == set(settings.database.extensions)


def test_only_the_provider_gets_the_administrators_login(bootstrap: Template) -> None:
    stored = "ephemeral.aws_secretsmanager_secret_version.database_administrator.secret_string"
    readers = {path for path, text in bootstrap.strings() if stored in text}
    others = {path for path in readers if not path.endswith(".condition")}
    assert others == {"provider.postgresql[0].password"}
