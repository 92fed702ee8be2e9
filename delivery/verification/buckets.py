"""Checks that the buckets exist, and admit only this account's own roles over TLS."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from delivery.account.error import CheckError
from delivery.account.session import CALLS
from delivery.account.target import Target
from delivery.verification.check import Check

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import GrantTypeDef

Answer = TypeVar("Answer")

_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
# S3 answers a HEAD request without a message.
_ABSENCE = {"404": "there is none", "403": "it belongs to another account, or these credentials may not read it"}
_EVERYBODY = "http://acs.amazonaws.com/groups/global/"


def checks(target: Target) -> Iterator[Check]:
    """Yield eight checks for each of the environment's two buckets."""
    for bucket in (target.names.media_bucket, target.names.backups_bucket):
        for aspect, function, expected, command in _ASPECTS:
            yield Check(
                name=f"bucket {bucket} {aspect}",
                run=partial(function, target, bucket),
                expected=expected.format(account=target.shared.account),
                look=f"aws s3api {command} --bucket {bucket}",
            )


def _exists(target: Target, bucket: str) -> str:
    try:
        target.s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=target.shared.account)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise CheckError(_ABSENCE.get(code, code)) from None
    return f"in account {target.shared.account}"


def _blocked(target: Target, bucket: str) -> str:
    answer = _unless_absent(
        lambda: target.s3.get_public_access_block(Bucket=bucket), "NoSuchPublicAccessBlockConfiguration"
    )
    blocks: Mapping[str, Any] = answer["PublicAccessBlockConfiguration"] if answer else {}
    off = [name for name in _BLOCKS if not blocks.get(name)]
    if off:
        raise CheckError(f"off: {', '.join(off)}")
    return "all four blocks on"


def _tls_only(target: Target, bucket: str) -> str:
    answer = _unless_absent(lambda: target.s3.get_bucket_policy(Bucket=bucket), "NoSuchBucketPolicy")
    problems = policy_problems(json.loads(answer["Policy"]) if answer else {}, bucket)
    if problems:
        raise CheckError(", ".join(problems))
    return "denies every request without TLS and grants nothing"


def policy_problems(policy: dict[str, Any], bucket: str) -> list[str]:
    """Why a bucket's policy does not deny requests without TLS, and whom it admits independently of IAM."""
    statements = policy.get("Statement", [])
    statements = [statements] if isinstance(statements, dict) else statements
    problems = [
        f"the statement {statement.get('Sid', '(without Sid)')} allows {json.dumps(statement.get('Principal'))}"
        for statement in statements
        if statement.get("Effect") != "Deny"
    ]
    if not any(_denies_without_tls(statement, bucket) for statement in statements):
        problems.insert(0, "no statement denies requests without TLS")
    return problems


def _denies_without_tls(statement: dict[str, Any], bucket: str) -> bool:
    arn = f"arn:aws:s3:::{bucket}"
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and statement.get("Action") in ("s3:*", ["s3:*"])
        and set(_listed(statement.get("Resource"))) >= {arn, f"{arn}/*"}
        and statement.get("Condition")
        in ({"Bool": {"aws:SecureTransport": "false"}}, {"Bool": {"aws:SecureTransport": ["false"]}})
    )


def _listed(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def _encrypted(target: Target, bucket: str) -> str:
    answer = _unless_absent(
        lambda: target.s3.get_bucket_encryption(Bucket=bucket), "ServerSideEncryptionConfigurationNotFoundError"
    )
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"] if answer else []
    algorithms = [rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm", "") for rule in rules]
    if not any(algorithms):
        raise CheckError("not encrypted")
    return f"with {', '.join(algorithms)}"


def _versioned(target: Target, bucket: str) -> str:
    status = target.s3.get_bucket_versioning(Bucket=bucket).get("Status", "never enabled")
    if status != "Enabled":
        raise CheckError(status)
    return status


def _closed(target: Target, bucket: str) -> str:
    """Judge by ACL, ownership and S3's own verdict on the policy, and by a request without credentials."""
    status = _unless_absent(lambda: target.s3.get_bucket_policy_status(Bucket=bucket), "NoSuchBucketPolicy")
    if status and status["PolicyStatus"].get("IsPublic"):
        raise CheckError("its policy makes it public")
    open_to = grants_to_everybody(target.s3.get_bucket_acl(Bucket=bucket)["Grants"])
    if open_to:
        raise CheckError(f"its ACL grants access to {', '.join(open_to)}")
    anonymous = target.session.client("s3", config=CALLS.merge(Config(signature_version=UNSIGNED)))
    try:
        anonymous.list_objects_v2(Bucket=bucket, MaxKeys=1)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
    else:
        raise CheckError("it lists its objects without credentials")
    # The local cloud refuses requests without credentials before it reads a policy: there, only the rest is proof.
    also = " (the local cloud does so in any case)" if target.local else ""
    return f"neither policy nor ACL is public; a request without credentials is refused{also}"


def grants_to_everybody(grants: "list[GrantTypeDef]") -> list[str]:
    """The public groups that an ACL admits."""
    groups = (grant.get("Grantee", {}).get("URI", "") for grant in grants)
    return [group.removeprefix(_EVERYBODY) for group in groups if group.startswith(_EVERYBODY)]


def _origins(target: Target, bucket: str) -> str:
    """Terraform does not look for rules where it created none."""
    answer = _unless_absent(lambda: target.s3.get_bucket_cors(Bucket=bucket), "NoSuchCORSConfiguration")
    found = {origin for rule in (answer["CORSRules"] if answer else []) for origin in rule["AllowedOrigins"]}
    own = {f"https://{host}" for host in target.environment.hosts} if bucket == target.names.media_bucket else set()
    problems = [f"{origin} is allowed" for origin in sorted(found - own)]
    problems += [f"{origin} is not allowed" for origin in sorted(own - found)]
    if problems:
        raise CheckError(", ".join(problems))
    return f"from browsers: {', '.join(sorted(own)) or 'none'}"


def _copies(target: Target, bucket: str) -> str:
    """Terraform does not look for a replication that it did not create."""
    answer = _unless_absent(
        lambda: target.s3.get_bucket_replication(Bucket=bucket), "ReplicationConfigurationNotFoundError"
    )
    rules = answer["ReplicationConfiguration"]["Rules"] if answer else []
    if rules:
        raise CheckError(f"objects are copied to {', '.join(rule['Destination']['Bucket'] for rule in rules)}")
    return "objects are not copied"


def _unless_absent(call: Callable[[], Answer], code: str) -> Answer | None:
    """The answer; None if S3 has nothing of the kind, which it reports with an error of this code."""
    try:
        return call()
    except ClientError as error:
        if error.response["Error"]["Code"] == code:
            return None
        raise


_ASPECTS: tuple[tuple[str, Callable[[Target, str], str], str, str], ...] = (
    ("exists", _exists, "the bucket, in account {account}", "head-bucket"),
    ("public access", _blocked, "all four blocks of public access on", "get-public-access-block"),
    (
        "policy",
        _tls_only,
        "one statement that denies requests without TLS, and none that allows anything",
        "get-bucket-policy",
    ),
    ("encryption", _encrypted, "encryption by default", "get-bucket-encryption"),
    ("versioning", _versioned, "Enabled", "get-bucket-versioning"),
    ("privacy", _closed, "a request without credentials is refused", "get-bucket-acl"),
    ("origins", _origins, "browsers from the environment's hosts in the media bucket only", "get-bucket-cors"),
    ("copies", _copies, "no replication", "get-bucket-replication"),
)
