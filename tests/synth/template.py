"""A synthesized stack as the tests read it, and a comparison that shows what differs."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

Body = dict[str, Any]

_KINDS = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}
_EXPRESSION = re.compile(r"\$\{([^${}]+)\}")
_ADDRESS = re.compile(r"(?:data\.|ephemeral\.)?[a-z0-9_]+\.[a-z0-9_]+")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


class Template:
    """The Terraform JSON of one stack, without CDKTF's own metadata.

    ``bodies`` holds every resource, data source and ephemeral resource by its Terraform address: TYPE.NAME,
    data.TYPE.NAME, ephemeral.TYPE.NAME. A type is everything before the last dot.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document: Body = _without_metadata(document)
        self.bodies: dict[str, Body] = {
            f"{prefix}{kind}.{name}": body
            for section, prefix in _KINDS.items()
            for kind, named in self.document.get(section, {}).items()
            for name, body in named.items()
        }

    @classmethod
    def read(cls, path: Path) -> Self:
        return cls(json.loads(path.read_text()))

    def all(self, kind: str) -> dict[str, Body]:
        """Every block of a type by its name."""
        return {
            address.removeprefix(f"{kind}."): body
            for address, body in self.bodies.items()
            if address.rpartition(".")[0] == kind
        }

    def some(self, kind: str) -> dict[str, Body]:
        """Every block of a type by its name; at least one, so that a test that loops over them looks at something."""
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
        """The metadata of every Kubernetes object by address, custom resources among them, references resolved."""
        return {
            address: self.resolve(body.get("manifest", body)["metadata"])
            for address, body in self.bodies.items()
            if address.startswith("kubernetes_")
        }

    def resolve(self, value: Any) -> Any:  # noqa: ANN401 any JSON value in, the same shape out
        """The value with each ``${TYPE.NAME.attribute}`` replaced by what this stack itself configures there.

        What only the provider knows (an ARN, a data source's attribute) stays as it is.
        """
        if isinstance(value, dict):
            return {key: self.resolve(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if isinstance(value, str):
            return _EXPRESSION.sub(lambda match: self._configured(match[1]) or match[0], value)
        return value

    def _configured(self, expression: str) -> str | None:
        address = _ADDRESS.match(expression)
        if address is None or address[0] not in self.bodies:
            return None
        value: Any = self.bodies[address[0]]
        rest = expression[address.end() :]
        if _STEP.sub("", rest):
            return None
        for name, index in _STEP.findall(rest):
            if name:
                value = value.get(name) if isinstance(value, dict) else None
            elif isinstance(value, list):
                value = value[int(index)]
        return str(self.resolve(value)) if isinstance(value, str | int) else None

    def strings(self) -> Iterator[tuple[str, str]]:
        """Every string of the document with its path."""
        yield from _strings(self.document, "")

    def dependencies(self, address: str) -> set[str]:
        """Every address that Terraform handles before this one, by reference or depends_on, directly or not."""
        found: set[str] = set()
        open_addresses = [address]
        while open_addresses:
            for _, text in _strings(self.bodies[open_addresses.pop()], ""):
                new = {match for match in _ADDRESS.findall(text) if match in self.bodies} - found
                found |= new
                open_addresses += new
        return found


def _without_metadata(value: Any) -> Any:  # noqa: ANN401 any JSON value in, the same shape out
    if isinstance(value, Mapping):
        return {key: _without_metadata(item) for key, item in value.items() if key != "//"}
    if isinstance(value, list):
        return [_without_metadata(item) for item in value]
    return value


def _strings(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path.removeprefix("."), value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _strings(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, f"{path}[{index}]")


def differences(actual: object, expected: object, path: str) -> Iterator[str]:
    """What of ``expected`` is not in ``actual``, one line each.

    Mappings may hold more than is expected; lists must agree in length; an expected None means absent.
    """
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key, item in expected.items():
            place = f"{path}.{key}"
            if item is None and actual.get(key) is not None:
                yield f"{place}: expected nothing, found {actual[key]!r}"
            elif item is not None and key not in actual:
                yield f"{place}: expected {item!r}, found nothing"
            elif item is not None:
                yield from differences(actual[key], item, place)
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (found, item) in enumerate(zip(actual, expected, strict=True)):
            yield from differences(found, item, f"{path}[{index}]")
    elif actual != expected or type(actual) is not type(expected):
        yield f"{path}: expected {expected!r}, found {actual!r}"
