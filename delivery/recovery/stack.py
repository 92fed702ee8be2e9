"""The resources that an environment's synthesized configuration declares."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.recovery.error import RecoveryError
from delivery.terraform.stack_json import FILE, StackError, read_stack

_REFERENCE = re.compile(r"^\$\{(\w+)\.(\w+)\.")

# The arguments of a resource in the configuration.
Body = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One resource of the configuration."""

    type: str
    name: str
    body: Body

    @property
    def address(self) -> str:
        """Its address in Terraform."""
        return f"{self.type}.{self.name}"


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A synthesized stack: its folder, and the content of its cdk.tf.json."""

    folder: Path
    content: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "Stack":
        """Read the stack of a folder that cdktf has written. Raises RecoveryError."""
        try:
            return cls(folder=folder, content=read_stack(folder / FILE))
        except StackError as error:
            raise RecoveryError(str(error)) from None

    @property
    def resources(self) -> Iterator[Declared]:
        """Every managed resource except those that the stack itself imports at its first apply."""
        own = {row["to"] for row in self.content.get("import", [])}
        for type_, resources in self.content["resource"].items():
            for name, body in resources.items():
                declared = Declared(type=type_, name=name, body=body)
                if declared.address not in own:
                    yield declared

    def referred(self, expression: str) -> Body:
        """The resource that an expression such as ``${aws_s3_bucket.media.id}`` refers to."""
        reference = _REFERENCE.match(expression)
        if reference is None:
            raise RecoveryError(f"{self.folder.name}: {expression!r} does not refer to a resource")
        type_, name = reference.groups()
        body: Body = self.content["resource"][type_][name]
        return body
