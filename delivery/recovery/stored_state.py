"""What an environment's stored state knows, read without Terraform."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from delivery.recovery.error import RecoveryError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_FORMAT = 4


@dataclass(frozen=True, kw_only=True)
class StoredState:
    """The addresses of the managed resources in the state, and of those among them that an apply would replace."""

    addresses: frozenset[str] = frozenset()
    tainted: frozenset[str] = frozenset()

    @classmethod
    def read(cls, s3: "S3Client", *, bucket: str, key: str) -> "StoredState":
        """Return what is stored at this key; an empty state where nothing is. Raises RecoveryError."""
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
                f"{row['type']}.{row['name']}": {instance.get("status") for instance in row["instances"]}
                for row in resources
                # What is only deposed has no object of today.
                if any("deposed" not in instance for instance in row["instances"])
            }
        except (ValueError, KeyError, TypeError):
            raise RecoveryError(
                f"s3://{bucket}/{key} is no state of Terraform's; restore an older version of it, or remove it: what "
                "exists is taken over without a state"
            ) from None
        return cls(
            addresses=frozenset(present),
            tainted=frozenset(address for address, statuses in present.items() if "tainted" in statuses),
        )
