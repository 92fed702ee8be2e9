"""Valid settings that a test changes in one place."""

from enum import Enum
from typing import Any

from environments.schema.settings import Environment

Data = dict[str, Any]


class _Removed(Enum):
    REMOVED = "removed"


# An enum member, because a bare object's address would give tests different names in each process.
REMOVED = _Removed.REMOVED
_TAG = "1a2b3c4"


def example() -> Data:
    """The smallest environment: only required fields, one pod of each application."""
    return {
        "name": "test",
        "stage": "test",
        "branch": "develop",
        "web": {"image": {"tag": _TAG}, "hosts": ("test.mosaiclife.me",), "replicas": 1, "ingress_order": 210},
        "core_api": {
            "image": {"tag": _TAG},
            "hosts": ("test-api.mosaiclife.me",),
            "replicas": 1,
            "ingress_order": 220,
        },
        "session": {"cookie_name": "mosaic_test_session"},
        "backups": {"expire_after": 30},
        "quota": {
            "cpu_requests": "2",
            "memory_requests": "4Gi",
            "ephemeral_storage_requests": "2Gi",
            "cpu_limits": "8",
            "memory_limits": "8Gi",
            "ephemeral_storage_limits": "8Gi",
            "pods": 20,
        },
    }


def changed(changes: Data) -> Data:
    """Return the example with other values at these dotted paths; REMOVED deletes a value."""
    data = example()
    for path, value in changes.items():
        *parents, last = path.split(".")
        place = data
        for parent in parents:
            place = place.setdefault(parent, {})
        if value is REMOVED:
            del place[last]
        else:
            place[last] = value
    return data


def environment(changes: Data | None = None) -> Environment:
    return Environment.model_validate(changed(changes or {}))
