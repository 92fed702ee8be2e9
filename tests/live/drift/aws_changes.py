"""Changes made by hand in AWS."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from lightkube.resources.apps_v1 import Deployment

from tests.live.drift.change import Change
from tests.live.drift.drift_target import DriftTarget

# In an account that is not ours.
_STRANGER = "arn:aws:iam::210987654321:root"


def _statement(resource: str, action: str, **more: object) -> dict[str, object]:
    return {"Sid": "ByHand", "Effect": "Allow", "Action": action, "Resource": resource, **more}


def _with_statement(document: Any, statement: Mapping[str, object]) -> str:  # noqa: ANN401 parsed, or text
    policy = json.loads(document) if isinstance(document, str) else document
    return json.dumps({**policy, "Statement": [*policy["Statement"], statement]})


def _policy(target: DriftTarget, bucket: str) -> Any:  # noqa: ANN401 a policy document
    s3 = target.aws("s3")
    try:
        return json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        return None


def _let_a_stranger_read(target: DriftTarget) -> None:
    bucket = target.names.media_bucket
    statement = _statement(f"arn:aws:s3:::{bucket}/*", "s3:GetObject", Principal={"AWS": _STRANGER})
    target.aws("s3").put_bucket_policy(Bucket=bucket, Policy=_with_statement(_policy(target, bucket), statement))


def _rules(target: DriftTarget) -> list[Any]:
    answer = target.aws("s3").get_bucket_lifecycle_configuration(Bucket=target.names.backups_bucket)
    return sorted(answer["Rules"], key=lambda rule: str(rule["ID"]))


def _expire_after_a_day(target: DriftTarget) -> None:
    rules = [{**rule, "Expiration": {"Days": 1}} if "Expiration" in rule else rule for rule in _rules(target)]
    target.aws("s3").put_bucket_lifecycle_configuration(
        Bucket=target.names.backups_bucket, LifecycleConfiguration={"Rules": rules}
    )


def _ownership(target: DriftTarget) -> object:
    s3 = target.aws("s3")
    try:
        return s3.get_bucket_ownership_controls(Bucket=target.names.backups_bucket)["OwnershipControls"]["Rules"]
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "OwnershipControlsNotFoundError":
            raise
        return None


def _trust(target: DriftTarget) -> Any:  # noqa: ANN401 a policy document
    return target.aws("iam").get_role(RoleName=target.names.core_api_role)["Role"]["AssumeRolePolicyDocument"]


def _trust_everybody(target: DriftTarget) -> None:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": _STRANGER}}
    target.aws("iam").update_assume_role_policy(
        RoleName=target.names.core_api_role, PolicyDocument=_with_statement(_trust(target), statement)
    )


def _inline(target: DriftTarget, name: str) -> Any:  # noqa: ANN401 a policy document
    return target.aws("iam").get_role_policy(RoleName=target.names.core_api_role, PolicyName=name)["PolicyDocument"]


def _put_inline(target: DriftTarget, name: str, document: str) -> None:
    target.aws("iam").put_role_policy(RoleName=target.names.core_api_role, PolicyName=name, PolicyDocument=document)


def _attach(target: DriftTarget) -> None:
    iam = target.aws("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [_statement("*", "s3:ListAllMyBuckets")]})
    arn = iam.create_policy(PolicyName=f"by-hand-{secrets.token_hex(4)}", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=target.names.core_api_role, PolicyArn=arn)


def _attached(target: DriftTarget) -> object:
    return target.aws("iam").list_attached_role_policies(RoleName=target.names.core_api_role)["AttachedPolicies"]


def _secret_policy(target: DriftTarget) -> object:
    answer = target.aws("secretsmanager").get_resource_policy(SecretId=target.names.database_credentials)
    return json.loads(answer.get("ResourcePolicy") or "{}")


def _let_a_stranger_at_the_secret(target: DriftTarget) -> None:
    statement = _statement("*", "secretsmanager:GetSecretValue", Principal={"AWS": _STRANGER})
    target.aws("secretsmanager").put_resource_policy(
        SecretId=target.names.database_credentials,
        ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def _store_another_key(target: DriftTarget) -> None:
    target.aws("secretsmanager").put_secret_value(
        SecretId=target.names.session_key, SecretString=json.dumps({"secret-key": secrets.token_urlsafe(48)})
    )


def _pods_have_the_current_key(target: DriftTarget) -> bool:
    """Return whether core-api's pods carry the version that Secrets Manager calls current."""
    stages = target.aws("secretsmanager").describe_secret(SecretId=target.names.session_key)["VersionIdsToStages"]
    (current,) = (version for version, labels in stages.items() if "AWSCURRENT" in labels)
    annotations = target.read(Deployment, "core-api", "spec", "template", "metadata", "annotations")
    return bool(annotations["mosaic-life/session-key"] == current)


BUCKETS = (
    Change(
        name="bucket policy: a statement lets another account read",
        make=_let_a_stranger_read,
        look=lambda target: _policy(target, target.names.media_bucket),
        plan="aws_s3_bucket_policy.media_policy",
        verify="bucket {media_bucket} policy",
    ),
    Change(
        name="bucket policy: deleted",
        make=lambda target: target.aws("s3").delete_bucket_policy(Bucket=target.names.backups_bucket),
        look=lambda target: _policy(target, target.names.backups_bucket),
        plan="aws_s3_bucket_policy.backups_policy",
        verify="bucket {backups_bucket} policy",
    ),
    Change(
        name="public access block: one of the four off",
        make=lambda target: target.aws("s3").put_public_access_block(
            Bucket=target.names.media_bucket,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": False,
                "RestrictPublicBuckets": True,
            },
        ),
        look=lambda target: target.aws("s3").get_public_access_block(Bucket=target.names.media_bucket)[
            "PublicAccessBlockConfiguration"
        ],
        plan="aws_s3_bucket_public_access_block.media_public_access",
        verify="bucket {media_bucket} public access",
    ),
    Change(
        name="lifecycle: backups expire after a day",
        make=_expire_after_a_day,
        look=_rules,
        plan="aws_s3_bucket_lifecycle_configuration.backups_lifecycle",
    ),
    Change(
        name="versioning: suspended",
        make=lambda target: target.aws("s3").put_bucket_versioning(
            Bucket=target.names.media_bucket, VersioningConfiguration={"Status": "Suspended"}
        ),
        look=lambda target: target.aws("s3").get_bucket_versioning(Bucket=target.names.media_bucket)["Status"],
        plan="aws_s3_bucket_versioning.media_versioning",
        verify="bucket {media_bucket} versioning",
    ),
    Change(
        name="encryption: by another key",
        make=lambda target: target.aws("s3").put_bucket_encryption(
            Bucket=target.names.backups_bucket,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]
            },
        ),
        look=lambda target: target.aws("s3").get_bucket_encryption(Bucket=target.names.backups_bucket)[
            "ServerSideEncryptionConfiguration"
        ]["Rules"][0]["ApplyServerSideEncryptionByDefault"],
        plan="aws_s3_bucket_server_side_encryption_configuration.backups_encryption",
    ),
    Change(
        name="CORS: every origin let in",
        make=lambda target: target.aws("s3").put_bucket_cors(
            Bucket=target.names.media_bucket,
            CORSConfiguration={"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]},
        ),
        look=lambda target: target.aws("s3").get_bucket_cors(Bucket=target.names.media_bucket)["CORSRules"],
        plan="aws_s3_bucket_cors_configuration.media_cors",
        verify="bucket {media_bucket} origins",
    ),
    Change(
        name="object ownership: deleted",
        make=lambda target: target.aws("s3").delete_bucket_ownership_controls(Bucket=target.names.backups_bucket),
        look=_ownership,
        plan="aws_s3_bucket_ownership_controls.backups_ownership",
    ),
)

ROLES = (
    Change(
        name="role trust: another account may assume it",
        make=_trust_everybody,
        look=_trust,
        plan="aws_iam_role.core_api_role",
        verify="role trust",
    ),
    Change(
        name="inline policy: a statement more",
        make=lambda target: _put_inline(
            target, "media", _with_statement(_inline(target, "media"), _statement("*", "s3:ListAllMyBuckets"))
        ),
        look=lambda target: _inline(target, "media"),
        plan="aws_iam_role_policy.core_api_role_media",
        verify="role policies",
    ),
    Change(
        name="inline policy: one more",
        make=lambda target: _put_inline(
            target,
            "by-hand",
            json.dumps({"Version": "2012-10-17", "Statement": [_statement("*", "s3:ListAllMyBuckets")]}),
        ),
        look=lambda target: target.aws("iam").list_role_policies(RoleName=target.names.core_api_role)["PolicyNames"],
        plan="aws_iam_role_policies_exclusive.core_api_role_policies",
        verify="role policies",
    ),
    Change(
        name="secret store: one more inline policy",
        make=lambda target: target.aws("iam").put_role_policy(
            RoleName=target.names.secret_store_role,
            PolicyName="by-hand",
            PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [_statement("*", "secretsmanager:GetSecretValue")]}
            ),
        ),
        look=lambda target: target.aws("iam").list_role_policies(RoleName=target.names.secret_store_role)[
            "PolicyNames"
        ],
        plan="aws_iam_role_policies_exclusive.secret_store_role_policies",
        verify="secret store role policies",
    ),
    Change(
        name="managed policy: attached",
        make=_attach,
        look=_attached,
        plan="aws_iam_role_policy_attachments_exclusive.core_api_role_attachments",
        verify="role policies",
    ),
)

SECRET_POLICY = Change(
    name="secret: a policy of its own",
    make=_let_a_stranger_at_the_secret,
    look=_secret_policy,
    plan="aws_secretsmanager_secret.database_credentials",
    verify="secret {database_credentials}",
)

# The deploy restores it before Terraform reads it; a plan alone would create another one.
SECRET_DELETED = Change(
    name="secret: deleted",
    make=lambda target: target.aws("secretsmanager").delete_secret(SecretId=target.names.session_key),
    look=lambda target: (
        "DeletedDate" in target.aws("secretsmanager").describe_secret(SecretId=target.names.session_key)
    ),
    plan="aws_secretsmanager_secret.session_key",
    verify="secret {session_key}",
    also=(
        "terraform_data.session_key_value",
        "aws_iam_role_policy.core_api_role_secrets",
        "aws_iam_role_policy.secret_store_role_secrets",
        "kubernetes_manifest.secrets_session_secret",
        "kubernetes_deployment_v1.core_api_deployment",
    ),
)

# A rotation by hand: the deploy adopts it.
SECRET_VALUE = Change(
    name="secret: another value stored",
    make=_store_another_key,
    look=_pods_have_the_current_key,
    plan="kubernetes_manifest.secrets_session_secret",
    verify="session key",
    also=("kubernetes_deployment_v1.core_api_deployment",),
)
