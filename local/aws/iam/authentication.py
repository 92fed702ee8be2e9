"""Authenticates the sender of a request, as AWS does: moto itself accepts any access key and any signature.

Signature Version 4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit
from wsgiref.types import WSGIEnvironment

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from local.aws.error import AwsError
from modules.model.selected_settings import SHARED

_ALGORITHM = "AWS4-HMAC-SHA256"
_TIME_FORMAT = "%Y%m%dT%H%M%SZ"
_CLOCK_SKEW = timedelta(minutes=15)
# The one call of ours that AWS accepts unsigned: its web identity token is the credential.
_UNSIGNED_ACTION = b"Action=AssumeRoleWithWebIdentity"


@dataclass(frozen=True, kw_only=True)
class _Signed:
    """A request's signature fields, from its Authorization header or, if presigned, its query."""

    access_key: str
    date: str
    region: str
    service: str
    headers: frozenset[str]
    signature: str
    time: datetime
    expires: timedelta | None
    token: str | None


class Authenticator:
    """Knows moto's IAM and STS keys, and one root key, which belongs to no IAM user and created the first one."""

    def __init__(self, root: Credentials) -> None:
        self._root = root

    def check(self, environ: WSGIEnvironment, body: bytes) -> str:
        """Return the service that a request is for, after checking that a known and active key signed it.

        Raises:
            AwsError: there is no signature, or an invalid one.

        """
        try:
            signed = _signed(environ)
        except (KeyError, ValueError) as error:
            raise AwsError("IncompleteSignature", f"The signature cannot be read: {error}.", "") from error
        if signed is None:
            if _UNSIGNED_ACTION not in body.split(b"&"):
                raise AwsError("AccessDenied", "The request is not signed with Signature Version 4.", "s3")
            return "sts"
        s3 = signed.service == "s3"
        credentials = self._credentials(signed)
        if credentials is None:
            raise AwsError(
                "InvalidAccessKeyId" if s3 else "InvalidClientTokenId",
                f"The access key {signed.access_key}, or its session token, is not one of account {SHARED.account}.",
                signed.service,
            )
        now = datetime.now(UTC)
        end = signed.time + (_CLOCK_SKEW if signed.expires is None else signed.expires)
        if not signed.time - _CLOCK_SKEW <= now <= end:
            raise AwsError(
                "RequestTimeTooSkewed" if s3 else "SignatureDoesNotMatch",
                f"Signature expired: signed at {signed.time:{_TIME_FORMAT}}, now {now:{_TIME_FORMAT}}.",
                signed.service,
            )
        if not hmac.compare_digest(_signature(environ, body, signed, credentials), signed.signature):
            raise AwsError(
                "SignatureDoesNotMatch", "The signature does not match this request and the secret key.", signed.service
            )
        return signed.service

    def _credentials(self, signed: _Signed) -> Credentials | None:
        if hmac.compare_digest(signed.access_key.encode(), self._root.access_key.encode()):
            return self._root
        for role in sts_backends[SHARED.account]["aws"].assumed_roles:
            if role.access_key_id == signed.access_key and role.session_token == signed.token:
                return Credentials(role.access_key_id, role.secret_access_key)
        for user in iam_backends[SHARED.account]["aws"].users.values():
            for key in user.access_keys:
                if key.access_key_id == signed.access_key and key.status == "Active":
                    return Credentials(key.access_key_id, key.secret_access_key)
        return None


def name_caller(environ: WSGIEnvironment) -> None:
    """Copy a presigned request's signature to its Authorization header: moto looks for the caller only there."""
    query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    if "X-Amz-Credential" in query and "HTTP_AUTHORIZATION" not in environ:
        environ["HTTP_AUTHORIZATION"] = (
            f"{_ALGORITHM} Credential={query['X-Amz-Credential']}, "
            f"SignedHeaders={query['X-Amz-SignedHeaders']}, Signature={query['X-Amz-Signature']}"
        )


def _signed(environ: WSGIEnvironment) -> _Signed | None:
    header = environ.get("HTTP_AUTHORIZATION")
    query = dict(parse_qsl(environ.get("QUERY_STRING", "")))
    if header is not None:
        algorithm, _, rest = header.partition(" ")
        fields = dict(field.strip().split("=", 1) for field in rest.split(","))
        time = environ["HTTP_X_AMZ_DATE"]
        expires = None
        token = environ.get("HTTP_X_AMZ_SECURITY_TOKEN")
    elif "X-Amz-Signature" in query:
        algorithm = query["X-Amz-Algorithm"]
        fields = {name: query[f"X-Amz-{name}"] for name in ("Credential", "SignedHeaders", "Signature")}
        time = query["X-Amz-Date"]
        expires = timedelta(seconds=int(query["X-Amz-Expires"]))
        if "Action" in query:
            # STS accepts every presigned request for 15 minutes, whatever it says; EKS tokens say 60 seconds.
            expires = _CLOCK_SKEW
        token = query.get("X-Amz-Security-Token")
    else:
        return None
    if algorithm != _ALGORITHM:
        raise ValueError(f"algorithm {algorithm!r}; allowed: {_ALGORITHM}")
    access_key, date, region, service, _ = fields["Credential"].split("/")
    return _Signed(
        access_key=access_key,
        date=date,
        region=region,
        service=service,
        headers=frozenset(fields["SignedHeaders"].split(";")),
        signature=fields["Signature"],
        time=datetime.strptime(time, _TIME_FORMAT).replace(tzinfo=UTC),
        expires=expires,
        token=token,
    )


def _signature(environ: WSGIEnvironment, body: bytes, signed: _Signed, credentials: Credentials) -> str:
    presigned = signed.expires is not None
    kinds: Mapping[tuple[bool, bool], type[SigV4Auth]] = {
        (False, False): SigV4Auth,
        (False, True): SigV4QueryAuth,
        (True, False): S3SigV4Auth,
        (True, True): S3SigV4QueryAuth,
    }
    auth = kinds[signed.service == "s3", presigned](credentials, signed.service, signed.region)
    request = AWSRequest(
        method=environ["REQUEST_METHOD"],
        url=_url(environ),
        data=body,
        headers={name: value for name, value in _headers(environ) if name in signed.headers},
    )
    request.context["timestamp"] = signed.time.strftime(_TIME_FORMAT)
    return auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)


def _url(environ: WSGIEnvironment) -> str:
    """The URL as sent, with its percent signs, but without the signature, which cannot sign itself."""
    target = urlsplit(environ["RAW_URI"])
    query = "&".join(part for part in target.query.split("&") if not part.startswith("X-Amz-Signature="))
    return f"http://{environ['HTTP_HOST']}{target.path}" + (f"?{query}" if query else "")


def _headers(environ: WSGIEnvironment) -> Iterable[tuple[str, str]]:
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name.removeprefix("HTTP_").replace("_", "-").lower(), value
        elif name in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            yield name.replace("_", "-").lower(), value
