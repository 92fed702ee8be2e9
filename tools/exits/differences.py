"""Compares the fork's JSON with ours, except where they may differ."""

from collections.abc import Iterator, Mapping

# Reasons by place. A place that no longer differs is reported too.
DECLARED: Mapping[str, str] = {"//.metadata.version": "the release of the program that wrote it"}

_MISSING = "nothing"


def undeclared(ours: object, theirs: object, declared: Mapping[str, str] = DECLARED) -> list[str]:
    """One line per undeclared difference, and one per declared difference that does not exist."""
    found = dict(_differences(ours, theirs, ""))
    return [
        *(f"{place}: {values}" for place, values in found.items() if place not in declared),
        *(f"{place}: declared as different ({declared[place]}), but equal" for place in declared if place not in found),
    ]


def _differences(ours: object, theirs: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            inner = f"{place}.{key}" if place else key
            yield from _differences(ours.get(key, _MISSING), theirs.get(key, _MISSING), inner)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _differences(one, other, f"{place}[{index}]")
    elif ours != theirs or type(ours) is not type(theirs):
        yield place, f"{ours!r} here, {theirs!r} there"
