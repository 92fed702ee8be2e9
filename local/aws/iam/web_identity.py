"""Decides whether a web identity token may assume a role, as STS does: moto gives every role to everyone.

The token must be signed by an issuer that is registered as an OIDC provider, for an audience of that provider, and the
role's trust policy must allow its claims.
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from local.aws.error import AwsError
from local.aws.iam.caller import oidc_provider, trust_policy
from local.aws.iam.policy import Decision, PolicyError, Request, evaluate

_ACTION = "sts:AssumeRoleWithWebIdentity"


@dataclass(frozen=True, kw_only=True)
class WebIdentities:
    """Verifies tokens. keys: by issuer URL, the PEM file of the public key that verifies the issuer's tokens.

    On AWS, STS fetches the keys from the issuer; here the issuers' AWS host names lead elsewhere.
    """

    keys: Mapping[str, Path]

    def check(self, role: str, token: str) -> None:
        """Accept a token for the role with this ARN. Raises AwsError with STS's own codes."""
        claims = self._claims(token)
        issuer = str(claims["iss"]).removeprefix("https://")
        audiences = [str(item) for item in (claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]])]
        provider = oidc_provider(issuer)
        if provider is None:
            raise _invalid(f"No OpenIDConnect provider found in your account for {claims['iss']}")
        if not set(audiences) & set(provider.client_id_list):
            raise _invalid("Incorrect token audience")
        request = Request(
            action=_ACTION,
            resource=role,
            # The two claims that STS offers for every issuer.
            context={f"{issuer}:sub".lower(): [str(claims["sub"])], f"{issuer}:aud".lower(): audiences},
            principals=frozenset([f"Federated:{provider.arn}"]),
        )
        try:
            document = trust_policy(role)
            admitted = document is not None and evaluate(document, request) is Decision.ALLOWED
        except PolicyError as error:
            message = f"The local cloud cannot evaluate the trust policy of {role} as AWS would: {error}."
            raise AwsError("NotImplemented", message, "sts", "501 Not Implemented") from error
        if not admitted:
            raise AwsError("AccessDenied", f"Not authorized to perform {_ACTION}", "sts")

    def _claims(self, token: str) -> dict[str, Any]:
        """Return a token's claims, after verifying that its issuer signed it."""
        try:
            # The token itself names the issuer, and so the key to verify it with.
            unchecked = json.loads(jws.extract_compact(token.encode()).payload)
            key = self.keys.get(str(unchecked.get("iss")))
            if key is None:
                raise _invalid("Couldn't retrieve verification key from your identity provider")
            claims = jwt.decode(token, RSAKey.import_key(key.read_text(encoding="utf-8")), algorithms=["RS256"]).claims
            lives = claims.get("nbf", 0) <= time.time() < claims["exp"]
            claims["sub"], claims["aud"]
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _invalid(f"The ID Token provided is not a valid JWT: {type(error).__name__}") from error
        if not lives:
            raise AwsError("ExpiredTokenException", "Token expired", "sts", "400 Bad Request")
        return claims


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidIdentityToken", message, "sts", "400 Bad Request")
