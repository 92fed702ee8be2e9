"""Writes the source of the documentation site.

``python -m tools.documentation FOLDER``; `make docs` then builds the site. Exit code 1 for an
invalid docstring or page; the message names it.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.documentation.construct import DocstringError, read_modules
from tools.documentation.construct_page import ConstructPages
from tools.documentation.example import synthesize_examples
from tools.documentation.site_source import SiteError, site_pages


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line, write the pages."""
    parser = argparse.ArgumentParser(prog="python -m tools.documentation", description=__doc__)
    parser.add_argument("folder", type=Path, help="created if it does not exist")
    folder: Path = parser.parse_args(arguments).folder
    try:
        modules = read_modules()
        with tempfile.TemporaryDirectory() as stacks:
            examples = synthesize_examples(Path(stacks), [module.construct.stem for module in modules])
        pages = site_pages(ConstructPages(modules, examples).pages())
    except (DocstringError, SiteError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
