"""The chart that the tests render, and a merge of values like Helm's."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

CHART = Path(__file__).parent / "delivery" / "gitops" / "chart"


def merged(layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Merge values as Helm does."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            known = result.get(key)
            result[key] = merged([known, value]) if isinstance(known, dict) and isinstance(value, dict) else value
    return result
