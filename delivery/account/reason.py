"""Why a call to one of the account's servers failed, on one line."""

import re
from http import HTTPStatus

from botocore.exceptions import ClientError
from lightkube import ApiError

from delivery.account.error import CheckError
from delivery.account.session import AccountError

# The services' error codes for a missing permission; a HEAD request returns only its status.
_DENIED = {"403", "AccessDenied", "AccessDeniedException", "AuthorizationError", "Forbidden", "UnauthorizedOperation"}
_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]+:\w+)")
# The permission behind a call, for refusals that do not name it.
_ACTIONS = {"HeadBucket": "s3:ListBucket", "HeadObject": "s3:GetObject", "GetBucketTagging": "s3:GetBucketTagging"}


def reason(error: Exception) -> str:
    """Why something cannot be read, on one line that names any missing permission."""
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
