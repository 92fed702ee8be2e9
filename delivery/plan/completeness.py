"""Whether a plan covers everything or only a part (``-target``, ``-exclude``, deferred changes).

Terraform reports this since 1.8. OpenTofu does not, so its plans count as whole only if no resource is missing.
"""

from collections.abc import Iterator, Mapping

_COMPLETE = "complete"


def gap(document: Mapping[str, object]) -> str | None:
    """Why a plan, as ``show -json`` prints it, is not known to be whole; None if it is whole."""
    if _COMPLETE in document:
        return None if document[_COMPLETE] is True else "only a part (-target, or deferred changes)"
    configuration = _object(_object(document.get("configuration")).get("root_module"))
    state = _object(_object(_object(document.get("prior_state")).get("values")).get("root_module"))
    if not configuration:
        return "unknown extent: it has neither `complete` nor its configuration"
    if configuration.get("module_calls") or state.get("child_modules"):
        return "unknown extent: it has no `complete`, and it has modules"
    planned = {(row.get("mode"), row.get("address")) for row in _rows(document.get("resource_changes"))}
    for row in (*_rows(configuration.get("resources")), *_rows(state.get("resources"))):
        if row.get("mode") != "managed":
            continue
        if "count_expression" in row or "for_each_expression" in row:
            return f"unknown extent: it has no `complete`, and the number of {row.get('address')} is not proved"
        if ("managed", row.get("address")) not in planned:
            return f"only a part: {row.get('address')} is missing"
    return None


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _rows(value: object) -> Iterator[Mapping[str, object]]:
    yield from (row for row in (value if isinstance(value, list) else []) if isinstance(row, dict))
