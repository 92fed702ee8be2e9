"""Access keys of the local account, stored in the state folder and nowhere else."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from local.runtime.private_files import write_private
from modules.model.selected_settings import SHARED

ROOT = "root"
ADMINISTRATOR = "administrator"
EXTERNAL_SECRETS = "external-secrets"
EKS = "eks"


def user_arn(user: str) -> str:
    """Return the ARN of an IAM user of the account."""
    return f"arn:aws:iam::{SHARED.account}:user/{user}"


@dataclass(frozen=True, kw_only=True)
class AccessKey:
    """An AWS access key."""

    id: str
    secret: str

    def __repr__(self) -> str:
        return f"AccessKey(id={self.id!r})"


@dataclass(frozen=True)
class KeyFile:
    """The file, mode 0600, that holds the keys by user name."""

    path: Path

    def get(self, user: str) -> AccessKey | None:
        """Return the user's key; None if none is stored."""
        return self._read().get(user)

    def keep(self, user: str, key: AccessKey) -> None:
        """Store the user's key."""
        keys = self._read() | {user: key}
        write_private(self.path, json.dumps({name: asdict(value) for name, value in keys.items()}, indent=2))

    def root(self) -> AccessKey:
        """Return the root key, created on the first call: it exists before any IAM user does."""
        key = self.get(ROOT)
        if key is None:
            key = AccessKey(id=f"AKIA{secrets.token_hex(8).upper()}", secret=secrets.token_urlsafe(30))
            self.keep(ROOT, key)
        return key

    def _read(self) -> dict[str, AccessKey]:
        if not self.path.exists():
            return {}
        return {user: AccessKey(**key) for user, key in json.loads(self.path.read_text(encoding="utf-8")).items()}
