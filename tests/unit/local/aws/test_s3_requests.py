"""The IAM actions that S3 requests need, according to the service authorization reference."""

import pytest

from local.aws.iam.s3_requests import UnknownRequestError, required_s3_permissions

BUCKET = "arn:aws:s3:::b"
TWO_OBJECTS = b"<Delete><Object><Key>x</Key></Object><Object><Key>y</Key><VersionId>7</VersionId></Object></Delete>"


@pytest.mark.parametrize(
    ("method", "target", "action", "resource"),
    [
        ("GET", "/", "ListAllMyBuckets", "*"),
        ("GET", "/b?list-type=2&prefix=a", "ListBucket", BUCKET),
        ("HEAD", "/b", "ListBucket", BUCKET),
        ("GET", "/b?versions", "ListBucketVersions", BUCKET),
        ("GET", "/b?uploads", "ListBucketMultipartUploads", BUCKET),
        ("PUT", "/b", "CreateBucket", BUCKET),
        ("DELETE", "/b", "DeleteBucket", BUCKET),
        ("PUT", "/b?encryption", "PutEncryptionConfiguration", BUCKET),
        ("GET", "/b?publicAccessBlock", "GetBucketPublicAccessBlock", BUCKET),
        ("DELETE", "/b?lifecycle", "PutLifecycleConfiguration", BUCKET),
        ("DELETE", "/b?policy", "DeleteBucketPolicy", BUCKET),
        ("PUT", "/b?policy", "PutBucketPolicy", BUCKET),
        ("GET", "/b/a/1.jpg", "GetObject", f"{BUCKET}/a/1.jpg"),
        ("HEAD", "/b/a%20b?versionId=7", "GetObjectVersion", f"{BUCKET}/a b"),
        ("PUT", "/b/x", "PutObject", f"{BUCKET}/x"),
        ("PUT", "/b/x?partNumber=1&uploadId=7", "PutObject", f"{BUCKET}/x"),
        ("POST", "/b/x?uploads", "PutObject", f"{BUCKET}/x"),
        ("DELETE", "/b/x?uploadId=7", "AbortMultipartUpload", f"{BUCKET}/x"),
        ("DELETE", "/b/x", "DeleteObject", f"{BUCKET}/x"),
        ("DELETE", "/b/x?versionId=7", "DeleteObjectVersion", f"{BUCKET}/x"),
        ("GET", "/b/x?tagging", "GetObjectTagging", f"{BUCKET}/x"),
        ("PUT", "/b/x?acl&versionId=7", "PutObjectVersionAcl", f"{BUCKET}/x"),
    ],
)
def test_a_request_needs_the_listed_actions(method: str, target: str, action: str, resource: str) -> None:
    path, _, query = target.partition("?")
    assert list(required_s3_permissions(method, path, query, {}, b"")) == [(f"s3:{action}", resource)]


def test_a_copy_needs_permission_to_read_its_source() -> None:
    headers = {"x-amz-copy-source": "other/a%20b?versionId=7"}
    assert list(required_s3_permissions("PUT", "/b/x", "", headers, b"")) == [
        ("s3:PutObject", f"{BUCKET}/x"),
        ("s3:GetObjectVersion", "arn:aws:s3:::other/a b"),
    ]


def test_each_listed_object_needs_its_own_delete_permission() -> None:
    assert list(required_s3_permissions("POST", "/b", "delete", {}, TWO_OBJECTS)) == [
        ("s3:DeleteObject", f"{BUCKET}/x"),
        ("s3:DeleteObjectVersion", f"{BUCKET}/y"),
    ]


@pytest.mark.parametrize(("method", "target"), [("POST", "/b"), ("POST", "/b/x?restore"), ("PUT", "/b?location")])
def test_an_unknown_request_is_an_error(method: str, target: str) -> None:
    path, _, query = target.partition("?")
    with pytest.raises(UnknownRequestError):
        list(required_s3_permissions(method, path, query, {}, b""))
