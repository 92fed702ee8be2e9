"""The hidden first line of a plan comment, which says which plans it shows; updates and deploys read it back."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from environments.schema.formats import EnvironmentName

_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
_LINE = re.compile(r"<!-- mosaic-plan (\{.*\}) -->")


class PlannedEnvironment(BaseModel):
    """One environment in a comment: the hash of its plan, None if the plan failed, and the guard's result."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hash: str | None = Field(default=None, pattern=r"^sha256:[0-9a-f]{64}$")
    guard: Literal["passed", "stopped"] | None = None


class CommentHeader(BaseModel):
    """What a plan comment says about itself.

    commit: the planned commit of the pull request. cut: the comment does not show everything, and nobody may approve
    from it. pull_request: its number. run: the id of the workflow run that wrote the comment and keeps the plans.
    overrides: the digests of the lines of the pull request's text that were in force.

    Anybody can write a comment with such a line: a reader must check who wrote it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    commit: str = Field(pattern=r"^[0-9a-f]{40}$")
    cut: bool
    pull_request: int | None = None
    run: int | None = None
    overrides: tuple[_Digest, ...] = ()
    environments: Mapping[EnvironmentName, PlannedEnvironment]

    @property
    def line(self) -> str:
        """The line. No value that the model accepts can end an HTML comment."""
        return f"<!-- mosaic-plan {self.model_dump_json(exclude_none=True)} -->"

    @classmethod
    def of(cls, comment: str) -> "CommentHeader | None":
        """Read a comment's header; None if it is not a plan comment of this version."""
        match = _LINE.fullmatch(comment.partition("\n")[0].rstrip("\r"))
        try:
            return cls.model_validate_json(match[1]) if match else None
        except ValidationError:
            return None


def is_plan_comment(text: str) -> bool:
    """Whether the text is a plan comment."""
    return CommentHeader.of(text) is not None
