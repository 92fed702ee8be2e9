"""Takes screenshots of pages with a headless Chromium."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# Picture pixels per page pixel: sharp on a high-resolution screen, and still a small file.
_SCALE = 2
_MEASURED = re.compile(r'data-height="(\d+)"')
_MEASURE = "<script>document.body.dataset.height = document.documentElement.offsetHeight</script>"


class BrowserError(Exception):
    """The browser is missing or did not take the screenshot; the message says what is allowed."""


def take_picture(html: str, file: Path, *, width: int) -> None:
    """Write a screenshot of a page with this width in CSS pixels and the page's own height.

    file: the target; its suffix selects the format, such as webp.

    Raises BrowserError.
    """
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(html.replace("</body>", f"{_MEASURE}</body>"), encoding="utf-8")
        # Windows have a minimum height; the page must not be stretched to it.
        measured = _MEASURED.search(_run(folder, f"--window-size={width},100", "--dump-dom", page.as_uri()))
        if not measured:
            raise BrowserError(
                f"the browser did not measure the page for {file.name}; allowed: a Chromium of 2023 or newer"
            )
        _run(
            folder,
            f"--window-size={width},{measured[1]}",
            f"--force-device-scale-factor={_SCALE}",
            f"--screenshot={file.resolve()}",
            page.as_uri(),
        )


def _run(profile: str, *options: str) -> str:
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise BrowserError(
            f"no browser is installed; allowed: {', '.join(_PROGRAMS)}, such as Debian's package chromium"
        )
    command = [
        program,
        "--headless",
        "--disable-gpu",
        "--hide-scrollbars",
        "--no-first-run",
        f"--user-data-dir={profile}",
    ]
    if os.geteuid() == 0:
        # Chromium's sandbox does not start as root, and CI and containers run as root.
        command.append("--no-sandbox")
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False, encoding="utf-8")
    if done.returncode:
        raise BrowserError(f"{program} failed with exit code {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout
