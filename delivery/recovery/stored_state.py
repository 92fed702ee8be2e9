"""Reads an environment's stored state without Terraform."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from delivery.recovery.error import RecoveryError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_FORMAT = 4


@dataclass(frozen=True, kw_only=True)
class StoredState:
    """The ids of the managed resources in the state, by address, and which of them an apply would replace.

    An id is None if the provider gives none.
    """

    ids: Mapping[str, str | None] = field(default_factory=dict)
    tainted: frozenset[str] = frozenset()

    @classmethod
    def read(cls, s3: "S3Client", *, bucket: str, key: str) -> "StoredState":
        """Return the state at this key; an empty one if there is none. Raises RecoveryError."""
        try:
            text = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except s3.exceptions.NoSuchKey:
            return cls()
        try:
            content = json.loads(text)
            if content["version"] != _FORMAT:
                raise RecoveryError(f"s3://{bucket}/{key} has the format {content['version']}; allowed: {_FORMAT}")
            resources = [row for row in content["resources"] if row["mode"] == "managed"]
            present = {
                f"{row['type']}.{row['name']}": instance
                for row in resources
                for instance in row["instances"]
                # A deposed instance is not the current object.
                if "deposed" not in instance
            }
            ids = {address: instance["attributes"].get("id") for address, instance in present.items()}
        except (ValueError, KeyError, TypeError):
            raise RecoveryError(
                f"s3://{bucket}/{key} is not a Terraform state; restore an older version of it, or remove it: what "
                "exists is imported without a state"
            ) from None
        return cls(
            ids=ids,
            tainted=frozenset(address for address, row in present.items() if row.get("status") == "tainted"),
        )
