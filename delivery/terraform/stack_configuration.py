"""The configuration of a synthesized stack by Terraform address, with its internal references resolved."""

import re
from collections.abc import Mapping
from typing import Any

Body = dict[str, Any]

_KINDS = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}
_EXPRESSION = re.compile(r"\$\{([^${}]+)\}")
ADDRESS = re.compile(r"(?:data\.|ephemeral\.)?[a-z0-9_]+\.[a-z0-9_]+")
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")


class StackConfiguration:
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

    def all(self, kind: str) -> dict[str, Body]:
        """Every block of a type by its name."""
        return {
            address.removeprefix(f"{kind}."): body
            for address, body in self.bodies.items()
            if address.rpartition(".")[0] == kind
        }

    def resolve(self, value: Any) -> Any:  # noqa: ANN401 any JSON value in, the same shape out
        """Replace each ``${TYPE.NAME.attribute}`` with what this stack itself configures there.

        Values that only the provider knows (an ARN, a data source's attribute) stay as they are.
        """
        if isinstance(value, dict):
            return {key: self.resolve(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if isinstance(value, str):
            return _EXPRESSION.sub(lambda match: self._configured(match[1]) or match[0], value)
        return value

    def _configured(self, expression: str) -> str | None:
        address = ADDRESS.match(expression)
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


def _without_metadata(value: Any) -> Any:  # noqa: ANN401 any JSON value in, the same shape out
    if isinstance(value, Mapping):
        return {key: _without_metadata(item) for key, item in value.items() if key != "//"}
    if isinstance(value, list):
        return [_without_metadata(item) for item in value]
    return value
