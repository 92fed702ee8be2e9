"""A request with its signature in the URL."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import boto3
from botocore.model import ServiceId
from botocore.signers import RequestSigner

from local.aws.credentials import AccessKey
from tests.account import SHARED


def presigned(
    endpoint: str,
    key: AccessKey,
    *,
    cluster: str | None = SHARED.cluster,
    query: str = "",
    age: timedelta = timedelta(),
) -> str:
    """Return a GetCallerIdentity presigned ``age`` ago, as `aws eks get-token` makes it: it is valid for 15 minutes."""
    session = boto3.Session(aws_access_key_id=key.id, aws_secret_access_key=key.secret, region_name=SHARED.region)
    credentials = session.get_credentials()
    assert credentials is not None
    signer = RequestSigner(ServiceId("STS"), SHARED.region, "sts", "v4", credentials, session.events)
    unsigned = {
        "method": "GET",
        "url": f"{endpoint}/?Action=GetCallerIdentity&Version=2011-06-15{query}",
        "body": {},
        "headers": {} if cluster is None else {"x-k8s-aws-id": cluster},
        "context": {},
    }
    with patch("botocore.auth.get_current_datetime", lambda: datetime.now(UTC) - age):
        return str(signer.generate_presigned_url(unsigned, region_name=SHARED.region, expires_in=60, operation_name=""))
