"""A comparison has every difference between two stacks at its address, except those that Terraform ignores."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.plan.differences import ABSENT
from delivery.proposal.comparison import code_changes, exact_differences
from tests.delivery.proposal.conftest import Stack
from tests.doctored import GONE, NEXT, Place, doctored

_MEDIA: Place = ("resource", "aws_s3_bucket", "media")
_METADATA = {"metadata": {"path": "x", "uniqueId": "x"}}


def test_equal_stacks_have_no_changes(stacks: dict[str, Stack]) -> None:
    for stack in stacks.values():
        assert code_changes(stack, json.loads(json.dumps(stack))) == ()


@pytest.mark.parametrize(
    ("place", "value", "address"),
    [
        ((*_MEDIA, "bucket"), "x", "aws_s3_bucket.media"),
        (_MEDIA, GONE, "aws_s3_bucket.media"),
        (("resource", "aws_s3_bucket"), [], "aws_s3_bucket"),
        (("resource",), [], "resource"),
        (("resource", "aws_s3_bucket", "a b"), {}, 'aws_s3_bucket."a b"'),
        (("data", "aws_lb", "shared_load_balancer", "name"), "x", "data.aws_lb.shared_load_balancer"),
        (
            ("ephemeral", "aws_secretsmanager_secret_version", "shared_database_login", "secret_id"),
            "x",
            "ephemeral.aws_secretsmanager_secret_version.shared_database_login",
        ),
        (("provider", "aws", 0, "region"), "x", "provider.aws"),
        (("provider", "other"), [{}], "provider.other"),
        (("provider",), [], "provider"),
        (("terraform", "backend", "s3", "key"), "x", "terraform.backend"),
        (("terraform", "required_providers", "x"), {}, "terraform.required_providers"),
        (("terraform", "required_version"), "x", "terraform.required_version"),
        (("import", NEXT), {"to": "aws_lb.x", "id": "x"}, "import.aws_lb.x"),
        (("import", 0, "id"), "x", "import.aws_s3_bucket.media"),
        (("import", NEXT), {"to": "aws_s3_bucket.media", "id": "x"}, "import.aws_s3_bucket.media"),
        (("import", NEXT), ["x"], "import"),
        (("import",), {"to": "aws_lb.x", "id": "x"}, "import"),
        (("removed", 0, "lifecycle", "destroy"), True, "removed.aws_secretsmanager_secret_version.session_key_value"),
        (("moved",), [{"from": "aws_lb.a", "to": "aws_lb.b"}], "moved.aws_lb.b"),
        (("output", "namespace", "value"), "x", "output.namespace"),
        (("variable", "role", "default"), "plan", "variable.role"),
        (("module",), {"x": {}}, "module.x"),
        (("locals",), {"x": 1}, "locals"),
        (("check",), {"x": {}}, "check"),
        (("never heard of",), None, '"never heard of"'),
        (("//",), "a comment of somebody's", '"//"'),
        ((*_MEDIA, "//"), "a comment of somebody's", "aws_s3_bucket.media"),
        # Addresses of different parts do not collide.
        (("resource", "data.aws_lb", "x"), {}, 'resource."data.aws_lb".x'),
        (("resource", "provider", "aws"), {}, "resource.provider.aws"),
        (("resource", "output", "namespace"), {}, "resource.output.namespace"),
    ],
)
def test_a_change_is_at_its_address(stacks: dict[str, Stack], place: Place, value: object, address: str) -> None:
    trusted = stacks["staging"]
    changes = {
        change.address: change.differences for change in code_changes(trusted, doctored(trusted, (place, value)))
    }
    assert address in changes
    assert all(changes.values())
    # Parts removed with a changed structure have their own addresses.
    assert set(changes) == {address} or value == [] or place == ("import",)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, None),
        ({}, []),
        ([], None),
        (None, GONE),
        ({}, GONE),
        ([], GONE),
        (1, "1"),
        (1, True),
        (0, False),
        (1, 1.0),
        ("true", True),
        ("null", None),
        ("{}", {}),
        ('{"a": {}}', '{"a": null}'),
        ('{"a": 1}', '{"a":  1}'),
        ('{"a": 1}', '{"a":1}'),
        ('{"a": 1}', {"a": 1}),
        ('{"a": "{}"}', '{"a": {}}'),
        ('{"written-as": 1}', '{"written-as": 2}'),
        ("[1]", [1]),
        ("[1, 2]", "[1,2]"),
        ('{"a": 1, "a": 2}', '{"a": 2}'),
        ({"a": 1}, [{"a": 1}]),
        (["a"], "a"),
        ([1, 2], [2, 1]),
        ({"mark": "(absent)"}, GONE),
        ({"mark": "{}"}, {}),
        ("(absent)", GONE),
    ],
)
def test_similar_values_differ(before: object, after: object) -> None:
    """Even next to another difference, which must not hide it."""
    stack: dict[str, Any] = {"resource": {"kubernetes_manifest": {"x": {"manifest": {"a": 1}}}}}
    place: Place = ("resource", "kubernetes_manifest", "x", "manifest", "podSelector")
    left = doctored(stack, (place, before))
    right = left if after is GONE else doctored(stack, (place, after))
    right = doctored(right, (place, GONE)) if after is GONE else right
    [change] = code_changes(left, right)
    assert all(difference.path.startswith("manifest.podSelector") for difference in change.differences)
    other = doctored(right, (("resource", "kubernetes_manifest", "x", "manifest", "other"), "x"))
    [both] = code_changes(left, other)
    assert len(both.differences) > 1


def test_metadata_is_ignored_where_cdktf_writes_it(stacks: dict[str, Stack]) -> None:
    trusted = stacks["staging"]
    edits: list[tuple[Place, object]] = [(("//",), _METADATA), ((*_MEDIA, "//"), _METADATA)]
    assert code_changes(trusted, doctored(trusted, *edits)) == ()
    assert code_changes(trusted, doctored(trusted, *[(place, GONE) for place, _ in edits])) == ()


def test_in_an_attributes_value_the_comment_key_is_an_ordinary_key(tmp_path: Path) -> None:
    """Terraform drops it from a block but keeps it in a value, so there it always counts."""
    body: dict[str, Any] = {"//": {"no": "argument"}, "input": {"//": _METADATA, "a": "b"}}
    stack = {"resource": {"terraform_data": {"x": body}}}
    (tmp_path / "cdk.tf.json").write_text(json.dumps(stack))
    for words in (["init"], ["plan", "-out=plan"]):
        subprocess.run(["terraform", *words, "-input=false"], cwd=tmp_path, check=True, capture_output=True)
    shown = subprocess.run(["terraform", "show", "-json", "plan"], cwd=tmp_path, check=True, capture_output=True)
    [planned] = json.loads(shown.stdout)["resource_changes"]
    assert planned["change"]["after"]["input"] == body["input"]
    without = doctored(stack, (("resource", "terraform_data", "x", "input", "//"), GONE))
    [change] = code_changes(without, stack)
    assert change.address == "terraform_data.x"
    assert [difference.path for difference in change.differences] == ['input["//"].metadata']


def test_the_order_of_imports_does_not_count(stacks: dict[str, Stack]) -> None:
    trusted = stacks["staging"]
    assert code_changes(trusted, {**trusted, "import": [*reversed(trusted["import"])]}) == ()


def test_each_differing_value_is_shown(stacks: dict[str, Stack]) -> None:
    trusted = stacks["staging"]
    [change] = code_changes(trusted, doctored(trusted, ((*_MEDIA, "bucket"), "x"), ((*_MEDIA, "tags"), {})))
    assert {each.path: str(each.after) for each in change.differences} == {"bucket": "x", "tags": "{}"}
    assert {each.path: each.before for each in change.differences}["tags"] is ABSENT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text('a{}[]"1', max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["//", "name", "to", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)
SECTIONS = st.sampled_from(["resource", "data", "provider", "terraform", "import", "moved", "output", "locals", "x"])


def _without_comments(document: dict[str, Any]) -> str:
    """Return what Terraform reads: without comments. These documents have no metadata in comments."""
    return json.dumps(document, sort_keys=True)


@given(left=st.dictionaries(SECTIONS, JSON, max_size=3), right=st.dictionaries(SECTIONS, JSON, max_size=3))
def test_stacks_of_any_shape_are_equal_or_have_changes(left: dict[str, Any], right: dict[str, Any]) -> None:
    changes = code_changes(left, right)
    if _without_comments(left) == _without_comments(right):
        assert changes == ()
    elif not changes:
        # The order of imports and moves does not count.
        assert {key for key in left.keys() | right.keys() if left.get(key) != right.get(key)} <= {"import", "moved"}
    assert all(change.differences for change in changes)


@given(before=JSON, after=JSON)
def test_any_two_values_are_equal_or_differ(before: object, after: object) -> None:
    if json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True):
        assert exact_differences(before, after)
