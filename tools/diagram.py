"""Draws an environment from its synthesized configuration, as the Mermaid picture in the README.

``python -m tools.diagram [FILE]`` prints the picture of FILE (staging's configuration in cdktf.out by default);
``--write README`` puts it between the README's markers.
"""

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from delivery.report.text_file import TextFileError, read_text
from delivery.terraform.stack_json import FILE, StackError, read_stack, stacks_folder

_BEGIN, _END = "<!-- picture: begin (make picture) -->", "<!-- picture: end -->"
_REFERENCE = re.compile(r"(?:(?:data|ephemeral)\.)?([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)")


def draw(configuration: Mapping[str, Any]) -> str:
    """The picture: a box for each part of the environment with what it is made of, an arrow to what it needs."""
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


def replace_in(text: str, picture: str) -> str:
    """The text with the picture between its markers. Raises ValueError when it has no markers."""
    if _BEGIN not in text or _END not in text:
        raise ValueError(f"the markers {_BEGIN} and {_END} are not in the text")
    before, after = text.split(_BEGIN, maxsplit=1)[0], text.split(_END)[1]
    return f"{before}{_BEGIN}\n{picture}\n{_END}{after}"


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
    """The arrows that no longer way explains."""
    needs: dict[str, set[str]] = defaultdict(set)
    for part, other in arrows:
        needs[part].add(other)

    def reaches(part: str, goal: str) -> bool:
        return any(other == goal or reaches(other, goal) for other in needs[part])

    return {(part, other) for part, other in arrows if not any(reaches(step, other) for step in needs[part] - {other})}


def _short(kind: str) -> str:
    """A Terraform type without its provider, API version and underscores."""
    return re.sub(r"^(aws|kubernetes|postgresql)_|_v\d$", "", kind).replace("_", " ")


def _identifier(part: str) -> str:
    return part.replace("-", "_")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the picture or write it into a file; exit code 2 where there is nothing to draw or to write into."""
    parser = argparse.ArgumentParser(prog="python -m tools.diagram", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=stacks_folder() / "staging" / FILE)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args(arguments)
    try:
        picture = draw(read_stack(options.file))
        if options.write:
            page = replace_in(read_text(options.write, "the page"), picture)
            options.write.write_text(page, encoding="utf-8")
        else:
            print(picture)
    except (StackError, OSError, ValueError, LookupError) as error:
        what = error if isinstance(error, StackError | TextFileError) else f"{type(error).__name__}: {error}"
        print(f"error: no picture of {options.file}: {what}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
