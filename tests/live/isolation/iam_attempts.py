"""What AWS must refuse to the delivery roles: on the other environment, upwards, and on protected data.

An attempt that succeeds changes nothing, or its change is reverted: it writes what exists already, targets a planted
object, or requests something that the service refuses to everybody after it has checked the permission.
"""

import json
from collections.abc import Callable, Iterator

from modules.model.iam_policies import boundary_arn
from modules.model.names import bootstrap_state_bucket, state_key
from tests.account import SHARED
from tests.live.isolation.delivery_actor import (
    CONTEXTS,
    Actor,
    Attempt,
    given_by_bucket,
    given_by_secret,
    planted_version,
)
from tests.live.isolation.object_access import PROBE
from tests.live.isolation.tenant import Tenant

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
NO_POLICY = f"arn:aws:iam::{SHARED.account}:policy/isolation-probe"
NOBODY = '{"Version": "2012-10-17", "Statement": []}'
MADE = "isolation-probe"
# Below Secrets Manager's minimum: it checks the permission first, and then refuses the number of days.
_TOO_SOON = 1


def _with_given_bucket(bucket: Callable[[Actor], str], call: Callable[[Actor], object]) -> Callable[[Actor], object]:
    def attempt(actor: Actor) -> object:
        with given_by_bucket(actor, bucket(actor)):
            return call(actor)

    return attempt


def _delete_given_secret(actor: Actor) -> object:
    with given_by_secret(actor, actor.own.names.session_key):
        return actor.secrets.delete_secret(SecretId=actor.own.names.session_key, RecoveryWindowInDays=_TOO_SOON)


def _media(actor: Actor) -> str:
    return actor.own.names.media_bucket


def _state(actor: Actor) -> str:
    return actor.own.names.state_bucket


def _put_policy(bucket: Callable[[Actor], str]) -> Callable[[Actor], object]:
    def attempt(actor: Actor) -> object:
        policy = actor.administrator("s3").get_bucket_policy(Bucket=bucket(actor))["Policy"]
        return actor.s3.put_bucket_policy(Bucket=bucket(actor), Policy=policy)

    return attempt


def _put_lifecycle(bucket: Callable[[Actor], str]) -> Callable[[Actor], object]:
    def attempt(actor: Actor) -> object:
        found = actor.administrator("s3").get_bucket_lifecycle_configuration(Bucket=bucket(actor))
        return actor.s3.put_bucket_lifecycle_configuration(
            Bucket=bucket(actor), LifecycleConfiguration={"Rules": found["Rules"]}
        )

    return attempt


def _put_versioning(bucket: Callable[[Actor], str]) -> Callable[[Actor], object]:
    return lambda actor: actor.s3.put_bucket_versioning(
        Bucket=bucket(actor), VersioningConfiguration={"Status": "Enabled"}
    )


def _put_trust(role: Callable[[Actor], str]) -> Callable[[Actor], object]:
    def attempt(actor: Actor) -> object:
        trust = actor.administrator("iam").get_role(RoleName=role(actor))["Role"]["AssumeRolePolicyDocument"]
        return actor.iam.update_assume_role_policy(RoleName=role(actor), PolicyDocument=json.dumps(trust))

    return attempt


def _put_rights(role: Callable[[Actor], str]) -> Callable[[Actor], object]:
    def attempt(actor: Actor) -> object:
        rights = actor.administrator("iam").get_role_policy(RoleName=role(actor), PolicyName="rights")["PolicyDocument"]
        return actor.iam.put_role_policy(RoleName=role(actor), PolicyName="rights", PolicyDocument=json.dumps(rights))

    return attempt


def _choose_boundary(tenant: Callable[[Actor], Tenant]) -> Callable[[Actor], object]:
    def attempt(actor: Actor) -> object:
        arn = boundary_arn(tenant(actor).names, SHARED)
        version = actor.administrator("iam").get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return actor.iam.set_default_policy_version(PolicyArn=arn, VersionId=version)

    return attempt


def _bind_again(actor: Actor) -> object:
    return actor.administrator("iam").put_role_permissions_boundary(
        RoleName=actor.own.names.core_api_role, PermissionsBoundary=boundary_arn(actor.own.names, SHARED)
    )


def attempts_on_the_other(environment: str, kind: str) -> Iterator[Attempt]:
    """Yield attempts on the other environment's resources."""
    calls: dict[str, Callable[[Actor], object]] = {
        "read an object of the other": lambda it: it.s3.get_object(Bucket=it.other.names.media_bucket, Key=PROBE),
        "overwrite an object of the other": lambda it: it.s3.put_object(
            Bucket=it.other.names.media_bucket, Key=PROBE, Body=b"overwritten"
        ),
        "delete a version of an object of the other": lambda it: it.s3.delete_object(
            **planted_version(it, it.other.names.backups_bucket)
        ),
        "set the policy of the other's bucket": _put_policy(lambda it: it.other.names.media_bucket),
        "read the other's state": lambda it: it.s3.get_object(
            Bucket=it.other.names.state_bucket, Key=state_key(it.other.settings.name)
        ),
        "write beside the other's state": lambda it: it.s3.put_object(
            Bucket=it.other.names.state_bucket, Key=PROBE, Body=b"overwritten"
        ),
        "read the other's session key": lambda it: it.secrets.get_secret_value(SecretId=it.other.names.session_key),
        "delete the other's session key": lambda it: it.secrets.delete_secret(
            SecretId=it.other.names.session_key, RecoveryWindowInDays=_TOO_SOON
        ),
        "change who the other's role trusts": _put_trust(lambda it: it.other.names.core_api_role),
        "give rights to the other's deploy role": _put_rights(lambda it: it.other.names.deploy_role),
        "give rights to the other's plan role": _put_rights(lambda it: it.other.names.plan_role),
        "choose a version of the other's boundary": _choose_boundary(lambda it: it.other),
        "become the other's deploy role": lambda it: it.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{SHARED.account}:role/{it.other.names.deploy_role}", RoleSessionName="attempt"
        ),
    }
    yield from (Attempt(what=what, environment=environment, kind=kind, call=call) for what, call in calls.items())


def attempts_upwards(environment: str, kind: str) -> Iterator[Attempt]:
    """Yield attempts on the role itself, the boundary, the state's history and the account."""

    def attempt(what: str, call: Callable[[Actor], object], *kept_by: str) -> Attempt:
        return Attempt(what=what, environment=environment, kind=kind, call=call, kept_by=kept_by)

    only_lock = "DeleteOnlyLock" if kind == "deploy" else "DeleteNoObject"
    # Neither role has a permissions boundary itself.
    rights = ("KeepIdentities", "KeepBoundary") if kind == "deploy" else ("KeepIdentities",)
    yield attempt("give rights to itself", _put_rights(lambda it: it.role), *rights)
    yield attempt("change who may take it on", _put_trust(lambda it: it.role), "KeepIdentities")
    yield attempt("give rights to its plan role", _put_rights(lambda it: it.own.names.plan_role), *rights)
    yield attempt("choose a version of its boundary", _choose_boundary(lambda it: it.own), "KeepIdentities")
    yield Attempt(
        what="make a role of another name",
        environment=environment,
        kind=kind,
        call=lambda it: it.iam.create_role(
            RoleName=MADE,
            AssumeRolePolicyDocument=NOBODY,
            PermissionsBoundary=boundary_arn(it.own.names, SHARED),
        ),
        kept_by=("KeepIdentities",),
        undo=lambda it: it.administrator("iam").delete_role(RoleName=MADE),
    )
    yield attempt("suspend or set the versions of its state", _put_versioning(_state), "KeepState")
    yield attempt("set how long versions of its state live", _put_lifecycle(_state), "KeepState")
    yield attempt("set the policy of its state's bucket", _put_policy(_state), "KeepState")
    yield attempt("delete its state's bucket", lambda it: it.s3.delete_bucket(Bucket=_state(it)), "KeepState")
    yield attempt(
        "delete a version of its state that a bucket policy gives it",
        _with_given_bucket(_state, lambda it: it.s3.delete_object(**planted_version(it, _state(it)))),
        "KeepState",
    )
    yield attempt(
        "delete beside its state what a bucket policy gives it",
        _with_given_bucket(_state, lambda it: it.s3.delete_object(Bucket=_state(it), Key=PROBE)),
        only_lock,
    )
    yield attempt(
        "read the state of the account's own stack",
        lambda it: it.s3.get_object(Bucket=bootstrap_state_bucket(SHARED), Key=state_key("bootstrap")),
    )
    yield attempt("read Google's secret", lambda it: it.secrets.get_secret_value(SecretId=SHARED.google_oauth_secret))
    yield attempt(
        "let itself into the whole cluster",
        lambda it: it.client("eks").associate_access_policy(
            clusterName=SHARED.cluster,
            principalArn=f"arn:aws:iam::{SHARED.account}:role/{it.role}",
            policyArn="arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
            accessScope={"type": "cluster"},
        ),
    )


def _of_its_role(environment: str) -> Iterator[Attempt]:
    """Yield attempts of the role that may create core-api's role."""

    def attempt(
        what: str, call: Callable[[Actor], object], kept_by: str, undo: Callable[[Actor], object] = lambda _: None
    ) -> Attempt:
        return Attempt(what=what, environment=environment, kind="deploy", call=call, kept_by=(kept_by,), undo=undo)

    yield attempt(
        "make its role without a boundary",
        lambda it: it.iam.create_role(RoleName=it.own.names.core_api_role, AssumeRolePolicyDocument=NOBODY),
        "KeepBoundary",
    )
    yield attempt(
        "replace the boundary of its role",
        lambda it: it.iam.put_role_permissions_boundary(
            RoleName=it.own.names.core_api_role, PermissionsBoundary=ADMINISTRATOR
        ),
        "KeepBoundary",
        _bind_again,
    )
    yield attempt(
        "take the boundary off its role",
        lambda it: it.iam.delete_role_permissions_boundary(RoleName=it.own.names.core_api_role),
        "KeepRolesBound",
        _bind_again,
    )
    yield attempt(
        "attach a policy to its role",
        lambda it: it.iam.attach_role_policy(RoleName=it.own.names.core_api_role, PolicyArn=NO_POLICY),
        "KeepRolesBound",
    )


def _of_protected_data(environment: str, kind: str) -> Iterator[Attempt]:
    """Yield attempts on a protected environment's own data."""

    def attempt(what: str, call: Callable[[Actor], object], *kept_by: str) -> Attempt:
        return Attempt(what=what, environment=environment, kind=kind, call=call, kept_by=kept_by)

    only_lock = "DeleteOnlyLock" if kind == "deploy" else "DeleteNoObject"
    read = _with_given_bucket(_media, lambda it: it.s3.get_object(Bucket=_media(it), Key=PROBE))
    delete = _with_given_bucket(_media, lambda it: it.s3.delete_object(Bucket=_media(it), Key=PROBE))
    delete_version = _with_given_bucket(_media, lambda it: it.s3.delete_object(**planted_version(it, _media(it))))
    yield attempt("read an object that a bucket policy gives it", read, "KeepObjects")
    yield attempt("delete an object that a bucket policy gives it", delete, "KeepObjects", only_lock)
    yield attempt("delete a version that a bucket policy gives it", delete_version, "KeepObjects")
    if kind == "deploy":
        yield attempt("suspend or set the versions of a bucket", _put_versioning(_media), "KeepBuckets")
        yield attempt("set how long objects of a bucket live", _put_lifecycle(_media), "KeepBuckets")
        yield attempt("set the policy of a bucket", _put_policy(_media), "KeepBuckets")
        yield attempt("delete a bucket", lambda it: it.s3.delete_bucket(Bucket=_media(it)), "KeepBuckets")
        yield attempt("delete a secret that its own policy gives it", _delete_given_secret, "KeepSecrets")
        yield attempt("change who its role trusts", _put_trust(lambda it: it.own.names.core_api_role), "KeepTrust")


ATTEMPTS: tuple[Attempt, ...] = tuple(
    attempt
    for environment, protected in (("staging", False), ("prod", True))
    for attempts in (
        *(maker(environment, kind) for kind in CONTEXTS for maker in (attempts_on_the_other, attempts_upwards)),
        _of_its_role(environment),
        *((_of_protected_data(environment, kind) for kind in CONTEXTS) if protected else ()),
    )
    for attempt in attempts
)
