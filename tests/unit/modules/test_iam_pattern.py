"""Which texts an IAM policy pattern matches, and which other patterns it includes."""

import pytest

from modules.model.iam_pattern import pattern_includes, pattern_matches


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("s3:GetObject", "s3:GetObject"),
        ("*", ""),
        ("*", "s3:GetObject"),
        ("s3:Get*", "s3:GetObject"),
        ("s3:Get*", "s3:Get"),
        ("arn:aws:s3:::media/*", "arn:aws:s3:::media/a/b.jpg"),
        ("arn:aws:s3:::media/?.jpg", "arn:aws:s3:::media/a.jpg"),
        ("arn:aws:s3:::media/?.jpg", "arn:aws:s3:::media/*.jpg"),
        ("secret:name-??????", "secret:name-yZoIHG"),
        ("a*c", "a\nc"),
        ("a.c", "a.c"),
        ("${aws:username}", "${aws:username}"),
    ],
)
def test_a_pattern_matches_what_its_wildcards_allow(pattern: str, text: str) -> None:
    assert pattern_matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("s3:GetObject", "s3:GetObjectVersion"),
        ("s3:GetObject", "s3:getobject"),
        ("GetObject", "s3:GetObject"),
        ("arn:aws:s3:::media/?.jpg", "arn:aws:s3:::media/.jpg"),
        ("arn:aws:s3:::media/?.jpg", "arn:aws:s3:::media/ab.jpg"),
        ("a.c", "abc"),
        ("a[bc]", "ab"),
        ("", "a"),
    ],
)
def test_a_pattern_matches_nothing_else(pattern: str, text: str) -> None:
    assert not pattern_matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "narrower"),
    [("s3:*", "s3:Get*"), ("media/*", "media/?"), ("media/?", "media/?"), ("media/?", "media/a"), ("*", "*")],
)
def test_a_pattern_includes_a_narrower_one(pattern: str, narrower: str) -> None:
    assert pattern_includes(pattern, narrower)


@pytest.mark.parametrize(
    ("pattern", "other"),
    [
        ("s3:Get*", "s3:*"),
        ("media/a", "media/*"),
        ("media/a", "media/?"),
        ("media/?", "media/*"),
        ("name-??", "name-*"),
    ],
)
def test_a_pattern_includes_no_wider_one(pattern: str, other: str) -> None:
    assert not pattern_includes(pattern, other)
