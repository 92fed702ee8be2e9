"""A synthesized stack for tests to read, and a comparison that shows the differences."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

from delivery.gitops.object_differences import object_differences
from delivery.terraform.stack_configuration import ADDRESS, Body, StackConfiguration

__all__ = ["Body", "Template", "differences"]

differences = object_differences


class Template(StackConfiguration):
    """The Terraform JSON of one stack."""

    @classmethod
    def read(cls, path: Path) -> Self:
        return cls(json.loads(path.read_text()))

    def some(self, kind: str) -> dict[str, Body]:
        """Every block of a type by name; at least one, so that a test's loop never runs zero times."""
        found = self.all(kind)
        assert found, f"there is no {kind}"
        return found

    def one(self, kind: str, name: str) -> Body:
        found = self.all(kind)
        assert name in found, f"no {kind} {name!r}; there are {sorted(found)}"
        return found[name]

    def count(self, kind: str) -> int:
        return len(self.all(kind))

    @property
    def outputs(self) -> Body:
        return {name: self.resolve(output["value"]) for name, output in self.document["output"].items()}

    @property
    def kubernetes(self) -> dict[str, Body]:
        """The metadata of every Kubernetes object by address, including custom resources, with references resolved."""
        return {
            address: self.resolve(body.get("manifest", body)["metadata"])
            for address, body in self.bodies.items()
            if address.startswith("kubernetes_")
        }

    def strings(self) -> Iterator[tuple[str, str]]:
        """Every string in the document with its path."""
        yield from _strings(self.document, "")

    def dependencies(self, address: str) -> set[str]:
        """Every address that Terraform handles before this one, by direct or indirect references and depends_on."""
        found: set[str] = set()
        open_addresses = [address]
        while open_addresses:
            for _, text in _strings(self.bodies[open_addresses.pop()], ""):
                new = {match for match in ADDRESS.findall(text) if match in self.bodies} - found
                found |= new
                open_addresses += new
        return found


def _strings(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path.removeprefix("."), value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _strings(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, f"{path}[{index}]")
