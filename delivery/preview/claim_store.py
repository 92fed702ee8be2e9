"""Stores all claims in one object of the bootstrap stack's state bucket, so that a claim sees all slots at once.

Each write names the content that it replaces, and S3 refuses the write if that content has changed.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from delivery.account.reason import reason
from delivery.account.session import CALLS
from delivery.preview.claims import Claims
from delivery.preview.error import PreviewError
from environments.schema.settings import Shared
from modules.model.names import claims_object

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# The write collided with another: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
_MET_ANOTHER = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
_ATTEMPTS = 20
_PAUSE_SECONDS = 0.05

Change = Callable[[Claims, datetime], Claims]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The claims as read. tag: of this content, None if nothing was ever claimed. now: by S3's clock."""

    claims: Claims
    tag: str | None
    now: datetime


class ClaimStore:
    """The object with all claims. Every method raises PreviewError if S3 refuses or fails."""

    def __init__(self, s3: "S3Client", *, bucket: str, key: str) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._key = key

    @classmethod
    def of(cls, session: boto3.Session, shared: Shared) -> Self:
        """Return the account's store, without a request. Raises InvalidNameError."""
        bucket, key = claims_object(shared)
        return cls(session.client("s3", config=CALLS), bucket=bucket, key=key)

    def read(self) -> Reading:
        """Return what is stored. Raises PreviewError for content that is not ours, which is never overwritten."""
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=self._key)
            text, tag, headers = answer["Body"].read(), answer["ETag"], answer["ResponseMetadata"]["HTTPHeaders"]
        except self._s3.exceptions.NoSuchKey as error:
            return Reading(claims=Claims(), tag=None, now=_date(error.response["ResponseMetadata"]["HTTPHeaders"]))
        except (BotoCoreError, ClientError) as error:
            raise self._failed("read", error) from None
        try:
            claims = Claims.model_validate_json(text)
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(map(str, problem["loc"])) or "all of it"
            raise PreviewError(
                f"{self}: {place}: {problem['msg']}; allowed: what this project writes; restore the object's previous "
                "version, or delete it if no preview is claimed"
            ) from None
        return Reading(claims=claims, tag=tag, now=_date(headers))

    def update(self, change: Change) -> Reading:
        """Write what ``change`` returns for the claims and S3's time; retry on the new content if somebody else wrote.

        Exceptions of ``change`` propagate, and then nothing is written.
        """
        for attempt in range(_ATTEMPTS):
            found = self.read()
            changed = change(found.claims, found.now)
            if changed == found.claims:
                return found
            tag = self._write(changed, found.tag)
            if tag is not None:
                return Reading(claims=changed, tag=tag, now=found.now)
            time.sleep(_PAUSE_SECONDS * attempt)
        raise PreviewError(
            f"{self}: other runs changed it during all {_ATTEMPTS} attempts; allowed: run the command again"
        )

    def __str__(self) -> str:
        return f"s3://{self._bucket}/{self._key}"

    def _write(self, claims: Claims, tag: str | None) -> str | None:
        """Return the tag of what was written, or None if the content had changed."""
        condition: Mapping[str, Any] = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        try:
            answer = self._s3.put_object(
                Bucket=self._bucket,
                Key=self._key,
                Body=claims.model_dump_json(indent=1).encode(),
                ContentType="application/json",
                **condition,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _MET_ANOTHER:
                return None
            raise self._failed("written", error) from None
        except BotoCoreError as error:
            raise self._failed("written", error) from None
        return answer["ETag"]

    def _failed(self, what: str, error: Exception) -> PreviewError:
        hint = "; is bootstrap deployed? make bootstrap" if "NoSuchBucket" in str(error) else ""
        return PreviewError(f"{self} cannot be {what}: {reason(error)}{hint}")


def _date(headers: Mapping[str, str]) -> datetime:
    try:
        return parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        raise PreviewError("S3's answer has no date, so the age of a claim is unknown") from None
