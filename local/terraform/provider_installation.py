"""Decides where Terraform gets each provider, and writes the CLI configuration file that tells Terraform.

docs/provider-stand-ins.md explains the stand-ins. A provider's source host is part of its address, however it is
installed: https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
"""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from local.build.programs import Programs, ensure_built
from local.runtime.errors import LocalCloudError
from local.runtime.private_files import write_private
from local.terraform.launcher import launching_mirror
from local.terraform.provider_source import Found, Mirror, Registry, program_name, supported
from modules.model.project import ROOT
from modules.model.providers import KUBERNETES, POSTGRESQL, PROVIDERS, REGISTRY, Provider, version_text

CONFIGURATION_NAME = "terraform.rc"
MODE_VARIABLE = "MOSAIC_PROVIDERS"
MIRROR_VARIABLE = "MOSAIC_PROVIDER_MIRROR"
MODES = ("auto", "official", "standin")

STAND_INS = (KUBERNETES, POSTGRESQL)

Build = Callable[[Sequence[str]], Programs]


@dataclass(frozen=True, kw_only=True)
class ProviderInstallation:
    """The file that ``TF_CLI_CONFIG_FILE`` must name, and one line to print for each provider and each skipped version.

    ``mirrors`` has each provider's folder by its address, None if it comes from the registry.
    """

    configuration: Path
    lines: tuple[str, ...]
    mirrors: Mapping[str, Path | None]

    def remove_stale_providers(self, stack: Path) -> list[str]:
        """Remove providers from a stack's folder that an earlier ``terraform init`` took from elsewhere.

        Terraform keeps an installed provider as long as the version fits, so without this a stand-in would stay in use
        after the official provider becomes available. The lock file, which holds their checksums, is removed with them.

        Returns:
            the addresses of the removed providers; if there are any, the stack needs a ``terraform init``.

        """
        removed = []
        for address, mirror in self.mirrors.items():
            kept = stack / ".terraform/providers" / REGISTRY / address
            # Terraform links to an unpacked mirror; a folder is a package that it unpacked itself, from an official
            # source.
            links = [package.readlink() for package in kept.glob("*/*") if package.is_symlink()]
            if any(mirror is None or not link.is_relative_to(mirror) for link in links):
                shutil.rmtree(kept)
                removed.append(address)
        if removed:
            (stack / ".terraform.lock.hcl").unlink(missing_ok=True)
        return removed


def install(
    *,
    folder: Path,
    cloud: Literal["aws", "local"],
    variables: Mapping[str, str] = os.environ,
    mirrors: Iterable[Path] | None = None,
    registry: Registry | None = None,
    build: Build = ensure_built,
) -> ProviderInstallation:
    """Find every provider and write the configuration file into ``folder``.

    The first place that has the provider's version wins: the folder that ``MOSAIC_PROVIDER_MIRROR`` names, Terraform's
    implied mirrors, a mirror under ``/opt``, the registry, and, only on the local cloud, a stand-in.

    Args:
        folder: an existing folder, such as the state folder.
        cloud: where Terraform works; on ``aws`` there is never a stand-in.
        variables: of the environment. ``MOSAIC_PROVIDERS`` is ``auto`` (the default), ``official`` (no stand-in) or
            ``standin`` (no official provider if there is a stand-in).
        mirrors: folders instead of the implied ones and those under ``/opt``.
        registry: instead of the real one. It is asked only for what no folder has, and in this run never again after it
            did not answer.
        build: builds the programs of the stand-ins; it is called only if one is used.

    Raises:
        LocalCloudError: a variable has a value that is not allowed, a provider was not found, or a stand-in could not
            be built.

    """
    mode = _mode(variables, cloud)
    folders = [Mirror(root) for root in (mirrors if mirrors is not None else _implied_mirrors(variables))]
    if named := _named_mirror(variables):
        folders.insert(0, named)
    registry = registry or Registry()
    lines: list[str] = []
    found: dict[Provider, Found] = {}
    missing: list[Provider] = []
    for provider in PROVIDERS:
        if mode == "standin" and provider in STAND_INS:
            missing.append(provider)
        elif source := _find(provider, folders, registry, lines):
            found[provider] = _launched(provider, source) if cloud == "local" else source
        else:
            missing.append(provider)
    if missing:
        _refuse_to_stand_in(missing=missing, mode=mode, cloud=cloud, folders=folders, registry=registry, ignored=lines)
        found |= _stand_ins(missing, build)
    configuration = folder / CONFIGURATION_NAME
    write_private(configuration, _configuration(found))
    lines += [f"{provider.source} {found[provider].text}" for provider in PROVIDERS]
    return ProviderInstallation(
        configuration=configuration,
        lines=tuple(lines),
        mirrors={provider.source: found[provider].root for provider in PROVIDERS},
    )


def _mode(variables: Mapping[str, str], cloud: str) -> str:
    mode = variables.get(MODE_VARIABLE) or "auto"
    if mode not in MODES:
        raise LocalCloudError(f"{MODE_VARIABLE}={mode}: must be one of {', '.join(MODES)}.")
    if mode == "standin" and cloud != "local":
        raise LocalCloudError(
            f"{MODE_VARIABLE}={mode}: the stand-ins serve the local cloud only, not MOSAIC_CLOUD={cloud}."
        )
    return mode


def _named_mirror(variables: Mapping[str, str]) -> Mirror | None:
    value = variables.get(MIRROR_VARIABLE)
    if not value:
        return None
    mirror = Mirror(Path(value))
    if not mirror.root.is_absolute() or not mirror.root.is_dir():
        raise LocalCloudError(f"{MIRROR_VARIABLE}={value}: must be the absolute path of an existing folder.")
    if not any(mirror.versions(provider) for provider in PROVIDERS):
        raise LocalCloudError(
            f"{MIRROR_VARIABLE}={value}: has none of {', '.join(provider.source for provider in PROVIDERS)} for this "
            f"platform. Run `terraform providers mirror {value}`, which creates {REGISTRY}/NAMESPACE/TYPE below it."
        )
    return mirror


def _implied_mirrors(variables: Mapping[str, str]) -> list[Path]:
    """Return the folders that Terraform itself searches, and those of base images that ship providers."""
    data_home = variables.get("XDG_DATA_HOME") or str(Path.home() / ".local/share")
    data_folders = variables.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    shared = [Path(entry) / "terraform/plugins" for entry in (data_home, *data_folders.split(":"))]
    images = sorted(tree.parent for tree in Path("/opt").glob(f"*/{REGISTRY}"))
    return [ROOT / "terraform.d/plugins", Path.home() / ".terraform.d/plugins", *shared, *images]


def _find(provider: Provider, folders: Sequence[Mirror], registry: Registry, lines: list[str]) -> Found | None:
    for mirror in folders:
        versions = mirror.versions(provider)
        if (best := supported(provider, versions)) is not None:
            return Found(version=best, root=mirror.root, place=str(mirror.root))
        if versions:
            lines.append(
                f"{provider.source} {', '.join(versions)} in {mirror.root} ignored: "
                f"the stacks are tested only with {provider.constraint}"
            )
    best = supported(provider, registry.versions(provider))
    return None if best is None else Found(version=best, root=None, place="the registry")


def _refuse_to_stand_in(
    *,
    missing: Sequence[Provider],
    mode: str,
    cloud: str,
    folders: Sequence[Mirror],
    registry: Registry,
    ignored: Sequence[str],
) -> None:
    """Raise unless every missing provider has a stand-in that may be used."""
    without = [provider for provider in missing if provider not in STAND_INS or cloud != "local" or mode == "official"]
    if not without:
        return
    wanted = "; ".join(f"{provider.source} ({provider.constraint})" for provider in without)
    looked = ", ".join(str(mirror.root) for mirror in folders)
    raise LocalCloudError(
        f"No usable {wanted}. Looked in {looked} and the registry ({registry.answer}). "
        f"{''.join(f'{line}. ' for line in ignored)}With access to the registry, `terraform providers mirror DIR` "
        f"fills a folder for {MIRROR_VARIABLE}."
    )


def _stand_ins(providers: Sequence[Provider], build: Build) -> dict[Provider, Found]:
    """Build the stand-ins; each is found under the version that it stands in for."""
    programs = build([program_name(provider) for provider in providers])
    found = {}
    for provider in providers:
        program: Path = getattr(programs, program_name(provider).replace("-", "_"))
        version = version_text(provider.version)
        root = launching_mirror(provider, version, program)
        found[provider] = Found(version=version, root=root, place="the local stand-in (docs/provider-stand-ins.md)")
    return found


def _launched(provider: Provider, source: Found) -> Found:
    """Replace an unpacked package by one that starts its program."""
    program = None if source.root is None else Mirror(source.root).program(provider, source.version)
    return source if program is None else replace(source, root=launching_mirror(provider, source.version, program))


def _configuration(found: Mapping[Provider, Found]) -> str:
    """Return the CLI configuration: each mirror serves the providers found in it, the registry all others."""
    mirrored = {provider: source.root for provider, source in found.items() if source.root is not None}
    mirrors = [
        "  filesystem_mirror {\n"
        f"    path    = {_quoted(str(root))}\n"
        f"    include = {_addresses(provider for provider in mirrored if mirrored[provider] == root)}\n"
        "  }\n"
        for root in sorted(set(mirrored.values()))
    ]
    direct = f"  direct {{\n    exclude = {_addresses(mirrored)}\n  }}\n"
    return "provider_installation {\n" + "".join(mirrors) + direct + "}\n"


def _addresses(providers: Iterable[Provider]) -> str:
    return "[" + ", ".join(_quoted(f"{REGISTRY}/{provider.source}") for provider in providers) + "]"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
