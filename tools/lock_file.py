"""Removes the package registry's address from a Pipfile.lock, so that each machine installs from its own registry.

``python -m tools.lock_file FILE``.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path


def without_registry(lock: str) -> str:
    """Return the lock file's text with an empty list of sources and no package bound to one."""
    content = json.loads(lock)
    content["_meta"]["sources"] = []
    for section in content.keys() - {"_meta"}:
        for package in content[section].values():
            package.pop("index", None)
    return json.dumps(content, indent=4) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Rewrite the file; exit code 2 if it is not a lock file."""
    parser = argparse.ArgumentParser(prog="python -m tools.lock_file", description=__doc__)
    parser.add_argument("file", type=Path)
    path: Path = parser.parse_args(arguments).file
    try:
        path.write_text(without_registry(path.read_text(encoding="utf-8")), encoding="utf-8")
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        print(f"error: {path} is not a Pipfile.lock ({type(error).__name__}: {error})", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
