"""Reading a construct's source."""

import re
from pathlib import Path

import pytest

from modules.model.project import ROOT
from tools.documentation.construct import FOLDERS, DocstringError, Module, read_modules

SOURCE = '''"""A queue."""

from collections.abc import Sequence

from constructs import Construct

from environments.schema.settings import Quota


class Queue(Construct):
    """A queue.

    It keeps what it is given.

    Args:
        name: of the queue.
        quota: what it
            may hold.
        readers: who may read.

    Attributes:
        arn: its ARN.

    Raises:
        ValueError: the name is empty.

    """

    def __init__(
        self, scope: Construct, id_: str, *, name: str, quota: Quota | None, readers: Sequence[str] = ()
    ) -> None:
        self.arn = name

    def admit(self, reader: str) -> None:
        """Let one more read.

        Args:
            reader: its name.

        """
'''


def read(folder: Path, source: str) -> list[Module]:
    for name in ("", *FOLDERS):
        (folder / "modules" / name).mkdir(parents=True, exist_ok=True)
        (folder / "modules" / name / "__init__.py").write_text("")
    (folder / "modules" / "aws" / "queue.py").write_text(source)
    return read_modules(folder)


def test_arguments_combine_the_signature_with_the_docstring(tmp_path: Path) -> None:
    (module,) = read(tmp_path, SOURCE)
    queue = module.construct
    assert (queue.name, queue.file, queue.summary) == ("Queue", "modules/aws/queue.py", "A queue.")
    assert queue.text == "A queue.\n\nIt keeps what it is given."
    assert [(each.name, each.type, each.own_type, each.default, each.description) for each in queue.arguments] == [
        ("name", "str", None, None, "of the queue."),
        ("quota", "Quota | None", "environments.schema.settings.Quota", None, "what it may hold."),
        ("readers", "Sequence[str]", None, "()", "who may read."),
    ]
    assert [(each.name, each.description) for each in queue.outputs] == [("arn", "its ARN.")]
    assert queue.errors == {"ValueError": "the name is empty."}
    (method,) = queue.methods
    assert (method.signature, method.arguments[0].description) == ("admit(reader: str)", "its name.")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("        name: of the queue.\n", "", "modules.aws.queue.Queue does not describe name; allowed"),
        ("        readers:", "        writers:", "modules.aws.queue.Queue does not describe readers; allowed"),
        (
            "        name: of",
            "        size: 1\n        name: of",
            "describes size, which it does not have; allowed: name",
        ),
        ("        arn:", "        url:", "describes the attribute 'url', which it does not set"),
        ("            reader: its", "            other: its", "modules.aws.queue.Queue.admit does not describe reader"),
        ("    Raises:", "    Yields:", "modules.aws.queue.Queue has the section yields; allowed: Args"),
    ],
)
def test_a_docstring_that_does_not_match_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert SOURCE.count(old) == 1
    with pytest.raises(DocstringError, match=message):
        read(tmp_path, SOURCE.replace(old, new))


def test_every_file_with_a_construct_is_read(modules: list[Module]) -> None:
    """Page names are unique across folders."""
    written = {
        path.stem
        for folder in FOLDERS
        for path in (ROOT / "modules" / folder).glob("*.py")
        if re.search(r"^class \w+\((?:Construct|ReadableStack|WorkflowRole)\):", path.read_text(), re.M)
    }
    assert sorted(module.construct.stem for module in modules) == sorted(written)
