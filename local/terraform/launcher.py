"""Packages of providers that only start the program of a provider elsewhere on this machine.

Almost every Terraform command computes the checksums of the providers that it uses. hashicorp/aws has 700 MB, which
takes half a second of processor time; a script takes none. The checksums then say nothing about the programs, so only
the local cloud uses launchers: on AWS, `providers.lock.hcl` counts.
"""

import hashlib
import os
import shlex
from pathlib import Path

from local.runtime.paths import cache_folder
from local.terraform.provider_source import Mirror, program_name
from modules.model.providers import Provider

_EXECUTABLE = 0o755


def launching_mirror(provider: Provider, version: str, program: Path) -> Path:
    """Return the folder of a mirror whose package of this version starts the program.

    Each program has a mirror of its own: checkouts with other sources share the cache.
    """
    root = cache_folder() / "provider-launchers" / hashlib.sha256(bytes(program)).hexdigest()[:12]
    package = Mirror(root).package(provider, version)
    package.mkdir(parents=True, exist_ok=True)
    # Every file in a package is part of its checksum.
    unfinished = root / f".unfinished.{os.getpid()}"
    unfinished.write_text(f'#!/bin/sh\nexec {shlex.quote(str(program))} "$@"\n', encoding="utf-8")
    unfinished.chmod(_EXECUTABLE)
    unfinished.replace(package / f"{program_name(provider)}_v{version}")
    return root
