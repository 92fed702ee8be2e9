"""Data or its backups are lost."""

from tests.delivery.policy.attacks.attack import attack
from tests.delivery.policy.attacks.edits import add, deposed, destroyed, drop, mark, put, put_in_stack, remove, replace

_LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
_EVERYTHING = [{"prefix": ""}]
_DATA = (
    *("aws_s3_bucket.media", "aws_secretsmanager_secret.session_key", "postgresql_database.database"),
    *("postgresql_role.database_role", "kubernetes_namespace_v1.namespace"),
)


def _rule(**block: object) -> dict[str, object]:
    return {"id": "gone", "status": "Enabled", "filter": _EVERYTHING, **block}


ATTACKS = (
    *(
        attack(f"{address} is {fate}", "prod", "data-loss", edit)
        for address in _DATA
        for fate, edit in (
            ("destroyed", remove(address)),
            ("forgotten", remove(address, "forget")),
            ("made anew", replace(address)),
        )
    ),
    attack("what was deposed is destroyed", "prod", "data-loss", deposed("aws_s3_bucket.media")),
    attack(
        "an extension is destroyed",
        *("prod", "data-loss"),
        destroyed("postgresql_extension.vector", {"name": "vector", "database": "core_prod"}),
    ),
    attack(
        "a secret's value is destroyed",
        *("prod", "data-loss"),
        destroyed(
            "aws_secretsmanager_secret_version.session_key_value", {"secret_id": "mosaic/prod/session/secret-key"}
        ),
    ),
    *(
        attack(f"versions are {word}", "prod", "data-protection", edit)
        for word, edit in (
            (
                "suspended",
                put("aws_s3_bucket_versioning.media_versioning", "versioning_configuration.0.status", "Suspended"),
            ),
            (
                "unknown",
                mark("aws_s3_bucket_versioning.media_versioning", "versioning_configuration.0.status", "unknown"),
            ),
            (
                "hidden",
                mark("aws_s3_bucket_versioning.media_versioning", "versioning_configuration.0.status", "hidden"),
            ),
            ("left out", drop("aws_s3_bucket_versioning.media_versioning", "versioning_configuration")),
            (
                "unknown as a whole",
                mark("aws_s3_bucket_versioning.media_versioning", "versioning_configuration", "unknown"),
            ),
            ("forgotten", remove("aws_s3_bucket_versioning.media_versioning", "forget")),
            ("destroyed", remove("aws_s3_bucket_versioning.media_versioning")),
        )
    ),
    *(
        attack(f"a bucket may be destroyed with its objects: {word}", "prod", "data-protection", edit)
        for word, edit in (
            ("switched on", put("aws_s3_bucket.media", "force_destroy", value=True)),
            ("as a text", put("aws_s3_bucket.media", "force_destroy", "true")),
            ("unknown", mark("aws_s3_bucket.media", "force_destroy", "unknown")),
        )
    ),
    *(
        attack(f"objects expire {word}", "prod", "data-protection", put(f"{_LIFECYCLE}.{bucket}", "rule.1", rule))
        for word, bucket, rule in (
            ("sooner", "backups_lifecycle", _rule(expiration=[{"days": 1}])),
            ("sooner, as a text", "backups_lifecycle", _rule(expiration=[{"days": "1"}])),
            ("on a date", "backups_lifecycle", _rule(expiration=[{"date": "2027-01-01T00:00:00Z"}])),
            ("that never did", "media_lifecycle", _rule(expiration=[{"days": 3650}])),
            ("for one prefix", "media_lifecycle", {**_rule(expiration=[{"days": 1}]), "filter": [{"prefix": "a"}]}),
            ("as old versions", "media_lifecycle", _rule(noncurrent_version_expiration=[{"noncurrent_days": 1}])),
            ("as old backups", "backups_lifecycle", _rule(noncurrent_version_expiration=[{"noncurrent_days": 9}])),
            ("by a rule without a status", "media_lifecycle", {"id": "gone", "expiration": [{"days": 1}]}),
        )
    ),
    *(
        attack(f"objects expire after days that are {how}", "prod", "data-protection", first, second)
        for how in ("unknown", "hidden")
        for first in [put(f"{_LIFECYCLE}.media_lifecycle", "rule.1", _rule(expiration=[{"days": 400}]))]
        for second in [mark(f"{_LIFECYCLE}.media_lifecycle", "rule.1.expiration.0.days", how)]
    ),
    attack(
        "the rules of a lifecycle are unknown",
        "prod",
        "data-protection",
        mark(f"{_LIFECYCLE}.media_lifecycle", "rule", "unknown"),
    ),
    attack(
        "a second lifecycle of a bucket",
        *("prod", "data-protection"),
        add(f"{_LIFECYCLE}.more", {"bucket": "mosaic-prod-media-033691785857", "rule": []}),
    ),
    attack(
        "the only lifecycle, made anew under another address, expires objects",
        *("prod", "data-protection"),
        remove(f"{_LIFECYCLE}.media_lifecycle"),
        add(
            f"{_LIFECYCLE}.other",
            {"bucket": "mosaic-prod-media-033691785857", "rule": [_rule(expiration=[{"days": 7}])]},
        ),
    ),
    attack(
        "a lifecycle is imported and expires objects",
        *("prod", "data-protection"),
        remove(f"{_LIFECYCLE}.media_lifecycle", "forget"),
        add(
            f"{_LIFECYCLE}.other",
            {"bucket": "mosaic-prod-media-033691785857", "rule": [_rule(expiration=[{"days": 7}])]},
            imported="mosaic-prod-media-033691785857",
        ),
    ),
    attack(
        "a first lifecycle expires sooner than the settings say",
        *("prod, first plan", "data-protection"),
        put(f"{_LIFECYCLE}.backups_lifecycle", "rule.1", _rule(expiration=[{"days": 3}])),
    ),
    *(
        attack(f"a deleted secret can be restored {word}", "prod", "data-protection", edit)
        for word, edit in (
            ("never", put("aws_secretsmanager_secret.session_key", "recovery_window_in_days", 0)),
            (
                "for a time that is unknown",
                mark("aws_secretsmanager_secret.session_key", "recovery_window_in_days", "unknown"),
            ),
        )
    ),
    attack(
        "a new secret cannot be restored",
        *("prod, first plan", "data-protection"),
        put("aws_secretsmanager_secret.database_credentials", "recovery_window_in_days", 0),
    ),
    *(
        attack(
            f"a secret has {argument}",
            "prod",
            "data-protection",
            put("aws_secretsmanager_secret.session_key", argument, value),
        )
        for argument, value in (
            ("kms_key_id", "arn:aws:kms:us-east-1:111122223333:key/a"),
            ("replica", [{"region": "eu-west-1"}]),
        )
    ),
    *(
        attack(
            f"a bucket is encrypted by {algorithm} with {key or 'no key of its own'}",
            *("prod", "data-protection"),
            put(
                "aws_s3_bucket_server_side_encryption_configuration.media_encryption",
                "rule.0.apply_server_side_encryption_by_default",
                [{"sse_algorithm": algorithm, **({"kms_master_key_id": key} if key else {})}],
            ),
        )
        for algorithm, key in (
            ("aws:kms", "arn:aws:kms:us-east-1:111122223333:key/a"),
            ("aws:kms", None),
            ("AES256", "arn:aws:kms:us-east-1:111122223333:key/a"),
        )
    ),
    attack(
        "a bucket's encryption goes",
        *("prod", "data-protection"),
        remove("aws_s3_bucket_server_side_encryption_configuration.media_encryption"),
    ),
    attack(
        "Terraform may destroy a protected bucket",
        *("prod", "protection"),
        put_in_stack("resource.aws_s3_bucket.media.lifecycle", {}),
    ),
)
