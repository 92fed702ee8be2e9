"""Imports the prebuilt providers' resources one by one, against slim copies of their jsii assemblies."""

import atexit
import gc
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

from fast_synth.framework import PACKAGE
from fast_synth.kernel.process import KernelProcess
from fast_synth.packages.artifact_cache import ArtifactCache
from fast_synth.packages.generated_module import GeneratedModuleLoader
from fast_synth.packages.imported_resources import imported_resources
from fast_synth.packages.slim_assembly import Assembly, slim_assembly

# Every provider is built on these. The first assembly that jsii loads is that of constructs.
_FRAMEWORK = ("constructs", PACKAGE)


def install(folder: Path, *, cache_name: str = "fast-synth") -> None:
    """Make imports of CDKTF and of a project's resources fast, unless `MOSAIC_BINDINGS=full` asks for all of them.

    Calling it again changes nothing.

    Args:
        folder: the Python files whose imports say which resources of the providers are in use.
        cache_name: of the folder in the user's cache folder for built files; `MOSAIC_CACHE` overrides it.

    Raises:
        ValueError: `MOSAIC_BINDINGS` is neither `slim` (the default) nor `full`, or `MOSAIC_CACHE` is not an absolute
            path.

    """
    mode = os.environ.get("MOSAIC_BINDINGS", "slim")
    if mode not in ("slim", "full"):
        raise ValueError(f"MOSAIC_BINDINGS is {mode!r}; allowed are 'slim' (the default) and 'full'")
    if mode == "slim" and not any(isinstance(finder, ProviderFinder) for finder in sys.meta_path):
        cache = ArtifactCache.of_user(cache_name)
        sys.meta_path.insert(0, ProviderFinder(folder, imported_resources(folder), cache))
        # Otherwise the interpreter ends by freeing, object by object, what the operating system frees at once: a sixth
        # of a synth's time.
        atexit.register(gc.freeze)


class ProviderFinder(MetaPathFinder):
    """Finds what jsii generated: CDKTF and the provider packages. Python's own finders handle everything else.

    Args:
        folder: whose files import these resources; errors name it.
        resources: the submodules to serve from each provider package.
        cache: keeps what is built for them.

    """

    def __init__(self, folder: Path, resources: Mapping[str, frozenset[str]], cache: ArtifactCache) -> None:
        self._folder = folder
        self._resources = resources
        self._cache = cache
        self._kernel: KernelProcess | None = None

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module. Part of Python's import protocol.

        Raises:
            ImportError: the resource is not one of the requested ones.

        """
        package, _, submodule = fullname.partition(".")
        if package not in _FRAMEWORK and package not in self._resources:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None:
            return None
        if fullname in _FRAMEWORK:
            self._start_kernel()
        elif fullname == "constructs._jsii":
            self._connect_kernel()
        elif package in self._resources:
            if not submodule:
                # The package's __init__ imports every resource of the provider: 2,200 modules for AWS.
                spec.loader = _EmptyPackage()
            elif submodule == "_jsii":
                self._load_slim_assembly(package)
            elif submodule not in self._resources[package]:
                raise ImportError(
                    f"{fullname} is not loaded: only the resources that files under {self._folder} import are. "
                    "Import it there, or set MOSAIC_BINDINGS=full to have every resource.",
                    name=fullname,
                )
        if isinstance(spec.loader, SourceFileLoader):
            spec.loader = GeneratedModuleLoader(spec.loader.name, spec.loader.path, self._cache)
        return spec

    def _start_kernel(self) -> None:
        # JSII_RUNTIME asks jsii for another kernel; if constructs was imported before, jsii has already started one.
        if self._kernel is None and "constructs" not in sys.modules and "JSII_RUNTIME" not in os.environ:
            self._kernel = KernelProcess()

    def _connect_kernel(self) -> None:
        if self._kernel is not None:
            from fast_synth.kernel.connection import connect  # noqa: PLC0415 it imports jsii: not before Node.js runs

            connect(self._kernel)

    def _load_slim_assembly(self, package: str) -> None:
        """Load it under the original's name: the kernel then treats the load in the package's `_jsii` as done."""
        jsii = importlib.import_module("jsii")
        importlib.import_module(f"{PACKAGE}._jsii")
        assembly = Assembly.of_package(Path(sys.modules[package].__path__[0]))
        tarball = slim_assembly(assembly, self._resources[package], self._cache)
        jsii.kernel.load(assembly.name, assembly.version, str(tarball))


class _EmptyPackage(Loader):
    def exec_module(self, module: ModuleType) -> None:
        pass
