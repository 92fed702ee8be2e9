"""GitHub's stand-in: branches, commits and files, and the references, dispatches and runs of a workflow."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, abort, request
from flask.typing import ResponseReturnValue

Row = dict[str, Any]


@dataclass(kw_only=True)
class Branches:
    """The commits of a repository. tips: of each branch. trees: files by tree id. commits: by their own id.

    dispatched: workflows that were started by name, with the branch; dispatched_commits: with the branch's commit at
    that time. comparisons: the answer about two commits, by ``OWNER/NAME`` and ``BEFORE...AFTER``.
    """

    tips: dict[str, str] = field(default_factory=dict)
    trees: dict[str, Mapping[str, str]] = field(default_factory=dict)
    commits: dict[str, Row] = field(default_factory=dict)
    dispatched: list[tuple[str, str]] = field(default_factory=list)
    dispatched_commits: list[tuple[str, str]] = field(default_factory=list)
    comparisons: dict[tuple[str, str], Row] = field(default_factory=dict)

    def commit(self, branch: str, files: Mapping[str, str], message: str = "") -> str:
        """Add a commit that changes these files to a branch, and return its id."""
        below = self.tips.get(branch)
        before = self.trees[self.commits[below]["tree"]["sha"]] if below in self.commits else {}
        self.tips[branch] = self._commit(self._tree({**before, **files}), [below] if below else [], message)
        return self.tips[branch]

    def files(self, branch: str) -> Mapping[str, str]:
        """The files of a branch."""
        return self.trees[self.commits[self.tips[branch]]["tree"]["sha"]]

    def route(self, application: Flask, repository: str, page: Callable[[list[Row]], Response]) -> None:
        """Register the routes. page: cuts a list into pages."""

        def known(rows: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 rows of any kind
            return rows.get(key) or abort(404, "Not Found")

        @application.get(f"{repository}/contents/<path:path>")
        def get_content(path: str) -> ResponseReturnValue:
            commit = known(self.commits, request.args["ref"])
            text = known(self.trees[commit["tree"]["sha"]], path)
            return {"content": base64.encodebytes(text.encode()).decode(), "encoding": "base64"}

        @application.get(f"{repository}/git/commits/<commit>")
        def get_commit(commit: str) -> ResponseReturnValue:
            return {"sha": commit, **known(self.commits, commit)}

        @application.post(f"{repository}/git/trees")
        def create_tree() -> ResponseReturnValue:
            fields = request.get_json()
            changed = {row["path"]: row["content"] for row in fields["tree"]}
            return {"sha": self._tree({**known(self.trees, fields["base_tree"]), **changed})}, 201

        @application.post(f"{repository}/git/commits")
        def create_commit() -> ResponseReturnValue:
            fields = request.get_json()
            known(self.trees, fields["tree"])
            return {"sha": self._commit(fields["tree"], fields["parents"], fields["message"])} | {
                "tree": {"sha": fields["tree"]},
                "parents": [{"sha": parent} for parent in fields["parents"]],
            }, 201

        @application.get(f"{repository}/git/matching-refs/heads/<path:name>")
        def list_references(name: str) -> ResponseReturnValue:
            return page(
                [
                    {"ref": f"refs/heads/{branch}", "object": {"sha": tip}}
                    for branch, tip in self.tips.items()
                    if branch.startswith(name)
                ]
            )

        @application.post(f"{repository}/git/refs")
        def create_reference() -> ResponseReturnValue:
            fields = request.get_json()
            branch = fields["ref"].removeprefix("refs/heads/")
            if branch in self.tips:
                abort(422, "Reference already exists")
            known(self.commits, fields["sha"])
            self.tips[branch] = fields["sha"]
            return {"ref": fields["ref"], "object": {"sha": fields["sha"]}}, 201

        @application.patch(f"{repository}/git/refs/heads/<path:branch>")
        def update_reference(branch: str) -> ResponseReturnValue:
            fields, tip = request.get_json(), known(self.tips, branch)
            parents = [row["sha"] for row in known(self.commits, fields["sha"])["parents"]]
            if tip not in parents and not fields.get("force"):
                abort(422, "Update is not a fast forward")
            self.tips[branch] = fields["sha"]
            return {"ref": f"refs/heads/{branch}", "object": {"sha": fields["sha"]}}

        @application.post(f"{repository}/actions/workflows/<file>/dispatches")
        def dispatch(file: str) -> ResponseReturnValue:
            branch = request.get_json()["ref"]
            if branch not in self.tips:
                abort(422, f"No ref found for: {branch}")
            self.dispatched.append((file, branch))
            self.dispatched_commits.append((file, self.tips[branch]))
            return "", 204

        @application.get(f"{repository}/actions/workflows/<file>/runs")
        def list_runs(file: str) -> ResponseReturnValue:
            return {"total_count": self.dispatched_commits.count((file, request.args["head_sha"]))}

        @application.get("/repos/<owner>/<name>/compare/<path:commits>")
        def compare(owner: str, name: str, commits: str) -> ResponseReturnValue:
            found: Row = known({"": self.comparisons.get((f"{owner}/{name}", commits))}, "")
            return found

    def _tree(self, files: Mapping[str, str]) -> str:
        identity = _identity(dict(sorted(files.items())))
        self.trees[identity] = dict(files)
        return identity

    def _commit(self, tree: str, parents: list[str], message: str) -> str:
        commit = {"tree": {"sha": tree}, "parents": [{"sha": parent} for parent in parents], "message": message}
        identity = _identity({**commit, "number": len(self.commits)})
        self.commits[identity] = commit
        return identity


def _identity(content: object) -> str:
    return hashlib.sha1(json.dumps(content).encode(), usedforsecurity=False).hexdigest()
