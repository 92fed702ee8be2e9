"""Builds OpenTofu from the Go module proxy, once, into the cache of the local cloud's programs."""

from pathlib import Path

from local.build.go_compiler import RECIPE
from local.build.go_module import GoModule, GoProgram
from local.build.programs import build_missing
from local.runtime.paths import cache_folder

_MODULE = "github.com/opentofu/opentofu"
MODULE = GoModule(
    folder=Path(__file__).parent / "opentofu",
    programs=(GoProgram(name="tofu", package=f"{_MODULE}/cmd/tofu", module=_MODULE),),
    # Without it the program reports a development build, and every version constraint rejects that.
    linker_flags=f"-X {_MODULE}/version.dev=no",
)


def ensure_built() -> Path:
    """Return the program ``tofu``; compile it first if it is not in the cache.

    Raises:
        LocalCloudError: Go is missing, or the build failed; the message ends with what to do.

    """
    folder = cache_folder() / "programs" / f"{MODULE.name}-{MODULE.key(RECIPE)}"
    build_missing(MODULE, MODULE.programs, folder, lambda line: print(line, flush=True))
    return folder / "tofu" / "tofu"
