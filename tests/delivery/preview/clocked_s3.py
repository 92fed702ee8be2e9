"""moto's S3 with a clock that a test sets."""

from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import boto3

from tests.delivery.preview.recorded import NOW

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def client_with_clock(session: boto3.Session, now: datetime = NOW) -> "S3Client":
    """Return a client whose answers all have this date."""

    def add_date(parsed: dict[str, Any], **_: object) -> None:
        parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = format_datetime(now, usegmt=True)

    client = session.client("s3")
    client.meta.events.register("after-call.s3", add_date)
    return client
