"""The caller: the IAM user or role session behind an access key, with the policies that apply to it."""

from collections.abc import Iterator
from dataclasses import dataclass

from moto.iam.models import Group, IAMBackend, ManagedPolicy, OpenIDConnectProvider, Role, User, iam_backends
from moto.sts.models import sts_backends

from modules.model.selected_settings import SHARED

ACCOUNT = f"arn:aws:iam::{SHARED.account}:root"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """An identity of the account.

    arn: as STS returns it. role: the ARN of the role behind a session, None for a user. allowing: documents of which at
    least one must allow a request. limiting: documents that must all allow it as well: a session's policy, a boundary.
    """

    arn: str
    role: str | None
    allowing: tuple[str, ...]
    limiting: tuple[str, ...]

    @property
    def principals(self) -> frozenset[str]:
        """The principals with which a resource's policy names exactly this caller."""
        return frozenset(f"AWS:{arn}" for arn in (self.arn, self.role) if arn)

    @classmethod
    def of(cls, access_key: str) -> "Caller | None":
        """Return the owner of an access key; None if IAM and STS do not know it."""
        for session in sts_backends[SHARED.account]["aws"].assumed_roles:
            if session.access_key_id == access_key:
                role = session.role_arn
                limiting = (*_boundary_of(role), *([session.policy] if session.policy else []))
                return cls(arn=session.arn, role=role, allowing=(*_of_role(role),), limiting=limiting)
        for user in _iam().users.values():
            if any(key.access_key_id == access_key for key in user.access_keys):
                return cls(arn=user.arn, role=None, allowing=(*_of_user(user.name),), limiting=())
        return None


def trust_policy(arn: str) -> str | None:
    """Return the trust policy of the role with this ARN; None if there is no such role."""
    role = _role(arn)
    return None if role is None else str(role.assume_role_policy_document)


def permissions_boundary(name: str) -> str | None:
    """Return the ARN of the permissions boundary of the role with this name; None if there is none."""
    role = _role(f"arn:aws:iam::{SHARED.account}:role/{name}")
    return None if role is None else role.permissions_boundary_arn


def oidc_provider(issuer: str) -> OpenIDConnectProvider | None:
    """Return the account's provider for this issuer, given without ``https://``; None if there is none."""
    return _iam().open_id_providers.get(f"arn:aws:iam::{SHARED.account}:oidc-provider/{issuer}")


def _iam() -> IAMBackend:
    return iam_backends[SHARED.account]["aws"]


def _role(arn: str) -> Role | None:
    return next((role for role in _iam().roles.values() if role.arn == arn), None)


def _of_role(arn: str) -> Iterator[str]:
    role = _role(arn)
    if role is not None:
        yield from role.policies.values()
        yield from map(_document, role.managed_policies.values())


def _boundary_of(arn: str) -> Iterator[str]:
    role = _role(arn)
    if role is not None and role.permissions_boundary_arn:
        yield _document(_iam().managed_policies[role.permissions_boundary_arn])


def _of_user(name: str) -> Iterator[str]:
    holders: list[User | Group] = [_iam().users[name], *_iam().get_groups_for_user(name)]
    for holder in holders:
        yield from holder.policies.values()
        yield from map(_document, holder.managed_policies.values())


def _document(policy: ManagedPolicy) -> str:
    # By its id: moto 5 marks no version as the default if the chosen one was the default before.
    return str(next(it.document for it in policy.versions if it.version_id == policy.default_version_id))
