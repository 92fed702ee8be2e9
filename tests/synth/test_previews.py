"""bootstrap's resources for previews: who decides about claims, and everything that a claim would wait for."""

import json
from pathlib import Path

from environments.schema.settings import Environment
from modules.model.iam_policies import previews_policy
from modules.model.names import PREVIEWS_ENVIRONMENT, previews_role
from modules.model.selected_settings import SETTINGS, SHARED
from tests import account
from tests.synth.synthesis import synthesize_bootstrap, synthesize_settings
from tests.synth.template import Template

SEEDED = SHARED.changed({"previews": {"seeded": True}})
SEED = "mosaic_preview_seed"
# The AWS provider waits a while after creating each of these.
_WAITED_FOR = "aws_s3_bucket_lifecycle_configuration"


def test_only_one_github_environments_jobs_decide_about_claims(bootstrap: Template) -> None:
    """Their GitHub key is this environment's secret, so they are its jobs anyway."""
    role = bootstrap.one("aws_iam_role", "previews")
    assert role["name"] == previews_role(SHARED) == "mosaic-previews"
    (statement,) = json.loads(role["assume_role_policy"])["Statement"]
    conditions = statement["Condition"]
    assert set(conditions) == {"StringEquals"}
    (subjects,) = (value for key, value in conditions["StringEquals"].items() if key.endswith(":sub"))
    assert subjects == [f"repo:{SHARED.repository}:environment:{PREVIEWS_ENVIRONMENT}"]


def test_the_claims_role_has_only_its_policy_and_no_cluster_access(bootstrap: Template) -> None:
    own = {address: body for address, body in bootstrap.bodies.items() if "aws_iam_role.previews." in json.dumps(body)}
    assert set(own) == {
        "aws_iam_role_policy.previews_rights",
        "aws_iam_role_policies_exclusive.previews_policies",
        "aws_iam_role_policy_attachments_exclusive.previews_attachments",
    }
    assert own["aws_iam_role_policy.previews_rights"]["policy"] == previews_policy(SHARED)


def test_an_account_without_previews_has_no_preview_resources(designed_bootstrap: Template) -> None:
    assert account.SHARED.previews is None
    assert not [address for address in designed_bootstrap.bodies if "preview" in address]


def test_a_claim_never_waits_for_a_bucket_lifecycle(template: Template, settings: Environment) -> None:
    assert bool(template.all(_WAITED_FOR)) is (settings.slot is None)


def test_bootstrap_makes_each_previews_buckets_roles_logins_and_template(bootstrap: Template) -> None:
    previews = [environment.name.replace("-", "_") for environment in SETTINGS.load() if environment.slot is not None]
    assert len(previews) == 3
    for name in previews:
        own = {
            address.partition(".")[2].removeprefix(f"environment_{name}_")
            for address in bootstrap.bodies
            if f".environment_{name}_" in address
        }
        assert own >= {"state", "media", "backups", "boundary", "plan", "deploy", "deploy_login", "database_template"}


def test_bootstrap_makes_a_seed_for_previews_that_nobody_can_connect_to(bootstrap: Template, tmp_path: Path) -> None:
    assert not [address for address in bootstrap.bodies if "preview_seed" in address]
    stack = synthesize_bootstrap(tmp_path, SETTINGS.find("preview-1"), SEEDED)
    role = stack.one("postgresql_role", "preview_seed_role")
    assert (role["name"], role.get("login")) == (SEED, None)
    database = stack.resolve(stack.one("postgresql_database", "preview_seed_database"))
    administrator = stack.resolve(stack.one("postgresql_grant_role", "preview_seed_administrator"))["role"]
    assert (database["name"], database["owner"], database["is_template"]) == (SEED, administrator, True)
    public = stack.resolve(stack.one("postgresql_grant", "preview_seed_database_public"))
    assert (public["database"], public["role"], public["privileges"]) == (SEED, "public", [])
    deployer = stack.resolve(stack.one("postgresql_grant_role", "preview_seed_deployer_1"))
    assert (deployer["role"], deployer["grant_role"], deployer["with_admin_option"]) == (
        "mosaic_preview_1_deploy",
        SEED,
        True,
    )
    extensions = {body["name"] for name, body in stack.all("postgresql_extension").items() if "preview_seed" in name}
    assert extensions == {*SETTINGS.find("preview-1").database.extensions}


def test_a_seeded_preview_is_a_copy_that_its_own_role_may_migrate(
    templates: dict[str, Template], tmp_path: Path
) -> None:
    stack = synthesize_settings(tmp_path / "seeded", SETTINGS.find("preview-1"), SEEDED)
    assert stack.one("postgresql_database", "database")["template"] == SEED
    grant = stack.resolve(stack.one("postgresql_grant_role", "database_seed"))
    assert (grant["role"], grant["grant_role"]) == ("mosaic_preview_1", SEED)
    empty = templates["preview-1"]
    assert empty.one("postgresql_database", "database")["template"] == "core_preview_1_template"
    assert "database_seed" not in empty.all("postgresql_grant_role")
    lasting = synthesize_settings(tmp_path / "lasting", SETTINGS.find("staging"), SEEDED)
    assert lasting.document == templates["staging"].document
