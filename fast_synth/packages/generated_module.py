"""Runs the Python modules that jsii generated, without their run-time type checks."""

import __future__

import gc
import importlib.util
import json
import marshal
import re
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from fast_synth.packages.artifact_cache import ArtifactCache

# Increase it whenever this file compiles the same source to something else.
_FORMAT = 2

_ERASED = re.compile(
    # `return typing.cast(TYPE, VALUE)`: each call rebuilds TYPE, only to return VALUE.
    rb"(?<=return )typing\.cast\(.*, (result|jsii\.s?get\(.*\)|jsii\.s?invoke\(.*\))\)$"
    # Used only by the type checks: each module parses the metadata of typeguard's distribution.
    rb"|^import typeguard$|^from importlib\.metadata import .*$|^TYPEGUARD_MAJOR_VERSION = .*$",
    re.MULTILINE,
)


class GeneratedModuleLoader(SourceFileLoader):
    """Loads a module with postponed annotations (PEP 563), without `if __debug__:` blocks and `typing.cast`.

    `python -O` leaves the same out, and newer releases of jsii-pacmak generate such code. The removed type checks are a
    second guard: the jsii kernel itself refuses the same values, and names the argument.

    Python caches no compiled code for such options, and none at all with PYTHONDONTWRITEBYTECODE. So this cache keeps
    the code objects, by the same rule as Python's own cache: the source's time and size.

    Args:
        name, path: of the module, as Python's own loader takes them.
        cache: keeps the code.

    """

    def __init__(self, name: str, path: str, cache: ArtifactCache) -> None:
        super().__init__(name, path)
        self._cache = cache

    def get_code(self, fullname: str) -> CodeType:
        """Return the module's code. Part of Python's import protocol."""
        source = Path(self.path)
        status = source.stat()
        key = json.dumps([_FORMAT, importlib.util.MAGIC_NUMBER.hex(), self.path, status.st_mtime_ns, status.st_size])
        content = self._cache.artifact(key, fullname, ".code", lambda: marshal.dumps(self._compile(source))).content
        code: CodeType = marshal.loads(content)  # noqa: S302 the user's own cache, as trusted as a .pyc file
        return code

    def exec_module(self, module: ModuleType) -> None:
        """Run the module. Part of Python's import protocol."""
        # This creates thousands of classes that live as long as the process: garbage collection would search them in
        # vain.
        enabled = gc.isenabled()
        gc.disable()
        try:
            super().exec_module(module)
        finally:
            gc.freeze()
            if enabled:
                gc.enable()

    @staticmethod
    def _compile(source: Path) -> CodeType:
        text = _ERASED.sub(rb"\1", source.read_bytes())
        flags = __future__.annotations.compiler_flag
        code: CodeType = compile(text, source, "exec", flags=flags, dont_inherit=True, optimize=1)
        return code
