"""What an event asks of the previews. The application's repository, GitHub's schedule or a person sends it.

Anyone who may send events chooses their content: it is data, validated here, and never reaches a shell.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, field_validator

from delivery.preview.claim import Commit, PullRequestNumber
from delivery.preview.error import PreviewError
from environments.applications import APPLICATION_OF_FIELD
from environments.schema.formats import ImageTag

_FIELDS = {application.name: field for field, application in APPLICATION_OF_FIELD.items()}


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ClaimEvent(_Payload):
    """A build of a pull request is available. commit: its source. images: a tag for each application."""

    pull_request: PullRequestNumber
    commit: Commit
    images: Mapping[str, ImageTag]

    @field_validator("images")
    @classmethod
    def _names_each_application(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        if value.keys() != _FIELDS.keys():
            raise ValueError(f"it names {', '.join(value) or 'none'}; allowed: each of {', '.join(_FIELDS)}")
        return value

    @property
    def tags(self) -> dict[str, str]:
        """The tags by field of ``Environment.images``."""
        return {_FIELDS[name]: tag for name, tag in self.images.items()}


class EndEvent(_Payload):
    """A pull request was closed, or its label removed."""

    pull_request: PullRequestNumber


@dataclass(frozen=True, kw_only=True)
class SweepEvent:
    """It is time to look at the slots. every: include those without a record."""

    every: bool


_DISPATCHED: Mapping[str, type[ClaimEvent | EndEvent]] = {"preview": ClaimEvent, "preview-end": EndEvent}


def read_event(variables: Mapping[str, str] = os.environ) -> ClaimEvent | EndEvent | SweepEvent:
    """Read this workflow run's event. Raises PreviewError for an event that asks for nothing we can do.

    Source: https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
    """
    name, path = variables.get("GITHUB_EVENT_NAME"), variables.get("GITHUB_EVENT_PATH")
    if not name or not path:
        raise PreviewError(
            "GITHUB_EVENT_NAME or GITHUB_EVENT_PATH is not set; GitHub sets both in a workflow (without GitHub: "
            "python -m delivery preview)",
            unusable=True,
        )
    try:
        content = TypeAdapter(dict[str, Any]).validate_python(json.loads(Path(path).read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        problem = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        raise PreviewError(f"{path}: not a workflow's event: {problem}", unusable=True) from None
    match name:
        case "repository_dispatch":
            return _dispatched(content)
        case "schedule":
            # minute hour day month weekday: a schedule that names its hour comes once a day.
            return SweepEvent(every=str(content.get("schedule")).split()[1:2] != ["*"])
        case "workflow_dispatch":
            return SweepEvent(every=True)
    raise PreviewError(
        f"the event {name!r} is not handled; allowed: repository_dispatch, schedule, workflow_dispatch", unusable=True
    )


def _dispatched(content: Mapping[str, Any]) -> ClaimEvent | EndEvent:
    action = content.get("action")
    kind = _DISPATCHED.get(action) if isinstance(action, str) else None
    if kind is None:
        raise PreviewError(f"event_type is {action!r}; allowed: {', '.join(_DISPATCHED)}", unusable=True)
    try:
        return kind.model_validate(content.get("client_payload"))
    except ValidationError as error:
        rows = error.errors()
    lines = [f"{'.'.join(('client_payload', *map(str, row['loc'])))}: {row['msg']}" for row in rows]
    raise PreviewError("\n".join(f"{line}; allowed: what docs/previews.md shows" for line in lines), unusable=True)
