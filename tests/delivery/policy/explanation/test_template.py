"""Which parts of a template string are plain text."""

import pytest

from delivery.policy.explanation.template import Expression, parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", ("plain",)),
        ("", ("",)),
        ("${a.b}", (Expression("a.b"),)),
        ("x-${a.b}/*", ("x-", Expression("a.b"), "/*")),
        ("$${a.b}", ("${a.b}",)),
        ('${f({"}" = "${a.b}"})}!', (Expression('f({"}" = "${a.b}"})'), "!")),
        ("%{ if true }x%{ endif }", (Expression("%{ if true }x%{ endif }"),)),
        ("${a.b", (Expression("${a.b"),)),
    ],
)
def test_a_template_is_split_into_text_and_expressions(text: str, expected: tuple[str | Expression, ...]) -> None:
    assert parts(text) == expected
