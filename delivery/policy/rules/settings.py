"""What a change to the settings itself endangers, whatever its effect on a plan.

Findings in an environment's own file appear in that environment's review, findings in the shared settings in every
review. A removed environment has no review: the first remaining environment's review reports it.
"""

from collections.abc import Iterator, Mapping

from delivery.policy.rules.rule import Blocks, Finding, Review, Rule
from delivery.policy.rules.setting_classes import OF_ENVIRONMENT, OF_SHARED, SettingClass, class_of
from delivery.policy.rules.setting_fields import MISSING, fields_of_environment, fields_of_shared
from environments.schema.catalogue import file_of
from environments.schema.document import SettingsDocument
from environments.schema.settings import Environment

_SHARED_FILE = "environments/shared.py"


def _isolation(review: Review) -> Iterator[Finding]:
    base, proposed = review.base, review.proposed
    if base is None or proposed is None:
        return
    yield from _removed(review, base, proposed)
    for finding, of_data in _changed(review, base, proposed):
        if not of_data:
            yield finding
    yield from _taken_over(review, base)


def _data(review: Review) -> Iterator[Finding]:
    if review.base is not None and review.proposed is not None:
        for finding, of_data in _changed(review, review.base, review.proposed):
            if of_data:
                yield finding


def _removed(review: Review, base: SettingsDocument, proposed: SettingsDocument) -> Iterator[Finding]:
    left = [environment.name for environment in proposed.environments]
    if left[:1] == [review.environment.name]:
        for environment in base.environments:
            if environment.name not in left:
                words = "is gone: nothing plans what {} has, and anybody who uses its name inherits that"
                yield Finding.of(file_of(environment.name), words, environment.name)


def _changed(review: Review, base: SettingsDocument, proposed: SettingsDocument) -> Iterator[tuple[Finding, bool]]:
    """Each dangerous change, and whether it endangers data."""
    file = file_of(review.environment.name)
    after = fields_of_environment(review.environment, proposed.shared)
    before = fields_of_environment(review.before, base.shared) if review.before else _defaults(review.environment)
    yield from _differences(file, before, after, OF_ENVIRONMENT)
    yield from _differences(_SHARED_FILE, fields_of_shared(base.shared), fields_of_shared(proposed.shared), OF_SHARED)


def _differences(
    file: str, before: Mapping[str, object], after: Mapping[str, object], classes: Mapping[str, SettingClass]
) -> Iterator[tuple[Finding, bool]]:
    fields = (*after, *(field for field in before if field not in after))
    # One finding is enough for an object that is added or removed as a whole.
    whole = tuple(f"{field}." for field in fields if (field in before) is not (field in after))
    for field in fields:
        old, new = before.get(field, MISSING), after.get(field, MISSING)
        setting_class = class_of(field, classes)
        if old != new and not field.startswith(whole) and setting_class.is_dangerous(old, new):
            words = setting_class.words.replace("{before}", "{}").replace("{after}", "{}")
            quoted = [value for name, value in (("{before}", old), ("{after}", new)) if name in setting_class.words]
            yield Finding.of(f"{file}:{field}", words, *map(_shown, quoted)), setting_class.of_data


def _defaults(environment: Environment) -> dict[str, object]:
    """What a new environment is compared with: nothing, except the defaults that apply if its file omits a field."""
    return {
        name: field.default
        for name, field in type(environment).model_fields.items()
        if not field.is_required() and isinstance(field.default, bool | tuple | str | None)
    }


def _taken_over(review: Review, base: SettingsDocument) -> Iterator[Finding]:
    """Whatever belonged to another environment before this change must not belong to this one after it."""
    own = dict(_identities(review.environment, review.proposed or base))
    for environment in base.environments:
        if environment.name == review.environment.name:
            continue
        theirs = {value for _, values in _identities(environment, base) for value in values}
        for field, values in own.items():
            for value in sorted(theirs & values):
                words = "would be {}, which is {}'s until this change"
                yield Finding.of(f"{file_of(review.environment.name)}:{field}", words, value, environment.name)


def _identities(environment: Environment, document: SettingsDocument) -> Iterator[tuple[str, set[str]]]:
    fields = fields_of_environment(environment, document.shared)
    for field in (
        "name",
        "stage",
        "database.name",
        "database.role",
        "database.credentials_path",
        "session.cookie_name",
    ):
        yield field, {str(fields[field])}
    yield "web.hosts", set(environment.web.hosts)
    yield "core_api.hosts", set(environment.core_api.hosts)
    for neighbour in environment.neighbours:
        yield f"neighbours[{neighbour.name}].hosts", set(neighbour.hosts)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_shown, value))})"
    return str(value)


RULES = (
    Rule(
        id="settings",
        danger="The settings loosen the isolation of environments",
        reason="Settings say who owns which names, hosts and permissions; a plan shows only one environment's side.",
        blocks=Blocks.ALWAYS,
        find=_isolation,
    ),
    Rule(
        id="settings-of-data",
        danger="The settings give up the protection of data",
        reason="Protection, names and retention are settings: turned off today, the data is gone tomorrow.",
        blocks=Blocks.PROTECTED,
        find=_data,
    ),
)
