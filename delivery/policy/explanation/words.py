"""The words for a deviation."""

import json
import re

from delivery.policy.explanation.deviation import Deviation, Path
from delivery.policy.explanation.evaluation import OneOf, Unexplained
from delivery.policy.rules.rule import Finding
from delivery.redaction.marks import Sensitive, Unknown


def deviation_finding(address: str, found: Deviation) -> Finding:
    """The finding about one planned value; sensitive values are quoted as placeholders."""
    where = _where(found.path) or "value"
    if found.expected is None:
        if found.found is None:
            return Finding.of(address, "lacks {}, which its provider always fills in", where)
        return Finding.of(address, "has {} {}, which the stack does not mention", where, _shown(found.found))
    if found.found is None:
        return Finding.of(address, "lacks {}; the stack says {}", where, _shown(found.expected))
    return Finding.of(address, "has {} {}; the stack says {}", where, _shown(found.found), _shown(found.expected))


def _where(path: Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif re.fullmatch(r"[A-Za-z0-9_-]+", step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step)}]"
    return text


def _shown(value: object) -> str:
    if isinstance(value, str | Sensitive | Unknown | OneOf | Unexplained):
        return str(value)
    return json.dumps(value, sort_keys=True, default=str)
