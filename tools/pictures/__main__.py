"""Draws the README's pictures and tables from the code; redoes the slow ones only if they are stale.

``python -m tools.pictures`` writes docs/pictures and the generated parts of README.md. It needs the synthesized stacks
in cdktf.out. If the plan comment has changed, it needs a Chromium. If the recording is stale, it runs ``make local``
on its own new local cloud, which takes minutes. ``--all`` redoes both even if nothing has changed. Exit code 0:
written; 1: ``make local`` or the browser failed; 2: a source of the pictures is missing.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from delivery.terraform.stack_json import FILE, StackError, read_stack, stacks_folder
from modules.model.project import ROOT
from modules.model.selected_settings import settings_of
from tools.pictures.architecture import architecture
from tools.pictures.browser import BrowserError, take_picture
from tools.pictures.cast import Cast, CastError
from tools.pictures.environment_diagram import environment_diagram
from tools.pictures.facts import facts
from tools.pictures.inputs import comment_digest, comment_page, recording_digest
from tools.pictures.local_recording import record_make_local
from tools.pictures.page_block import with_block
from tools.pictures.promises_table import promises_table
from tools.pictures.recording_picture import recording_picture
from tools.pictures.theme import THEMES

PICTURES = Path("docs", "pictures")
CAST, COMMENT_INPUTS = "make-local.cast", "plan-comment.inputs"
# The width of a README at GitHub, in CSS pixels.
_COMMENT_WIDTH = 880


def drawn(cast: Cast) -> dict[str, str]:
    """The pictures that are quick to draw, by file name. cast: the recording of `make local`."""
    settings = settings_of("built")
    return {
        **{f"architecture-{theme.name}.svg": architecture(settings, theme) for theme in THEMES},
        "make-local.svg": recording_picture(cast),
    }


def page(text: str, *, root: Path, staging: Path, cast: Cast) -> str:
    """Return the README with its generated parts. staging: the synthesized stack. Raises BlockError, StackError."""
    text = with_block(text, "facts", facts(root, settings_of("built"), cast))
    text = with_block(text, "promises", promises_table(root))
    return with_block(text, "environment", environment_diagram(read_stack(staging)))


def _write(*, everything: bool) -> None:
    folder = ROOT / PICTURES
    folder.mkdir(exist_ok=True)

    file = folder / CAST
    recorded = Cast.parse(file.read_text(encoding="utf-8")) if file.exists() else None
    if everything or recorded is None or recorded.inputs != recording_digest(ROOT):
        # Parsed from the text, because the file has rounded times.
        text = record_make_local(ROOT).as_text()
        file.write_text(text, encoding="utf-8")
        recorded = Cast.parse(text)

    inputs = folder / COMMENT_INPUTS
    if everything or not inputs.exists() or inputs.read_text(encoding="utf-8").strip() != comment_digest(ROOT):
        for theme in THEMES:
            html = comment_page(ROOT, theme.name, ROOT / "node_modules")
            take_picture(html, folder / f"plan-comment-{theme.name}.webp", width=_COMMENT_WIDTH)
        inputs.write_text(f"{comment_digest(ROOT)}\n", encoding="utf-8")

    for name, picture in drawn(recorded).items():
        (folder / name).write_text(picture, encoding="utf-8")
    readme = ROOT / "README.md"
    old = readme.read_text(encoding="utf-8")
    readme.write_text(page(old, root=ROOT, staging=stacks_folder() / "staging" / FILE, cast=recorded), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and write everything that is drawn."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures", description=__doc__)
    parser.add_argument("--all", action="store_true", help="redo the slow ones even if they are not stale")
    options = parser.parse_args(arguments)
    try:
        _write(everything=options.all)
    except (BrowserError, CastError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (StackError, OSError, ValueError) as error:
        print(f"error: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
