"""What a change to each settings field endangers.

A field without a row is dangerous whenever it changes: whoever adds a field decides here whether it is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from delivery.policy.rules.setting_fields import MISSING
from environments.schema.formats import parse_quantity
from environments.schema.neighbour import LEVELS

Judgement = Callable[[object, object], bool]


@dataclass(frozen=True, kw_only=True)
class SettingClass:
    """When a change to a field is dangerous, the words for it, and whether it endangers data or isolation."""

    is_dangerous: Judgement
    words: str
    of_data: bool = False


def _always(_before: object, _after: object) -> bool:
    return True


def _never(_before: object, _after: object) -> bool:
    return False


def _is_lower(before: object, after: object) -> bool:
    """Whether a value goes down; a new one cannot."""
    return before is not MISSING and not (isinstance(before, int) and isinstance(after, int) and after >= before)


def _is_raised(before: object, after: object) -> bool:
    return before is not MISSING and parse_quantity(str(after)) > parse_quantity(str(before))


def _is_switched_off(before: object, after: object) -> bool:
    return before is True and after is not True


def _has_more(before: object, after: object) -> bool:
    return not _items(after) <= _items(before)


def _has_changed(before: object, _after: object) -> bool:
    return before is not MISSING


def _is_weaker(before: object, after: object) -> bool:
    levels = [level if level in LEVELS else LEVELS[0] for level in (before, after)]
    return LEVELS.index(levels[1]) > LEVELS.index(levels[0])


def _items(value: object) -> set[object]:
    if isinstance(value, tuple):
        return set(value)
    # adopt=True names no part: it covers future parts too.
    return {value} if value not in (MISSING, None, False) else set()


FREE = SettingClass(is_dangerous=_never, words="")
CHANGED = SettingClass(is_dangerous=_always, words="is changed from {before} to {after}")
_MOVED = SettingClass(is_dangerous=_has_changed, words="is changed from {before} to {after}")
_RENAMED = SettingClass(
    is_dangerous=_has_changed, words="is changed from {before} to {after}: what is there stays behind", of_data=True
)
_LESS = SettingClass(is_dangerous=_is_lower, words="is lowered from {before} to {after}", of_data=True)
_NUMBER = SettingClass(is_dangerous=_is_lower, words="goes back from {before} to {after}: numbers only go up")
_MORE = SettingClass(is_dangerous=_has_more, words="grows from {before} to {after}")
_RAISED = SettingClass(is_dangerous=_is_raised, words="is raised from {before} to {after}")

# The first pattern that matches a field's path counts; ``*`` matches a name or a part of the path.
OF_ENVIRONMENT: Mapping[str, SettingClass] = {
    # Environments are matched by name: another name is another environment.
    "name": FREE,
    "protected": SettingClass(
        is_dangerous=_is_switched_off, words="is switched off: what people uploaded can then be destroyed", of_data=True
    ),
    # The slot determines the environment's name (environments/schema/settings.py).
    "slot": FREE,
    "stage": _MOVED,
    "branch": _MOVED,
    "adopt": _MORE,
    "dropped_permissions": _MORE,
    "capabilities": _MORE,
    # A new one comes with a capability, which has its own finding.
    "parameters[*]": SettingClass(
        is_dangerous=lambda before, after: MISSING not in (before, after), words="is changed from {before} to {after}"
    ),
    "tunnel_instance": SettingClass(
        is_dangerous=lambda _before, after: after is not None and after is not MISSING, words="would be {after}"
    ),
    "delivery": SettingClass(
        is_dangerous=lambda before, after: after == "argocd" and before != after,
        words="is changed to {after}: another repository then says what runs",
    ),
    **dict.fromkeys(("alb", "paused", "log_level"), FREE),
    **dict.fromkeys(
        (
            *("*.image.tag", "*.image.digest", "*.replicas", "*.minimum_available", "*.ingress_order"),
            *("*.autoscaling", "*.autoscaling.*", "*.resources", "*.resources.*"),
            # Whether they may move is checked across environments (settings.py).
            "*.hosts",
        ),
        FREE,
    ),
    "neighbours": FREE,
    "neighbours[*]": SettingClass(
        is_dangerous=_always, words="comes or goes, and with it what its pods may do and whom they reach"
    ),
    "neighbours[*].pod_security": SettingClass(is_dangerous=_is_weaker, words="is weakened from {before} to {after}"),
    "neighbours[*].load_balancer_order": FREE,
    **dict.fromkeys(("neighbours[*].connections", "neighbours[*].images", "neighbours[*].hosts"), _MORE),
    "database.extensions": _MORE,
    **dict.fromkeys(("database.name", "database.role", "database.credentials_path"), _RENAMED),
    **dict.fromkeys(
        (
            *("database.credentials_version", "database.login_version"),
            *("session.key_version", "internal_api.token_version"),
        ),
        _NUMBER,
    ),
    # Another one logs everybody out; settings.py finds one of another environment.
    "session.cookie_name": FREE,
    "session.cookie_domain": _MOVED,
    "media.infrequent_access_after": FREE,
    **dict.fromkeys(("*.old_versions_expire_after", "backups.expire_after"), _LESS),
    "quota.*": _RAISED,
}
OF_SHARED: Mapping[str, SettingClass] = {
    "old_state_expires_after": _LESS,
    # A new slot is judged as its own environment, a removed one is reported like a removed environment.
    **dict.fromkeys(
        (
            *("previews.slots", "previews.label", "previews.asleep_after_hours", "previews.released_after_days"),
            *("previews.database_on_push", "previews.seeded"),
        ),
        FREE,
    ),
}


def class_of(field: str, classes: Mapping[str, SettingClass]) -> SettingClass:
    """The class of a field by its dotted path; ``CHANGED`` if no pattern matches."""
    for pattern, setting_class in classes.items():
        if re.fullmatch(re.escape(pattern).replace(r"\*", r"[^.\[\]]+"), field):
            return setting_class
    return CHANGED
