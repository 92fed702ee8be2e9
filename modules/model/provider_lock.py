"""The lock file of a stack on AWS, with which Terraform installs only provider packages with these checksums.

The local cloud has none: its stand-ins, and the packages of a mirror that somebody built, are different files.
"""

import json
import re
from pathlib import Path

from modules.model.project import ROOT

FILE = ROOT / "providers.lock.hcl"
NAME = ".terraform.lock.hcl"
_BLOCK = re.compile(r'^provider "(?P<address>[^"]+)" {\n  version +=\s+"(?P<version>[^"]+)".*?^}\n', re.M | re.S)


class ProviderLockError(ValueError):
    """A stack requires a provider that ``providers.lock.hcl`` does not have at that version."""


def write_lock_file(stack: Path) -> None:
    """Write the lock file beside a synthesized stack, with only the providers it requires: others would be refused.

    stack: its ``cdk.tf.json``. Raises ProviderLockError.
    """
    required = json.loads(stack.read_text(encoding="utf-8"))["terraform"]["required_providers"].values()
    blocks_of_all = _BLOCK.finditer(FILE.read_text(encoding="utf-8"))
    locked = {(block["address"], block["version"]): block[0] for block in blocks_of_all}
    blocks = []
    for provider in required:
        key = provider["source"], provider["version"]
        if key not in locked:
            has = ", ".join(map(" ".join, locked))
            raise ProviderLockError(
                f"{FILE.name} has no checksums of {' '.join(key)}, which {stack.parent.name} requires; it has "
                f"{has}. docs/decisions/2026-11-28-providers-pinned.md explains how to raise a version"
            )
        blocks.append(locked[key])
    (stack.parent / NAME).write_text("\n".join(blocks), encoding="utf-8")
