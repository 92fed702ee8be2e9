"""A merged pull request and a saved plan, for tests of deploy."""

import json
import shutil
from pathlib import Path
from typing import Any

from delivery.commands.deploy_reviewed import main
from delivery.plan.document import Plan
from delivery.plan.hash import plan_hash
from delivery.plan.sanitizing import published
from delivery.policy.guard import guard
from delivery.policy.overrides import Override, Overrides
from delivery.rehearsal.github_stand_in import BOT, GitHubStandIn
from delivery.review.added_overrides import announce, is_announcement
from delivery.review.header import CommentHeader
from delivery.terraform.workspace import Workspace
from modules.model.selected_settings import SHARED
from tests.delivery.github.github_fixture import HEAD, MERGE, client
from tests.delivery.terraform.local_stack import stored

RUN = 5
PLAN_WORKFLOW = ".github/workflows/plan.yml"


class Deploy:
    """A pull request that was merged into develop, and a saved plan for staging.

    The description allows the guard's findings about a stack whose state belongs to no environment.
    """

    def __init__(self, github: GitHubStandIn, folder: Path, planned: Workspace) -> None:
        """folder: of the stack. planned: the same stack with a saved plan; it is not changed."""
        self.github = github
        self.workspace: Workspace = Workspace(folder=shutil.copytree(planned.folder, folder))
        # Cached by the time the plan was saved, because Terraform is slow to show one.
        self._documents: dict[int, dict[str, Any]] = {}
        self.allow(*self.guard_lines)
        github.branches["develop"] = MERGE
        github.add_run(RUN, PLAN_WORKFLOW, event="workflow_run", branch=SHARED.default_branch, commit="0" * 40)

    @property
    def document(self) -> dict[str, Any]:
        saved = self.workspace.plan_file.stat().st_mtime_ns
        if saved not in self._documents:
            lineage = self.workspace.lineage()
            key = lineage.encode() if lineage else None
            self._documents[saved] = published(self.workspace.document(), key=key)
        return self._documents[saved]

    @property
    def plan(self) -> Plan:
        return Plan.parse(json.dumps(self.document))

    @property
    def stack(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.workspace.stack.read_text())
        return content

    @property
    def hash(self) -> str:
        return plan_hash(self.plan, self.stack)

    @property
    def guard_lines(self) -> list[str]:
        """Lines that allow every finding of the guard."""
        result = guard("staging", self.plan, stack=self.stack, overrides=Overrides())
        assert result.blocking
        return [
            Override(rule=row.rule.id, environment="staging", address=row.finding.address, reason="it is a test").line
            for row in result.blocking
        ]

    def allow(self, *lines: str) -> None:
        self.github.pull_requests[0]["body"] = "\n".join(["```", *lines, "```"])

    def comment(self, hash_: str | None = None, user: dict[str, str] = BOT, **header: object) -> dict[str, Any]:
        """Return a plan comment that shows the description's lines."""
        fields = {
            "commit": HEAD,
            "cut": False,
            "pull_request": 7,
            "run": RUN,
            "overrides": [row.digest for row in Overrides.of(self.github.pull_requests[0]["body"]).allowed],
            "environments": {"staging": {"hash": hash_ or self.hash, "guard": "passed"}},
            **header,
        }
        line = CommentHeader.model_validate(fields).line
        return self.github.add_comment(7, user, f"{line}\n\n## Plan")

    def keep(self, run: int = RUN) -> None:
        """Keep the plan and its stack like the plan workflow."""
        files = {"staging/plan.json": self.document, "staging/cdk.tf.json": self.stack}
        self.github.add_artifact(
            run, "plan-staging", {name: json.dumps(content).encode() for name, content in files.items()}
        )

    def review(self) -> None:
        """Mark the current plan as reviewed."""
        self.keep()
        self.comment()

    def announce(self) -> None:
        """Show the description's lines in a separate comment."""
        announce(client(self.github), 7, Overrides.of(self.github.pull_requests[0]["body"]))
        assert is_announcement(self.last_comment)

    def is_stopped(self) -> bool:
        """Check that nothing was applied, and nothing can be later."""
        return main(["staging"]) == 1 and stored(self.workspace) is None and not self.workspace.plan_file.exists()

    @property
    def last_comment(self) -> str:
        return str(self.github.comments[7][-1]["body"])
