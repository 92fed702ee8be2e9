"""A copy of a provider's jsii assembly that holds the resources in use and nothing else."""

import gzip
import io
import json
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modules.bindings.artifact_cache import cached

# Raised whenever this file writes something else for the same provider and resources, so that no older copy is used.
_FORMAT = 2


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """A provider's jsii assembly as its Python package ships it.

    Attributes:
        name: the npm package, such as `@cdktf/provider-aws`.
        version: the npm package's version.
        tarball: the npm package itself, about 37 MB for AWS.
        package_folder: the Python package, with one subfolder for each resource.

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


def assembly_copy(assembly: Assembly, resources: frozenset[str]) -> Path:
    """Return a copy of the assembly with these resources only, built once for a version and a set of resources.

    Args:
        assembly: what to copy from; it is only read.
        resources: Python submodules of the provider's package, such as `s3_bucket`.

    Returns:
        The copy, a gzipped tar archive for the jsii kernel.

    Raises:
        ValueError: the provider has no such resource.

    """
    key = json.dumps([_FORMAT, assembly.name, assembly.version, sorted(resources)])
    description = f"{assembly.tarball.name.removesuffix('.jsii.tgz')}-{len(resources)}-resources"
    return cached(key, description, ".tgz", lambda: _build(assembly, resources)).path


def _build(assembly: Assembly, resources: frozenset[str]) -> bytes:
    namespaces = {_namespace(assembly, resource) for resource in resources}
    files: dict[str, bytes] = {}
    folders: tuple[str, ...] = ()
    with tarfile.open(assembly.tarball) as original:
        for member in original:
            # package/.jsii comes first: it says in which folder of lib/ each namespace is.
            if member.name == "package/.jsii":
                files[member.name], folders = _slim_manifest(json.loads(_content(original, member)), namespaces)
            elif member.name == "package/package.json":
                files[member.name] = _content(original, member)
            elif member.name == "package/lib/index.js":
                files[member.name] = _slim_index(_content(original, member).decode(), namespaces).encode()
            elif member.name.endswith(".js") and member.name.startswith(folders):
                files[member.name] = _without_source_map(_content(original, member))
    return _archive(files)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    if file is None:
        raise ValueError(f"{archive.name!r}: {member.name} is not a file")
    return file.read()


def _namespace(assembly: Assembly, resource: str) -> str:
    """Read the resource's jsii namespace from its module: the spelling cannot be derived (`route53DomainsDomain`)."""
    module = assembly.package_folder / resource / "__init__.py"
    if module.exists():
        declared = re.search(rf'jsii_type="{re.escape(assembly.name)}\.(\w+)\.', module.read_text())
        if declared is not None:
            return declared[1]
    raise ValueError(f"{assembly.package_folder.name} {assembly.version} has no resource {resource!r}")


def _slim_manifest(manifest: dict[str, Any], namespaces: set[str]) -> tuple[bytes, tuple[str, ...]]:
    names = {f"{manifest['name']}.{namespace}" for namespace in namespaces}
    submodules = {name: value for name, value in manifest["submodules"].items() if name in names}
    types = {name: value for name, value in manifest["types"].items() if name.rpartition(".")[0] in names}
    folders = tuple(f"package/lib/{value['symbolId'].split('/')[1]}/" for value in submodules.values())
    return json.dumps({**manifest, "submodules": submodules, "types": types}).encode(), folders


def _slim_index(index: str, namespaces: set[str]) -> str:
    exports = re.findall(r'^exports\.(\w+) = require\("(.+?)"\);$', index, re.MULTILINE)
    lines = [f'exports.{name} = require("{path}");' for name, path in exports if name in namespaces]
    return "\n".join(['"use strict";', 'Object.defineProperty(exports, "__esModule", { value: true });', *lines, ""])


def _without_source_map(script: bytes) -> bytes:
    # It is half of every file, and Node reads it only when started with --enable-source-maps.
    return re.sub(rb"^//# sourceMappingURL=.*$", b"", script, flags=re.MULTILINE)


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
