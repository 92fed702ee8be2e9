"""Searches for existing objects through the services' own APIs, and checks whose they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg.rows import TupleRow

from delivery.account.acting_login import log_in_as
from delivery.account.stored_login import LoginError
from delivery.account.target import Target
from delivery.recovery.error import RecoveryError
from delivery.recovery.stack import Stack
from modules.model.acting_role import DEPLOY
from modules.model.tags import aws_tags, labels

_TRACKING_ID = "argocd.argoproj.io/tracking-id"
_TRACKING_LABEL = "app.kubernetes.io/instance"


@dataclass(frozen=True, kw_only=True)
class Found:
    """An existing object. id: for Terraform's import. name: for people."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Search:
    """The search for one environment. target: its names and clients. stack: its configuration.

    application: the Argo CD Application whose Kubernetes objects belong to this environment, whatever their labels.
    """

    target: Target
    stack: Stack
    application: str | None = None

    def rows(self, query: LiteralString, *values: str) -> list[TupleRow]:
        """Query the database server as the environment's deployer. Raises RecoveryError if it does not answer."""
        try:
            with log_in_as(self.target, DEPLOY, application="recover") as connection:
                return connection.execute(query, values).fetchall()
        except (LoginError, psycopg.Error) as error:
            raise RecoveryError(str(error)) from None

    def require_tags(self, what: str, tags: Mapping[str, str], *, always: bool = True) -> None:
        """Raise RecoveryError for an AWS object that does not belong to this environment.

        always: its tags are set on creation, so an object without them was created by hand.
        """
        expected = aws_tags(self.target.environment, self.target.shared)
        self._require(what, "tag", tags, {key: expected[key] for key in ("Project", "Environment")}, always=always)

    def require_labels(self, what: str, metadata: Mapping[str, Any]) -> None:
        """Raise RecoveryError for a Kubernetes object that does not belong to this environment."""
        if self.application and is_tracked(metadata, self.application):
            return
        found = metadata.get("labels", {})
        self._require(what, "label", found, labels(self.target.environment, self.target.shared), always=True)

    def _require(
        self, what: str, mark: str, found: Mapping[str, str], expected: Mapping[str, str], *, always: bool
    ) -> None:
        wrong = [
            f"{mark} {key} is {found.get(key)!r}, not {value!r}"
            for key, value in expected.items()
            if (always or key in found) and found.get(key) != value
        ]
        if wrong:
            raise RecoveryError(
                f"{what} exists and is not {self.target.environment.name}'s: {', '.join(wrong)}; if it should be, "
                "correct that by hand; if not, remove it or give it another name"
            )


def is_tracked(metadata: Mapping[str, Any], application: str) -> bool:
    """Whether Argo CD created an object for this Application: an annotation says so, or a label before Argo CD 3.0.

    Source: https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/
    """
    tracking: str = metadata.get("annotations", {}).get(_TRACKING_ID, "")
    return tracking.startswith(f"{application}:") or metadata.get("labels", {}).get(_TRACKING_LABEL) == application
