"""The parts of an environment: whether each exists, is in Terraform's state, and matches the setting ``adopt``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from delivery.doctor import presence
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Finding, Once, fine, in_the_way, note
from delivery.doctor.presence import BY_HAND, Presence, TakenError
from environments.schema.adoption import PARTS, Part, adopts
from modules.model.kubernetes.secret import Secret
from modules.model.secrets import ApplicationSecrets


@dataclass(frozen=True, kw_only=True)
class AdoptablePart:
    """One object that may exist before the first deploy.

    title: for its row. address: its Terraform address. look: called once. of_aws: visible through AWS's APIs.
    """

    name: Part
    title: str
    address: str
    look: Once[Presence]
    of_aws: bool


@dataclass(frozen=True, kw_only=True)
class AdoptableParts:
    """All adoptable parts. ``finding`` judges one, ``line`` returns the setting that matches what exists."""

    examination: Examination
    parts: Mapping[Part, AdoptablePart]

    @classmethod
    def of(cls, examination: Examination) -> Self:
        """The parts of the examined environment."""
        target = examination.target
        names, environment = target.names, target.environment
        found: dict[Part, AdoptablePart] = {}

        def bound(look: Callable[[Examination, str], Presence], name: str) -> Callable[[], Presence]:
            return lambda: look(examination, name)

        def add(name: Part, title: str, address: str, look: Callable[[], Presence], *, of_aws: bool = True) -> None:
            found[name] = AdoptablePart(name=name, title=title, address=address, look=Once(look), of_aws=of_aws)

        # A preview's buckets belong to bootstrap.
        buckets: dict[Part, str] = {"media": names.media_bucket, "backups": names.backups_bucket}
        for part, bucket in buckets.items() if environment.slot is None else ():
            add(part, f"bucket {bucket}", f"aws_s3_bucket.{part}", bound(presence.bucket, bucket))
        for secret in ApplicationSecrets.of(environment, target.shared, names).generated:
            address = f"aws_secretsmanager_secret.{str(secret.id).replace('-', '_')}"
            add(_part_of(secret), f"secret {secret.path}", address, bound(presence.secret, secret.path))
        add(
            "core-api-role",
            f"role {names.core_api_role}",
            "aws_iam_role.core_api_role",
            bound(presence.role, names.core_api_role),
        )
        add(
            "database",
            f"database {names.database}",
            "postgresql_database.database",
            lambda: presence.database(examination),
            of_aws=False,
        )
        add(
            "database-role",
            f"database role {names.database_role}",
            "postgresql_role.database_role",
            lambda: presence.database_role(examination),
            of_aws=False,
        )
        add(
            "namespace",
            f"namespace {names.namespace}",
            "kubernetes_namespace_v1.namespace",
            bound(presence.kubernetes, f"/api/v1/namespaces/{names.namespace}"),
            of_aws=False,
        )
        if environment.delivery == "argocd":
            place = f"/apis/argoproj.io/v1alpha1/namespaces/{target.shared.argocd.namespace}/applications"
            add(
                "argocd-application",
                f"Application {names.instance}",
                "kubernetes_manifest.argocd_application",
                bound(presence.kubernetes, f"{place}/{names.instance}"),
                of_aws=False,
            )
        return cls(examination=examination, parts=found)

    def finding(self, part: AdoptablePart) -> Finding:
        """How a part compares with the settings. Raises the errors of ``look``."""
        try:
            found = part.look()
        except TakenError:
            return in_the_way(
                "another account owns the bucket of this name",
                f"use another name in {self.examination.environment_file}, or project in environments/shared.py",
            )
        adopted = self.examination.target.environment.adopts(part.name)
        is_known = part.address in self.examination.state().ids
        if not found.exists:
            return self._absent(part.name, is_known=is_known, adopted=adopted)
        if is_known:
            return note("scheduled for deletion; a deploy restores it") if found.deleted else fine("in the state")
        return self._unknown(found, adopted=adopted)

    def _absent(self, part: Part, *, is_known: bool, adopted: bool) -> Finding:
        environment = self.examination.target.environment
        if is_known:
            return note("gone, though it is in the state; a deploy creates a new one")
        if adopted and part == "database-role" and environment.adopts("database"):
            return in_the_way("there is none yet", f"make adopt ENV={environment.name}")
        if adopted:
            return in_the_way("there is none to import", self.line())
        return fine("will be created")

    def _unknown(self, found: Presence, *, adopted: bool) -> Finding:
        """The finding for a part that exists but is not in the state."""
        created = found.maker if found.maker == BY_HAND else f"by {found.maker}"
        what = f"exists, created {created}, not in the state" + (", scheduled for deletion" if found.deleted else "")
        if adopted:
            if found.stack is None:
                return fine(f"{what}; will be imported")
            keep = f"first set DeletionPolicy: Retain in CloudFormation stack {found.stack}, and deploy that stack"
            return note(f"{what}; will be imported", keep)
        if not found.is_ours:
            return in_the_way(what, self.line())
        recover = f"make recover ENV={self.examination.target.environment.name}"
        if self.examination.is_locked():
            # Terraform stores the state every twenty seconds, so an object may be missing from it for that long.
            return note(f"{what}: a run holds the state, or was killed", f"{recover}, once you know that it is dead")
        return in_the_way(what, recover)

    def line(self) -> str:
        """The setting ``adopt`` that matches what exists; parts that cannot be seen keep their setting."""
        wanted = tuple(name for name in PARTS if self._should_be_adopted(name))
        return f"adopt={_setting(wanted)} in {self.examination.environment_file}"

    def _should_be_adopted(self, name: Part) -> bool:
        current = self.examination.target.environment.adopts(name)
        part = self.parts.get(name)
        if part is None or (self.examination.quick and not part.of_aws):
            return current
        try:
            found = part.look()
            is_known = part.address in self.examination.state().ids
        except Exception:  # noqa: BLE001 its own row says why it is not seen
            return current
        if is_known or found.is_ours:
            return current
        return found.exists


def _part_of(secret: Secret) -> Part:
    """The name in ``adopt`` for a secret that this project creates."""
    names: dict[str | None, Part] = {**{part: part for part in PARTS}, "database-credentials": "credentials"}
    return names[secret.id]


def _setting(parts: tuple[Part, ...]) -> str:
    """The value of ``adopt`` for these parts, as Python code."""
    if not parts:
        return "False"
    if all(adopts(True, name) is (name in parts) for name in PARTS):  # noqa: FBT003 a setting's value
        return "True"
    quoted = ", ".join(f'"{name}"' for name in parts)
    return f"({quoted},)" if len(parts) == 1 else f"({quoted})"
