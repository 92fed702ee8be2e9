"""Why a question to the account's servers has no answer, on one line."""

import re
from http import HTTPStatus

from botocore.exceptions import ClientError
from lightkube import ApiError

from delivery.account.error import CheckError
from delivery.account.session import AccountError

# AWS's words for a missing permission, service by service; a HEAD request has its status alone.
_DENIED = {"403", "AccessDenied", "AccessDeniedException", "AuthorizationError", "Forbidden", "UnauthorizedOperation"}
_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]+:\w+)")
# The permission behind a call of another name, where the refusal does not say.
_ACTIONS = {"HeadBucket": "s3:ListBucket", "HeadObject": "s3:GetObject", "GetBucketTagging": "s3:GetBucketTagging"}


def reason(error: Exception) -> str:
    """Why something cannot be looked at, on one line; a missing permission is named."""
    if isinstance(error, ClientError):
        code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
        if code in _DENIED:
            named = _ACTION.search(message)
            return f"AccessDenied for {named[1] if named else _ACTIONS.get(error.operation_name, error.operation_name)}"
        return f"{error.operation_name}: {code}: {' '.join(message.split())}"
    if isinstance(error, ApiError):
        denied = error.status.code == HTTPStatus.FORBIDDEN
        return f"{'AccessDenied: ' if denied else ''}{error.status.message}"
    if isinstance(error, CheckError | AccountError):
        return str(error)
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
