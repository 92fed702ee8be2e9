"""No state and no output may contain a secret's value: providers accept it through write-only arguments."""

from collections.abc import Iterator, Mapping

from delivery.plan.document import Action, ResourceChange
from delivery.policy.rules.rule import Blocks, Finding, Review, Rule, at
from delivery.redaction.marks import Sensitive

# The suffix of write-only arguments, which Terraform stores nowhere.
_WRITE_ONLY = "_wo"
# The function that removes the sensitive mark.
_UNMARKING = "nonsensitive("


def _find(review: Review) -> Iterator[Finding]:
    for change in review.changes("*"):
        if change.after is None:
            continue
        for argument in sorted(_plain(review, change)):
            words = "would keep a secret in the state by {}; allowed: {}"
            yield Finding.of(change.address, words, argument, argument + _WRITE_ONLY)
        for path in dict.fromkeys(_hidden(change.after)):
            yield Finding.of(change.address, "would keep a secret in the state, in {}", path)
    for output in review.plan.outputs:
        if output.action is not Action.DESTROY and any(True for _ in _hidden({output.name: output.after})):
            yield Finding.of(f"output.{output.name}", "would keep a secret in the state")
    for kind in ("resource", "output", "locals"):
        for address, text in _expressions(at(review.stack, kind), "" if kind == "resource" else kind):
            if _UNMARKING in text:
                yield Finding.of(address, "would show what is secret, by {}", _UNMARKING.rstrip("("))


def _plain(review: Review, change: ResourceChange) -> set[str]:
    """Arguments that are given although their type has a write-only counterpart."""
    after = change.after or {}
    given = review.given(change)
    known = {*after, *given, *_arguments(review, change.type)}
    return {
        name
        for name in (*after, *given)
        if name + _WRITE_ONLY in known and (after.get(name) not in (None, "") or name in given)
    }


def _arguments(review: Review, type_: str) -> set[str]:
    """The arguments that any stack gives this type, and those that the plan shows for it."""
    bodies: list[object] = [row.after for row in review.plan.resources if row.type == type_]
    for stack in (review.stack, review.trusted):
        declared = at(stack, "resource", type_)
        bodies += declared.values() if isinstance(declared, Mapping) else []
    return {key for body in bodies if isinstance(body, Mapping) for key in body}


def _hidden(tree: object, path: str = "") -> Iterator[str]:
    """The paths of values marked as sensitive."""
    if isinstance(tree, Sensitive):
        yield path
    elif isinstance(tree, Mapping):
        for key, value in tree.items():
            if not key.endswith(_WRITE_ONLY):
                yield from _hidden(value, f"{path}.{key}".lstrip("."))
    elif isinstance(tree, list):
        for item in tree:
            yield from _hidden(item, path)


def _expressions(tree: object, address: str) -> Iterator[tuple[str, str]]:
    """Every text in the stack with its block's address: two names, or the kind and one name."""
    if isinstance(tree, str):
        yield address, tree
    elif isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from _expressions(value, address if address.count(".") else f"{address}.{key}".lstrip("."))
    elif isinstance(tree, list):
        for item in tree:
            yield from _expressions(item, address)


RULES = (
    Rule(
        id="plain-secrets",
        danger="A secret is stored where others can read it",
        reason="Anybody who plans can read states, outputs and objects other than Secrets, and they are kept for long.",
        blocks=Blocks.ALWAYS,
        find=_find,
    ),
)
