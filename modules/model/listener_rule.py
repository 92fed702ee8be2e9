"""A rule of an Application Load Balancer's listener, and which of a listener's rules answer a request.

A listener evaluates its rules in priority order, the lowest number first and the default rule last; the first rule
whose conditions all hold answers. A condition holds if one of its values matches; ``*`` stands for any characters or
none, ``?`` for exactly one. Host names ignore case, paths do not.
Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HostHeaderConditionConfig.html
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

HOST, PATH = "host-header", "path-pattern"


class Answers(IntEnum):
    """Whether a rule answers none, some or all of the requests in question."""

    NEVER = 0
    SOMETIMES = 1
    ALWAYS = 2


@dataclass(frozen=True, kw_only=True)
class Condition:
    """field: the compared part of a request, by ELB's name. values: with wildcards. regexes: regular expressions."""

    field: str
    values: tuple[str, ...] = ()
    regexes: tuple[str, ...] = ()

    def answers(self, host: str, path: str | None) -> Answers:
        """Whether it holds for requests for this host and path; None means every path."""
        if self.field == HOST:
            return self._of(any(_matches(value, host, re.IGNORECASE) for value in self.values), host)
        if self.field == PATH and path is not None:
            return self._of(any(_matches(value, path) for value in self.values), path)
        if self.field == PATH and any(_is_every_path(value) for value in self.values):
            return Answers.ALWAYS
        # Methods, headers, query strings and addresses depend on the individual request.
        return Answers.SOMETIMES

    def _of(self, matched: bool, text: str) -> Answers:  # noqa: FBT001 the answer of the line above
        if matched:
            return Answers.ALWAYS
        # The regular expressions use ELB's own dialect: a pattern that could match counts as SOMETIMES.
        return Answers.SOMETIMES if any(_could_match(regex, text) for regex in self.regexes) else Answers.NEVER


@dataclass(frozen=True, kw_only=True)
class Redirect:
    """The target of a redirect: ``#{...}`` stands for the request's own part. status: HTTP_301 or HTTP_302."""

    protocol: str
    host: str
    port: str
    path: str
    query: str
    status: str

    def location(self, *, protocol: str, host: str, port: int, path: str, query: str) -> str:
        """Return the URL that a request is redirected to. path: with its slash. query: without its question mark."""
        had = {"protocol": protocol, "host": host, "port": str(port), "path": path.removeprefix("/"), "query": query}
        text = f"{self.protocol.lower()}://{self.host}:{self.port}{self.path}?{self.query}"
        return re.sub(r"#\{(\w+)\}", lambda found: had[found[1]], text).removesuffix("?")


@dataclass(frozen=True, kw_only=True)
class FixedResponse:
    """A response that a rule gives by itself."""

    status: int
    content_type: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule. priority: None for the default rule. kind: of its last action, which decides, such as ``forward``.

    target_groups: the ARNs of those that it forwards to. redirect: its redirect, if any. fixed: its fixed response, if
    any.
    """

    arn: str
    priority: int | None
    conditions: tuple[Condition, ...]
    kind: str
    target_groups: tuple[str, ...] = ()
    redirect: Redirect | None = None
    fixed: FixedResponse | None = None

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names in its conditions, as written there."""
        return tuple(
            text
            for condition in self.conditions
            if condition.field == HOST
            for text in (*condition.values, *condition.regexes)
        )

    def answers(self, host: str, path: str | None = None) -> Answers:
        """Whether it answers requests for this host and path that reach it; None means every path."""
        return min((condition.answers(host, path) for condition in self.conditions), default=Answers.ALWAYS)

    def __str__(self) -> str:
        place = "the default rule" if self.priority is None else f"rule {self.priority}"
        return f"{place} ({', '.join(self.hosts) or 'every host'})"


def answering(rules: Iterable[Rule], host: str, path: str | None = None) -> list[Rule]:
    """The rules that answer requests for this host and path, in evaluation order.

    path: None means every path. All but the last answer only some of the requests; rules after the first that answers
    all of them are never reached.
    """
    found = []
    for rule in sorted(rules, key=lambda rule: (rule.priority is None, rule.priority)):
        answers = rule.answers(host, path)
        if answers is not Answers.NEVER:
            found.append(rule)
        if answers is Answers.ALWAYS:
            break
    return found


def _matches(value: str, text: str, flags: int = 0) -> bool:
    pattern = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in value)
    return re.fullmatch(pattern, text, flags | re.DOTALL) is not None


def _could_match(regex: str, text: str) -> bool:
    try:
        return re.search(regex, text, re.IGNORECASE) is not None
    except re.error:
        return True


def _is_every_path(value: str) -> bool:
    # Every path begins with a slash.
    return re.fullmatch(r"/?\*+", value) is not None
