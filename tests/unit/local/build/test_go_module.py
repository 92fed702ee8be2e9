"""The cache key of programs depends on all of their inputs, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from local.build.go_module import GoModule
from local.build.trimmed_source import TrimmedSource
from tests.unit.local.build.go_sources import HELLO, PLUGINS, write

RECIPE = ("-trimpath",)


@pytest.mark.parametrize("file", ["go.mod", "go.sum", "cmd/hello/main.go"])
def test_the_key_depends_on_every_source(module: GoModule, file: str) -> None:
    before = module.key(RECIPE)
    with (module.folder / file).open("a") as source:
        source.write("\n")
    assert module.key(RECIPE) != before


@pytest.mark.parametrize(
    "change",
    [
        lambda module: replace(module, linker_flags="-X main.greeting=goodbye"),
        lambda module: replace(module, programs=(replace(HELLO, package="./cmd/other"),)),
        lambda module: replace(module, trimmed=(TrimmedSource(module=PLUGINS, entries=()),)),
    ],
    ids=["linker flags", "package", "trimmed source"],
)
def test_the_key_depends_on_the_built_programs(module: GoModule, change: Callable[[GoModule], GoModule]) -> None:
    assert change(module).key(RECIPE) != module.key(RECIPE)


def test_the_key_depends_on_the_compiler_flags(module: GoModule) -> None:
    assert module.key((*RECIPE, "-race")) != module.key(RECIPE)


def test_the_key_ignores_files_that_are_not_inputs(module: GoModule) -> None:
    before = module.key(RECIPE)
    write(module.folder, {"README.md": "words", "cmd/hello/main_test.go": "package main\n"})
    assert module.key(RECIPE) == before
