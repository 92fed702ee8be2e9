"""Reads a proposal's settings with this checkout's types, and lists those that the types do not know.

A pull request may add a setting together with the code that reads it. Such a setting is dropped here, so that its
effect shows as a change by code.
"""

import json
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from delivery.plan.differences import canonical
from delivery.proposal.error import ProposalError
from delivery.proposal.proposal import Proposal
from delivery.report.markdown import printable, shortened
from environments.schema.base import Settings
from environments.schema.catalogue import Catalogue, file_of
from environments.schema.document import SHARED_FILE, SettingsDocument
from environments.schema.problems import Problem, found
from environments.schema.rules import SettingsError, check
from environments.schema.settings import Environment, Shared

RULES_FILE = "environments/schema/rules.py"
# For one proposal; if there are more, one line says how many.
_MOST = 50
_LONGEST, _SHORT = 300, 100
Kind = TypeVar("Kind", bound=Settings)
Path = tuple[int | str, ...]


@dataclass(frozen=True, kw_only=True)
class UnknownSetting:
    """A setting that this checkout does not know or does not allow.

    file: where it is written, or the file of the rule that refuses it. field: such as ``web.replicas``; empty for all.
    words: what is allowed, what was given, and which value is used instead.
    """

    file: str
    field: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Understood:
    """Settings that this checkout can synthesize, and the parts of the proposal that they lack."""

    settings: SettingsDocument
    unknown: tuple[UnknownSetting, ...]


def understand(proposal: Proposal, base: Catalogue) -> Understood:
    """Return the proposal's settings as far as this checkout's types and rules accept them.

    Unknown settings are dropped. A refused value is replaced with that of ``base``, the settings before; a new
    environment that is refused is dropped. If a rule between settings refuses, all settings are those of ``base``.
    Raises ProposalError for anything but a settings document, SettingsError if ``base`` itself is wrong.
    """
    before = SettingsDocument.of(base)
    content = proposal.settings
    # A proposal has both: the check is for mypy, and for objects that are not proposals.
    if not isinstance(content, dict) or not isinstance(rows := content.get("environments"), list):
        raise ProposalError("the settings are not an object with shared and environments; allowed: a settings document")
    unknown = [
        _unknown("settings.json", str(key), "no such part of the settings; allowed: shared, environments; left out")
        for key in content.keys() - {"shared", "environments"}
    ]
    shared = _accepted(Shared, content["shared"], before.shared, SHARED_FILE, unknown)
    known = {environment.name: environment for environment in before.environments}
    environments = [
        _accepted(Environment, row, known.get(row["name"]), file_of(row["name"]), unknown)
        for row in sorted(rows, key=lambda row: str(row["name"]))
    ]
    settings = SettingsDocument(
        # Base has a value for every shared setting.
        shared=shared or before.shared,
        environments=tuple(environment for environment in environments if environment),
    )
    try:
        check(settings.environments, settings.shared)
    except SettingsError as error:
        names = {environment.name for environment in settings.environments}
        unknown += [_refused_by_rule(line, names) for line in str(error).splitlines()]
        settings = before
    return Understood(settings=settings, unknown=_at_most(unknown))


def _accepted(
    kind: type[Kind], content: object, base: Kind | None, file: str, unknown: list[UnknownSetting]
) -> Kind | None:
    """The settings without refused parts; None if nothing is left and there is no base."""
    before = base.model_dump(mode="json") if base else None
    while True:
        try:
            return kind.model_validate_json(json.dumps(content))
        except ValidationError as error:
            if content is before:
                raise
            content = _without(list(found(error)), content, before, file, unknown)
        if content is None:
            return None


def _without(
    refused: list[Problem], content: object, before: object, file: str, unknown: list[UnknownSetting]
) -> object:
    """A copy without what these problems are about; each round leaves less that does not come from base."""
    left = json.loads(json.dumps(content))
    replaced: list[Path] = []
    for problem in refused:
        field, said = _field(problem.path), shortened(problem.message, _LONGEST)
        said += f" (given: {shortened(problem.given, _SHORT)})" if problem.given else ""
        # It may be inside a part that was already replaced, or refused for two reasons.
        if any(problem.path[: len(place)] == place for place in replaced):
            continue
        holder = _at(left, problem.path[:-1])
        if problem.kind == "extra_forbidden" and isinstance(holder, dict) and problem.path[-1] in holder:
            del holder[problem.path[-1]]
            unknown.append(_unknown(file, field, f"{said}; effective: without it"))
            continue
        place = _replaceable(problem.path, left, before)
        whole = "the environment is left out" if before is None else f"{_field(place) or 'all of it'} as before"
        unknown.append(_unknown(file, field, f"{said}; effective: {whole}"))
        if not place:
            return before
        replaced.append(place)
        holder = _at(left, place[:-1])
        assert isinstance(holder, dict)  # noqa: S101 a replaceable place is an object's field
        holder[place[-1]] = _at(before, place)
    return left


class _Missing:
    """The value at a path that does not exist."""


_MISSING = _Missing()


def _replaceable(path: Path, content: object, before: object) -> Path:
    """The longest prefix of the path, through objects only, where base has a different value to use instead.

    It does not go into lists: base's item at the same index may be about something else.
    """
    objects = next((index for index, step in enumerate(path) if isinstance(step, int)), len(path))
    for length in range(objects, 0, -1):
        place, old = path[:length], _at(before, path[:length])
        is_field = isinstance(_at(content, place[:-1]), dict)
        if is_field and old is not _MISSING and canonical(old) != canonical(_at(content, place)):
            return place
    return ()


def _at(tree: object, path: Path) -> object:
    for step in path:
        if isinstance(tree, list):
            tree = dict(enumerate(tree))
        if not isinstance(tree, dict) or step not in tree:
            return _MISSING
        tree = tree[step]
    return tree


def _refused_by_rule(line: str, names: set[str]) -> UnknownSetting:
    field, _, words = line.partition(": ")
    name, _, rest = field.partition(".")
    counts = "effective: all settings as before"
    if name in names and words:
        return _unknown(file_of(name), rest, f"{shortened(words, _LONGEST)}; {counts}")
    return _unknown(RULES_FILE, "", f"{shortened(line, _LONGEST)}; {counts}")


def _unknown(file: str, field: str, words: str) -> UnknownSetting:
    file, field = (shortened(printable(text), _SHORT) for text in (file, field))
    return UnknownSetting(file=file, field=field, words=printable(words))


def _at_most(unknown: list[UnknownSetting]) -> tuple[UnknownSetting, ...]:
    if len(unknown) <= _MOST:
        return tuple(unknown)
    more = f"{len(unknown) - _MOST} more settings that are unknown or refused; they too are left out or stay as before"
    return (*unknown[:_MOST], _unknown("settings.json", "", more))


def _field(path: Path) -> str:
    return ".".join(map(str, path))
