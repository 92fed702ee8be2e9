"""GitHub as an OIDC identity provider: the tokens with which its workflows authenticate to AWS."""

import time
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import RSAKey

from local.runtime.private_files import private_folder
from local.runtime.signing_key import create_signing_key, write_public_key

ISSUER = "https://token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
# As long as GitHub's own tokens.
_LIVES_SECONDS = 300


def public_key(state: Path) -> Path:
    """Return the file of the key with which STS verifies these tokens; created on the first call."""
    private, public = _private_key(state), private_folder(state / "github") / "public-key.pem"
    if not private.exists():
        create_signing_key(private)
    write_public_key(private, public)
    return public


def workflow_token(state: Path, subject: str, audience: str = AUDIENCE) -> str:
    """Return the token that GitHub issues to a workflow with ``id-token: write``.

    subject: the workflow's identity, such as ``repo:OWNER/NAME:environment:ENV``, or in its immutable form
    ``repo:OWNER@OWNER_ID/NAME@REPOSITORY_ID:environment:NAME``.
    Source: https://docs.github.com/en/actions/reference/security/oidc
    """
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": audience, "sub": subject, "iat": now, "nbf": now, "exp": now + _LIVES_SECONDS}
    return str(jwt.encode({"alg": "RS256"}, claims, RSAKey.import_key(_private_key(state).read_bytes())))


def _private_key(state: Path) -> Path:
    return state / "github" / "key.pem"
