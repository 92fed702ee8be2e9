"""The few calls of GitHub's REST and GraphQL APIs that the workflows need, typed.

Why not one of the client libraries: docs/decisions/2026-11-24-github-client.md. Source of paths and fields:
https://docs.github.com/en/rest (version 2022-11-28) and https://docs.github.com/en/graphql/reference.
"""

import json
import os
import re
from collections.abc import Mapping
from typing import Literal, TypeVar
from urllib.parse import quote

import urllib3
from pydantic import AliasChoices, AliasPath, Field, TypeAdapter, ValidationError

from delivery.github.objects import (
    Artifact,
    Branch,
    Comment,
    GitHubObject,
    Issue,
    Permission,
    PullRequest,
    Repository,
    Review,
    Run,
    SubjectTemplate,
)

_VERSION = "2022-11-28"
_API = "https://api.github.com"
# A repeated POST would create a second comment; the other methods are idempotent.
_RETRY = urllib3.Retry(
    total=4,
    backoff_factor=1,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods=("GET", "PATCH", "DELETE"),
    raise_on_status=False,
)
_TIMEOUT = urllib3.Timeout(connect=10, read=60)
# An environment's plan and stack take about 2 MB uncompressed.
_LARGEST_ARTIFACT = 64 * 1024 * 1024
_NEXT = re.compile(r'<([^>]+)>; rel="next"')
_PAGE = 100
_EDITOR = "query($id: ID!) { node(id: $id) { ... on Comment { editor { __typename login } } } }"
_AUTHOR = "query($id: ID!) { node(id: $id) { ... on Comment { viewerDidAuthor } } }"


class GitHubError(Exception):
    """GitHub refused or failed, or a variable for the call is missing; the message contains no token."""


class _Artifacts(GitHubObject):
    artifacts: tuple[Artifact, ...]


class _Editor(GitHubObject):
    typename: str = Field(validation_alias=AliasChoices("__typename", "typename"))
    login: str


class _Node(GitHubObject):
    editor: _Editor | None


class _Data(GitHubObject):
    node: _Node


class _Edited(GitHubObject):
    data: _Data


class _Authored(GitHubObject):
    own: bool = Field(validation_alias=AliasPath("data", "node", "viewerDidAuthor"))


_Model = TypeVar("_Model")


class GitHub:
    """One repository, with the permissions of one token. Every call raises GitHubError."""

    def __init__(self, *, api: str, graphql: str, repository: str, token: str) -> None:
        self._api = api.rstrip("/")
        self._graphql = graphql
        self._token = token
        self.owner = repository.partition("/")[0]
        self._repository = f"{self._api}/repos/{repository}"
        self._pool = urllib3.PoolManager(
            retries=_RETRY,
            timeout=_TIMEOUT,
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {token}",
                "User-Agent": repository,
                "X-GitHub-Api-Version": _VERSION,
            },
        )

    @classmethod
    def from_variables(cls, variables: Mapping[str, str] = os.environ) -> "GitHub":
        """Return this workflow run's repository, from the variables that GitHub sets and GITHUB_TOKEN."""
        names = ("GITHUB_API_URL", "GITHUB_GRAPHQL_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN")
        if missing := [name for name in names if not variables.get(name)]:
            raise GitHubError(
                f"{', '.join(missing)} not set; a workflow's step sets GITHUB_TOKEN, GitHub the others "
                "(without GitHub: make rehearse)"
            )
        api, graphql, repository, token = (variables[name] for name in names)
        return cls(api=api, graphql=graphql, repository=repository, token=token)

    @classmethod
    def of(cls, repository: str, variables: Mapping[str, str] = os.environ) -> "GitHub":
        """Return this repository, in a workflow or at a terminal; only a token is required.

        In a workflow, the workflow's own repository takes precedence, so that a fork can try its workflows.
        """
        token = variables.get("GITHUB_TOKEN") or variables.get("GH_TOKEN")
        if not token:
            raise GitHubError(
                f"neither GITHUB_TOKEN nor GH_TOKEN is set; allowed: a token that may read {repository}, for example: "
                'export GITHUB_TOKEN="$(gh auth token)"'
            )
        return cls(
            api=variables.get("GITHUB_API_URL") or _API,
            graphql=variables.get("GITHUB_GRAPHQL_URL") or f"{_API}/graphql",
            repository=variables.get("GITHUB_REPOSITORY") or repository,
            token=token,
        )

    def elsewhere(self, repository: str) -> "GitHub":
        """Return another repository, OWNER/NAME, with the same token."""
        return GitHub(api=self._api, graphql=self._graphql, repository=repository, token=self._token)

    def repository(self) -> Repository:
        """The repository itself."""
        return read(Repository, self.send("GET", ""))

    def subject_template(self) -> SubjectTemplate:
        """The form of its workflows' subjects."""
        return read(SubjectTemplate, self.send("GET", "/actions/oidc/customization/sub"))

    def comments(self, number: int) -> list[Comment]:
        """The comments on an issue or a pull request, the oldest first."""
        return read(list[Comment], self.pages(f"/issues/{number}/comments"))

    def create_comment(self, number: int, body: str) -> None:
        """Comment on an issue or a pull request."""
        self.send("POST", f"/issues/{number}/comments", {"body": body})

    def update_comment(self, comment: Comment, body: str) -> None:
        """Replace a comment's text."""
        self.send("PATCH", f"/issues/comments/{comment.id}", {"body": body})

    def delete_comment(self, comment: Comment) -> None:
        """Delete a comment."""
        self.send("DELETE", f"/issues/comments/{comment.id}")

    def is_edited_by_people(self, comment: Comment) -> bool:
        """Whether anyone but a workflow has edited the comment; REST does not say who edited."""
        variables = {"id": comment.node_id}
        answer = read(_Edited, self._json("POST", self._graphql, {"query": _EDITOR, "variables": variables}))
        return answer.data.node.editor not in (None, _Editor(typename="Bot", login="github-actions"))

    def is_own(self, comment: Comment) -> bool:
        """Whether the comment was written with a token of this client's user or App."""
        content = {"query": _AUTHOR, "variables": {"id": comment.node_id}}
        return read(_Authored, self._json("POST", self._graphql, content)).own

    def pull_request(self, number: int) -> PullRequest:
        """The current state of a pull request."""
        return read(PullRequest, self.send("GET", f"/pulls/{number}"))

    def open_pull_requests(self, head: str) -> list[PullRequest]:
        """The open pull requests of a branch. head: ``OWNER:BRANCH``."""
        # GitHub ignores any other form and returns every pull request.
        if not re.fullmatch(r"[^:\s]+:\S+", head):
            raise GitHubError(f"the head {head!r} names no branch; allowed: OWNER:BRANCH")
        path = f"/pulls?state=open&head={quote(head, safe='')}"
        return read(list[PullRequest], self.pages(path))

    def labelled_pull_requests(self, label: str) -> list[int]:
        """The sorted numbers of the open pull requests with a label. Raises GitHubError, also if the list has gaps."""
        rows = self.pages(f"/issues?state=open&labels={quote(label, safe='')}", whole=True)
        return sorted(issue.number for issue in read(list[Issue], rows) if not issue.is_one)

    def permission(self, login: str) -> Permission:
        """A user's permission in the repository."""
        return read(Permission, self.send("GET", f"/collaborators/{quote(login, safe='')}/permission"))

    def reviews(self, number: int) -> list[Review]:
        """The reviews of a pull request, the oldest first."""
        return read(list[Review], self.pages(f"/pulls/{number}/reviews"))

    def set_status(
        self,
        commit: str,
        *,
        state: Literal["pending", "success", "failure", "error"],
        context: str,
        description: str,
        url: str,
    ) -> None:
        """Set a commit's status. context: its name. description: at most 140 characters. url: the details page."""
        fields = {"state": state, "context": context, "description": description, "target_url": url}
        self.send("POST", f"/statuses/{commit}", fields)

    def branch(self, name: str) -> Branch:
        """The current state of a branch."""
        return read(Branch, self.send("GET", f"/branches/{quote(name)}"))

    def workflow_run(self, run: int) -> Run:
        """A run of a workflow."""
        return read(Run, self.send("GET", f"/actions/runs/{run}"))

    def pull_requests_of(self, commit: str) -> list[PullRequest]:
        """The pull requests that a commit belongs to."""
        return read(list[PullRequest], self.pages(f"/commits/{commit}/pulls"))

    def issues(self, label: str) -> list[Issue]:
        """The issues with a label, open and closed, the newest first, without pull requests."""
        return [issue for issue in read(list[Issue], self.pages(f"/issues?state=all&labels={label}")) if issue.is_one]

    def create_issue(self, *, title: str, body: str, label: str) -> Issue:
        """Open an issue; creates a missing label."""
        return read(Issue, self.send("POST", "/issues", {"title": title, "body": body, "labels": [label]}))

    def update_issue(self, issue: Issue, *, body: str, state: Literal["open", "closed"]) -> None:
        """Set an issue's text, and open or close it."""
        self.send("PATCH", f"/issues/{issue.number}", {"body": body, "state": state})

    def artifacts(self, run: int, name: str) -> tuple[Artifact, ...]:
        """A workflow run's artifacts of this name."""
        return read(_Artifacts, self.send("GET", f"/actions/runs/{run}/artifacts?name={name}")).artifacts

    def download(self, artifact: Artifact) -> bytes:
        """Return an artifact's zip archive. The token is not sent to the storage that GitHub redirects to."""
        if artifact.size_in_bytes > _LARGEST_ARTIFACT:
            raise GitHubError(
                f"the artifact {artifact.name!r} has {artifact.size_in_bytes} bytes; allowed: "
                f"at most {_LARGEST_ARTIFACT}"
            )
        return self._request("GET", f"{self._repository}/actions/artifacts/{artifact.id}/zip").data

    def pages(self, path: str, *, whole: bool = False) -> list[object]:
        """Return the rows of all pages of a list. path: relative to the repository.

        whole: reject a list that lost rows on the way, which shows as a page that has a successor but is not full.
        GitHub does not promise full pages, so use this only where a lost row would do harm.
        """
        rows: list[object] = []
        url: str | None = f"{self._repository}{path}{'&' if '?' in path else '?'}per_page={_PAGE}"
        while url:
            answer = self._request("GET", url)
            page = read(list[object], _content(answer))
            rows += page
            following = _NEXT.search(answer.headers.get("Link", ""))
            if whole and following and len(page) != _PAGE:
                raise GitHubError(
                    f"GitHub: GET {url.removeprefix(self._api)}: {len(page)} rows instead of a full page's {_PAGE}"
                )
            url = following[1] if following else None
        return rows

    def send(self, method: str, path: str, content: Mapping[str, object] | None = None) -> object:
        """Return the response to one call, None if it is empty. path: relative to the repository."""
        return self._json(method, f"{self._repository}{path}", content)

    def _json(self, method: str, url: str, content: Mapping[str, object] | None) -> object:
        return _content(self._request(method, url, content))

    def _request(self, method: str, url: str, content: Mapping[str, object] | None = None) -> urllib3.BaseHTTPResponse:
        place = f"{method} {url.removeprefix(self._api)}"
        try:
            answer = self._pool.request(method, url, json=content)
        except urllib3.exceptions.HTTPError as error:
            raise GitHubError(f"GitHub: {place}: no answer: {error}") from None
        if answer.status >= 300:
            raise GitHubError(f"GitHub: {place}: {answer.status}: {_message(answer.data)}")
        return answer


def read(kind: type[_Model], content: object) -> _Model:
    """Parse a response into the object that GitHub documents. Raises GitHubError."""
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in error.errors()]
        raise GitHubError(f"GitHub's answer does not match its documentation: {'; '.join(problems[:3])}") from None


def _content(answer: urllib3.BaseHTTPResponse) -> object:
    try:
        return json.loads(answer.data) if answer.data else None
    except ValueError:
        raise GitHubError(f"GitHub's answer is not JSON: {answer.data[:200]!r}") from None


def _message(body: bytes) -> str:
    """GitHub's error message."""
    try:
        answer = json.loads(body)
    except ValueError:
        return body[:200].decode(errors="replace")
    return str(answer.get("message", answer)) if isinstance(answer, dict) else str(answer)
