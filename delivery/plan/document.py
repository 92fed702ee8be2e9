"""A typed reader for plans as ``terraform show -json`` prints them.

Source: https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from delivery.plan.completeness import gap
from delivery.redaction.marks import marked, sensitive_strings
from delivery.report.text_file import TextFileError, read_text


class PlanError(ValueError):
    """A file is not the JSON of a whole plan; the message names it, the finding and what is allowed."""


class Action(StrEnum):
    """What a plan does to a resource."""

    CREATE = "create"
    CHANGE = "change"
    REPLACE = "replace"
    DESTROY = "destroy"
    FORGET = "forget"
    UNCHANGED = "unchanged"


_ACTIONS = {
    ("no-op",): Action.UNCHANGED,
    ("create",): Action.CREATE,
    ("update",): Action.CHANGE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("create", "forget"): Action.REPLACE,
    ("delete",): Action.DESTROY,
    ("forget",): Action.FORGET,
}


@dataclass(frozen=True, kw_only=True)
class ResourceChange:
    """What the plan does to one resource.

    before, after: its attributes, or None if it does not exist then; sensitive values are ``Sensitive``, and values
    known only after the apply are ``UNKNOWN``. replace_paths: attributes that cannot change in place, without indices.
    imported: the id by which an existing object is imported. moved_from: its former address. module: the address of its
    module. index: its instance key within its block. provider: its provider's full name. deposed: the key of an object
    left over by a failed replacement. reason: Terraform's own reason for the action.
    """

    address: str
    type: str
    name: str
    action: Action
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    replace_paths: tuple[str, ...] = ()
    imported: str | None = None
    moved_from: str | None = None
    module: str | None = None
    index: str | int | None = None
    provider: str | None = None
    deposed: str | None = None
    reason: str | None = None

    @property
    def family(self) -> str:
        """Its type without the API version that the Kubernetes provider appends."""
        return re.sub(r"_v\d+$", "", self.type)

    @property
    def is_removed(self) -> bool:
        """The current object is deleted, or Terraform stops managing it."""
        return self.action in (Action.REPLACE, Action.DESTROY, Action.FORGET)

    @property
    def is_new(self) -> bool:
        """Terraform did not manage it before this plan."""
        return self.action is Action.CREATE or self.imported is not None

    @property
    def does_something(self) -> bool:
        """An apply would change something about it, if only its state."""
        return self.action is not Action.UNCHANGED or self.imported is not None or self.moved_from is not None


@dataclass(frozen=True, kw_only=True)
class DataSource:
    """The values that the plan read from one data source.

    address: without its instance key. values: as in ResourceChange; UNKNOWN if only the apply reads them.
    """

    address: str
    index: str | int | None
    values: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class OutputChange:
    """What the plan does to one output; before and after as in ResourceChange."""

    name: str
    action: Action
    before: object
    after: object


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole plan: managed resources and outputs sorted by address, and the providers' configuration.

    data_sources: the values read for it. providers: as in the document: each provider's name and the expressions that
    configure it.
    """

    resources: tuple[ResourceChange, ...]
    outputs: tuple[OutputChange, ...] = ()
    data_sources: tuple[DataSource, ...] = ()
    providers: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    @cached_property
    def secrets(self) -> frozenset[str]:
        """Every sensitive string in it."""
        trees: list[object] = [tree for change in self.resources for tree in (change.before, change.after)]
        trees += [tree for change in self.outputs for tree in (change.before, change.after)]
        return frozenset(secret for tree in trees for secret in sensitive_strings(tree))

    @classmethod
    def read(cls, path: Path) -> "Plan":
        """Read the output of ``terraform show -json PLANFILE``. Raises PlanError."""
        try:
            return cls.parse(read_text(path, "the plan"))
        except TextFileError as error:
            raise PlanError(str(error)) from None
        except PlanError as error:
            raise PlanError(f"{path}: {error}") from None

    @classmethod
    def parse(cls, text: str) -> "Plan":
        """Parse the text of such a file. Raises PlanError."""
        try:
            content = json.loads(text)
            document = _Document.model_validate(content)
        except (json.JSONDecodeError, RecursionError) as error:
            raise PlanError(f"not JSON ({error}); allowed: the output of `terraform show -json PLANFILE`") from None
        except ValidationError as error:
            # Omits the values: they may be secret.
            places = [f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()]
            raise PlanError(
                f"not a plan: {'; '.join(places[:3])}; allowed: the output of `terraform show -json PLANFILE`"
            ) from None
        if document.errored:
            raise PlanError("the plan of a run that failed; allowed: a whole plan, or the failed run's log")
        if found := gap(content):
            raise PlanError(f"a plan of {found}; allowed: a plan of everything")
        resources = [row.read() for row in document.resource_changes if row.mode == "managed"]
        outputs = [row.read(name) for name, row in document.output_changes.items()]
        read = [row.read() for row in document.prior_state.values.root_module.resources if row.mode == "data"]
        to_be_read = [row.data_source() for row in document.resource_changes if row.mode == "data"]
        return cls(
            resources=tuple(sorted(resources, key=lambda change: change.address)),
            outputs=tuple(sorted(outputs, key=lambda change: change.name)),
            data_sources=(*read, *to_be_read),
            providers=document.configuration.provider_config,
        )


class _Wire(BaseModel):
    # Later minor versions of the format may add properties; a reader must ignore unknown ones.
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Import(_Wire):
    id: str | None = None


class _Change(_Wire):
    actions: tuple[str, ...]
    before: object = None
    after: object = None
    after_unknown: object = False
    before_sensitive: object = False
    after_sensitive: object = False
    replace_paths: tuple[tuple[str | int, ...], ...] = ()
    importing: _Import | None = None

    @property
    def action(self) -> Action:
        if self.actions not in _ACTIONS:
            allowed = ", ".join("/".join(actions) for actions in _ACTIONS)
            raise PlanError(f"the actions {'/'.join(self.actions)!r} are unknown; allowed: {allowed}")
        return _ACTIONS[self.actions]

    @property
    def marked_before(self) -> object:
        return marked(self.before, sensitive=self.before_sensitive, unknown=False)

    @property
    def marked_after(self) -> object:
        return marked(self.after, sensitive=self.after_sensitive, unknown=self.after_unknown)


class _Attributes(_Change):
    before: dict[str, object] | None = None
    after: dict[str, object] | None = None


class _Resource(_Wire):
    address: str
    mode: Literal["managed", "data"]
    type: str
    name: str
    module_address: str | None = None
    index: str | int | None = None
    provider_name: str | None = None
    action_reason: str | None = None
    deposed: str | None = None
    previous_address: str | None = None
    change: _Attributes

    def read(self) -> ResourceChange:
        change = self.change
        before, after = change.marked_before, change.marked_after
        return ResourceChange(
            address=f"{self.address} (deposed {self.deposed})" if self.deposed else self.address,
            type=self.type,
            name=self.name,
            action=change.action,
            before=before if isinstance(before, dict) else None,
            after=after if isinstance(after, dict) and change.action not in (Action.DESTROY, Action.FORGET) else None,
            replace_paths=tuple(
                sorted({".".join(part for part in path if isinstance(part, str)) for path in change.replace_paths})
            ),
            imported=(change.importing.id or "by identity") if change.importing else None,
            moved_from=self.previous_address,
            module=self.module_address,
            index=self.index,
            provider=self.provider_name,
            deposed=self.deposed,
            reason=self.action_reason,
        )

    def data_source(self) -> DataSource:
        values = self.change.marked_after
        return DataSource(
            address=f"data.{self.type}.{self.name}",
            index=self.index,
            values=values if isinstance(values, dict) else {},
        )


class _Output(_Change):
    def read(self, name: str) -> OutputChange:
        return OutputChange(name=name, action=self.action, before=self.marked_before, after=self.marked_after)


class _Read(_Wire):
    mode: str
    type: str
    name: str
    index: str | int | None = None
    values: dict[str, object] = {}
    sensitive_values: object = False

    def read(self) -> DataSource:
        values = marked(self.values, sensitive=self.sensitive_values, unknown=False)
        return DataSource(
            address=f"data.{self.type}.{self.name}",
            index=self.index,
            values=values if isinstance(values, dict) else {},
        )


class _Module(_Wire):
    resources: tuple[_Read, ...] = ()


class _Values(_Wire):
    root_module: _Module = _Module()


class _State(_Wire):
    values: _Values = _Values()


class _Configuration(_Wire):
    provider_config: dict[str, dict[str, object]] = {}


class _Document(_Wire):
    format_version: str = Field(pattern=r"^1\.\d+$")
    terraform_version: str
    resource_changes: tuple[_Resource, ...] = ()
    output_changes: dict[str, _Output] = {}
    prior_state: _State = _State()
    configuration: _Configuration = _Configuration()
    errored: bool = False
