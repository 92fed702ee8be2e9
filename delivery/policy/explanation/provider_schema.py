"""The providers' resource types, and the values that providers fill in themselves, recorded from real plans."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("providers.json")


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One attribute. type: in Terraform's notation, such as ``"string"`` or ``["set", "string"]``."""

    type: object
    computed: bool = False
    sensitive: bool = False
    write_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Nested:
    """Blocks below a block. nesting: list, set, map or single; computed: the provider may create them itself."""

    nesting: str
    block: "Block"
    computed: bool = False


@dataclass(frozen=True, kw_only=True)
class Block:
    """The possible content of a resource, or of a block within one."""

    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    blocks: Mapping[str, Nested] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ProviderSchema:
    """The recorded resource types, and the values that a provider filled in, by type and path."""

    types: Mapping[str, Block]
    defaults: Mapping[str, Mapping[str, list[object]]]

    @classmethod
    @cache
    def recorded(cls) -> "ProviderSchema":
        """The content of the file next to this one."""
        return cls.of(json.loads(FILE.read_text(encoding="utf-8")))

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "ProviderSchema":
        """Read the output of ``compact`` and of a recording."""
        return cls(
            types={type_: _block(block) for type_, block in content["types"].items()}, defaults=content["defaults"]
        )


def compact(block: Mapping[str, Any]) -> dict[str, Any]:
    """A block of ``terraform providers schema -json``, reduced to what the guard needs."""
    found: dict[str, Any] = {}
    for name, attribute in block.get("attributes", {}).items():
        marks = [mark for mark in ("computed", "sensitive", "write_only") if attribute.get(mark)]
        nested = attribute.get("nested_type")
        row = {"nesting": nested["nesting_mode"], "block": compact(nested)} if nested else {"type": attribute["type"]}
        found[name] = {**row, **({"marks": marks} if marks else {})}
    for name, nested in block.get("block_types", {}).items():
        found[name] = {"nesting": nested["nesting_mode"], "block": compact(nested["block"])}
    return found


def as_text(content: Mapping[str, Any]) -> str:
    """The file's text with one line per resource type, so that a diff shows the types that changed."""
    sections = []
    for section, rows in content.items():
        lines = [f"    {json.dumps(key)}: {json.dumps(row, sort_keys=True)}" for key, row in sorted(rows.items())]
        sections.append("\n".join((f"  {json.dumps(section)}: {{", ",\n".join(lines), "  }")))
    return "\n".join(("{", ",\n".join(sections), "}\n"))


def _block(content: Mapping[str, Any]) -> Block:
    attributes, blocks = {}, {}
    for name, row in content.items():
        marks = row.get("marks", [])
        if "block" in row:
            blocks[name] = Nested(nesting=row["nesting"], block=_block(row["block"]), computed="computed" in marks)
        else:
            attributes[name] = Attribute(
                type=row["type"],
                computed="computed" in marks,
                sensitive="sensitive" in marks,
                write_only="write_only" in marks,
            )
    return Block(attributes=attributes, blocks=blocks)
