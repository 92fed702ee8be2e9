"""Translates a request to S3 into IAM's terms: moto's own names miss half of a bucket's settings.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, unquote

import xmltodict  # type: ignore[import-untyped]

_ARN = "arn:aws:s3:::"
# The actions of GET, PUT and DELETE on each part of a bucket that a query names; None if S3 has no such action.
_BUCKET = {
    "accelerate": ("GetAccelerateConfiguration", "PutAccelerateConfiguration", None),
    "acl": ("GetBucketAcl", "PutBucketAcl", None),
    "cors": ("GetBucketCORS", "PutBucketCORS", "PutBucketCORS"),
    "encryption": ("GetEncryptionConfiguration", "PutEncryptionConfiguration", "PutEncryptionConfiguration"),
    "inventory": ("GetInventoryConfiguration", "PutInventoryConfiguration", "PutInventoryConfiguration"),
    "lifecycle": ("GetLifecycleConfiguration", "PutLifecycleConfiguration", "PutLifecycleConfiguration"),
    "location": ("GetBucketLocation", None, None),
    "logging": ("GetBucketLogging", "PutBucketLogging", None),
    "notification": ("GetBucketNotification", "PutBucketNotification", None),
    "object-lock": ("GetBucketObjectLockConfiguration", "PutBucketObjectLockConfiguration", None),
    "ownershipControls": ("GetBucketOwnershipControls", "PutBucketOwnershipControls", "PutBucketOwnershipControls"),
    "policy": ("GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"),
    "policyStatus": ("GetBucketPolicyStatus", None, None),
    "publicAccessBlock": ("GetBucketPublicAccessBlock", "PutBucketPublicAccessBlock", "PutBucketPublicAccessBlock"),
    "replication": ("GetReplicationConfiguration", "PutReplicationConfiguration", "PutReplicationConfiguration"),
    "requestPayment": ("GetBucketRequestPayment", "PutBucketRequestPayment", None),
    "tagging": ("GetBucketTagging", "PutBucketTagging", "PutBucketTagging"),
    "uploads": ("ListBucketMultipartUploads", None, None),
    "versioning": ("GetBucketVersioning", "PutBucketVersioning", None),
    "versions": ("ListBucketVersions", None, None),
    "website": ("GetBucketWebsite", "PutBucketWebsite", "DeleteBucketWebsite"),
}
_WHOLE_BUCKET = ("ListBucket", "CreateBucket", "DeleteBucket")
# The same for an object; if a version is named, the action ends in Version.
_OBJECT = {
    "acl": ("GetObjectAcl", "PutObjectAcl", None),
    "attributes": ("GetObjectAttributes", None, None),
    "legal-hold": ("GetObjectLegalHold", "PutObjectLegalHold", None),
    "retention": ("GetObjectRetention", "PutObjectRetention", None),
    "tagging": ("GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging"),
    "uploadId": ("ListMultipartUploadParts", "PutObject", "AbortMultipartUpload"),
}
_WHOLE_OBJECT = ("GetObject", "PutObject", "DeleteObject")
_METHODS = {"GET": 0, "HEAD": 0, "PUT": 1, "DELETE": 2}
_OF_A_VERSION = {"GetObject", "GetObjectAcl", "GetObjectAttributes", "GetObjectTagging", "PutObjectAcl"}
_OF_A_VERSION |= {"PutObjectTagging", "DeleteObject", "DeleteObjectTagging"}


class UnknownRequestError(ValueError):
    """S3 has no such request, or the local cloud does not know it; the message names it."""


def required_s3_permissions(
    method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
) -> Iterator[tuple[str, str]]:
    """Yield each action that the request needs, with the ARN that it needs it on.

    path: as sent, ``/BUCKET`` or ``/BUCKET/KEY``, with its percent signs. body: read if it names objects.

    Raises:
        UnknownRequestError: the local cloud does not know this request.

    """
    bucket, _, key = path.lstrip("/").partition("/")
    bucket, key = unquote(bucket), unquote(key)
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    if not bucket:
        yield "s3:ListAllMyBuckets", "*"
    elif key:
        yield from _on_an_object(method, f"{_ARN}{bucket}/{key}", parameters)
        source = headers.get("x-amz-copy-source")
        if source is not None:
            copied, _, version = source.partition("?versionId=")
            yield f"s3:GetObject{'Version' if version else ''}", _ARN + unquote(copied).lstrip("/")
    elif method == "POST" and "delete" in parameters:
        for listed in _listed_objects(body):
            yield f"s3:DeleteObject{'Version' if 'VersionId' in listed else ''}", f"{_ARN}{bucket}/{listed['Key']}"
    else:
        yield f"s3:{_of(_BUCKET, _WHOLE_BUCKET, method, parameters)}", _ARN + bucket


def _on_an_object(method: str, arn: str, parameters: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if method == "POST":
        if not {"uploads", "uploadId"} & parameters.keys():
            raise UnknownRequestError("this POST on an object is not known to the local cloud")
        action = "PutObject"
    else:
        action = _of(_OBJECT, _WHOLE_OBJECT, method, parameters)
    if "versionId" in parameters and action in _OF_A_VERSION:
        action = action.replace("Object", "ObjectVersion", 1)
    yield f"s3:{action}", arn


def _of(
    parts: Mapping[str, tuple[str | None, str | None, str | None]],
    whole: tuple[str, str, str],
    method: str,
    parameters: Mapping[str, str],
) -> str:
    named = [name for name in parts if name in parameters]
    if method not in _METHODS or len(named) > 1:
        raise UnknownRequestError(f"{method} of {' and '.join(named) or 'a bucket'} is not known to the local cloud")
    action = parts[named[0]][_METHODS[method]] if named else whole[_METHODS[method]]
    if action is None:
        raise UnknownRequestError(f"S3 has no {method} of {named[0]}")
    return action


def _listed_objects(body: bytes) -> list[dict[str, str]]:
    objects = xmltodict.parse(body, force_list=("Object",))["Delete"].get("Object", [])
    found: list[dict[str, str]] = objects
    return found
