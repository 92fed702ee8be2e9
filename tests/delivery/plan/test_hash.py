"""The hash by which a deploy recognizes the reviewed plan."""

import copy
import json
from typing import Any

import pytest

from delivery.plan.document import Plan
from delivery.plan.hash import plan_hash
from delivery.plan.sanitizing import published
from tests.delivery.plan_documents import document, plan, real_document, real_plan, real_stack, resource


def test_the_hash_ignores_order_time_and_unchanged_values() -> None:
    content, stack = real_document("staging-image"), real_stack("staging-image")
    content["resource_changes"].reverse()
    content["timestamp"] = "2030-01-01T00:00:00Z"
    rows = content["resource_changes"]
    content["resource_changes"] = [row for row in rows if row["change"]["actions"] != ["no-op"]]
    assert 0 < len(content["resource_changes"]) < len(rows)
    versions = 0
    for row in content["resource_changes"]:
        for side in ("before", "after"):
            for metadata in (row["change"][side] or {}).get("metadata", []):
                if "resource_version" in metadata:
                    metadata["resource_version"] = "999999"
                    versions += 1
    assert versions, "no resource_version was there to be ignored"
    shuffled = json.dumps({key: content[key] for key in reversed(content)})
    assert plan_hash(Plan.parse(shuffled), stack) == plan_hash(real_plan("staging-image"), stack)


BASE = resource(
    "aws_iam_role", "change", {"a": "1", "b": ["x"], "c": None}, {"a": "2", "b": ["x"]}, after_unknown={"c": True}
)


@pytest.mark.parametrize(
    "change",
    [
        {"address": "aws_iam_role.y"},
        {"change": {**BASE["change"], "actions": ["delete", "create"]}},
        {"change": {**BASE["change"], "before": {"a": "0", "b": ["x"]}}},
        {"change": {**BASE["change"], "after": {"a": "3", "b": ["x"]}}},
        {"change": {**BASE["change"], "after": {"a": "2", "b": ["y"]}}},
        {"change": {**BASE["change"], "after": {"a": 2, "b": ["x"]}}},
        {"change": {**BASE["change"], "after_unknown": {}}},
        {"change": {**BASE["change"], "importing": {"id": "r"}}},
        {"previous_address": "aws_iam_role.old"},
        {"change": {**BASE["change"], "after": {"a": "2", "b": ["x"], "d": {}}}},
        {"change": {**BASE["change"], "after": {"a": "2", "b": ["x"], "d": []}}},
        {"change": {**BASE["change"], "after": {"a": "2", "b": ["x", {}]}}},
        {"change": {**BASE["change"], "after": {"a": "2", "b": []}}},
    ],
    ids=[
        "another address",
        "replaced",
        "another value before",
        "another value after",
        "another item of a list",
        "a number for a string",
        "nothing unknown",
        "imported",
        "moved",
        "an empty object",
        "an empty list",
        "an empty object in a list",
        "an empty list for one of an item",
    ],
)
def test_the_hash_depends_on_the_actions(change: dict[str, Any]) -> None:
    assert plan_hash(plan({**BASE, **change}), {}) != plan_hash(plan(BASE), {})


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"podSelector": {}}, {}),
        ({"ingress": [{}]}, {"ingress": []}),
        ({"ingress": [{"from": []}]}, {"ingress": [{}]}),
        ({"egress": []}, {}),
        ({"egress": [], "podSelector": {}}, {"egress": {}, "podSelector": {}}),
    ],
)
def test_empty_values_in_a_manifest_count(one: dict[str, Any], two: dict[str, Any]) -> None:
    """An empty pod selector in a policy selects every pod."""
    hashes = {
        plan_hash(plan(resource("kubernetes_manifest", "create", None, {"manifest": {"spec": spec}})), {})
        for spec in (one, two)
    }
    assert len(hashes) == 2


def test_json_strings_count_by_content_unless_they_repeat_a_key() -> None:
    texts = ['{"a":1,"b":2}', '{"b": 2, "a": 1}', '{"a":1,"b":3}', '{"b":3,"a":1,"b":2}', '{"b":4,"a":1,"b":2}']
    hashes = [plan_hash(plan(resource("aws_iam_role", "change", {"p": "{}"}, {"p": text})), {}) for text in texts]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 4


def test_the_hash_depends_on_outputs_and_additional_resources() -> None:
    output = {"x": {"actions": ["update"], "before": "a", "after": "b"}}
    plans = (
        plan(BASE),
        plan(BASE, output_changes=output),
        plan(BASE, resource("aws_iam_role", "destroy", {"id": "r"}, name="y")),
        plan(BASE, resource("aws_iam_role", "destroy", {"id": "s"}, name="y")),
        plan(),
    )
    assert len({plan_hash(row, {}) for row in plans}) == len(plans)


MARKS: dict[str, Any] = {"before_sensitive": {"a": True}, "after_sensitive": {"a": True}}


def test_the_hash_reveals_nothing_about_a_sensitive_value() -> None:
    """Otherwise somebody could check a guess against the hash."""
    one, two = (
        plan(resource("aws_iam_role", "change", {"a": "old"}, {"a": value}, **MARKS)) for value in ("one", "two")
    )
    assert plan_hash(one, {}) == plan_hash(two, {})
    same = plan(resource("aws_iam_role", "change", {"a": "old"}, {"a": "old"}, **MARKS))
    assert plan_hash(one, {}) != plan_hash(same, {})


def test_the_hash_depends_on_a_published_plans_digests() -> None:
    def of(before: object, after: object, key: bytes | None) -> str:
        row = resource("aws_iam_role", "change", {"a": before}, {"a": after}, **MARKS)
        return plan_hash(Plan.parse(json.dumps(published(document(row), key=key))), {})

    key = b"the-lineage-of-a-state"
    assert of("old", "one", key) == of("old", "one", key)
    assert len({of("old", "one", key), of("old", "two", key), of("new", "one", key), of("old", "one", b"other")}) == 4
    assert of("old", "one", None) == of("old", "two", None)
    assert of({"x": ["one"]}, {"x": ["two"]}, key) != of({"x": ["one"]}, {"y": ["two"]}, key)


STACK = {
    "//": {"metadata": {"version": "0.21.0"}},
    "terraform": {"backend": {"s3": {"bucket": "state"}}, "required_providers": {"aws": {"version": "6.0.0"}}},
    "provider": {"aws": [{"region": "us-east-1"}]},
    "data": {"aws_caller_identity": {"me": {"//": {"metadata": {}}}}},
    "resource": {
        "aws_iam_role": {
            "x": {"//": {"metadata": {"path": "x"}}, "a": "${aws_iam_role.other.arn}", "tags": {"//": "mine"}},
            "other": {"a": "3"},
        },
        "aws_s3_bucket": {"b": {"bucket": "b"}},
    },
}


def stack_with(path: str, value: object) -> dict[str, Any]:
    """Return the stack with another value at a path, created if missing; § stands for metadata's key."""
    stack = copy.deepcopy(STACK)
    place: Any = stack
    *above, last = path.split("/")
    for step in above:
        place = place[int(step)] if isinstance(place, list) else place.setdefault(step.replace("§", "//"), {})
    place[last.replace("§", "//")] = value
    return stack


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("terraform/backend/s3/bucket", "other"),
        ("terraform/required_providers/aws/version", "6.0.1"),
        ("provider/aws/0/region", "eu-west-1"),
        ("provider/aws/0/assume_role", []),
        ("data/aws_caller_identity/me/provider", "aws.other"),
        ("ephemeral/aws_secretsmanager_secret_version/x/secret_id", "y"),
        ("variable/role/default", "x"),
        ("output/x/value", "x"),
        ("locals/x", "x"),
        ("moved", [{"from": "a", "to": "b"}]),
        ("import", [{"to": "a", "id": "b"}]),
        ("removed", [{"from": "a"}]),
        ("check/x/assert", []),
        ("module/x/source", "./x"),
        ("of-a-later-terraform/x", {}),
        ("resource/aws_iam_role/x/a", "${aws_iam_role.other.id}"),
        ("resource/aws_iam_role/x/provisioner", [{"local-exec": {"command": "true"}}]),
        ("resource/aws_iam_role/x/lifecycle", {"prevent_destroy": True}),
        ("resource/aws_iam_role/x/tags/§", "another"),
        ("resource/aws_iam_role/x/spec", {}),
        ("resource", [STACK["resource"]]),
        ("resource/aws_s3_bucket", [{"b": {"bucket": "c"}}]),
    ],
)
def test_the_hash_depends_on_the_stack(path: str, value: object) -> None:
    assert plan_hash(plan(BASE), stack_with(path, value)) != plan_hash(plan(BASE), STACK)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("§/metadata/version", "0.22.0"),
        ("§/outputs", {}),
        ("resource/aws_iam_role/x/§/metadata/path", "y"),
        ("data/aws_caller_identity/me/§/metadata/path", "y"),
        ("resource/aws_iam_role/other/a", "4"),
        ("resource/aws_iam_role/new", {"a": "4"}),
        ("resource/aws_s3_bucket/b/bucket", "c"),
        ("resource/aws_s3_bucket/c/bucket", "c"),
        ("resource/aws_sqs_queue/c/name", "c"),
    ],
)
def test_parts_of_the_stack_without_effect_do_not_count(path: str, value: object) -> None:
    """Metadata, and resources without a planned change: another pull request may have changed them meanwhile."""
    assert stack_with(path, value) != STACK
    assert plan_hash(plan(BASE), stack_with(path, value)) == plan_hash(plan(BASE), STACK)


def test_a_resource_with_a_hidden_name_counts_with_all_of_its_type() -> None:
    """Hiding a resource's name behind a secret value must not get its body past the hash."""
    secret = {"secret": "other-name-of-it"}
    row = resource("aws_iam_role", "change", {"a": "1", **secret}, {"a": "2", **secret}, name="other-name-of-it")
    row["change"] |= {"before_sensitive": {"secret": True}, "after_sensitive": {"secret": True}}
    read = Plan.parse(json.dumps(published(document(row), key=b"key-of-tests")))
    assert "other-name-of-it" not in read.resources[0].name
    one, two = (stack_with("resource/aws_iam_role/other-name-of-it", {"a": value}) for value in "12")
    assert plan_hash(read, one) != plan_hash(read, two)
