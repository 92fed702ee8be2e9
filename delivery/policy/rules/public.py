"""Only the hosts of the environment's own ingresses may be public."""

from collections.abc import Iterator

from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, items, labels_at, texts
from modules.model.iam_policy_document import EVERYBODY, PolicyError, Statement, gains, lost_denials, read

_PUBLIC_ACCESS_BLOCK = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
# The bucket's own arguments, and those that every resource may have.
_OWN_ARGUMENTS = {"bucket", "force_destroy", "tags", "tags_all", "lifecycle", "depends_on", "provider"}
_JUDGED = {
    *("aws_s3_bucket_cors_configuration", "aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket_ownership_controls"),
    *("aws_s3_bucket_policy", "aws_s3_bucket_public_access_block", "aws_s3_bucket_versioning"),
    "aws_s3_bucket_server_side_encryption_configuration",
}
_TLS = {("Bool", "aws:SecureTransport"): frozenset(["false"])}


def _buckets(review: Review) -> Iterator[Finding]:
    for change in review.changes("aws_s3_bucket_public_access_block"):
        open_ = [flag for flag in _PUBLIC_ACCESS_BLOCK if at(change.after, flag) is not True]
        if review.lapses(change):
            yield Finding.of(change.address, "would be gone: nothing prevents a public bucket")
        elif change.after is not None and open_:
            yield Finding.of(change.address, "would not block public access: {} is off", ", ".join(open_))
    for change in review.changes("aws_s3_bucket_ownership_controls"):
        ownership = at(change.after, "rule", 0, "object_ownership")
        if review.lapses(change) or (change.after is not None and ownership != "BucketOwnerEnforced"):
            yield Finding.of(change.address, "would let access lists (ACLs) open single objects")
    for change in review.changes("aws_s3_bucket"):
        # An inline argument can override the separate resource for the same setting.
        for argument in sorted(review.given(change).keys() - _OWN_ARGUMENTS):
            yield Finding.of(change.address, "has {} of its own: only a resource for it can be judged", argument)
    for change in review.changes("aws_s3_bucket_*", "aws_s3_object*"):
        if change.after is not None and change.family not in _JUDGED:
            yield Finding.of(change.address, "is a {}: whom it lets in, no rule can judge", change.family)
    yield from _guests(review)


def _guests(review: Review) -> Iterator[Finding]:
    for change in review.changes("aws_s3_bucket_cors_configuration"):
        origins = {
            origin for rule in items(at(change.after, "cors_rule")) for origin in texts(at(rule, "allowed_origins"))
        }
        foreign = sorted(origins - {f"https://{host}" for host in review.environment.hosts})
        if foreign:
            yield Finding.of(change.address, "would let web pages of {} use the bucket", ", ".join(foreign))
    for change in review.changes("aws_s3_bucket_policy"):
        yield from _bucket_policy(review, change)


def _bucket_policy(review: Review, change: ResourceChange) -> Iterator[Finding]:
    address = change.address
    if review.lapses(change):
        yield Finding.of(address, "would be gone: nothing refuses connections without TLS")
    if change.after is None:
        return
    try:
        before, after = read(at(change.before, "policy")), read(review.planned(change, "policy"))
    except PolicyError as error:
        yield Finding.of(address, "has a policy that cannot be judged: {}", error)
        return
    for statement in after:
        if statement.allows and any(
            f":{review.shared.account}:" not in principal for principal in statement.principals
        ):
            yield Finding.of(address, "would let others in: it allows {}", statement.text(list(statement.triples)))
    own = [statement for statement in after if all(f":{review.shared.account}:" in p for p in statement.principals)]
    yield from (Finding.of(address, "would also allow {}", clause) for clause in gains(before, own))
    bucket = review.planned(change, "bucket")
    if not any(_refuses_plain_connections(statement, bucket) for statement in after):
        yield Finding.of(address, "would not refuse connections without TLS")
    elif not change.is_removed:
        for clause in lost_denials(before, after):
            yield Finding.of(address, "would no longer deny {}", clause)


def _refuses_plain_connections(statement: Statement, bucket: object) -> bool:
    arn = f"arn:aws:s3:::{bucket}"
    return (
        not statement.allows
        and all(statement.covers((EVERYBODY, "s3:*", resource)) for resource in (arn, f"{arn}/*"))
        and dict(statement.conditions) == _TLS
    )


def _services(review: Review) -> Iterator[Finding]:
    for change in review.changes("kubernetes_service"):
        if change.after is None:
            continue
        spec = at(change.after, "spec", 0)
        kind = at(spec, "type")
        if kind not in (None, "ClusterIP"):
            yield Finding.of(change.address, "would be reachable from outside by a {} of its own", kind)
        for field in ("external_ips", "external_name"):
            if addresses := sorted(texts(at(spec, field)) - {""}):
                yield Finding.of(change.address, "would answer on {}", ", ".join(addresses))
        annotations = labels_at(change.after, "metadata", 0, "annotations")
        for key in sorted(annotations) if annotations is not None else ["annotations that cannot be told"]:
            # Our Services have none; external-dns and the load balancer controller act on them.
            yield Finding.of(change.address, "would have {}: a service has no annotations", key)


RULES = (
    Rule(
        id="public-bucket",
        danger="A bucket is opened",
        reason="Uploads and backups are private: no public access, no other account, no connection without TLS.",
        blocks=Blocks.ALWAYS,
        find=_buckets,
    ),
    Rule(
        id="public-service",
        danger="Public exposure",
        reason="Only the shared load balancer with its certificate faces the internet.",
        blocks=Blocks.ALWAYS,
        find=_services,
    ),
)
