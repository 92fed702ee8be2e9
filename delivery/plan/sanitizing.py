"""The publishable form of a plan: everything a reviewer needs and no sensitive value."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping

from delivery.plan.completeness import gap
from delivery.plan.data_values import referenced_data
from delivery.redaction.credentials import without_credentials
from delivery.redaction.marks import marked, sensitive_strings
from delivery.redaction.mask import Mask

# The rest is planned values, the prior state's resources and the configuration, which nothing reads after the plan.
_KEPT = ("format_version", "terraform_version", "timestamp", "errored")
# These repeat attributes without the marks that say which are sensitive.
_IDENTITIES = ("before_identity", "after_identity")
# The providers' own names for resources; the guard could not judge a plan with hidden types.
_NEVER_SECRET = ("mode", "type", "provider_name")
_NOTHING: tuple[object, ...] = (None, "", [], {})


def published(
    document: Mapping[str, object], *, key: bytes | None = None, stack: Mapping[str, object] | None = None
) -> dict[str, object]:
    """Return the plan that ``terraform show -json`` printed in a form that may be stored and downloaded.

    A sensitive value becomes a placeholder, including its map keys; equal values get equal placeholders and different
    values different ones. A value that repeats a sensitive one, in whatever encoding, or that looks like a credential
    is marked as sensitive too, so that guard, comment and hash treat it as hidden. In an address, an id, an output's
    name or a map's key, only that part is replaced. A document that is not a plan does not become one.

    key: known only to those who may read every value anyway, and the same in review and deploy. With it, a placeholder
    holds a digest that is equal in both and that nobody else can test guesses against. Without it, placeholders are
    numbered. stack: the planned stack; the result keeps the data source values in prior state that its expressions
    read, and none without it. The guard compares the plan's values with them.
    """
    rows = [_object(row) for row in _list(document.get("resource_changes"))]
    outputs = {name: _object(change) for name, change in _object(document.get("output_changes")).items()}
    read = [
        {**row, "after": row["values"], "after_sensitive": row["sensitive_values"]}
        for row in referenced_data(document, stack or {})
    ]
    secrets = _Secrets([*(_object(row.get("change")) for row in rows), *outputs.values(), *read], key)
    return {
        **{name: document[name] for name in _KEPT if name in document},
        # Recorded because the evidence for it, where Terraform does not report it, is omitted.
        "complete": gap(document) is None,
        "resource_changes": [secrets.hide_row(row) for row in rows],
        "output_changes": {secrets.text(name): secrets.hide(change) for name, change in outputs.items()},
        "prior_state": {"values": {"root_module": {"resources": [_data_source(secrets.hide(row)) for row in read]}}},
        "configuration": {
            "provider_config": secrets.clean(_object(document.get("configuration")).get("provider_config", {})),
        },
    }


def _data_source(row: Mapping[str, object]) -> dict[str, object]:
    kept = {key: value for key, value in row.items() if key not in ("after", "after_sensitive")}
    return {**kept, "values": row["after"], "sensitive_values": row["after_sensitive"]}


class _Secrets:
    """Every sensitive value in a plan's changes, with its placeholder."""

    def __init__(self, changes: list[dict[str, object]], key: bytes | None) -> None:
        self._key = key
        self._mask = Mask({secret for change in changes for secret in _sensitive(change)})
        if key is not None:
            self._mask.add(key.decode())
        self._numbers: dict[str, int] = {}
        self._texts: dict[str, str] = {}
        self._repeats: dict[str, bool] = {}

    def hide_row(self, row: Mapping[str, object]) -> dict[str, object]:
        """The change of one resource."""
        names = {key: value for key, value in row.items() if key != "change"}
        cleaned = {key: value if key in _NEVER_SECRET else self.clean(value) for key, value in names.items()}
        return {**cleaned, "change": self.hide(_object(row.get("change")))}

    def hide(self, change: Mapping[str, object]) -> dict[str, object]:
        """The change with placeholders, and with marks at their positions."""
        trees = ("before", "after", "before_sensitive", "after_sensitive", "after_unknown", *_IDENTITIES)
        hidden = {key: self.clean(value) for key, value in change.items() if key not in trees}
        for side in ("before", "after"):
            if side in change:
                value, mark = change[side], change.get(f"{side}_sensitive")
                # Attribute names come from the provider, so they are not secret.
                marks = dict.fromkeys(value, True) if mark is True and isinstance(value, dict) else mark
                hidden[side], hidden[f"{side}_sensitive"] = self._hide(value, marks)
        if "after_unknown" in change:
            hidden["after_unknown"] = self._unknown(change["after_unknown"], hidden.get("after_sensitive"))
        return hidden

    def clean(self, tree: object) -> object:
        """A tree without marks, with the sensitive parts of its texts and keys replaced."""
        if isinstance(tree, dict):
            return {self.text(key): self.clean(value) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self.clean(value) for value in tree]
        return self.text(tree) if isinstance(tree, str) else tree

    def text(self, text: str) -> str:
        """A text with its sensitive parts replaced."""
        if text not in self._texts:
            shown = self._mask.replaced(text, self._placeholder)
            self._texts[text] = without_credentials(shown, self._placeholder)
        return self._texts[text]

    def _hide(self, value: object, mark: object) -> tuple[object, object]:
        if mark is True:
            return value if value in _NOTHING else self._placeholder(value), True
        if isinstance(value, dict):
            marks = mark if isinstance(mark, dict) else {}
            pairs = {self.text(key): self._hide(item, marks.get(key)) for key, item in value.items()}
            return {key: pair[0] for key, pair in pairs.items()}, {key: pair[1] for key, pair in pairs.items()}
        if isinstance(value, list):
            rows = mark if isinstance(mark, list) else []
            items = [self._hide(item, index < len(rows) and rows[index]) for index, item in enumerate(value)]
            return [item[0] for item in items], [item[1] for item in items]
        if self._repeats_one(value):
            return self._placeholder(value), True
        return value, False

    def _unknown(self, tree: object, mark: object) -> object:
        """The tree of values known after the apply; for a hidden value, only whether all of it is unknown."""
        if mark is True:
            return tree is True
        if isinstance(tree, dict):
            marks = mark if isinstance(mark, dict) else {}
            return {self.text(key): self._unknown(item, marks.get(self.text(key))) for key, item in tree.items()}
        if isinstance(tree, list):
            rows = mark if isinstance(mark, list) else []
            return [self._unknown(item, index < len(rows) and rows[index]) for index, item in enumerate(tree)]
        return tree

    def _repeats_one(self, value: object) -> bool:
        if value is None or isinstance(value, bool):
            return False
        text = value if isinstance(value, str) else json.dumps(value)
        if text not in self._repeats:
            self._repeats[text] = self._mask.clean(text) != text
        return self._repeats[text]

    def _placeholder(self, value: object) -> str:
        text = json.dumps(value, sort_keys=True)
        if self._key is not None:
            return f"(sensitive value {hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:16]})"
        return f"(sensitive value {self._numbers.setdefault(text, len(self._numbers) + 1)})"


def _sensitive(change: Mapping[str, object]) -> Iterator[str]:
    for side in ("before", "after"):
        yield from sensitive_strings(marked(change.get(side), sensitive=change.get(f"{side}_sensitive"), unknown=False))


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
