"""Records `make local` on its own new local cloud, which is deleted afterwards."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.pictures.cast import Cast, record
from tools.pictures.inputs import recording_digest


def record_make_local(root: Path) -> Cast:
    """Run and record it in a checkout whose packages are installed. Raises CastError if it fails."""
    with tempfile.TemporaryDirectory(prefix="mosaic-recording-") as state:
        # If you are root, PostgreSQL runs as its own user, who must be able to reach its folder.
        Path(state).chmod(0o711)
        variables = {**os.environ, "MOSAIC_LOCAL_STATE": state}
        variables.pop("MOSAIC_LOCAL_ACCOUNT", None)
        try:
            return record(
                ["make", "local"],
                folder=root,
                variables=variables,
                hidden=_hidden(root, Path(state)),
                inputs=recording_digest(root),
            )
        finally:
            subprocess.run([sys.executable, "-m", "local", "reset"], cwd=root, env=variables, check=True)


def _hidden(root: Path, state: Path) -> dict[str, str]:
    """Return patterns for this machine's folders and provider location, with their replacements."""
    return {
        re.escape(str(state)): "~/.local/state/mosaic-platform",
        re.escape(str(root)): "~/platform",
        re.escape(str(Path.home())): "~",
        r"(provider \S+ \S+ from) /\S+": r"\1 a folder of this machine",
    }
