"""Deployments: written so that GitHub waits for nothing, read on all pages."""

from collections.abc import Iterator

import pytest

from delivery.github.client import GitHubError
from delivery.github.deployments import add_status, create_deployment, deployments, statuses
from delivery.rehearsal.github_stand_in import BOT, GitHubStandIn, person
from tests.delivery.github.github_fixture import HEAD, client, serving

# More than a page of GitHub's.
MANY = 103


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with serving() as standin:
        yield standin


def test_deployments_of_an_environment_are_read_on_both_pages_the_newest_first(github: GitHubStandIn) -> None:
    for _ in range(MANY):
        github.deployments.add({"ref": HEAD, "task": "mosaic", "environment": "staging"}, BOT)
    for others in ({"task": "deploy", "environment": "staging"}, {"task": "mosaic", "environment": "prod"}):
        github.deployments.add({"ref": HEAD, **others}, BOT)
    assert [row.id for row in deployments(client(github), "staging", task="mosaic")] == list(range(MANY, 0, -1))
    assert len(github.requests) == 2


def test_a_deployment_is_created_with_what_it_holds(github: GitHubStandIn) -> None:
    made = create_deployment(
        client(github),
        commit=HEAD,
        environment="prod",
        task="mosaic",
        payload={"plan": "sha256:1"},
        description="x" * 141,
        is_production=True,
    )
    assert (made.sha, made.payload, made.creator and made.creator.is_workflow) == (HEAD, {"plan": "sha256:1"}, True)


def test_statuses_are_read_the_oldest_first(github: GitHubStandIn) -> None:
    github.deployments.add({"ref": HEAD}, person("alice"))
    [made] = deployments(client(github), "production", task="deploy")
    for state in ("success", "failure"):
        add_status(
            client(github), made, state=state, description="x" * 141, log_url="https://l", environment_url="https://e"
        )
    assert [row.state for row in statuses(client(github), made)] == ["success", "failure"]
    assert {row["auto_inactive"] for row in github.deployments.statuses[made.id]} == {False}


def test_a_status_of_a_deployment_that_is_gone_is_refused(github: GitHubStandIn) -> None:
    github.deployments.add({"ref": HEAD}, BOT)
    [made] = deployments(client(github), "production", task="deploy")
    github.deployments.rows.clear()
    with pytest.raises(GitHubError, match="404: Not Found"):
        add_status(client(github), made, state="success", description="", log_url="", environment_url="")
