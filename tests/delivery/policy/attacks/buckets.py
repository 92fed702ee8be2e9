"""A bucket becomes accessible."""

import json

from tests.delivery.policy.attacks.attack import attack
from tests.delivery.policy.attacks.edits import add, drop, mark, put, remove

_BUCKET = "mosaic-staging-media-033691785857"
_ARN = f"arn:aws:s3:::{_BUCKET}"
_BLOCK, _OWNERSHIP = (
    "aws_s3_bucket_public_access_block.media_public_access",
    "aws_s3_bucket_ownership_controls.media_ownership",
)
_POLICY, _CORS = "aws_s3_bucket_policy.media_policy", "aws_s3_bucket_cors_configuration.media_cors"
_FLAGS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_CONDITION = {"Bool": {"aws:SecureTransport": "false"}}
_TLS = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [_ARN, f"{_ARN}/*"],
    "Condition": _CONDITION,
}


def _policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _allow(principal: object, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": f"{_ARN}/*", **more}


ATTACKS = (
    *(
        attack(f"{flag} is off, in {on}", on, "public-bucket", put(_BLOCK, flag, value=False))
        for flag in _FLAGS
        for on in ("staging", "staging, first plan")
    ),
    *(
        attack(title, "staging", "public-bucket", *edits)
        for title, edits in (
            ("public access is blocked as far as is unknown", [mark(_BLOCK, "block_public_policy", "unknown")]),
            ("public access is blocked as far as is hidden", [mark(_BLOCK, "block_public_policy", "hidden")]),
            ("public access is blocked by a text", [put(_BLOCK, "block_public_policy", "true")]),
            ("the block of public access goes", [remove(_BLOCK)]),
            ("the block of public access is forgotten", [remove(_BLOCK, "forget")]),
            ("access lists are on again", [put(_OWNERSHIP, "rule.0.object_ownership", "ObjectWriter")]),
            ("access lists are on as far as is unknown", [mark(_OWNERSHIP, "rule", "unknown")]),
            ("the bucket's owner no longer owns", [remove(_OWNERSHIP)]),
            *(
                (f"the bucket has {argument} of its own", [put("aws_s3_bucket.media", argument, value)])
                for argument, value in (
                    ("acl", "public-read"),
                    ("policy", _policy(_allow("*"))),
                    ("grant", [{"uri": "http://acs.amazonaws.com/groups/global/AllUsers"}]),
                    ("website", [{"index_document": "index.html"}]),
                    ("lifecycle_rule", [{"enabled": True, "expiration": [{"days": 1}]}]),
                    ("versioning", [{"enabled": False}]),
                    ("cors_rule", [{"allowed_origins": ["*"]}]),
                    ("logging", [{"target_bucket": "elsewhere"}]),
                    ("replication_configuration", [{"role": "a"}]),
                    ("server_side_encryption_configuration", [{"rule": []}]),
                    ("object_lock_configuration", [{"object_lock_enabled": "Enabled"}]),
                    ("request_payer", "Requester"),
                )
            ),
            *(
                (f"a {kind} of the bucket", [add(f"aws_s3_bucket_{kind}.x", {"bucket": _BUCKET})])
                for kind in ("acl", "website_configuration", "replication_configuration", "notification", "object")
            ),
            ("web pages of anybody", [put(_CORS, "cors_rule.0.allowed_origins", ["*"])]),
            ("web pages of production's hosts", [put(_CORS, "cors_rule.0.allowed_origins", ["https://evil.example"])]),
            ("web pages that are unknown", [mark(_CORS, "cors_rule", "unknown")]),
            ("web pages that are hidden", [mark(_CORS, "cors_rule.0.allowed_origins", "hidden")]),
            ("the policy goes", [remove(_POLICY)]),
            ("the policy is empty", [put(_POLICY, "policy", _policy())]),
            ("the policy is hidden", [mark(_POLICY, "policy", "hidden")]),
            ("the policy is unknown", [mark(_POLICY, "policy", "unknown")]),
            ("the policy is no JSON", [put(_POLICY, "policy", "{")]),
            ("the policy is left out", [drop(_POLICY, "policy")]),
            (
                "TLS is demanded of another bucket",
                [put(_POLICY, "policy", _policy({**_TLS, "Resource": "arn:aws:s3:::x/*"}))],
            ),
            (
                "TLS is demanded of the objects alone",
                [put(_POLICY, "policy", _policy({**_TLS, "Resource": f"{_ARN}/*"}))],
            ),
            (
                "TLS is demanded of one principal",
                [put(_POLICY, "policy", _policy({**_TLS, "Principal": {"AWS": "1" * 12}}))],
            ),
            ("TLS is demanded for reading", [put(_POLICY, "policy", _policy({**_TLS, "Action": "s3:GetObject"}))]),
            (
                "TLS is demanded with an exception",
                [put(_POLICY, "policy", _policy({**_TLS, "Condition": {**_CONDITION, "Null": {"a": "true"}}}))],
            ),
            ("everybody may read", [put(_POLICY, "policy", _policy(_TLS, _allow("*")))]),
            ("everybody may read, by AWS", [put(_POLICY, "policy", _policy(_TLS, _allow({"AWS": ["*"]})))]),
            ("another account may read", [put(_POLICY, "policy", _policy(_TLS, _allow({"AWS": "111122223333"})))]),
            ("a service may read", [put(_POLICY, "policy", _policy(_TLS, _allow({"Service": "s3.amazonaws.com"})))]),
            (
                "another role of the account may read",
                [put(_POLICY, "policy", _policy(_TLS, _allow({"AWS": "arn:aws:iam::033691785857:role/other"})))],
            ),
            (
                "all but one may read",
                [
                    put(
                        _POLICY,
                        "policy",
                        _policy(_TLS, {**_allow("*"), "Principal": None, "NotPrincipal": {"AWS": "1" * 12}}),
                    )
                ],
            ),
        )
    ),
)
