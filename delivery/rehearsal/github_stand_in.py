"""A small server that answers like GitHub's API, for the rehearsal and the tests.

It keeps pull requests, comments, issues and artifacts in memory, requires a token, cuts lists into pages and refuses
what GitHub refuses, in the documented form (https://docs.github.com/en/rest). Every caller is the workflows' bot.
"""

import io
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, abort, jsonify, make_response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

from delivery.rehearsal.github_branches import Branches
from delivery.rehearsal.github_deployments import Deployments
from delivery.rehearsal.github_pull_requests import route_pull_requests
from delivery.report.markdown import LIMIT

_LONGEST_DESCRIPTION = 140
BOT = {"login": "github-actions[bot]", "type": "Bot"}
Row = dict[str, Any]


def person(login: str) -> dict[str, str]:
    """A user who is not a bot."""
    return {"login": login, "type": "User"}


@dataclass(kw_only=True)
class GitHubStandIn:
    """The content of one repository: objects as in GitHub's JSON, with the fields in use.

    comments, editors: of each issue or pull request by number, and a comment's last editor by node id. reviews: of each
    pull request. permissions: of each user by login. statuses: of each commit. runs: of workflows. branches: the tip of
    each; git: their content. identity, subject_template: of the repository, and of its workflows' tokens. requests:
    ``METHOD PATH`` of each call, in order. url: of the API while it is served.
    """

    repository: str
    token: str
    url: str = ""
    pull_requests: list[Row] = field(default_factory=list)
    comments: dict[int, list[Row]] = field(default_factory=dict)
    editors: dict[str, Mapping[str, str] | None] = field(default_factory=dict)
    issues: list[Row] = field(default_factory=list)
    artifacts: list[Row] = field(default_factory=list)
    reviews: dict[int, list[Row]] = field(default_factory=dict)
    permissions: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, list[Row]] = field(default_factory=dict)
    runs: list[Row] = field(default_factory=list)
    branches: dict[str, str] = field(default_factory=dict)
    deployments: Deployments = field(default_factory=Deployments)
    git: Branches = field(init=False)
    identity: Row = field(
        default_factory=lambda: {"id": 1, "owner": {"id": 2}, "created_at": "2025-11-01T12:00:00Z"},
    )
    subject_template: Row = field(default_factory=lambda: {"use_default": True})
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.git = Branches(tips=self.branches)

    def variables(self) -> dict[str, str]:
        """The variables through which a workflow's step finds the API."""
        return {
            "GITHUB_API_URL": self.url,
            "GITHUB_GRAPHQL_URL": f"{self.url}/graphql",
            "GITHUB_REPOSITORY": self.repository,
            "GITHUB_TOKEN": self.token,
        }

    def add_comment(self, number: int, user: Mapping[str, str], body: str) -> Row:
        """Comment on an issue or a pull request as this user."""
        identity = len(self.editors) + 1
        comment = {"id": identity, "node_id": f"IC_{identity}", "user": dict(user), "body": body}
        self.comments.setdefault(number, []).append(comment)
        self.editors[f"IC_{identity}"] = None
        return comment

    def edit_comment(self, comment: Row, user: Mapping[str, str], body: str) -> None:
        """Edit a comment as this user."""
        comment["body"] = body
        # The GraphQL API names a bot without the suffix of the REST API.
        editor = {"__typename": user["type"], "login": user["login"].removesuffix("[bot]")}
        self.editors[comment["node_id"]] = editor

    @property
    def next_number(self) -> int:
        """Issues and pull requests share one count."""
        return max((row["number"] for row in (*self.issues, *self.pull_requests)), default=0) + 1

    def open_pull_request(self, head: str, base: str, *, title: str, body: str) -> Row:
        """Open a pull request from a branch to another, as a workflow does."""
        row = {
            "number": self.next_number,
            "state": "open",
            "user": BOT,
            "title": title,
            "body": body,
            "head": {"sha": self.branches[head], "ref": head, "repo": {"full_name": self.repository}},
            "base": {"sha": self.branches[base], "ref": base, "repo": {"full_name": self.repository}},
            "labels": [],
            "merged_at": None,
            "merge_commit_sha": None,
        }
        self.pull_requests.append(row)
        return row

    def add_artifact(self, run: int, name: str, files: Mapping[str, bytes]) -> None:
        """Store files as a workflow run's artifact."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as content:
            for path, data in files.items():
                content.writestr(path, data)
        data = archive.getvalue()
        artifact = {"id": len(self.artifacts), "name": name, "expired": False, "size_in_bytes": len(data)}
        self.artifacts.append({**artifact, "run": run, "data": data})

    def add_review(self, number: int, user: Mapping[str, str], state: str, **fields: object) -> None:
        """Review a pull request as this user. state: APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""
        self.reviews.setdefault(number, []).append({"user": dict(user), "state": state, **fields})

    def add_run(self, run: int, path: str, *, event: str, branch: str, commit: str, repository: str = "") -> None:
        """Add a workflow run. path: of its file. repository: of its head, by default this one."""
        head = {
            "head_branch": branch,
            "head_sha": commit,
            "head_repository": {"full_name": repository or self.repository},
        }
        self.runs.append({"id": run, "path": path, "event": event, **head})

    @contextmanager
    def serve(self) -> Iterator["GitHubStandIn"]:
        """Serve on a free port of the loopback interface while the context lasts."""
        server = make_server("127.0.0.1", 0, _application(self), threaded=True, request_handler=_Handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        # The poll interval of the shutdown, which every test waits for.
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Handler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing: ``requests`` records the calls."""


def _application(github: GitHubStandIn) -> Flask:  # noqa: PLR0915 a list of routes
    application = Flask(__name__)
    repository = f"/repos/{github.repository}"

    @application.before_request
    def authenticate() -> None:
        github.requests.append(f"{request.method} {request.full_path.rstrip('?')}")
        authorization = request.headers.get("Authorization")
        # The storage is not on the API's address and must never see the token.
        if authorization != (None if request.path.startswith("/storage/") else f"Bearer {github.token}"):
            abort(401, "Bad credentials")

    @application.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> ResponseReturnValue:
        return jsonify(message=error.description, status=str(error.code)), error.code or 500

    def page(rows: list[Row]) -> Response:
        size, number = min(int(request.args.get("per_page", 30)), 100), int(request.args.get("page", 1))
        answer = jsonify(rows[size * (number - 1) : size * number])
        if len(rows) > size * number:
            query = urlencode({**request.args, "page": number + 1})
            answer.headers["Link"] = f'<{request.base_url}?{query}>; rel="next"'
        return answer

    def content() -> Row:
        fields: Row = request.get_json()
        if len(fields.get("body", "")) > LIMIT:
            abort(422, f"Validation Failed: body is too long (maximum is {LIMIT} characters)")
        return fields

    def one(rows: list[Row], key: str, value: object) -> Row:
        return next((row for row in rows if row[key] == value), None) or abort(404, "Not Found")

    def comment_of(identity: object, *, key: str = "id") -> Row:
        return one([row for rows in github.comments.values() for row in rows], key, identity)

    github.deployments.route(application, repository, page, BOT)
    github.git.route(application, repository, page)
    route_pull_requests(application, github, page, content)

    @application.get(repository)
    def get_repository() -> ResponseReturnValue:
        return github.identity

    @application.get(f"{repository}/actions/oidc/customization/sub")
    def get_subject_template() -> ResponseReturnValue:
        return github.subject_template

    @application.get(f"{repository}/collaborators/<login>/permission")
    def get_permission(login: str) -> ResponseReturnValue:
        return {"permission": github.permissions.get(login, "read"), "user": person(login)}

    @application.get(f"{repository}/issues/<int:number>/comments")
    def list_comments(number: int) -> ResponseReturnValue:
        return page(github.comments.get(number, []))

    @application.post(f"{repository}/issues/<int:number>/comments")
    def create_comment(number: int) -> ResponseReturnValue:
        one([*github.pull_requests, *github.issues], "number", number)
        return github.add_comment(number, BOT, content()["body"]), 201

    @application.patch(f"{repository}/issues/comments/<int:identity>")
    def update_comment(identity: int) -> ResponseReturnValue:
        comment = comment_of(identity)
        github.edit_comment(comment, BOT, content()["body"])
        return comment

    @application.delete(f"{repository}/issues/comments/<int:identity>")
    def delete_comment(identity: int) -> ResponseReturnValue:
        comment = comment_of(identity)
        next(rows for rows in github.comments.values() if comment in rows).remove(comment)
        return "", 204

    @application.post(f"{repository}/statuses/<commit>")
    def create_status(commit: str) -> ResponseReturnValue:
        fields = content()
        if len(fields["description"]) > _LONGEST_DESCRIPTION:
            abort(422, f"Validation Failed: description is too long (maximum is {_LONGEST_DESCRIPTION} characters)")
        github.statuses.setdefault(commit, []).append(fields)
        return fields, 201

    @application.get(f"{repository}/branches/<path:name>")
    def get_branch(name: str) -> ResponseReturnValue:
        commit = github.branches.get(name) or abort(404, "Branch not found")
        return {"name": name, "commit": {"sha": commit}}

    @application.get(f"{repository}/actions/runs/<int:run>")
    def get_run(run: int) -> ResponseReturnValue:
        return one(github.runs, "id", run)

    @application.get(f"{repository}/issues")
    def list_issues() -> ResponseReturnValue:
        state, label = request.args.get("state", "open"), {"name": request.args.get("labels")}
        pulls = [{**row, "pull_request": {}} for row in github.pull_requests]
        both = sorted([*github.issues, *pulls], key=lambda row: row["number"])
        rows = [row for row in both if state in ("all", row["state"]) and label in row["labels"]]
        return page(list(reversed(rows)))

    @application.post(f"{repository}/issues")
    def create_issue() -> ResponseReturnValue:
        fields = content()
        number = github.next_number
        labels = [{"name": label} for label in fields["labels"]]
        issue = {**fields, "number": number, "state": "open", "user": BOT, "labels": labels}
        github.issues.append(issue)
        return issue, 201

    @application.patch(f"{repository}/issues/<int:number>")
    def update_issue(number: int) -> ResponseReturnValue:
        issue = one(github.issues, "number", number)
        issue.update(content())
        return issue

    @application.get(f"{repository}/actions/runs/<int:run>/artifacts")
    def list_artifacts(run: int) -> ResponseReturnValue:
        rows = [row for row in github.artifacts if (row["run"], row["name"]) == (run, request.args["name"])]
        shown = [{key: row[key] for key in ("id", "name", "expired", "size_in_bytes")} for row in rows]
        return {"total_count": len(shown), "artifacts": shown}

    @application.get(f"{repository}/actions/artifacts/<int:identity>/zip")
    def refer_to_storage(identity: int) -> ResponseReturnValue:
        artifact = one(github.artifacts, "id", identity)
        if artifact["expired"]:
            abort(410, "Artifact has expired")
        return redirect(f"{github.url.replace('127.0.0.1', 'localhost')}/storage/{identity}")

    @application.get("/storage/<int:identity>")
    def download(identity: int) -> ResponseReturnValue:
        data: bytes = one(github.artifacts, "id", identity)["data"]
        answer = make_response(data)
        answer.headers["Content-Type"] = "application/zip"
        return answer

    @application.post("/graphql")
    def graphql() -> ResponseReturnValue:
        asked = request.get_json()
        identity = asked["variables"]["id"]
        if identity not in github.editors:
            return {"data": {"node": None}, "errors": [{"type": "NOT_FOUND"}]}
        if "viewerDidAuthor" in asked["query"]:
            return {"data": {"node": {"viewerDidAuthor": comment_of(identity, key="node_id")["user"] == BOT}}}
        return {"data": {"node": {"editor": github.editors[identity]}}}

    return application
