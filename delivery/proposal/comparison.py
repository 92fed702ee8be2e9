"""Which parts of a stack are not what this checkout makes of its settings."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from delivery.plan.differences import ABSENT, Difference, canonical, differences

COMMENT = "//"
_OF_A_KIND = {"resource": "", "data": "data.", "ephemeral": "ephemeral."}
_NAMED = ("provider", "terraform", "output", "variable", "module")
# Each block of these says itself which address it is about.
_ABOUT = {"import": "to", "removed": "from", "moved": "to"}
_KIND = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_REFERENCE = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True, kw_only=True)
class CodeChange:
    """An address, or another part of a stack, that settings do not explain; before: as this checkout makes it."""

    address: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True)
class ChangedPart:
    """A part of a stack that differs, as it is in both.

    section: its key at the top of the document. kind, name: of a resource, data source or ephemeral resource that has
    the usual shape, else empty. before, after: ABSENT where there is none.
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
    """Return every difference of two stacks, by address; none if and only if Terraform makes the same of both.

    trusted: as this checkout makes it. proposed: as a pull request's code does. CDKTF's metadata does not count.
    """
    return tuple(
        CodeChange(address=part.address, differences=exact_differences(part.before, part.after))
        for part in changed_parts(trusted, proposed)
    )


def changed_parts(trusted: Mapping[str, object], proposed: Mapping[str, object]) -> Iterator[ChangedPart]:
    """Yield each part that is not exactly the same in both stacks."""
    left, right = dict(_parts(trusted)), dict(_parts(proposed))
    for place in dict.fromkeys((*left, *right)):
        before, after = left.get(place, ABSENT), right.get(place, ABSENT)
        if canonical(before) != canonical(after):
            yield ChangedPart(**vars(place), before=before, after=after)


def exact_differences(before: object, after: object) -> tuple[Difference, ...]:
    """Return what differs, at least one difference for what is not exactly the same.

    Unlike in a plan, null, an empty object and an empty list are something: ``podSelector: {}`` selects every pod.
    """
    found = differences(_with_nothing(before), _with_nothing(after))
    return tuple(found) or (Difference(path="", before=before, after=after),)


class _Nothing:
    """An empty value that ``differences`` does not take for an absent one; shown as JSON writes it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


def _with_nothing(value: object) -> object:
    if isinstance(value, Mapping) and value:
        return {key: _with_nothing(item) for key, item in value.items()}
    if isinstance(value, list) and value:
        return [_with_nothing(item) for item in value]
    if value is None or value in ({}, []):
        return _Nothing(json.dumps(value))
    if isinstance(value, str) and (content := _plain_json(value)) is not None:
        return _with_nothing(content)
    return value


def _plain_json(text: str) -> object:
    """The object or list that a string of JSON says, unless the string says it in an unusual way."""
    try:
        content = json.loads(text) if text[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        return None
    forms = (json.dumps(content, ensure_ascii=ascii_) for ascii_ in (True, False))
    compact = (json.dumps(content, ensure_ascii=ascii_, separators=(",", ":")) for ascii_ in (True, False))
    return content if text in (*forms, *compact) else None


def _parts(document: Mapping[str, object]) -> Iterator[tuple[_Place, object]]:
    """Every value of the document, each in exactly one part; of a part in an unusual shape, all there is."""
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
        # No address of one part is another part's, whatever a kind is called.
        prefix = _OF_A_KIND[section] if _KIND.fullmatch(kind) else f"{section}."
        address = f"{prefix}{_word(kind)}"
        if not isinstance(named, dict) or not named:
            yield _Place(section=section, kind=kind, address=address), named
            continue
        for name, body in named.items():
            place = _Place(section=section, kind=kind, name=name, address=f"{address}.{_word(name)}")
            yield place, _without_metadata(body)


def _about(section: str, blocks: list[object]) -> Iterator[tuple[_Place, object]]:
    """By the address that a block is about, so that their order does not count."""
    grouped: dict[str, list[object]] = defaultdict(list)
    for block in blocks:
        about = block.get(_ABOUT[section]) if isinstance(block, dict) else None
        named = isinstance(about, str) and _REFERENCE.fullmatch(about)
        grouped[f"{section}.{about}" if named else section].append(block)
    for address, group in grouped.items():
        yield _Place(section=section, address=address), group


def _without_metadata(body: object) -> object:
    """The block without what CDKTF notes in it. In an attribute's value the same key is a key like any other."""
    if isinstance(body, dict) and _is_metadata(body.get(COMMENT)):
        return {key: value for key, value in body.items() if key != COMMENT}
    return body


def _is_metadata(value: object) -> bool:
    return isinstance(value, dict) and "metadata" in value


def _word(text: str) -> str:
    return text if _WORD.fullmatch(text) else json.dumps(text)
