"""Errors in the formats that AWS's clients understand."""

import json
from html import escape

# These expect JSON; S3 and the others expect two kinds of XML.
_JSON_SERVICES = {"acm", "eks", "kms", "secretsmanager"}


class AwsError(Exception):
    """An AWS error: code, message, the answering service's signing name, and HTTP status."""

    def __init__(self, code: str, message: str, service: str, status: str = "403 Forbidden") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.service = service

    def document(self) -> tuple[str, bytes]:
        """Return the content type and the document in the format that the service's clients parse."""
        message = escape(self.message)
        if self.service == "s3":
            return "application/xml", f"<Error><Code>{self.code}</Code><Message>{message}</Message></Error>".encode()
        if self.service in _JSON_SERVICES:
            return "application/x-amz-json-1.1", json.dumps({"__type": self.code, "message": self.message}).encode()
        if self.service == "ec2":
            error = f"<Error><Code>{self.code}</Code><Message>{message}</Message></Error>"
            return "text/xml", f"<Response><Errors>{error}</Errors></Response>".encode()
        return "text/xml", (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{self.code}</Code><Message>{message}</Message></Error>"
            "</ErrorResponse>"
        ).encode()
