"""A process that looks like Terraform's, who runs it, and the state that it works on."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

# As Terraform writes it into a lock.
HERE = f"{pwd.getpwuid(os.getuid()).pw_name}@{socket.gethostname()}"
PLACE = {"bucket": "states", "key": "demo/terraform.tfstate"}


@contextmanager
def terraform_in(folder: Path, *, hidden: bool = False, name: str = "terraform") -> Iterator[int]:
    """A process of Terraform's name, or of OpenTofu's, that works in this folder.

    hidden: only root sees where, as of another user's process. The kernel does so for a program that may not be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    program = folder.parent / name
    shutil.copy("/bin/sleep", program)
    if hidden:
        program.chmod(0o111)
    with subprocess.Popen([program, "60"], cwd=folder) as process:
        try:
            while psutil.Process(process.pid).name() != name:
                continue  # it has not become the program yet
            yield process.pid
        finally:
            process.kill()
