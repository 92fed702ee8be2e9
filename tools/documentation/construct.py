"""Describes a construct from its source: signature and docstring, read without running anything.

griffe reads both: https://mkdocstrings.github.io/griffe/
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import griffe

from modules.model.project import ROOT

# The folders of modules/ with the topic of their constructs.
FOLDERS = {
    "stacks": "Stacks",
    "aws": "AWS",
    "postgresql": "PostgreSQL",
    "kubernetes": "Kubernetes",
}
_BASES = {"Construct", "ReadableStack"}
# Every construct has these two; the index explains them.
_COMMON = {"self", "scope", "id_"}


class DocstringError(ValueError):
    """A docstring does not match its object; the message names it and says what is missing."""


@dataclass(frozen=True, kw_only=True)
class Value:
    """An argument, a field or an output.

    type: as written in the source; "" if it has none. own_type: dotted name of its first type from this repository.
    default: as written in the source; None if there is none.
    """

    name: str
    type: str
    own_type: str | None
    default: str | None
    description: str


@dataclass(frozen=True, kw_only=True)
class Method:
    """A public method or property. signature: without ``self``."""

    name: str
    signature: str
    text: str
    arguments: tuple[Value, ...]


@dataclass(frozen=True, kw_only=True)
class Described:
    """A public class: a construct, or a type of one of its arguments. errors: the exceptions it raises, by name."""

    name: str
    module: str
    line: int
    text: str
    arguments: tuple[Value, ...]
    outputs: tuple[Value, ...]
    methods: tuple[Method, ...]
    errors: Mapping[str, str]

    @property
    def summary(self) -> str:
        """The first line of its text."""
        return self.text.partition("\n")[0]

    @property
    def file(self) -> str:
        """Its path from the root."""
        return f"{self.module.replace('.', '/')}.py"

    @property
    def folder(self) -> str:
        """The folder of modules/ that it is in."""
        return self.module.split(".")[1]

    @property
    def stem(self) -> str:
        """The name of its file, of its example and of its page, without the ending."""
        return self.module.rpartition(".")[2]


@dataclass(frozen=True, kw_only=True)
class Module:
    """A file of modules/ with its construct, and the types that it defines for the construct's arguments."""

    construct: Described
    types: tuple[Described, ...]


def read_modules(root: Path = ROOT) -> list[Module]:
    """Return every construct in ``modules``, sorted by folder and name.

    Raises DocstringError unless each construct's and type's docstring describes exactly its arguments.
    """
    package = griffe.load(
        "modules", search_paths=[root], try_relative_path=False, allow_inspection=False, docstring_parser="google"
    )
    found = []
    for folder in FOLDERS:
        for _, module in sorted(package[folder].modules.items()):
            classes = [each for each in module.classes.values() if not each.is_alias and each.is_public]
            for construct in classes:
                if _is_construct(construct):
                    types = [each for each in classes if not _is_construct(each)]
                    found.append(
                        Module(construct=_described(construct), types=tuple(_described(each) for each in types))
                    )
    return found


def _is_construct(found: griffe.Class) -> bool:
    """Whether it extends a CDKTF class, directly or indirectly."""
    inherited = (base for base in found.resolved_bases if isinstance(base, griffe.Class))
    return any(str(base) in _BASES for base in found.bases) or any(map(_is_construct, inherited))


def _described(found: griffe.Class) -> Described:
    text, sections = _sections(found)
    fields = [
        value
        for value in found.attributes.values()
        if "dataclass" in found.labels and "property" not in value.labels and value.is_public
    ]
    arguments = [_value(field.name, field.annotation, field.value) for field in fields] or [
        _value(each.name, each.annotation, each.default) for each in found.parameters if each.name not in _COMMON
    ]
    # A dataclass's fields are both its arguments and its attributes, described in one section.
    described = sections.get("attributes" if fields else "parameters", {})
    outputs = {} if fields else sections.get("attributes", {})
    for name in outputs:
        if name not in found.members:
            raise DocstringError(f"{found.path} describes the attribute {name!r}, which it does not set")
    return Described(
        name=found.name,
        module=found.parent.path if found.parent else "",
        line=found.lineno or 1,
        text=text,
        arguments=_joined(found.path, arguments, described),
        outputs=tuple(
            Value(name=name, type="", own_type=None, default=None, description=words) for name, words in outputs.items()
        ),
        methods=tuple(_methods(found)),
        errors=sections.get("raises", {}),
    )


def _methods(found: griffe.Class) -> Iterator[Method]:
    for name, member in found.members.items():
        if not member.is_public or name.startswith("_") or member.docstring is None:
            continue
        text, sections = _sections(member)
        if isinstance(member, griffe.Function):
            parameters = [each for each in member.parameters if each.name not in _COMMON]
            arguments = [_value(each.name, each.annotation, each.default) for each in parameters]
            signature = ", ".join(
                f"{_stars(parameter)}{argument.name}: {argument.type}"
                for parameter, argument in zip(parameters, arguments, strict=True)
            )
            described = sections.get("parameters", {})
            yield Method(
                name=name,
                signature=f"{name}({signature})",
                text=text,
                arguments=_joined(member.path, arguments, described),
            )
        else:
            yield Method(name=name, signature=name, text=text, arguments=())


def _stars(parameter: griffe.Parameter) -> str:
    return "*" if parameter.kind is griffe.ParameterKind.var_positional else ""


def _sections(found: griffe.Object | griffe.Alias) -> tuple[str, dict[str, dict[str, str]]]:
    """The text of a docstring, and its entries by section and name."""
    if found.docstring is None:
        raise DocstringError(f"{found.path} has no docstring")
    texts, sections = [], {}
    for section in found.docstring.parse("google", warnings=False):
        content: Any = section.value
        match section.kind:
            case griffe.DocstringSectionKind.text:
                texts.append(content)
            case griffe.DocstringSectionKind.raises:
                sections["raises"] = {str(each.annotation): _one_line(each.description) for each in content}
            case griffe.DocstringSectionKind.parameters | griffe.DocstringSectionKind.attributes:
                sections[section.kind.value] = {each.name.lstrip("*"): _one_line(each.description) for each in content}
            case _:
                raise DocstringError(
                    f"{found.path} has the section {section.kind.value}; allowed: Args, Attributes, Raises"
                )
    return "\n\n".join(texts), sections


def _joined(path: str, arguments: list[Value], described: Mapping[str, str]) -> tuple[Value, ...]:
    """The arguments with their descriptions."""
    names = [argument.name for argument in arguments]
    if missing := [name for name in names if not described.get(name)]:
        raise DocstringError(
            f"{path} does not describe {', '.join(missing)}; allowed: a line of Args for each argument"
        )
    if unknown := [name for name in described if name not in names]:
        raise DocstringError(
            f"{path} describes {', '.join(unknown)}, which it does not have; allowed: {', '.join(names)}"
        )
    return tuple(
        Value(
            name=each.name,
            type=each.type,
            own_type=each.own_type,
            default=each.default,
            description=described[each.name],
        )
        for each in arguments
    )


def _value(name: str, annotation: str | griffe.Expr | None, default: str | griffe.Expr | None) -> Value:
    return Value(
        name=name,
        type=str(annotation) if annotation is not None else "",
        own_type=_own_type(annotation),
        default=None if default is None else str(default),
        description="",
    )


def _own_type(annotation: str | griffe.Expr | None) -> str | None:
    if not isinstance(annotation, griffe.Expr):
        return None
    for part in annotation.iterate(flat=True):
        if isinstance(part, griffe.Expr) and part.canonical_path.startswith(("modules.", "environments.")):
            return part.canonical_path
    return None


def _one_line(text: str) -> str:
    return " ".join(text.split())
