"""Resources with data cannot be destroyed by mistake, and hand-made ones are imported."""

import pytest

from environments.schema.settings import Environment
from modules.model.selected_settings import SETTINGS
from tests.synth.template import Template

DATA_BEARING = {
    "aws_s3_bucket.media",
    "aws_s3_bucket.backups",
    "aws_secretsmanager_secret.database_credentials",
    "aws_secretsmanager_secret.session_key",
    "aws_secretsmanager_secret.internal_api_token",
    "kubernetes_namespace_v1.namespace",
    "postgresql_database.database",
    "postgresql_role.database_role",
}


def _protected(template: Template) -> set[str]:
    return {
        address for address, body in template.bodies.items() if body.get("lifecycle", {}).get("prevent_destroy") is True
    }


def test_data_is_protected_only_in_a_protected_environment(template: Template, settings: Environment) -> None:
    assert _protected(template) == (DATA_BEARING if settings.protected else set())


def test_prod_is_protected_and_staging_is_not() -> None:
    assert SETTINGS.find("prod").protected
    assert not SETTINGS.find("staging").protected


def test_a_protected_environments_data_can_be_restored(prod: Template, staging: Template) -> None:
    # Secrets Manager allows 7 to 30 days, or 0, which frees the name at once for short-lived environments.
    for template, days in ((prod, 30), (staging, 0)):
        for name, secret in template.some("aws_secretsmanager_secret").items():
            assert secret["recovery_window_in_days"] == days, name


@pytest.mark.parametrize(
    ("account", "environment", "new"),
    [
        ("templates", "prod", {"database_credentials"}),
        ("templates", "staging", {"database_credentials", "internal_api_token"}),
        # Production's applications of that time did not know an internal API token.
        ("designed", "prod", {"internal_api_token"}),
    ],
)
def test_an_adopted_secret_is_found_by_its_name(
    request: pytest.FixtureRequest, account: str, environment: str, new: set[str]
) -> None:
    """Its ARN ends in characters chosen by AWS, so the import needs a data source to find it."""
    stack: Template = request.getfixturevalue(account)[environment]
    adopted = {name: secret for name, secret in stack.some("aws_secretsmanager_secret").items() if name not in new}
    assert set(stack.all("data.aws_secretsmanager_secret")) == {f"{name}_adopted" for name in adopted}
    for name, secret in adopted.items():
        assert stack.one("data.aws_secretsmanager_secret", f"{name}_adopted") == {"name": secret["name"]}


def test_adopt_true_imports_everything_in_a_hand_made_production(designed: dict[str, Template]) -> None:
    blocks = designed["prod"].document["import"]
    assert {block["to"]: block["id"] for block in blocks} == {
        "aws_s3_bucket.media": "mosaic-prod-media-033691785857",
        "aws_s3_bucket.backups": "mosaic-prod-backups-033691785857",
        "aws_secretsmanager_secret.session_key": "${data.aws_secretsmanager_secret.session_key_adopted.arn}",
        "aws_secretsmanager_secret.database_credentials": (
            "${data.aws_secretsmanager_secret.database_credentials_adopted.arn}"
        ),
        "aws_iam_role.core_api_role": "mosaic-prod-core-api-role",
        "postgresql_database.database": "core_prod",
        "postgresql_role.database_role": "mosaic_prod",
        "kubernetes_namespace_v1.namespace": "mosaic-prod",
    }
    assert "import" not in designed["staging"].document
