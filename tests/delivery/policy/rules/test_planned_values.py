"""The rule in planned_values.py: every real plan follows from its stack, and hardly any doctored one does."""

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from delivery.plan.document import Plan, ResourceChange
from delivery.plan.sanitizing import published
from delivery.policy.explanation.deviation import is_nothing
from delivery.policy.explanation.provider_schema import Block, ProviderSchema
from delivery.policy.explanation.resource import all_deviations, unexplained_values
from delivery.policy.explanation.stack import Stack
from delivery.policy.rules.planned_values import RULES
from delivery.policy.rules.rule import Review
from delivery.redaction.marks import UNKNOWN, Sensitive
from tests.account import SETTINGS
from tests.delivery.doctoring import Path, doctored
from tests.delivery.plan_documents import FOLDER, real_document, real_stack
from tests.delivery.plans.attacks import ATTACKS

(RULE,) = RULES
NAMES = sorted(path.name.removesuffix(".stack.json") for path in FOLDER.glob("*.stack.json"))
# There are tens of thousands of edits in total.
ONE_OF = 13
# The share of edits that the guard promises to find (docs/plan-guard.md).
CAUGHT = 0.97
Document = dict[str, Any]
Doctoring = Callable[[Document], None]


def said(name: str, document: Document, stack: Document | None = None) -> list[str]:
    environment = SETTINGS.find(name.partition("-")[0])
    review = Review(
        plan=Plan.parse(json.dumps(document)),
        environment=environment,
        neighbours=[],
        shared=SETTINGS.shared,
        stack=stack or real_stack(name),
    )
    return [f"{finding.address} {finding.words()}" for finding in RULE.find(review)]


@cache
def beside_its_stack(name: str) -> tuple[Plan, Stack]:
    plan = Plan.parse(json.dumps(real_document(name)))
    return plan, Stack(real_stack(name), plan)


@pytest.mark.parametrize("name", NAMES)
def test_every_real_plan_follows_from_its_stack(name: str) -> None:
    assert said(name, real_document(name)) == []


@pytest.mark.parametrize("name", [name for name in NAMES if name != "staging-planted"])
def test_a_published_plan_follows_from_its_stack(name: str) -> None:
    assert said(name, published(real_document(name), stack=real_stack(name))) == []


def test_stack_text_that_repeats_a_secret_is_hidden_and_so_unexplained() -> None:
    content = published(real_document("staging-planted"), stack=real_stack("staging-planted"))
    [found] = said("staging-planted", content)
    assert "env[19].value (sensitive value); the stack says (sensitive value)" in found


@pytest.mark.parametrize("name", [f"staging-{name}" for name in ATTACKS if not name.endswith("-failed")])
def test_terraforms_own_plan_of_another_stack_is_stopped(name: str) -> None:
    assert said(name, real_document(name), real_stack("staging-empty"))


def edits() -> Iterator[tuple[str, ResourceChange, str, Path, ResourceChange]]:
    """Yield edits of every changed value in turn: plan, change, kind of edit, its place, and the result."""
    seen: set[str] = set()
    number = 0
    for name in NAMES:
        for row in real_document(name)["resource_changes"]:
            text = json.dumps(row, sort_keys=True)
            if row["mode"] != "managed" or row["change"]["actions"] in (["no-op"], ["delete"]) or text in seen:
                continue
            seen.add(text)
            change = read(row)
            for kind, path, edited in doctored(row):
                number += 1
                if number % ONE_OF == 0:
                    yield name, change, kind, path, read(edited)


def read(row: Document) -> ResourceChange:
    [change] = Plan.parse(json.dumps({**_EMPTY, "resource_changes": [row]})).resources
    return change


def test_a_doctored_value_is_found() -> None:
    tried = found = 0
    missed = []
    for name, change, kind, path, edited in edits():
        if is_the_same(change, edited, path):
            continue
        _, stack = beside_its_stack(name)
        body = stack.resources[change.address]
        tried += 1
        if next(unexplained_values(edited, body, stack.known, default_tags=stack.default_tags), None):
            found += 1
        elif not is_for_the_apply_to_tell(change, edited, path):
            missed.append(f"{name} {change.address} {path} {kind}")
    assert missed == []
    assert found / tried > CAUGHT


def is_the_same(change: ResourceChange, edited: ResourceChange, path: Path) -> bool:
    """Whether the edit changes nothing: the same value in another form, or a redundant mark."""
    before, after = value_at(change.after, path), value_at(edited.after, path)
    return (
        (is_nothing(before) and is_nothing(after))
        or before is after is UNKNOWN
        or (isinstance(before, Sensitive) and isinstance(after, Sensitive))
    )


def is_for_the_apply_to_tell(change: ResourceChange, edited: ResourceChange, path: Path) -> bool:
    """Whether the provider computes this value because the stack does not set it; it may be unknown in any plan."""
    return value_at(edited.after, path) is UNKNOWN and is_computed(ProviderSchema.recorded().types[change.type], path)


def is_computed(block: Block, path: Path) -> bool:
    *above, last = [step for step in path if isinstance(step, str)]
    for step in above:
        if step not in block.blocks:
            return step in block.attributes and block.attributes[step].computed
        block = block.blocks[step].block
    return (last in block.attributes and block.attributes[last].computed) or (
        last in block.blocks and block.blocks[last].computed
    )


def value_at(tree: object, path: Path) -> object:
    for step in path:
        if isinstance(tree, dict):
            tree = tree.get(step)
        elif isinstance(tree, list) and isinstance(step, int):
            tree = tree[step] if step < len(tree) else None
    return tree


_EMPTY = {"format_version": "1.2", "terraform_version": "1.11.4", "complete": True}


def row(document: Document, address: str) -> Document:
    return next(row for row in document["resource_changes"] if row["address"] == address)


def of_row(of: str, /, **changes: object) -> Doctoring:
    """An edit of one row; keys of its change are edited there."""

    def edit(document: Document) -> None:
        found = row(document, of)
        for key, value in changes.items():
            (found["change"] if key in ("actions", "importing", "after", "replace_paths") else found)[key] = value

    return edit


def without(address: str) -> Doctoring:
    def edit(document: Document) -> None:
        document["resource_changes"].remove(row(document, address))

    return edit


def one_more(of: str, /, **changes: object) -> Doctoring:
    def edit(document: Document) -> None:
        document["resource_changes"].append({**copy.deepcopy(row(document, of)), **changes})

    return edit


def change_hidden(document: Document) -> None:
    """Show a changing value as unchanged."""
    change = row(document, "kubernetes_deployment_v1.web_deployment")["change"]
    change.update(actions=["no-op"], after=change["before"], after_unknown={})


def output_at(**values: object) -> Doctoring:
    def edit(document: Document) -> None:
        document["output_changes"]["media_bucket"].update(values)

    return edit


def provider_at(name: str, argument: str, value: object) -> Doctoring:
    def edit(document: Document) -> None:
        document["configuration"]["provider_config"][name]["expressions"][argument] = value

    return edit


def second_provider(document: Document) -> None:
    providers = document["configuration"]["provider_config"]
    providers["aws.other"] = {**providers["aws"], "alias": "other"}


def nothing_read(document: Document) -> None:
    del document["prior_state"]


BUCKET = "aws_s3_bucket.media"
QUOTA = "kubernetes_resource_quota_v1.namespace_quota"
DOCTORED: dict[str, tuple[str, Doctoring, str]] = {
    "destroyed": ("staging-empty", of_row(BUCKET, actions=["delete"], after=None), f"{BUCKET} would be gone"),
    "forgotten": ("staging-empty", of_row(BUCKET, actions=["forget"], after=None), f"{BUCKET} would no longer be"),
    "a change that is hidden": ("staging-replicas", change_hidden, "web_deployment has spec[0].replicas"),
    "a loss that is hidden": (
        "prod-destroy",
        of_row("aws_s3_bucket.backups", actions=["no-op"]),
        "aws_s3_bucket.backups is planned as unchanged",
    ),
    "replaced": ("staging-empty", of_row(BUCKET, actions=["delete", "create"]), "replaced without a reason"),
    "replaced for what stays": (
        "staging-empty",
        of_row(BUCKET, actions=["delete", "create"], replace_paths=[["bucket"]]),
        "replaced because of bucket, which does not change",
    ),
    "created though it is there": ("staging-empty", of_row(BUCKET, actions=["create"]), "is planned as create"),
    "taken over": (
        "staging-create",
        of_row(BUCKET, importing={"id": "other"}),
        "take over other; the stack imports none",
    ),
    "another one taken over": (
        "prod-adopt",
        of_row(BUCKET, importing={"id": "other"}),
        "take over other; the stack imports mosaic-prod-media-033691785857",
    ),
    "moved": (
        "staging-empty",
        of_row(BUCKET, previous_address="aws_s3_bucket.old"),
        "would be what aws_s3_bucket.old is",
    ),
    "deposed": ("staging-empty", one_more(BUCKET, deposed="0123abcd"), "that a failed replacement left"),
    "a module's": ("staging-empty", one_more(BUCKET, module_address="module.x"), "is of a module"),
    "an address within a module": ("staging-empty", of_row(BUCKET, address=f"module.x.{BUCKET}"), "is of a module"),
    "an instance": (
        "staging-empty",
        of_row(BUCKET, address=f"{BUCKET}[0]", index=0),
        "an instance that the stack does",
    ),
    "another address": ("staging-empty", of_row(BUCKET, address="aws_s3_bucket.other"), "is not the address of"),
    "another provider": (
        "staging-empty",
        of_row(BUCKET, provider_name="registry.terraform.io/other/aws"),
        "is of the provider registry.terraform.io/other/aws",
    ),
    "left out": ("staging-empty", without(QUOTA), f"{QUOTA} is in the stack, but not in the plan"),
    "one more": (
        "staging-empty",
        one_more(BUCKET, address="aws_s3_bucket.other", name="other"),
        "aws_s3_bucket.other is in the plan, but not in the stack",
    ),
    "another output": ("staging-empty", output_at(after="other"), "output.media_bucket has value other"),
    "an output that hides": ("staging-empty", output_at(after_sensitive=True), "output.media_bucket has value"),
    "an argument of a provider": (
        "staging-empty",
        provider_at("aws", "shared_credentials_files", {"constant_value": ["x"]}),
        "provider.aws has shared_credentials_files",
    ),
    "another command of a provider": (
        "staging-empty",
        provider_at("kubernetes", "exec", [{"command": {"constant_value": "sh"}}]),
        "provider.kubernetes has exec.command sh; the stack says aws",
    ),
    "another host of a provider": (
        "staging-empty",
        provider_at("postgresql", "host", {"constant_value": "example.com"}),
        "provider.postgresql has host example.com",
    ),
    "a second provider": ("staging-empty", second_provider, "provider.aws.other is in the plan, but not in the stack"),
    "what was read is left out": ("staging-create", nothing_read, "which the plan does not know"),
}


@pytest.mark.parametrize("case", DOCTORED)
def test_a_doctored_action_is_found(case: str) -> None:
    name, edit, expected = DOCTORED[case]
    document = copy.deepcopy(real_document(name))
    edit(document)
    assert any(expected in line for line in said(name, document)), said(name, document)[:5]


def test_a_block_the_provider_rewrites_is_the_same_block() -> None:
    """For every change of a Job, the Kubernetes provider plans an empty map where it has read none."""
    document = real_document("staging-empty")
    change = row(document, "kubernetes_job_v1.migration")["change"]
    change["actions"] = ["update"]
    for side, labels in (("before", None), ("after", {})):
        change[side]["spec"][0]["selector"] = [{"match_expressions": [], "match_labels": labels}]
    assert said("staging-empty", document) == []
    change["after"]["spec"][0]["selector"] = [{"match_expressions": [], "match_labels": {"a": "b"}}]
    assert said("staging-empty", document)


def test_an_output_or_resource_on_one_side_only_is_found() -> None:
    stack = real_stack("staging-empty")
    del stack["output"]["media_bucket"]
    del stack["resource"]["aws_s3_bucket"]["media"]
    found = said("staging-empty", real_document("staging-empty"), stack)
    for line in ("output.media_bucket", BUCKET):
        assert f"{line} is in the plan, but not in the stack" in found


def test_every_recorded_default_occurs_in_a_real_plan() -> None:
    schema, seen = ProviderSchema.recorded(), set()
    for name in NAMES:
        plan, stack = beside_its_stack(name)
        for change in (row for row in plan.resources if row.after is not None):
            body = stack.resources[change.address]
            found = all_deviations(change, body, stack.known, default_tags=stack.default_tags, schema=schema)
            seen |= {(change.type, row.place, json.dumps(row.found)) for row in found if row.is_default}
    recorded = {
        (type_, place, json.dumps(value))
        for type_, places in schema.defaults.items()
        for place, values in places.items()
        for value in values
    }
    assert recorded
    assert recorded <= seen
