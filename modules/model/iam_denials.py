"""What an environment's delivery roles may never do, whatever else allows it: explicit IAM denials.

A role's own statements only say what it may do. A bucket's or secret's policy, or another policy of the role, can allow
more; a denial overrides all of them.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
Tested on the local cloud: tests/live/isolation/test_iam.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from modules.model.capabilities import Statement

# Every IAM action except those that read: new IAM actions also start with one of these verbs.
_WRITE_IDENTITIES = tuple(
    f"iam:{verb}*"
    for verb in (
        *("Add", "Attach", "Change", "Create", "Deactivate", "Delete", "Detach", "Disable", "Enable", "Pass", "Put"),
        *("Remove", "Reset", "Resync", "Set", "Tag", "Untag", "Update", "Upload"),
    )
)
# Each of these could hand a bucket's content to somebody else, or lose it.
_GIVE_AWAY_BUCKET = (
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    # Neither has a condition key for the value: permission to enable versioning is permission to suspend it, and
    # permission to lengthen a lifecycle is permission to shorten it.
    "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
)
# A role with its boundary cannot be passed to anyone, and gets no policy that others can change.
_FREE_ROLE = ("iam:AttachRolePolicy", "iam:DeleteRolePermissionsBoundary", "iam:PassRole")


@dataclass(frozen=True, kw_only=True)
class Denials:
    """The denials for one environment's plan role and deploy role.

    protected: whether the environment's data is also out of the deploy role's reach. keeps_buckets: whether another
    stack creates its buckets, whose objects it may delete. buckets, objects, secrets: ARNs or patterns with the
    environment's name. roles: ARNs of the roles that the environment's stack creates. boundary, bounded_actions: the
    policy that each of them must carry, and the actions for which it must. state_bucket, lock: ARNs of the state's
    bucket and of the object that locks the state.
    """

    protected: bool
    keeps_buckets: bool
    buckets: Sequence[str]
    objects: Sequence[str]
    secrets: Sequence[str]
    roles: Sequence[str]
    boundary: str
    bounded_actions: Sequence[str]
    state_bucket: str
    lock: str

    @property
    def plan(self) -> list[Statement]:
        """The denials for the role that only reads."""
        return [
            self._keep_state,
            _deny("DeleteNoObject", ["s3:DeleteObject"], ["*"]),
            _deny("KeepIdentities", _WRITE_IDENTITIES, ["*"]),
            *([self._keep_objects] if self.protected else []),
        ]

    @property
    def deploy(self) -> list[Statement]:
        """The denials for the role that writes."""
        objects = [] if self.protected else self.objects
        return [
            self._keep_state,
            _deny_but("DeleteOnlyLock", ["s3:DeleteObject"], [self.lock, *objects]),
            _deny_but("KeepIdentities", _WRITE_IDENTITIES, self.roles),
            {
                **_deny("KeepBoundary", self.bounded_actions, ["*"]),
                # A role without a boundary also matches.
                "Condition": {"StringNotEquals": {"iam:PermissionsBoundary": self.boundary}},
            },
            _deny("KeepRolesBound", _FREE_ROLE, ["*"]),
            *(self._keep_data if self.protected else []),
            *([self._keep_buckets] if self.keeps_buckets else []),
        ]

    @property
    def _keep_state(self) -> Statement:
        return _deny(
            "KeepState", [*_GIVE_AWAY_BUCKET, "s3:DeleteObjectVersion"], [self.state_bucket, f"{self.state_bucket}/*"]
        )

    @property
    def _keep_objects(self) -> Statement:
        # A delivery needs nothing from the buckets' contents.
        return _deny("KeepObjects", ["s3:*"], self.objects)

    @property
    def _keep_buckets(self) -> Statement:
        return _deny("KeepBuckets", _GIVE_AWAY_BUCKET, self.buckets)

    @property
    def _keep_data(self) -> list[Statement]:
        return [
            self._keep_objects,
            self._keep_buckets,
            _deny("KeepSecrets", ["secretsmanager:DeleteSecret", "secretsmanager:PutResourcePolicy"], self.secrets),
            _deny("KeepTrust", ["iam:UpdateAssumeRolePolicy"], self.roles),
        ]


def _deny(name: str, actions: Sequence[str], resources: Sequence[str]) -> Statement:
    return {"Sid": name, "Effect": "Deny", "Action": list(actions), "Resource": list(resources)}


def _deny_but(name: str, actions: Sequence[str], resources: Sequence[str]) -> Statement:
    """Deny the actions on everything except these resources."""
    return {"Sid": name, "Effect": "Deny", "Action": list(actions), "NotResource": list(resources)}
