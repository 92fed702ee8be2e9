"""Nothing must become public but the hosts of the environment's own ingresses."""

from collections.abc import Iterator

from delivery.plan.document import ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at, items, texts
from delivery.redaction.marks import UNKNOWN
from modules.model.iam_policy_document import EVERYBODY, PolicyError, Statement, gains, lost_denials, read

_PUBLIC_ACCESS_BLOCK = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_ANONYMOUS = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
_TLS = {("Bool", "aws:SecureTransport"): frozenset(["false"])}


def _buckets(review: Review) -> Iterator[Finding]:
    for change in review.changes("aws_s3_bucket_public_access_block"):
        open_ = [flag for flag in _PUBLIC_ACCESS_BLOCK if at(change.after, flag) is not True]
        if review.lapses(change):
            yield Finding.of(change.address, "would be gone: nothing keeps the bucket from being made public")
        elif change.after is not None and open_:
            yield Finding.of(change.address, "would not block public access: {} is off", ", ".join(open_))
    for change in review.changes("aws_s3_bucket_ownership_controls"):
        ownership = at(change.after, "rule", 0, "object_ownership")
        if review.lapses(change) or (change.after is not None and ownership != "BucketOwnerEnforced"):
            yield Finding.of(change.address, "would let access lists (ACLs) open single objects")
    for change in review.changes("aws_s3_bucket", "aws_s3_bucket_acl", "aws_s3_object*", "aws_s3_bucket_object*"):
        if change.after is not None and _is_open(change.after):
            yield Finding.of(change.address, "would be open to others by its access list (ACL)")
    for change in review.changes("aws_s3_bucket_website_configuration"):
        if change.after is not None:
            yield Finding.of(change.address, "would serve the bucket as a public web site")
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
    for change in review.changes("aws_s3_bucket"):
        # The bucket's own argument, deprecated, and otherwise what the policy's resource has put there.
        if change.after is not None and review.planned(change, "policy") not in (None, at(change.before, "policy")):
            yield Finding.of(change.address, "would have a policy of its own: only aws_s3_bucket_policy can be judged")


def _is_open(attributes: object) -> bool:
    # Known after the apply is what is not asked for: the default is private.
    is_shared = at(attributes, "acl") not in (None, UNKNOWN, "private")
    grants = [at(grant, "grantee", 0, "uri") for grant in items(at(attributes, "access_control_policy", 0, "grant"))]
    return is_shared or any(uri in _ANONYMOUS for uri in grants)


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
    if not any(map(_refuses_plain_connections, after)):
        yield Finding.of(address, "would not refuse connections without TLS")
    elif not change.is_removed:
        for clause in lost_denials(before, after):
            yield Finding.of(address, "would no longer deny {}", clause)


def _refuses_plain_connections(statement: Statement) -> bool:
    return (
        not statement.allows
        and EVERYBODY in statement.principals
        and not {"*", "s3:*"}.isdisjoint(statement.actions)
        and any(resource.endswith("*") for resource in statement.resources)
        and dict(statement.conditions) == _TLS
    )


def _services(review: Review) -> Iterator[Finding]:
    for change in review.changes("kubernetes_service"):
        kind = at(change.after, "spec", 0, "type")
        if change.after is not None and kind not in (None, "ClusterIP"):
            yield Finding.of(change.address, "would be reachable from outside by a {} of its own", kind)
        if addresses := sorted(texts(at(change.after, "spec", 0, "external_ips"))):
            yield Finding.of(change.address, "would answer on {}", ", ".join(addresses))


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
