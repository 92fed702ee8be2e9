"""Finds the parts of a stack that differ from what this checkout makes of its settings."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from delivery.plan.differences import ABSENT, Difference, canonical, differences

COMMENT = "//"
_OF_A_KIND = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}
_NAMED = ("provider", "terraform", "output", "variable", "module")
# Each block of these kinds names its own address.
_ABOUT = {"import": "to", "removed": "from", "moved": "to"}
# Added to the keys of an object that is written as a string.
_WRITTEN_AS = "written-as"
_KIND = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_REFERENCE = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, kw_only=True)
class CodeChange:
    """An address, or another part of a stack, that the settings do not explain. before: as this checkout makes it."""

    address: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True)
class ChangedPart:
    """A part of a stack that differs, in both versions.

    section: its top-level key in the document. kind, name: of a resource, data source or ephemeral resource of the
    usual shape, otherwise empty. before, after: ABSENT if there is none.
    """

    section: str
    kind: str = ""
    name: str = ""
    address: str
    before: object
    after: object


@dataclass(frozen=True, kw_only=True)
class _Place:
    section: str
    kind: str = ""
    name: str = ""
    address: str


def code_changes(trusted: Mapping[str, object], proposed: Mapping[str, object]) -> tuple[CodeChange, ...]:
    """Return every difference of two stacks, by address; none if and only if both mean the same to Terraform.

    trusted: made by this checkout. proposed: made by a pull request's code. CDKTF's metadata is ignored.
    """
    return tuple(
        CodeChange(address=part.address, differences=exact_differences(part.before, part.after))
        for part in changed_parts(trusted, proposed)
    )


def changed_parts(trusted: Mapping[str, object], proposed: Mapping[str, object]) -> Iterator[ChangedPart]:
    """Yield each part that is not exactly equal in both stacks."""
    left, right = dict(_parts(trusted)), dict(_parts(proposed))
    for place in dict.fromkeys((*left, *right)):
        before, after = left.get(place, ABSENT), right.get(place, ABSENT)
        if canonical(before) != canonical(after):
            yield ChangedPart(**vars(place), before=before, after=after)


def exact_differences(before: object, after: object) -> tuple[Difference, ...]:
    """Return what differs; at least one difference unless both are exactly equal.

    Unlike in a plan, null, an empty object and an empty list are distinct: ``podSelector: {}`` selects every pod.
    """
    found = differences(_distinct(before), _distinct(after))
    return tuple(found) or (Difference(path="", before=before, after=after),)


class _Exactly:
    """Wraps a value that ``differences`` would confuse with another; shown as JSON."""

    def __init__(self, value: object) -> None:
        self._text = json.dumps(value, ensure_ascii=False)

    def __str__(self) -> str:
        return self._text


def _distinct(value: object) -> object:
    """Convert the value for ``differences``, so that only exactly equal values compare equal."""
    if isinstance(value, Mapping) and value:
        return {key: _distinct(item) for key, item in value.items()}
    if isinstance(value, list) and value:
        return [_distinct(item) for item in value]
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        content, form = _object_in(value)
        return {**content, _WRITTEN_AS: _Exactly(form)} if content else _Exactly(value)
    return _Exactly(value) if value is None or value in ({}, []) else value


def _object_in(text: str) -> tuple[dict[str, object], str]:
    """The object in a JSON string, and its spacing; none if the string is not in a common form."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return {}, ""
    for form, separators in (("JSON", (",", ":")), ("JSON with spaces", (", ", ": "))):
        for is_ascii in (True, False):
            if text == json.dumps(content, separators=separators, ensure_ascii=is_ascii):
                is_plain = isinstance(content, dict) and _WRITTEN_AS not in content
                return ({key: _distinct(item) for key, item in content.items()}, form) if is_plain else ({}, "")
    return {}, ""


def _parts(document: Mapping[str, object]) -> Iterator[tuple[_Place, object]]:
    """Every value of the document, each in exactly one part. A part of unusual shape is yielded whole."""
    for section, value in document.items():
        if section == COMMENT and _is_metadata(value):
            continue
        if section in _OF_A_KIND and isinstance(value, dict):
            yield from _of_kinds(section, value)
        elif section in _NAMED and isinstance(value, dict) and value:
            for name, body in value.items():
                yield _Place(section=section, name=name, address=f"{section}.{_word(name)}"), body
        elif section in _ABOUT and isinstance(value, list) and value:
            yield from _about(section, value)
        else:
            yield _Place(section=section, address=_word(section)), value


def _of_kinds(section: str, kinds: dict[str, object]) -> Iterator[tuple[_Place, object]]:
    if not kinds:
        yield _Place(section=section, address=section), kinds
    for kind, named in kinds.items():
        # Addresses of parts never collide, whatever a kind is called.
        prefix = _OF_A_KIND[section] if _KIND.fullmatch(kind) else f"{section}."
        address = f"{prefix}{_word(kind)}"
        if not isinstance(named, dict) or not named:
            yield _Place(section=section, kind=kind, address=address), named
            continue
        for name, body in named.items():
            place = _Place(section=section, kind=kind, name=name, address=f"{address}.{_word(name)}")
            yield place, _without_metadata(body)


def _about(section: str, blocks: list[object]) -> Iterator[tuple[_Place, object]]:
    """Group blocks by the address they name, so that their order does not matter."""
    grouped: dict[str, list[object]] = defaultdict(list)
    for block in blocks:
        about = block.get(_ABOUT[section]) if isinstance(block, dict) else None
        named = isinstance(about, str) and _REFERENCE.fullmatch(about)
        grouped[f"{section}.{about}" if named else section].append(block)
    for address, group in grouped.items():
        yield _Place(section=section, address=address), group


def _without_metadata(body: object) -> object:
    """The block without CDKTF's metadata. Inside an attribute's value the same key is an ordinary key."""
    if isinstance(body, dict) and _is_metadata(body.get(COMMENT)):
        return {key: value for key, value in body.items() if key != COMMENT}
    return body


def _is_metadata(value: object) -> bool:
    return isinstance(value, dict) and "metadata" in value


def _word(text: str) -> str:
    return text if _WORD.fullmatch(text) else json.dumps(text)
