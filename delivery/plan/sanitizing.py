"""What of a plan may leave the machine that made it: all that a reviewer needs, and no sensitive value."""

import json
from collections.abc import Iterator, Mapping

from delivery.plan.data_values import referenced_data
from delivery.redaction.marks import marked, sensitive_strings
from delivery.redaction.mask import secret_forms

# The rest is planned values, the resources of prior state and configuration, which nothing after the plan reads.
_KEPT = ("format_version", "terraform_version", "timestamp", "complete", "errored")
# They repeat attributes, without the marks that say which of them are sensitive.
_IDENTITIES = ("before_identity", "after_identity")


def published(document: Mapping[str, object], stack: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return the plan that ``terraform show -json`` printed as it may be kept and downloaded.

    stack: the one that was planned; of the prior state what its expressions read of data sources stays, and nothing
    without it. The guard holds the plan's values against it.

    A sensitive value is a placeholder, numbered so that equal values are equal and different ones differ. A value in
    which a sensitive one is repeated is marked as sensitive too, so that guard, comment and hash treat it as hidden.
    What is no plan comes out as no plan.
    """
    rows = [_object(row) for row in _list(document.get("resource_changes"))]
    outputs = {name: _object(change) for name, change in _object(document.get("output_changes")).items()}
    read = [
        {**row, "after": row["values"], "after_sensitive": row["sensitive_values"]}
        for row in referenced_data(document, stack or {})
    ]
    secrets = _Secrets([*(_object(row.get("change")) for row in rows), *outputs.values(), *read])
    return {
        **{key: document[key] for key in _KEPT if key in document},
        "resource_changes": [{**row, "change": secrets.hide(_object(row.get("change")))} for row in rows],
        "output_changes": {name: secrets.hide(change) for name, change in outputs.items()},
        "prior_state": {"values": {"root_module": {"resources": [_data_source(secrets.hide(row)) for row in read]}}},
        "configuration": {
            "provider_config": _object(document.get("configuration")).get("provider_config", {}),
        },
    }


def _data_source(row: Mapping[str, object]) -> dict[str, object]:
    kept = {key: value for key, value in row.items() if key not in ("after", "after_sensitive")}
    return {**kept, "values": row["after"], "sensitive_values": row["after_sensitive"]}


class _Secrets:
    """Every sensitive value of a plan's changes, and the number that stands for each."""

    def __init__(self, changes: list[dict[str, object]]) -> None:
        self._forms = secret_forms(secret for change in changes for secret in _sensitive(change))
        self._numbers: dict[str, int] = {}

    def hide(self, change: Mapping[str, object]) -> dict[str, object]:
        """The change with placeholders, and with marks that say where they are."""
        hidden = {key: value for key, value in change.items() if key not in _IDENTITIES}
        for side in ("before", "after"):
            if side in change:
                hidden[side], hidden[f"{side}_sensitive"] = self._hide(change[side], change.get(f"{side}_sensitive"))
        return hidden

    def _hide(self, value: object, mark: object) -> tuple[object, object]:
        if isinstance(value, dict):
            marks = mark if isinstance(mark, dict) else {}
            items = {key: self._hide(item, mark is True or marks.get(key)) for key, item in value.items()}
            return {key: pair[0] for key, pair in items.items()}, {key: pair[1] for key, pair in items.items()}
        if isinstance(value, list):
            rows = mark if isinstance(mark, list) else []
            pairs = [
                self._hide(item, mark is True or (index < len(rows) and rows[index]))
                for index, item in enumerate(value)
            ]
            return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        if value not in (None, "") and (mark is True or self._is_repeated_in(value)):
            number = self._numbers.setdefault(json.dumps(value), len(self._numbers) + 1)
            return f"(sensitive value {number})", True
        return value, mark is True

    def _is_repeated_in(self, value: object) -> bool:
        return isinstance(value, str) and any(form in value for form in self._forms)


def _sensitive(change: Mapping[str, object]) -> Iterator[str]:
    for side in ("before", "after"):
        yield from sensitive_strings(marked(change.get(side), sensitive=change.get(f"{side}_sensitive"), unknown=False))


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
