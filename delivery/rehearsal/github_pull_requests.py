"""GitHub's stand-in: pull requests."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, request
from flask.typing import ResponseReturnValue

if TYPE_CHECKING:
    from delivery.rehearsal.github_stand_in import GitHubStandIn

Row = dict[str, Any]


def route_pull_requests(
    application: Flask, github: "GitHubStandIn", page: Callable[[list[Row]], Response], content: Callable[[], Row]
) -> None:
    """Register the routes of a repository's pull requests. page: cuts a list into pages. content: the checked body."""
    repository = f"/repos/{github.repository}"

    def followed(row: Row) -> Row:
        """The head of an open pull request follows its branch."""
        head = row["head"]
        if row["state"] == "open" and head["repo"] and head["repo"]["full_name"] == github.repository:
            head["sha"] = github.branches.get(head["ref"], head["sha"])
        return row

    def one(number: int) -> Row:
        found = next((row for row in github.pull_requests if row["number"] == number), None)
        return followed(found or abort(404, "Not Found"))

    @application.get(f"{repository}/pulls/<int:number>")
    def get_pull_request(number: int) -> ResponseReturnValue:
        return one(number)

    @application.get(f"{repository}/commits/<commit>/pulls")
    def list_pull_requests(commit: str) -> ResponseReturnValue:
        return page([row for row in github.pull_requests if commit in (row["merge_commit_sha"], row["head"]["sha"])])

    @application.get(f"{repository}/pulls")
    def list_open_pull_requests() -> ResponseReturnValue:
        rows = [row for row in github.pull_requests if row["state"] == request.args["state"]]
        return page([followed(row) for row in rows if _label(row["head"]) == request.args["head"]])

    @application.post(f"{repository}/pulls")
    def create_pull_request() -> ResponseReturnValue:
        fields = content()
        head, base = fields["head"], fields["base"]
        if head not in github.branches or base not in github.branches:
            abort(422, "Validation Failed: head or base is no branch")
        if any(row["state"] == "open" and row["head"]["ref"] == head for row in github.pull_requests):
            abort(422, f"Validation Failed: A pull request already exists for {head}.")
        return github.open_pull_request(head, base, title=fields["title"], body=fields["body"]), 201

    @application.patch(f"{repository}/pulls/<int:number>")
    def update_pull_request(number: int) -> ResponseReturnValue:
        row = one(number)
        row.update(content())
        return row

    @application.get(f"{repository}/pulls/<int:number>/reviews")
    def list_reviews(number: int) -> ResponseReturnValue:
        one(number)
        return page(github.reviews.get(number, []))


def _label(head: Row) -> str:
    """The form of a branch in the ``head`` parameter of a list."""
    return f"{head['repo']['full_name'].partition('/')[0]}:{head['ref']}"
