"""A correct object, and copies that are each wrong in one way."""

import copy
from collections.abc import Callable
from typing import Any

Change = Callable[[dict[str, Any]], object]


def changed(right: dict[str, Any], change: Change) -> dict[str, Any]:
    """Return a changed copy."""
    wrong = copy.deepcopy(right)
    change(wrong)
    assert wrong != right
    return wrong
