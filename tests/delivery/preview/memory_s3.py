"""A single S3 object in memory, with conditional writes and a clock: thousands of calls a second."""

import io
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any, cast

from botocore.exceptions import ClientError

from delivery.preview.claim_store import ClaimStore
from delivery.preview.claims import Claims
from tests.delivery.preview.recorded import NOW


class _NoSuchKeyError(ClientError):
    pass


class MemoryS3:
    """now: the date of its answers. before: called before each call; may raise."""

    exceptions = SimpleNamespace(NoSuchKey=_NoSuchKeyError)

    def __init__(self, claims: Claims | None = None, now: datetime = NOW) -> None:
        self.now = now
        self.body = claims.model_dump_json().encode() if claims else None
        self.before: Callable[[], object] = lambda: None

    @property
    def store(self) -> ClaimStore:
        return ClaimStore(cast("Any", self), bucket="bucket", key="key")

    @property
    def claims(self) -> Claims:
        return Claims.model_validate_json(self.body) if self.body else Claims()

    def get_object(self, **_: object) -> dict[str, Any]:
        self.before()
        if self.body is None:
            raise _NoSuchKeyError({"Error": {"Code": "NoSuchKey"}, **self._metadata()}, "GetObject")  # type: ignore[typeddict-item]
        return {"Body": io.BytesIO(self.body), "ETag": self._tag(), **self._metadata()}

    def put_object(self, Body: bytes, IfMatch: str | None = None, **_: object) -> dict[str, Any]:  # noqa: N803 as boto3
        self.before()
        if IfMatch != (None if self.body is None else self._tag()):
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
        self.body = Body
        return {"ETag": self._tag(), **self._metadata()}

    def _tag(self) -> str:
        return str(hash(self.body))

    def _metadata(self) -> dict[str, Any]:
        return {"ResponseMetadata": {"HTTPHeaders": {"date": format_datetime(self.now, usegmt=True)}}}
