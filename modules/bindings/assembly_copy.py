"""A copy of a provider's jsii assembly that holds some of its resources, kept in the user's cache folder."""

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Raised whenever this file writes something else for the same provider and resources, so that no older copy is used.
_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """A provider's jsii assembly as its Python package ships it.

    Attributes:
        name: the npm package, such as `@cdktf/provider-aws`.
        version: the npm package's version.
        tarball: the npm package itself, about 37 MB for AWS.
        package_folder: the Python package, with one subfolder per resource.

    """

    name: str
    version: str
    tarball: Path
    package_folder: Path

    @classmethod
    def of_package(cls, package_folder: Path) -> "Assembly":
        """Find the assembly in a provider's Python package.

        Raises:
            FileNotFoundError: the folder holds no assembly, or more than one.

        """
        tarballs = list((package_folder / "_jsii").glob("*.jsii.tgz"))
        if len(tarballs) != 1:
            raise FileNotFoundError(f"expected one *.jsii.tgz in {package_folder / '_jsii'}, found {len(tarballs)}")
        # jsii-pacmak names it NAME@VERSION.jsii.tgz, without the npm scope; every prebuilt provider is in this scope.
        short_name, _, version = tarballs[0].name.removesuffix(".jsii.tgz").rpartition("@")
        return cls(name=f"@cdktf/{short_name}", version=version, tarball=tarballs[0], package_folder=package_folder)


def assembly_copy(assembly: Assembly, resources: frozenset[str], cache_folder: Path) -> Path:
    """Return a copy of the assembly with these resources only; build it where the cache has no sound one.

    The file's name holds what went into the copy (version, resources, format) and the digest of what came out, so one
    read tells whether it is whole and the right one. Processes that build at the same time write the same bytes under
    the same name, each by an atomic rename.

    Args:
        assembly: what to copy from; it is only read.
        resources: Python submodules of the provider's package, such as `s3_bucket`.
        cache_folder: created when missing. Its content can be deleted at any time.

    Returns:
        The copy, a gzipped tar archive for the jsii kernel.

    Raises:
        ValueError: the provider has no such resource.

    """
    wanted = json.dumps([_FORMAT, assembly.name, assembly.version, sorted(resources)])
    stem = f"{assembly.name.rpartition('/')[2]}-{assembly.version}-{hashlib.sha256(wanted.encode()).hexdigest()[:16]}"
    for candidate in cache_folder.glob(f"{stem}-*.tgz"):
        if candidate.name == _file_name(stem, candidate.read_bytes()):
            return candidate
        candidate.unlink(missing_ok=True)

    content = _build(assembly, resources)
    copy = cache_folder / _file_name(stem, content)
    cache_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=cache_folder, delete=False) as unfinished:
        unfinished.write(content)
    Path(unfinished.name).replace(copy)
    return copy


def _file_name(stem: str, content: bytes) -> str:
    return f"{stem}-{hashlib.sha256(content).hexdigest()}.tgz"


def _build(assembly: Assembly, resources: frozenset[str]) -> bytes:
    namespaces = {_namespace(assembly, resource) for resource in resources}
    with tarfile.open(assembly.tarball) as original:
        members = iter(original)
        files: dict[str, bytes] = {}
        folders: tuple[str, ...] = ()
        # jsii-pacmak writes package/.jsii first: it says in which folder of lib/ a namespace is.
        for member in members:
            if not member.isfile():
                continue
            content = original.extractfile(member)
            if content is None:
                continue
            if member.name == "package/.jsii":
                manifest = json.loads(content.read())
                files[member.name], folders = _slim_manifest(manifest, namespaces)
            elif member.name == "package/package.json":
                files[member.name] = content.read()
            elif member.name == "package/lib/index.js":
                files[member.name] = _slim_index(content.read().decode(), namespaces).encode()
            elif member.name.endswith(".js") and member.name.startswith(folders):
                files[member.name] = content.read()
    return _archive(files)


def _namespace(assembly: Assembly, resource: str) -> str:
    """Read the resource's jsii namespace from its module: the spelling cannot be derived (`route53DomainsDomain`)."""
    module = assembly.package_folder / resource / "__init__.py"
    declared = (
        re.search(rf'jsii_type="{re.escape(assembly.name)}\.(\w+)\.', module.read_text()) if module.exists() else None
    )
    if declared is None:
        raise ValueError(f"{assembly.package_folder.name} {assembly.version} has no resource {resource!r}")
    return declared[1]


def _slim_manifest(manifest: dict[str, Any], namespaces: set[str]) -> tuple[bytes, tuple[str, ...]]:
    prefixes = tuple(f"{manifest['name']}.{namespace}" for namespace in namespaces)
    submodules = {name: value for name, value in manifest["submodules"].items() if name in prefixes}
    dotted = tuple(f"{prefix}." for prefix in prefixes)
    types = {name: value for name, value in manifest["types"].items() if name.startswith(dotted)}
    folders = tuple(f"package/lib/{value['symbolId'].split('/')[1]}/" for value in submodules.values())
    return json.dumps({**manifest, "submodules": submodules, "types": types, "readme": None}).encode(), folders


def _slim_index(index: str, namespaces: set[str]) -> str:
    exports = re.findall(r'^exports\.(\w+) = require\("(.+?)"\);$', index, re.MULTILINE)
    lines = [f'exports.{name} = require("{path}");' for name, path in exports if name in namespaces]
    return "\n".join(['"use strict";', 'Object.defineProperty(exports, "__esModule", { value: true });', *lines, ""])


def _archive(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    # No time stamps: the same input has to give the same bytes.
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as archive,
    ):
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def cache_folder() -> Path:
    """The folder for copies: under `MOSAIC_CACHE`, else under the user's cache folder (`XDG_CACHE_HOME`)."""
    root = os.environ.get("MOSAIC_CACHE")
    if root:
        return Path(root) / "bindings"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mosaic-platform" / "bindings"
