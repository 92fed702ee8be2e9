"""What providers say of their resource types, and what they fill in themselves, as recorded from real plans."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("providers.json")


@dataclass(frozen=True, kw_only=True)
class Attribute:
    """One attribute: its type in Terraform's notation, such as ``"string"`` or ``["set", "string"]``."""

    type: object
    computed: bool = False
    sensitive: bool = False
    write_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Nested:
    """Blocks below a block. nesting: list, set, map or single; computed: the provider may make them itself."""

    nesting: str
    block: "Block"
    computed: bool = False


@dataclass(frozen=True, kw_only=True)
class Block:
    """What a resource, or a block within one, can hold."""

    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    blocks: Mapping[str, Nested] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ProviderSchema:
    """The recorded resource types, and by type and path the values that a provider filled in."""

    types: Mapping[str, Block]
    defaults: Mapping[str, Mapping[str, list[object]]]

    @classmethod
    @cache
    def recorded(cls) -> "ProviderSchema":
        """What is in the file beside this one."""
        return cls.of(json.loads(FILE.read_text(encoding="utf-8")))

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "ProviderSchema":
        """Read what ``compact`` and a recording made."""
        return cls(
            types={type_: _block(block) for type_, block in content["types"].items()}, defaults=content["defaults"]
        )


def compact(block: Mapping[str, Any]) -> dict[str, Any]:
    """The block of ``terraform providers schema -json``, with what is asked of it alone."""
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
    """The file's text, a line for each resource type, so that a change of one can be read as a difference."""
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
