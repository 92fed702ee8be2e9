"""A process that looks like Terraform, its user, and its state."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

# In the format that Terraform writes into a lock.
HERE = f"{pwd.getpwuid(os.getuid()).pw_name}@{socket.gethostname()}"
PLACE = {"bucket": "states", "key": "demo/terraform.tfstate"}


@contextmanager
def terraform_in(folder: Path, *, hidden: bool = False, name: str = "terraform") -> Iterator[int]:
    """Run a process named like Terraform or OpenTofu in this folder.

    hidden: only root sees its folder, as for another user's process. The kernel does this for unreadable programs.
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
