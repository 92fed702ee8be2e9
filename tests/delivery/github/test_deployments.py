"""Deployments are written so that GitHub does not wait for checks, and read from all pages."""

from collections.abc import Iterator

import pytest

from delivery.github.client import GitHubError
from delivery.github.deployments import add_status, create_deployment, deployments, statuses
from delivery.rehearsal.github_stand_in import BOT, GitHubStandIn, person
from tests.delivery.github.github_fixture import HEAD, client, serving

# More than one page at GitHub.
MANY = 103


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving() as standin:
        yield standin


def test_an_environments_deployments_are_read_from_both_pages_newest_first(github: GitHubStandIn) -> None:
    for _ in range(MANY):
        github.deployments.add({"ref": HEAD, "task": "mosaic", "environment": "staging"}, BOT)
    for others in ({"task": "deploy", "environment": "staging"}, {"task": "mosaic", "environment": "prod"}):
        github.deployments.add({"ref": HEAD, **others}, BOT)
    assert [row.id for row in deployments(client(github), "staging", task="mosaic")] == list(range(MANY, 0, -1))
    assert len(github.requests) == 2


def test_a_deployment_is_created_with_its_payload(github: GitHubStandIn) -> None:
    made = create_deployment(
        client(github),
        commit=HEAD,
        environment="prod",
        task="mosaic",
        payload={"plan": "sha256:1"},
        description="x" * 141,
        is_production=True,
        is_transient=True,
    )
    assert (made.sha, made.payload, made.creator and made.creator.is_workflow) == (HEAD, {"plan": "sha256:1"}, True)


def test_statuses_are_read_oldest_first(github: GitHubStandIn) -> None:
    github.deployments.add({"ref": HEAD}, person("alice"))
    [made] = deployments(client(github), "production", task="deploy")
    for state in ("success", "failure"):
        add_status(
            client(github), made, state=state, description="x" * 141, log_url="https://l", environment_url="https://e"
        )
    assert [row.state for row in statuses(client(github), made)] == ["success", "failure"]
    assert {row["auto_inactive"] for row in github.deployments.statuses[made.id]} == {False}


def test_a_status_for_a_deleted_deployment_is_refused(github: GitHubStandIn) -> None:
    github.deployments.add({"ref": HEAD}, BOT)
    [made] = deployments(client(github), "production", task="deploy")
    github.deployments.rows.clear()
    with pytest.raises(GitHubError, match="404: Not Found"):
        add_status(client(github), made, state="success", description="", log_url="", environment_url="")
