"""Takes the package registry's address out of a Pipfile.lock: each machine installs from the one it is set up for.

``python -m delivery.lock FILE``.
"""

import json
import sys
from pathlib import Path


def without_registry(lock: str) -> str:
    """The lock file's text with an empty list of sources and no package bound to one."""
    content = json.loads(lock)
    content["_meta"]["sources"] = []
    for section in ("default", "develop"):
        for package in content[section].values():
            package.pop("index", None)
    return json.dumps(content, indent=4) + "\n"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(without_registry(path.read_text()))
