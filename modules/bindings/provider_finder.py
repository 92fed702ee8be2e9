"""Imports the prebuilt providers' resources one by one, against slim copies of their jsii assemblies."""

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from modules.bindings.assembly_copy import Assembly, assembly_copy, cache_folder
from modules.bindings.imported_resources import imported_resources

_PROJECT_MODULES = Path(__file__).resolve().parent.parent


def install() -> None:
    """Make imports of the project's provider resources fast, unless `MOSAIC_BINDINGS=full` asks for the full providers.

    Calling it again changes nothing.

    Raises:
        ValueError: `MOSAIC_BINDINGS` is neither `slim` (the default) nor `full`.

    """
    mode = os.environ.get("MOSAIC_BINDINGS", "slim")
    if mode not in ("slim", "full"):
        raise ValueError(f"MOSAIC_BINDINGS is {mode!r}; allowed are 'slim' (the default) and 'full'")
    if mode == "slim" and not any(isinstance(finder, ProviderFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, ProviderFinder(imported_resources(_PROJECT_MODULES)))


class ProviderFinder(MetaPathFinder):
    """Finds the provider packages and their parts; everything else is left to Python's own finders.

    Args:
        resources: the submodules to serve of each provider package.

    """

    def __init__(self, resources: Mapping[str, frozenset[str]]) -> None:
        self._resources = resources

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Python's import protocol.

        Raises:
            ImportError: the resource is none of those that were asked for.

        """
        package, _, submodule = fullname.partition(".")
        if package not in self._resources:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None:
            return None
        if not submodule:
            # The package's __init__ imports every resource of the provider: 2,200 modules for AWS.
            spec.loader = _EmptyPackage()
        elif submodule == "_jsii":
            self._load_slim_assembly(package)
        elif submodule not in self._resources[package]:
            raise ImportError(
                f"{fullname} is not in the slim copy of {package}: the copy holds what files under {_PROJECT_MODULES} "
                "import. Import it there, or set MOSAIC_BINDINGS=full to load the whole provider.",
                name=fullname,
            )
        return spec

    def _load_slim_assembly(self, package: str) -> None:
        """Give the kernel the slim copy, which makes the load in the package's own `_jsii` a load of what is there."""
        jsii = importlib.import_module("jsii")
        importlib.import_module("cdktf._jsii")
        folder = Path(sys.modules[package].__path__[0])
        assembly = Assembly.of_package(folder)
        copy = assembly_copy(assembly, self._resources[package], cache_folder())
        jsii.kernel.load(assembly.name, assembly.version, str(copy))


class _EmptyPackage(Loader):
    def exec_module(self, module: ModuleType) -> None:
        pass
