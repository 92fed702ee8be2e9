"""GitHub's stand-in: deployments and their statuses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, abort, request
from flask.typing import ResponseReturnValue

Row = dict[str, Any]
_LONGEST = 140
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_STATES = {"error", "failure", "inactive", "in_progress", "queued", "pending", "success"}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(kw_only=True)
class Deployments:
    """The deployments of a repository, oldest first, and their statuses by deployment id. clock: returns the time."""

    rows: list[Row] = field(default_factory=list)
    statuses: dict[int, list[Row]] = field(default_factory=dict)
    clock: Callable[[], datetime] = _now

    def add(self, fields: Row, creator: Row) -> Row:
        """Create a deployment as this user."""
        row = {
            "id": len(self.rows) + 1,
            "sha": fields["ref"],
            "task": fields.get("task", "deploy"),
            "environment": fields.get("environment", "production"),
            "payload": fields.get("payload", {}),
            "description": fields.get("description", ""),
            "created_at": self._time(),
            "creator": creator,
        }
        self.rows.append(row)
        return row

    def add_status(self, deployment: int, fields: Row, creator: Row) -> Row:
        """Add a status to a deployment as this user."""
        identity = sum(map(len, self.statuses.values())) + 1
        row = {**fields, "id": identity, "created_at": self._time(), "creator": creator}
        self.statuses.setdefault(deployment, []).append(row)
        return row

    def age(self, by: timedelta) -> None:
        """Make every existing row older."""
        for row in (*self.rows, *(row for rows in self.statuses.values() for row in rows)):
            row["created_at"] = (datetime.fromisoformat(row["created_at"]) - by).strftime(_TIME)

    def route(self, application: Flask, repository: str, page: Callable[[list[Row]], Response], bot: Row) -> None:
        """Register the routes. page: cuts a list into pages. bot: the caller's user."""

        def check(fields: Row) -> Row:
            if len(fields.get("description", "")) > _LONGEST:
                abort(422, f"Validation Failed: description is too long (maximum is {_LONGEST} characters)")
            return fields

        @application.get(f"{repository}/deployments")
        def list_deployments() -> ResponseReturnValue:
            wanted = {name: request.args[name] for name in ("environment", "task", "sha") if name in request.args}
            rows = [row for row in self.rows if all(row[name] == value for name, value in wanted.items())]
            return page(list(reversed(rows)))

        @application.post(f"{repository}/deployments")
        def create_deployment() -> ResponseReturnValue:
            fields = check(request.get_json())
            # Otherwise GitHub waits for the commit's checks, and answers that they are missing.
            if fields.get("required_contexts") != [] or fields.get("auto_merge", True):
                abort(409, "Conflict: Commit status checks failed, or the ref could not be merged")
            return self.add(fields, bot), 201

        @application.get(f"{repository}/deployments/<int:deployment>/statuses")
        def list_deployment_statuses(deployment: int) -> ResponseReturnValue:
            return page(list(reversed(self.statuses.get(deployment, []))))

        @application.post(f"{repository}/deployments/<int:deployment>/statuses")
        def create_deployment_status(deployment: int) -> ResponseReturnValue:
            if not any(row["id"] == deployment for row in self.rows):
                abort(404, "Not Found")
            fields = check(request.get_json())
            if fields["state"] not in _STATES:
                abort(422, f"Validation Failed: state {fields['state']} is not included in the list")
            return self.add_status(deployment, fields, bot), 201

    def _time(self) -> str:
        return self.clock().strftime(_TIME)
