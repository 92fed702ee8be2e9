"""GitHub's part in a deploy: the tokens by which its workflows say to AWS who they are."""

import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from joserfc import jwt
from joserfc.jwk import RSAKey

from local.runtime.private_files import private_folder, write_private

ISSUER = "https://token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
# As long as GitHub's own.
_LIVES_SECONDS = 300


def public_key(state: Path) -> Path:
    """Return the file of the key by which STS checks these tokens; made up at the first call."""
    private, public = _private_key(state), private_folder(state / "github") / "public-key.pem"
    if not private.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        write_private(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    key_of_file = load_pem_private_key(private.read_bytes(), password=None).public_key()
    write_private(public, key_of_file.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return public


def workflow_token(state: Path, subject: str, audience: str = AUDIENCE) -> str:
    """Return the token that GitHub gives to a workflow with ``id-token: write``.

    subject: who it is, such as ``repo:OWNER/NAME:pull_request`` or ``repo:OWNER/NAME:environment:NAME``.
    Source: https://docs.github.com/en/actions/reference/security/oidc
    """
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": audience, "sub": subject, "iat": now, "nbf": now, "exp": now + _LIVES_SECONDS}
    return str(jwt.encode({"alg": "RS256"}, claims, RSAKey.import_key(_private_key(state).read_bytes())))


def _private_key(state: Path) -> Path:
    return state / "github" / "key.pem"
