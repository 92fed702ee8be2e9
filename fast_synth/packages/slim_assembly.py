"""Makes a copy of a provider's jsii assembly with only the resources in use."""

import gzip
import io
import json
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fast_synth.framework import PROVIDER_NPM_PREFIX
from fast_synth.packages.artifact_cache import ArtifactCache

# Increase it whenever this file writes something else for the same provider and resources, so that no older copy is
# used.
_FORMAT = 1

_PROVIDER, _FUNCTIONS = "provider", "provider_functions"


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
        scope = PROVIDER_NPM_PREFIX.partition("/")[0]
        return cls(name=f"{scope}/{short_name}", version=version, tarball=tarballs[0], package_folder=package_folder)


def slim_assembly(assembly: Assembly, resources: frozenset[str], cache: ArtifactCache) -> Path:
    """Return a copy of the assembly with only these resources, built once for each version and set of resources.

    Args:
        assembly: what to copy from; it is only read.
        resources: Python submodules of the provider's package, such as `s3_bucket`.
        cache: keeps the copy.

    Returns:
        The copy, a gzipped tar archive for the jsii kernel.

    Raises:
        ValueError: the provider has no such resource, or the assembly has an unknown layout.

    """
    # In newer bindings the provider needs the module that declares its functions, if there is one.
    if _PROVIDER in resources and (assembly.package_folder / _FUNCTIONS).is_dir():
        resources = resources | {_FUNCTIONS}
    key = json.dumps([_FORMAT, assembly.name, assembly.version, sorted(resources)])
    description = f"{assembly.tarball.name.removesuffix('.jsii.tgz')}-{len(resources)}-resources"
    return cache.artifact(key, description, ".tgz", lambda: _build(assembly, resources)).path


def _build(assembly: Assembly, resources: frozenset[str]) -> bytes:
    types = frozenset().union(*(_declared_types(assembly, resource) for resource in resources))
    files: dict[str, bytes] = {}
    folders: tuple[str, ...] = ()
    with tarfile.open(assembly.tarball) as original:
        for member in original:
            # The manifest comes first: it names the folder of each resource.
            if member.name == "package/.jsii":
                manifest = _slim_manifest(assembly, _content(original, member), types)
                exports = {name: value["symbolId"].split("/")[1] for name, value in manifest["submodules"].items()}
                folders = tuple(f"package/lib/{folder}/" for folder in exports.values())
                files["package/.jsii"] = json.dumps(manifest).encode()
                files["package/lib/index.js"] = _index(exports).encode()
            elif member.name == "package/package.json":
                files[member.name] = _content(original, member)
            elif member.name.endswith(".js") and member.name.startswith(folders):
                files[member.name] = _without_source_map(_content(original, member))
    return _archive(files)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    if file is None:
        raise ValueError(f"{archive.name!r}: {member.name} is not a file")
    return file.read()


def _declared_types(assembly: Assembly, resource: str) -> frozenset[str]:
    """Read a resource's jsii types from its Python module: its name does not determine them (`route53Domains`)."""
    module = assembly.package_folder / resource / "__init__.py"
    if module.exists():
        types = re.findall(rf'jsii_type="({re.escape(assembly.name)}\.\w+\.\w+)"', module.read_text(encoding="utf-8"))
        if types:
            return frozenset(types)
    raise ValueError(f"{assembly.package_folder.name} {assembly.version} has no resource {resource!r}")


def _slim_manifest(assembly: Assembly, manifest: bytes, types: frozenset[str]) -> dict[str, Any]:
    """Reduce the manifest to these types.

    The types are sliced out by lines of the document, in their alphabetical order: parsing all of AWS's 130 MB takes
    seconds and most of a gigabyte.
    """
    try:
        first, last = manifest.index(b'\n  "types": {') + len(b'\n  "types": {'), manifest.rindex(b"\n  },\n")
        slim: dict[str, Any] = json.loads(manifest[:first] + manifest[last:])
        position = first
        for name in sorted(types):
            key = f'\n    "{name}": '.encode()
            start = manifest.index(key, position) + len(key)
            position = manifest.index(b"\n    }", start) + len(b"\n    }")
            slim["types"][name] = json.loads(manifest[start:position])
    except ValueError as error:
        raise ValueError(
            f"{assembly.tarball} is not laid out as expected ({error}); MOSAIC_BINDINGS=full loads it whole"
        ) from error
    submodules = {name.rpartition(".")[0] for name in types}
    slim["submodules"] = {name: slim["submodules"][name] for name in sorted(submodules)}
    return slim


def _index(exports: Mapping[str, str]) -> str:
    """Write the package's entry script: one line for each jsii submodule and its folder, as in the original."""
    return "".join(f'exports.{name.rpartition(".")[2]} = require("./{folder}");\n' for name, folder in exports.items())


def _without_source_map(script: bytes) -> bytes:
    # Source maps are half of every file, and Node reads them only with --enable-source-maps.
    return re.sub(rb"^//# sourceMappingURL=.*$", b"", script, flags=re.MULTILINE)


def _archive(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    # No time stamps: the same input must give the same bytes.
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as archive,
    ):
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
