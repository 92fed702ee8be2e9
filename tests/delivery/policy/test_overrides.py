"""The lines of a pull request's text by which it allows a finding."""

from delivery.policy.overrides import Overrides


def test_an_unreadable_line_is_kept_as_it_is() -> None:
    assert Overrides.of("plan-guard: please").unreadable == ("plan-guard: please",)
