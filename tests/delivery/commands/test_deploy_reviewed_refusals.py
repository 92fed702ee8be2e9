"""Reasons to refuse a deploy: who reviewed which plan where, and whether it is still current."""

from pathlib import Path
from typing import Any

import pytest

from delivery.commands.deploy_reviewed import main
from delivery.rehearsal.github_stand_in import BOT, person
from delivery.review.added_overrides import is_announcement
from modules.model.acting_role import DEPLOY
from modules.model.selected_settings import SHARED
from tests.delivery.commands.reviewed_deploy import PLAN_WORKFLOW, RUN, Deploy
from tests.delivery.github.github_fixture import HEAD, MERGE
from tests.delivery.terraform.local_stack import stored, workspace


def test_a_second_stop_replaces_the_comment_of_the_first(deploy: Deploy) -> None:
    deploy.comment("sha256:" + "0" * 64)
    deploy.github.add_comment(7, person("mallory"), "<!-- mosaic-deploy staging -->")
    for _ in range(2):
        assert main(["staging"]) == 1
        workspace(deploy.workspace.folder).plan(DEPLOY, lock=True)
    assert [row["user"]["login"] for row in deploy.github.comments[7]] == [BOT["login"], "mallory", BOT["login"]]


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"cut": True}, "the plan comment was cut"),
        ({"commit": "1" * 40}, f"the plan comment is about commit {'1' * 40}, but {HEAD} was merged"),
        ({"pull_request": 8}, "the plan comment is about pull request 8, but 7 was merged"),
        ({"pull_request": None}, "the plan comment is about pull request None, but 7 was merged"),
        ({"run": None}, "the plan comment does not name the workflow run that wrote it"),
        ({"run": 6}, "the workflow run 6 that the plan comment names was not found"),
        ({"environments": {}}, "the plan comment shows no plan of staging"),
        ({"environments": {"staging": {}}}, "the plan comment shows no plan of staging"),
        (
            {"environments": {"staging": {"hash": "sha256:" + "0" * 64, "guard": "stopped"}}},
            "the guard stopped the plan",
        ),
        ({"user": person("github-actions[bot]")}, "the pull request has no plan comment by the workflow"),
        ({"user": {"login": "other[bot]", "type": "Bot"}}, "the pull request has no plan comment by the workflow"),
    ],
)
def test_a_plan_that_was_not_reviewed_stops_the_deploy(deploy: Deploy, header: dict[str, Any], why: str) -> None:
    deploy.keep()
    # This comment is not what allows the guard's findings.
    deploy.announce()
    deploy.comment(**header)
    assert deploy.is_stopped()
    assert why in deploy.last_comment
    assert "+ input: one" in deploy.last_comment


@pytest.mark.parametrize(
    ("run", "why"),
    [
        ({"path": ".github/workflows/other.yml"}, "is a run of .github/workflows/other.yml"),
        ({"event": "pull_request"}, "was started by pull_request"),
        ({"head_branch": "topic"}, "belongs to the branch topic"),
        ({"head_branch": None}, "belongs to the branch None"),
        ({"head_repository": {"full_name": "mallory/platform"}}, "belongs to the repository mallory/platform"),
        ({"head_repository": None}, "belongs to the repository None"),
    ],
)
def test_a_comment_from_another_run_stops_the_deploy(deploy: Deploy, run: dict[str, Any], why: str) -> None:
    deploy.review()
    deploy.github.runs[0] |= run
    assert deploy.is_stopped()
    assert (
        f"the workflow run {RUN} that the plan comment names {why}; allowed: {PLAN_WORKFLOW} of "
        f"{SHARED.default_branch}, started by workflow_run" in deploy.last_comment
    )


def test_the_branch_suffix_of_a_workflow_path_is_ignored(deploy: Deploy) -> None:
    deploy.review()
    deploy.github.runs[0]["path"] += f"@{SHARED.default_branch}"
    assert main(["staging"]) == 0


def test_a_comment_naming_the_run_of_another_plan_stops_the_deploy(deploy: Deploy) -> None:
    """Anybody with any workflow's token can write a comment that looks like the plan comment."""
    deploy.keep()
    made = deploy.hash
    workspace(deploy.workspace.folder, "two").plan(DEPLOY, lock=True)
    shown = deploy.hash
    deploy.comment()
    assert deploy.is_stopped()
    assert f"the plan comment shows {shown}, but the workflow run {RUN} that it names made {made}" in (
        deploy.last_comment
    )


def test_a_comment_edited_by_a_person_stops_the_deploy(deploy: Deploy) -> None:
    deploy.keep()
    deploy.announce()
    comment = deploy.comment()
    deploy.github.edit_comment(comment, person("mallory"), comment["body"])
    assert deploy.is_stopped()
    assert "the plan comment was edited by a person" in deploy.last_comment


def test_a_rerun_after_the_branch_has_advanced_deploys_nothing(deploy: Deploy) -> None:
    deploy.review()
    deploy.github.branches["develop"] = "3" * 40
    assert deploy.is_stopped()
    assert f"commit {MERGE} is no longer the tip of develop, which is now {'3' * 40}: deploy that one" in (
        deploy.last_comment
    )
    assert "plan-guard: allow" not in deploy.last_comment, "nothing allows it"


def test_a_plan_the_guard_now_stops_is_not_applied_even_if_reviewed(deploy: Deploy) -> None:
    deploy.review()
    lines = deploy.guard_lines
    deploy.allow()
    assert deploy.is_stopped()
    assert "Why: `the guard stops it: " in deploy.last_comment
    for line in lines:
        assert f"\n{line.partition(' because ')[0]} because\n" in deploy.last_comment


def test_a_line_added_after_the_review_is_shown_first_and_counts_in_the_next_run(deploy: Deploy) -> None:
    lines = deploy.guard_lines
    deploy.allow()
    deploy.review()
    deploy.allow(*lines)
    assert deploy.is_stopped()
    [announcement] = [row["body"] for row in deploy.github.comments[7] if is_announcement(row["body"])]
    assert all(line in announcement for line in lines)
    assert "After this pull request was merged" in announcement
    workspace(deploy.workspace.folder).plan(DEPLOY, lock=True)
    assert main(["staging"]) == 0
    assert len([row for row in deploy.github.comments[7] if is_announcement(row["body"])]) == 1


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"merge_commit_sha": "2" * 40}, "none"),
        ({"merged_at": None}, "none"),
        ({"base": {"sha": "0" * 40, "ref": "main"}}, "none"),
    ],
)
def test_a_commit_without_a_merged_pull_request_stops_the_deploy(
    deploy: Deploy, fields: dict[str, Any], found: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy.comment()
    deploy.github.pull_requests[0].update(fields)
    assert main(["staging"]) == 1
    assert stored(deploy.workspace) is None
    assert f"is not the merge of one pull request into develop (found: {found})" in capsys.readouterr().err
    assert "staging was not deployed" in (tmp_path / "summary.md").read_text()
    assert len(deploy.github.comments[7]) == 1


def test_an_override_allows_exactly_this_plan(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    allowed = deploy.hash
    line = f"plan-guard: allow reviewed-plan staging:{allowed} because the certificate expires tonight"
    deploy.allow(*deploy.guard_lines, line)
    deploy.announce()
    workspace(deploy.workspace.folder, "two").plan(DEPLOY, lock=True)
    assert deploy.is_stopped()
    workspace(deploy.workspace.folder).plan(DEPLOY, lock=True)
    assert main(["staging"]) == 0
    assert "applying the plan: #7 allows this plan because the certificate expires tonight" in capsys.readouterr().out


def test_an_override_does_not_overrule_the_guard(deploy: Deploy) -> None:
    line = f"plan-guard: allow reviewed-plan staging:{deploy.hash} because the certificate expires tonight"
    deploy.allow(line)
    deploy.announce()
    assert deploy.is_stopped()
    assert "the guard stops it" in deploy.last_comment


@pytest.mark.parametrize("changed", ["staging:sha256:" + "0" * 64, "prod:HASH"])
def test_an_override_for_another_plan_or_environment_has_no_effect(deploy: Deploy, changed: str) -> None:
    address = changed.replace("HASH", deploy.hash)
    deploy.allow(*deploy.guard_lines, f"plan-guard: allow reviewed-plan {address} because it is late")
    deploy.announce()
    assert deploy.is_stopped()
    assert "the pull request has no plan comment by the workflow" in deploy.last_comment


@pytest.mark.parametrize("kept", ["nothing", "expired", "garbage"])
def test_a_missing_reviewed_plan_stops_the_deploy_and_the_fresh_plan_is_shown(deploy: Deploy, kept: str) -> None:
    deploy.comment()
    if kept == "expired":
        deploy.keep()
        deploy.github.artifacts[-1]["expired"] = True
    elif kept == "garbage":
        deploy.github.add_artifact(RUN, "plan-staging", {"staging/plan.json": b"{"})
    assert deploy.is_stopped()
    assert f"the workflow run {RUN} no longer keeps the plan of staging" in deploy.last_comment
    assert "The reviewed plan was not kept, so this is everything that the deploy would do." in deploy.last_comment
    assert "@@ terraform_data.x: create @@" in deploy.last_comment
