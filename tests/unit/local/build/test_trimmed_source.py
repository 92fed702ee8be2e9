"""A required module is compiled without unused plug-ins, if its source looks as expected."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from local.build.go_module import GoModule
from local.build.programs import build_missing
from local.build.trimmed_source import Edit, Registration, TrimmedSource
from local.runtime.errors import LocalCloudError
from tests.unit.local.build.go_sources import PLUGINS, leftovers, run


def registering(source: TrimmedSource, file: str, *keep: str) -> TrimmedSource:
    return replace(source, registrations=(Registration(file=file, keep=keep),))


def editing(source: TrimmedSource, file: str, pattern: str, replacement: str = "") -> TrimmedSource:
    return replace(source, edits=(Edit(file=file, pattern=pattern, replacement=replacement),))


def test_a_required_module_is_trimmed_and_its_files_are_kept(operator: GoModule, built: Path) -> None:
    build_missing(operator, operator.programs, built, print)
    assert run(built / "plugins" / "plugins") == "good\n"
    assert leftovers(built / "plugins" / "files") == ["one.yaml"]
    assert operator.version(PLUGINS) == "v1.2.3"


def test_a_required_module_is_edited(operator: GoModule, built: Path) -> None:
    (trimmed,) = operator.trimmed
    edited = editing(
        trimmed, "plugin/good/good.go", r'^func init\(\) \{ println\("(\w+)', r'func init() { println("very \1'
    )
    build_missing(replace(operator, trimmed=(edited,)), operator.programs, built, print)
    assert run(built / "plugins" / "plugins") == "very good\n"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda source: replace(source, entries=("main.go", "nowhere")), r"nowhere: it does not exist"),
        (lambda source: registering(source, "plugin/all.go"), r"plugin/all\.go: it does not exist"),
        (
            lambda source: registering(source, "plugin/register/register.go", "aws"),
            r"expected an import of example\.test/plugins/plugin/aws, found example\.test/plugins/plugin/bad, ",
        ),
        (
            lambda source: registering(source, "plugin/good/good.go"),
            r"expected an import of any plug-in, found nothing",
        ),
        (lambda source: editing(source, "main.go", "func nothing"), r"main\.go: it has no text like func nothing"),
        (lambda source: editing(source, "nowhere.go", "func"), r"nowhere\.go: it has no text like func"),
    ],
    ids=["no folder", "no file", "no such plug-in", "no plug-ins", "no text", "no file to edit"],
)
def test_a_source_with_another_layout_is_not_trimmed(
    operator: GoModule, built: Path, change: Callable[[TrimmedSource], TrimmedSource], message: str
) -> None:
    (trimmed,) = operator.trimmed
    with pytest.raises(LocalCloudError, match=message):
        build_missing(replace(operator, trimmed=(change(trimmed),)), operator.programs, built, print)
    assert leftovers(built) == []
