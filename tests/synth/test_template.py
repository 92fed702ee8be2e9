import pytest

from tests.synth.template import Template, differences

TEMPLATE = Template(
    {
        "//": {"metadata": {}},
        "resource": {
            "aws_s3_bucket": {"media": {"//": {"path": "x"}, "bucket": "pictures"}},
            "aws_s3_bucket_policy": {"media": {"bucket": "${aws_s3_bucket.media.bucket}"}},
            "kubernetes_namespace_v1": {"space": {"metadata": {"name": "blue"}}},
            "kubernetes_role_v1": {"reader": {"depends_on": ["aws_s3_bucket_policy.media"], "metadata": {}}},
        },
        "data": {"aws_lb": {"shared": {"name": "front"}}},
        "output": {"arn": {"value": "${aws_s3_bucket.media.arn}"}, "lb": {"value": "${data.aws_lb.shared.name}"}},
    }
)


def test_blocks_are_found_by_type_and_name() -> None:
    assert TEMPLATE.all("aws_s3_bucket") == {"media": {"bucket": "pictures"}}
    assert TEMPLATE.one("data.aws_lb", "shared") == {"name": "front"}
    assert TEMPLATE.count("aws_s3_bucket") == 1
    assert TEMPLATE.count("aws_s3_object") == 0


def test_a_missing_block_is_reported_with_the_existing_ones() -> None:
    with pytest.raises(AssertionError, match=r"no aws_s3_bucket 'backups'; there are \['media'\]"):
        TEMPLATE.one("aws_s3_bucket", "backups")


def test_references_within_the_stack_are_resolved_and_others_kept() -> None:
    text = "s3://${aws_s3_bucket.media.bucket}/${kubernetes_namespace_v1.space.metadata[0].name}"
    assert TEMPLATE.resolve({"url": [text]}) == {"url": ["s3://pictures/blue"]}
    for unknown in ("${aws_s3_bucket.media.arn}", "${upper(aws_s3_bucket.media.bucket)}", "${aws_s3_bucket.gone.id}"):
        assert TEMPLATE.resolve(unknown) == unknown
    assert TEMPLATE.outputs == {"arn": "${aws_s3_bucket.media.arn}", "lb": "front"}


def test_dependencies_follow_references_and_depends_on() -> None:
    assert TEMPLATE.dependencies("kubernetes_role_v1.reader") == {"aws_s3_bucket_policy.media", "aws_s3_bucket.media"}
    assert TEMPLATE.dependencies("aws_s3_bucket.media") == set()


def test_equal_values_and_extra_keys_are_not_differences() -> None:
    assert not list(differences({"a": [{"b": 1, "c": 2}], "d": 3}, {"a": [{"b": 1}], "gone": None}, "at"))


def test_each_difference_is_one_line_with_its_place() -> None:
    actual = {"a": [{"b": 1}, 2], "c": "x", "d": True, "e": [1], "g": {}}
    expected = {"a": [{"b": 2}, 2], "c": None, "d": 1, "e": [1, 2], "f": 4, "g": []}
    assert list(differences(actual, expected, "at")) == [
        "at.a[0].b: expected 2, found 1",
        "at.c: expected nothing, found 'x'",
        "at.d: expected 1, found True",
        "at.e: expected [1, 2], found [1]",
        "at.f: expected 4, found nothing",
        "at.g: expected [], found {}",
    ]
