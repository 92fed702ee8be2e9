"""Which rules of a listener answer a request."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.model.listener_rule import Answers, Condition, Redirect, Rule, answering

API = "api.mosaiclife.me"


def rule(priority: int | None, *hosts: str, paths: tuple[str, ...] = ("/*",), more: tuple[Condition, ...] = ()) -> Rule:
    conditions = (
        *([Condition(field="host-header", values=hosts)] if hosts else []),
        *([Condition(field="path-pattern", values=paths)] if paths else []),
        *more,
    )
    return Rule(arn=f"rule/{priority}", priority=priority, conditions=conditions, kind="forward")


DEFAULT = rule(None, paths=())


def priorities(*rules: Rule, host: str = API, path: str | None = None) -> list[int | None]:
    return [found.priority for found in answering(rules, host, path)]


def test_an_earlier_wildcard_wins_over_the_host_itself() -> None:
    assert priorities(DEFAULT, rule(2, API), rule(1, "ap?.mosaiclife.me")) == [1]
    assert priorities(DEFAULT, rule(1, API), rule(2, "ap?.mosaiclife.me")) == [1]


def test_the_default_rule_answers_unmatched_requests() -> None:
    assert priorities(DEFAULT, rule(1, "stage.mosaiclife.me")) == [None]


@pytest.mark.parametrize(
    ("written", "host", "answers"),
    [
        ("api.mosaiclife.me", "API.MosaicLife.me", Answers.ALWAYS),
        ("API.mosaiclife.me", API, Answers.ALWAYS),
        ("*.mosaiclife.me", API, Answers.ALWAYS),
        ("*.mosaiclife.me", "a.b.mosaiclife.me", Answers.ALWAYS),
        ("*.mosaiclife.me", "mosaiclife.me", Answers.NEVER),
        ("ap?.mosaiclife.me", "ap.mosaiclife.me", Answers.NEVER),
        ("api?.mosaiclife.me", API, Answers.NEVER),
        ("api*.mosaiclife.me", API, Answers.ALWAYS),
        ("api.mosaiclife.m", API, Answers.NEVER),
        # A dot is literal, and brackets are not a pattern.
        ("apixmosaiclife.me", API, Answers.NEVER),
        ("ap[i].mosaiclife.me", API, Answers.NEVER),
    ],
)
def test_hosts_are_matched_with_wildcards_and_without_case(written: str, host: str, answers: Answers) -> None:
    assert rule(1, written).answers(host) is answers


@pytest.mark.parametrize(
    ("written", "path", "answers"),
    [
        ("/*", "/", Answers.ALWAYS),
        ("/admin/*", "/admin/", Answers.ALWAYS),
        ("/admin/*", "/admin", Answers.NEVER),
        ("/admin/*", "/Admin/x", Answers.NEVER),
        ("/?dmin", "/admin", Answers.ALWAYS),
        ("/*", None, Answers.ALWAYS),
        ("*", None, Answers.ALWAYS),
        ("/admin/*", None, Answers.SOMETIMES),
        ("/?*", None, Answers.SOMETIMES),
    ],
)
def test_paths_are_matched_with_wildcards_and_with_case(written: str, path: str | None, answers: Answers) -> None:
    assert rule(1, API, paths=(written,)).answers(API, path) is answers


def test_a_rule_for_some_paths_answers_only_those() -> None:
    rules = (rule(1, API, paths=("/admin/*", "/metrics")), rule(2, API), DEFAULT)
    assert priorities(*rules) == [1, 2]
    assert priorities(*rules, path="/metrics") == [1]
    assert priorities(*rules, path="/healthz") == [2]


@pytest.mark.parametrize("field", ["http-header", "http-request-method", "query-string", "source-ip"])
def test_conditions_on_the_request_count_as_some_requests(field: str) -> None:
    rules = (rule(1, API, more=(Condition(field=field),)), rule(2, API), DEFAULT)
    assert priorities(*rules, path="/") == [1, 2]
    assert priorities(*rules, host="other.mosaiclife.me") == [None]


@pytest.mark.parametrize(("regex", "answers"), [("^ap[ij]\\.", "SOMETIMES"), ("^web", "NEVER"), ("(?<x", "SOMETIMES")])
def test_a_regular_expression_that_could_match_counts_as_some_requests(regex: str, answers: str) -> None:
    found = Rule(
        arn="", priority=1, conditions=(Condition(field="host-header", regexes=(regex,)),), kind="fixed-response"
    )
    assert found.answers(API).name == answers
    assert found.hosts == (regex,)


def test_every_condition_has_to_hold() -> None:
    two = (Condition(field="host-header", values=("*.example.com",)),)
    assert rule(1, API, more=two).answers(API) is Answers.NEVER


LETTERS = st.text("ab.", max_size=8)
PATTERNS = st.text("ab.*?", max_size=8)


def matches(pattern: str, text: str) -> bool:
    """A second implementation without regular expressions, character by character."""

    @cache
    def rest(at: int, of: int) -> bool:
        if at == len(pattern):
            return of == len(text)
        if pattern[at] == "*":
            return rest(at + 1, of) or (of < len(text) and rest(at, of + 1))
        return of < len(text) and pattern[at] in ("?", text[of]) and rest(at + 1, of + 1)

    return rest(0, 0)


@given(pattern=PATTERNS, text=LETTERS)
def test_a_pattern_matches_character_by_character(pattern: str, text: str) -> None:
    assert (rule(1, pattern).answers(text) is Answers.ALWAYS) is matches(pattern, text)


@given(patterns=st.lists(PATTERNS, min_size=1, max_size=6), text=LETTERS, data=st.data())
def test_the_lowest_matching_number_answers_in_any_listing_order(
    patterns: list[str], text: str, data: st.DataObject
) -> None:
    rules = [rule(number, pattern) for number, pattern in enumerate(patterns, 1)]
    shuffled = data.draw(st.permutations([DEFAULT, *rules]))
    first = next((number for number, pattern in enumerate(patterns, 1) if matches(pattern, text)), None)
    assert priorities(*shuffled, host=text) == [first]


@given(patterns=st.lists(st.tuples(PATTERNS, st.booleans()), max_size=6), text=LETTERS)
def test_only_the_last_rule_answers_every_request_and_unreachable_rules_are_omitted(
    patterns: list[tuple[str, bool]], text: str
) -> None:
    rules = [
        rule(number, pattern, paths=("/*",) if whole else ("/a",))
        for number, (pattern, whole) in enumerate(patterns, 1)
    ]
    found = answering([*rules, DEFAULT], text)
    assert [it.answers(text) for it in found[:-1]] == [Answers.SOMETIMES] * (len(found) - 1)
    assert found[-1].answers(text) is Answers.ALWAYS


@pytest.mark.parametrize(
    ("changes", "path", "query", "location"),
    [
        ({}, "/a/b", "c=d", "https://api.mosaiclife.me:443/a/b?c=d"),
        ({}, "/", "", "https://api.mosaiclife.me:443/"),
        ({"protocol": "#{protocol}", "port": "#{port}"}, "/a", "", "http://api.mosaiclife.me:80/a"),
        ({"host": "www.#{host}", "path": "/new/#{path}"}, "/a", "", "https://www.api.mosaiclife.me:443/new/a"),
        ({"query": "from=#{query}"}, "/a", "b", "https://api.mosaiclife.me:443/a?from=b"),
        # Placeholders in the client's values are not replaced again.
        ({}, "/#{host}", "", "https://api.mosaiclife.me:443/#{host}"),
    ],
)
def test_a_redirect_keeps_the_requests_parts(changes: dict[str, str], path: str, query: str, location: str) -> None:
    given = {"protocol": "HTTPS", "host": "#{host}", "port": "443", "path": "/#{path}", "query": "#{query}"}
    redirect = Redirect(**{**given, **changes}, status="HTTP_301")
    assert redirect.location(protocol="http", host=API, port=80, path=path, query=query) == location
