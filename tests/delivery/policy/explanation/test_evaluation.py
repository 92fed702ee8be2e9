"""Evaluating a stack's expressions."""

import pytest

from delivery.policy.explanation.evaluation import OneOf, Unexplained, evaluate
from delivery.policy.explanation.known_values import KnownValues
from delivery.redaction.marks import UNKNOWN, Sensitive

KNOWN = KnownValues(
    {
        "aws_s3_bucket.media": {"bucket": "media", "arn": UNKNOWN, "tags": {"a": "b"}},
        "data.aws_subnet.all": {"one": {"cidr_block": "10.0.0.0/24"}},
        "postgresql_role.x": {"password": Sensitive("hunter2")},
    }
)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"a": [1, True, None, "x"]}, {"a": [1, True, None, "x"]}),
        ("${aws_s3_bucket.media.bucket}", "media"),
        ("arn:${aws_s3_bucket.media.bucket}/*", "arn:media/*"),
        ("${aws_s3_bucket.media.tags}", {"a": "b"}),
        ('${data.aws_subnet.all["one"].cidr_block}', "10.0.0.0/24"),
        ("${aws_s3_bucket.media.arn}", UNKNOWN),
        ("${aws_s3_bucket.media.arn}/*", UNKNOWN),
        ("${postgresql_role.x.password}", Sensitive("hunter2")),
        ("x${postgresql_role.x.password}", Sensitive("xhunter2")),
        ("${3}", 3),
        ("${upper(data.aws_subnet.all)}", OneOf(frozenset({"10.0.0.0/24"}))),
        ('${sensitive("x")}', Sensitive(OneOf(frozenset({"x"})))),
        ('${nonsensitive("x")}', OneOf(frozenset({"x"}))),
        ("${aws_s3_bucket.other.bucket}", Unexplained("aws_s3_bucket.other")),
        ("${timestamp()}", Unexplained("timestamp()")),
    ],
)
def test_an_expression_evaluates_to_its_known_value(tree: object, expected: object) -> None:
    assert evaluate(tree, KNOWN) == expected


def test_named_values_are_scoped_to_their_block() -> None:
    assert evaluate("${each.value.a}", KNOWN.within(each={"key": "k", "value": {"a": "x"}})) == "x"
    assert evaluate("${each.value.a}", KNOWN) == Unexplained("each.value")
