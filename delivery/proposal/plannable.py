"""Decides whether Terraform may plan a proposed stack with credentials: only if it can read no more than ours reads.

A plan runs data sources, opens ephemeral resources, reads what is imported and calls functions. So every part of the
stack that is not exactly ours is checked, and refused unless it is known to be harmless.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from delivery.plan.differences import ABSENT, canonical
from delivery.proposal.comparison import COMMENT, ChangedPart, changed_parts
from delivery.proposal.expressions import Expressions, UnreadableError, expressions, is_template
from delivery.report.markdown import printable, shortened
from modules.model.providers import PROVIDERS

Body = Mapping[str, object]
Path = tuple[str, ...]

# The sections that may differ; a plan shows the effect. Every other part must be exactly ours.
_MAY_DIFFER = ("resource", "data", "ephemeral", "output", "locals", "import", "removed", "moved")
# Pure functions: they read no file and no clock, and remove no sensitive mark. Functions that our own stacks call are
# also allowed.
_NUMBERS_AND_CONDITIONS = ("alltrue", "anytrue", "can", "ceil", "coalesce", "floor", "max", "min", "sum", "try")
_TEXTS = ("endswith", "format", "join", "lower", "regex", "replace", "split", "startswith", "strcontains", "substr")
_TRIMMED = ("trim", "trimprefix", "trimspace", "trimsuffix", "upper")
_COLLECTIONS = ("compact", "concat", "contains", "distinct", "flatten", "keys", "length", "lookup", "merge", "one")
_SETS = ("reverse", "setintersection", "setsubtract", "setunion", "slice", "sort", "values", "zipmap")
_FORMS = ("base64decode", "base64encode", "jsondecode", "jsonencode", "tobool", "tolist", "tomap", "tonumber", "toset")
PURE = frozenset((*_NUMBERS_AND_CONDITIONS, *_TEXTS, *_TRIMMED, *_COLLECTIONS, *_SETS, *_FORMS, "tostring"))
# Their attributes reveal the machine and the run.
_SURROUNDINGS = ("path.", "terraform.")
# Every other block or argument of a resource belongs to the provider.
_RUNS = ("provisioner", "connection", "provider")
_FOR_READING = ("count", "for_each", "depends_on", "lifecycle", *_RUNS)
# Arguments of AWS resources that name a local file.
_LOCAL_FILES = ("source", "filename", "zip_file")
_CONDITIONS = {"precondition", "postcondition"}
_ARGUMENTS = {"import": ("to", "id"), "removed": ("from", "lifecycle"), "moved": ("from", "to")}
_PREFIXES = tuple(f"{provider.name}_" for provider in PROVIDERS)
_STEP = r'(?:\.[A-Za-z_][A-Za-z0-9_-]*|\[[0-9]+\]|\["[A-Za-z0-9_./:-]*"\])'
_REFERENCE = re.compile(rf"[A-Za-z_][A-Za-z0-9_-]*{_STEP}*")
_READ = re.compile(rf"\$\{{data\.(?P<kind>[a-z0-9_]+){_STEP}+\}}")
_IDENTITY = re.compile(r"\$\{(?P<kind>[a-z0-9]+_[a-z0-9_]+)\.[A-Za-z0-9_-]+(?:\[[0-9]+\])?\.(?:arn|id|output)\}")
_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:([^:]*)")


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why Terraform is not started. words: what was found and what is allowed, on one line."""

    address: str
    words: str


def refusals(proposed: Body, trusted: Body, base: Body | None = None) -> tuple[Refusal, ...]:
    """Return why the proposed stack may not be planned with credentials; empty if it may.

    trusted: made by this checkout from the proposal's settings. base: made from the settings before; None if there was
    no such stack. Settings alone could also send Terraform to another account, region or state.
    """
    found = [*_elsewhere(trusted, base or trusted)]
    known = _Known(trusted)
    for part in changed_parts(trusted, proposed):
        found += [Refusal(address=_shown(part.address), words=printable(words)) for words in known.refused(part)]
    return tuple(dict.fromkeys(found))


def _elsewhere(trusted: Body, base: Body) -> Iterator[Refusal]:
    allowed = "allowed in a plan of a pull request: where the stack is today, by the previous settings"
    for part in changed_parts(_connections(base), _connections(trusted)):
        yield Refusal(
            address=part.address, words=f"the settings lead Terraform elsewhere, to another state or account; {allowed}"
        )


def _connections(stack: Body) -> Body:
    """The part of the stack that says where Terraform connects, without the default tags."""
    providers = stack.get("provider")
    named = {
        name: [{key: value for key, value in block.items() if key != "default_tags"} for block in blocks]
        for name, blocks in (providers.items() if isinstance(providers, dict) else ())
    }
    return {"terraform": stack.get("terraform"), "provider": named}


class _Known:
    """What the trusted stack uses, and what a changed part uses beyond it."""

    def __init__(self, trusted: Body) -> None:
        self._kinds = {section: _objects(trusted.get(section)).keys() for section in ("data", "ephemeral")}
        self._read = {text for section in self._kinds for _, text in _strings(trusted.get(section))}
        texts = {text for section in _MAY_DIFFER for _, text in _strings(trusted.get(section))}
        every = [*filter(None, map(_read_expressions, texts))]
        self._functions = PURE.union(*(each.functions for each in every))
        self._names = frozenset().union(*(each.names for each in every))
        self._account = _account(trusted)

    def refused(self, part: ChangedPart) -> Iterator[str]:
        """Yield why the part may not be planned, in words."""
        if part.section not in _MAY_DIFFER:
            yield (
                f"{_shown(part.section)} differs from what this checkout synthesizes from the settings; "
                "allowed: exactly that"
            )
        elif part.after is not ABSENT and (part.name or part.after not in ({}, [])):
            yield from self._refused_in(part)

    def _refused_in(self, part: ChangedPart) -> Iterator[str]:
        before, after = part.before, part.after
        if part.section in _ARGUMENTS:
            yield from self._refused_blocks(part.section, before, after)
        elif part.section == "locals":
            pass
        elif not part.name or not isinstance(after, dict):
            yield f"{part.section} has an unusual shape; allowed: objects by kind and name, as cdktf writes them"
            return
        elif part.section == "resource":
            yield from _refused_resource(part.kind, _objects(before), after)
        elif part.section in self._kinds:
            yield from self._refused_reading(part.section, part.kind, _objects(before), after)
        same = set(_strings(before))
        for path, text in _strings(after):
            if (path, text) not in same:
                yield from self._refused_string(part.section, path, text)

    def _refused_reading(self, section: str, kind: str, before: Body, after: Body) -> Iterator[str]:
        """Check a block that Terraform reads during a plan."""
        if kind not in self._kinds[section]:
            yield f"{section} of the kind {_shown(kind)}; allowed: {', '.join(sorted(self._kinds[section])) or 'none'}"
        for key in _FOR_READING:
            text = after.get(key)
            if key in ("count", "for_each") and isinstance(text, str) and text in self._read:
                continue
            if key in after and canonical(text) != canonical(before.get(key, ABSENT)):
                yield f"{key} of what a plan reads; allowed: none, or the one that this checkout synthesizes here"
        if any("dynamic" in path for path, _ in _strings(after)):
            yield "dynamic blocks in what a plan reads; allowed: none"
        for path, text in _strings(after):
            if path[:1] != ("lifecycle",):
                yield from self._refused_argument(text)

    def _refused_argument(self, text: str) -> Iterator[str]:
        """Check an argument that is sent out during a plan: it may only identify one of ours."""
        if text in self._read:
            return
        read, identity = _READ.fullmatch(text), _IDENTITY.fullmatch(text)
        is_known = (read and read["kind"] in self._kinds["data"]) or (identity and _is_kept(identity["kind"]))
        if is_template(text) and not is_known:
            yield (
                f"{_shown(text)!r} is sent in a plan; allowed: literal text, one reference ${{data.KIND.NAME...}} to a "
                "kind of data that this checkout reads, ${KIND.NAME.id}, .arn or .output, or what it sends itself"
            )
        for account in _ARN.findall(text):
            if account not in ("", "aws", self._account):
                yield f"{_shown(text)!r} belongs to the account {_shown(account)}; allowed: {self._account}"

    def _refused_blocks(self, section: str, before: object, after: object) -> Iterator[str]:
        """Check the blocks that import, remove or move addresses."""
        ours = [canonical(block) for block in before] if isinstance(before, list) else []
        for block in after if isinstance(after, list) else [after]:
            if canonical(block) in ours:
                continue
            keys = _objects(block).keys() - {COMMENT}
            if not keys or keys - set(_ARGUMENTS[section]):
                has = ", ".join(sorted(keys)) or "an unusual shape"
                yield f"a block {section} has {_shown(has)}; allowed: {', '.join(_ARGUMENTS[section])}"
            for path, text in _strings(_objects(block).get("id")):
                yield from (
                    self._refused_argument(text) if not path else ["an id that is not a string; allowed: a string"]
                )

    def _refused_string(self, section: str, path: Path, text: str) -> Iterator[str]:
        place = f"{_shown('.'.join(path))} is {_shown(text)!r}"
        try:
            used = expressions(text)
        except UnreadableError as error:
            yield (
                f"{place}, and {error} cannot be parsed; allowed: no comment, heredoc, namespace or more than two $ or "
                "% in a row"
            )
            return
        if unknown := sorted(used.functions - self._functions):
            yield (
                f"{place}, which calls {_shown(', '.join(unknown))}; allowed: functions that only compute a "
                "value (PURE in delivery/proposal/plannable.py), and those that this checkout calls"
            )
        surroundings = {name for name in used.names if name.startswith(_SURROUNDINGS)}
        if unknown := sorted(surroundings - self._names):
            allowed = ", ".join(sorted(name for name in self._names if name.startswith(_SURROUNDINGS)))
            yield f"{place}, which reads {_shown(', '.join(unknown))}; allowed: {allowed or 'nothing from the machine'}"
        roots = {name.partition(".")[0] for name in used.names}
        if "ephemeral" in roots and not (section == "resource" and path[-1].endswith("_wo")):
            yield f"{place}, which holds an ephemeral value; allowed: in a write-only argument (..._wo), or as ours"
        is_condition = path[-1:] == ("condition",) and set(path) & _CONDITIONS
        if is_condition and (kept := sorted(filter(_is_kept, roots))):
            yield f"{place}, which tries a value of {_shown(', '.join(kept))}; allowed: conditions on self and data"
        if _is_bare(section, path) and not _REFERENCE.fullmatch(text):
            yield f"{place}; allowed: a reference, as TYPE.NAME or TYPE.NAME[0]"


def _refused_resource(kind: str, before: Body, after: Body) -> Iterator[str]:
    if kind != "terraform_data" and not kind.startswith(_PREFIXES):
        yield f"a resource of the kind {_shown(kind)}; allowed: {'*, '.join(_PREFIXES)}*, terraform_data"
    for key in _RUNS:
        if key in after and canonical(after[key]) != canonical(before.get(key, ABSENT)):
            yield f"{key} in a resource; allowed: none, or exactly the one that this checkout synthesizes here"
    for key in _LOCAL_FILES:
        if kind.startswith("aws_") and key in after and canonical(after[key]) != canonical(before.get(key, ABSENT)):
            yield f"{key} of an AWS resource can be a file on the machine; allowed: none"


def _read_expressions(text: str) -> Expressions | None:
    try:
        return expressions(text)
    except UnreadableError:
        # An unreadable string adds nothing to what is known.
        return None


def _is_kept(root: str) -> bool:
    """Whether a reference with this root points to something the state keeps, or to a possible substitute for it."""
    return root in ("local", "ephemeral", "module", "terraform_data") or root.startswith(_PREFIXES)


def _is_bare(section: str, path: Path) -> bool:
    """Whether Terraform reads this string as a reference, without template marks."""
    if section in _ARGUMENTS:
        return path in (("to",), ("from",))
    in_lifecycle = path[:2] in (("lifecycle", "replace_triggered_by"), ("lifecycle", "ignore_changes"))
    return path[:1] == ("depends_on",) or in_lifecycle


def _shown(text: str) -> str:
    return shortened(text, 120)


def _account(trusted: Body) -> str:
    blocks = _objects(trusted.get("provider")).get("aws")
    block = blocks[0] if isinstance(blocks, list) and blocks else {}
    accounts = _objects(block).get("allowed_account_ids")
    return str(accounts[0]) if isinstance(accounts, list) and accounts else ""


def _objects(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _strings(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Each string with the path of keys to it; each key of an object counts as a string of that object."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key == COMMENT and not path:
                continue
            yield (*path, key), key
            yield from _strings(item, (*path, key))
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, path)
