"""GitHub as an identity provider: which workflows the account trusts, and by which form of their identity."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from environments.schema.base import Settings

# The possible beginnings of a token's subject: https://docs.github.com/en/actions/reference/security/oidc
SubjectForm = Literal["names", "immutable", "both"]


def _id(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(
            f"{value!r} is not a GitHub id; allowed: a whole number such as 188463562, as "
            "`gh api repos/OWNER/NAME --jq '.owner.id, .id'` prints the owner's and the repository's"
        )
    return value


Id = Annotated[int, BeforeValidator(_id)]
Repository = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}$")]


class GitHub(Settings):
    """The identity of the repository's workflows in the account.

    owner_id, repository_id: GitHub's numbers, which stay when names change. subject: the form of a token's subject that
    the roles trust: ``names`` (repo:OWNER/NAME:...), ``immutable`` (repo:OWNER@OWNER_ID/NAME@REPOSITORY_ID:..., for
    repositories created or renamed since 2026-07-15, and those that opted in), or ``both`` during a move from one to
    the other. identity_provider: ``create`` GitHub's OIDC provider in the account, or read the ``existing`` one, which
    belongs to somebody else: an account holds only one.
    """

    owner_id: Id | None = None
    repository_id: Id | None = None
    subject: SubjectForm = "names"
    identity_provider: Literal["create", "existing"] = "create"

    @model_validator(mode="after")
    def _immutable_needs_ids(self) -> "GitHub":
        if self.subject != "names" and None in (self.owner_id, self.repository_id):
            raise ValueError(
                f"subject {self.subject!r} with owner_id {self.owner_id} and repository_id {self.repository_id}; "
                "allowed: both ids, or subject 'names'"
            )
        return self

    def subjects(self, repository: str, context: str) -> list[str]:
        """The trusted subjects of a workflow's tokens.

        repository: OWNER/NAME. context: what follows it, such as ``environment:prod``.
        """
        owner, _, name = repository.partition("/")
        forms = {
            "names": f"repo:{repository}:{context}",
            "immutable": f"repo:{owner}@{self.owner_id}/{name}@{self.repository_id}:{context}",
        }
        return list(forms.values()) if self.subject == "both" else [forms[self.subject]]
