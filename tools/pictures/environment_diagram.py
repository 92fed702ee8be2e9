"""Draws an environment from its synthesized configuration as a Mermaid diagram for the README."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

_REFERENCE = re.compile(r"(?:(?:data|ephemeral)\.)?([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)")


def environment_diagram(configuration: Mapping[str, Any]) -> str:
    """Return the diagram: a box per part of the environment with its resources, and arrows to its dependencies."""
    parts = {
        (kind, name): str(body["//"]["metadata"]["path"]).split("/")[1]
        for section in ("data", "resource")
        for kind, bodies in configuration[section].items()
        for name, body in bodies.items()
    }
    contents: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    arrows: set[tuple[str, str]] = set()
    for section in ("data", "resource"):
        for kind, bodies in configuration[section].items():
            for name, body in bodies.items():
                part = parts[kind, name]
                contents[part][_short(kind)] += 1
                arrows |= {
                    (part, parts[reference]) for reference in _references(body) if parts.get(reference, part) != part
                }
    lines = ["```mermaid", "flowchart LR"]
    for part, kinds in sorted(contents.items()):
        made_of = "<br/>".join(f"{kind}{f' x{count}' if count > 1 else ''}" for kind, count in sorted(kinds.items()))
        lines.append(f'    {_identifier(part)}["<b>{part}</b><br/>{made_of}"]')
    lines += [f"    {_identifier(part)} --> {_identifier(needs)}" for part, needs in sorted(_direct(arrows))]
    return "\n".join([*lines, "```"])


def _references(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield from _REFERENCE.findall(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _references(item) if key != "//" else ()
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _direct(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the arrows, without those implied by a longer path."""
    needs: dict[str, set[str]] = defaultdict(set)
    for part, other in arrows:
        needs[part].add(other)

    def reaches(part: str, goal: str) -> bool:
        return any(other == goal or reaches(other, goal) for other in needs[part])

    return {(part, other) for part, other in arrows if not any(reaches(step, other) for step in needs[part] - {other})}


def _short(kind: str) -> str:
    """Return a Terraform type without its provider, API version and underscores."""
    return re.sub(r"^(aws|kubernetes|postgresql)_|_v\d$", "", kind).replace("_", " ")


def _identifier(part: str) -> str:
    return part.replace("-", "_")
