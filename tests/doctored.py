"""Changes one thing in a stack, or in other JSON."""

import copy
from typing import Any

GONE = object()
# Stands for the index after the end of a list.
NEXT = "+"
Place = tuple[str | int, ...]


def doctored(tree: dict[str, Any], *edits: tuple[Place, object]) -> dict[str, Any]:
    """Return a copy with these values at these places; GONE removes what is there."""
    changed = copy.deepcopy(tree)
    for (*parents, last), value in edits:
        holder: Any = changed
        for parent in parents:
            holder = holder.setdefault(parent, {}) if isinstance(holder, dict) else holder[parent]
        if value is GONE:
            del holder[last]
        elif last == NEXT:
            holder.append(value)
        else:
            holder[last] = value
    return changed
