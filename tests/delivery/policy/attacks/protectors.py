"""A protecting resource is missing from a first plan, or disappears unnoticed between plans."""

from tests.delivery.policy.attacks.attack import Documents, Edit, attack
from tests.delivery.policy.attacks.edits import put, put_in_stack, remove

_PROTECTORS = (
    *("aws_s3_bucket_public_access_block.media_public_access", "aws_s3_bucket_ownership_controls.media_ownership"),
    *("aws_s3_bucket_policy.media_policy", "aws_s3_bucket_versioning.media_versioning"),
    "aws_s3_bucket_server_side_encryption_configuration.backups_encryption",
    *("aws_s3_bucket_policy.backups_policy", "aws_s3_bucket_versioning.backups_versioning"),
    "aws_iam_role_policies_exclusive.core_api_role_policies",
    "aws_iam_role_policy_attachments_exclusive.secret_store_role_attachments",
    *("kubernetes_network_policy_v1.network_default_deny", "kubernetes_network_policy_v1.network_allow"),
    *("kubernetes_resource_quota_v1.namespace_quota", "kubernetes_limit_range_v1.namespace_limits"),
    "postgresql_grant.database_public",
)


def _never_made(address: str) -> Edit:
    """It is in neither the plan nor the stack."""

    def edit(documents: Documents) -> None:
        documents.plan["resource_changes"].remove(documents.row(address))
        type_, _, name = address.partition(".")
        del documents.stack["resource"][type_][name]

    return edit


ATTACKS = (
    *(
        attack(f"{address} was never made, {on}", on, "protection", _never_made(address))
        for address in _PROTECTORS
        for on in ("staging, first plan", "prod, first plan", "staging")
    ),
    attack(
        "a first plan forgets the block of public access",
        *("staging, first plan", "protection"),
        remove("aws_s3_bucket_public_access_block.backups_public_access"),
    ),
    attack(
        "both blocks of public access are about one bucket",
        *("staging, first plan", "protection"),
        put_in_stack(
            "resource.aws_s3_bucket_public_access_block.backups_public_access.bucket", "${aws_s3_bucket.media.id}"
        ),
    ),
    attack(
        "the revoke is of a schema from the beginning",
        *("staging, first plan", "protection"),
        put("postgresql_grant.database_public", "object_type", "schema"),
    ),
    attack(
        "the policy that denies has another name",
        *("staging, first plan", "protection"),
        put("kubernetes_network_policy_v1.network_default_deny", "metadata.0.name", "other"),
    ),
    *(
        attack(
            f"{address} has no prevent_destroy", "prod", "protection", put_in_stack(f"resource.{address}.lifecycle", {})
        )
        for address in (
            *("aws_s3_bucket.backups", "aws_secretsmanager_secret.session_key", "postgresql_role.database_role"),
            *("postgresql_database.database", "kubernetes_namespace_v1.namespace"),
        )
    ),
)
