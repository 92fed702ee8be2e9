"""GitHub's identity provider in the account, and the form of the workflows' subject."""

from collections.abc import Iterator
from datetime import UTC, datetime

from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, fine, in_the_way, not_seen, note
from delivery.github.client import GitHub, GitHubError

_FILE = "environments/shared.py"
_ISSUER, _AUDIENCE = "token.actions.githubusercontent.com", "sts.amazonaws.com"
_ADDRESS = "aws_iam_openid_connect_provider.github"
# Repositories created or renamed since then have the immutable form (GitHub changelog of 2026-04-23).
_IMMUTABLE_SINCE = datetime(2026, 7, 15, tzinfo=UTC)


def facts(examination: Examination) -> Iterator[Fact]:
    """The provider, its audience, the subject."""
    settings = examination.target.shared.github
    yield Fact(
        name="GitHub's identity provider",
        settings=f'identity_provider="{settings.identity_provider}"',
        read=lambda: _provider(examination),
        quick=True,
        needed_by="bootstrap",
    )
    yield Fact(
        name="GitHub's audience",
        settings=_AUDIENCE,
        read=lambda: _audience(examination),
        quick=True,
        needed_by="bootstrap",
    )
    yield Fact(
        name="GitHub's subject",
        settings=f'subject="{settings.subject}"',
        read=lambda: _subject(examination),
        needed_by="workflows",
    )


def _audiences(examination: Examination) -> list[str] | None:
    """The audiences that the provider accepts; None if the account has no provider."""
    iam, account = examination.target.iam, examination.target.shared.account
    arn = f"arn:aws:iam::{account}:oidc-provider/{_ISSUER}"
    try:
        return iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"]
    except iam.exceptions.NoSuchEntityException:
        return None


def _provider(examination: Examination) -> Finding:
    wanted = examination.target.shared.github.identity_provider
    exists = _audiences(examination) is not None
    if wanted == "existing":
        if exists:
            return fine("exists")
        return in_the_way("the account has none", f'github=GitHub(identity_provider="create") in {_FILE}')
    if not exists:
        return fine("there is none yet; make bootstrap creates it")
    if _ADDRESS in examination.bootstrap_state().ids:
        return fine("exists, in the state of bootstrap")
    return in_the_way(
        "somebody else created it, and an account holds only one",
        f'github=GitHub(identity_provider="existing") in {_FILE}',
    )


def _audience(examination: Examination) -> Finding:
    audiences = _audiences(examination)
    if audiences is None:
        return fine("comes with the provider")
    if _AUDIENCE in audiences:
        return fine(", ".join(audiences))
    arn = f"arn:aws:iam::{examination.target.shared.account}:oidc-provider/{_ISSUER}"
    return in_the_way(
        f"only {', '.join(audiences) or 'none'}",
        f"aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn {arn} "
        f"--client-id {_AUDIENCE}",
    )


def _subject(examination: Examination) -> Finding:
    variables, shared = examination.variables, examination.target.shared
    token = variables.get("GITHUB_TOKEN")
    if not token:
        return not_seen("needs GITHUB_TOKEN", "GITHUB_TOKEN=$(gh auth token) make doctor")
    api = variables.get("GITHUB_API_URL") or "https://api.github.com"
    client = GitHub(api=api, graphql=f"{api}/graphql", repository=shared.repository, token=token)
    try:
        repository, template = client.repository(), client.subject_template()
    except GitHubError as error:
        return not_seen(str(error))
    settings = shared.github
    owner, number = repository.owner.id, repository.id
    if template.include_claim_keys and not template.use_default:
        return in_the_way(
            f"customized: {', '.join(template.include_claim_keys)}; the roles trust only GitHub's forms",
            f"gh api -X PUT repos/{shared.repository}/actions/oidc/customization/sub -F use_default=true",
        )
    given = (settings.owner_id or owner, settings.repository_id or number)
    immutable = repository.created_at >= _IMMUTABLE_SINCE
    if given != (owner, number) or (immutable and settings.subject == "names"):
        subject = f', subject="{"immutable" if immutable else settings.subject}"'
        found = "immutable" if immutable else "by names"
        return in_the_way(
            f"{found}; the owner's id is {owner}, the repository's {number}",
            f"github=GitHub(owner_id={owner}, repository_id={number}{subject}) in {_FILE}, then make bootstrap",
        )
    if not immutable and settings.subject == "immutable":
        return note(
            f"created {repository.created_at:%Y-%m-%d}: by names, unless the repository was renamed since or opted in",
            f'github=GitHub(owner_id={owner}, repository_id={number}, subject="both") in {_FILE} until it is seen',
        )
    return fine("immutable" if immutable else "by names, unless it was renamed since 2026-07-15 or opted in")
