"""The copy that uses the fork's names instead of CDKTF's."""

import ast
from pathlib import Path

import pytest

from modules.model.project import ROOT
from tools.exits.error import ExitError
from tools.exits.renamed_copy import main, renamed, renamed_copy


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("from cdktf import App", "from cdktn import App"),
        ("    import cdktf", "    import cdktn"),
        (
            "from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket",
            "from cdktn_provider_aws.s3_bucket import S3Bucket",
        ),
        ("from delivery.terraform import cdktf", "from delivery.terraform import cdktf"),
        ('cdktf = "cdktf.out"', 'cdktf = "cdktf.out"'),
    ],
)
def test_only_imports_are_renamed(line: str, wanted: str) -> None:
    assert renamed(line) == wanted


def test_the_whole_source_is_renamed(tmp_path: Path) -> None:
    renamed_copy(ROOT, tmp_path)
    imported = {
        node.module.partition(".")[0]
        for file in tmp_path.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module
    }
    providers = {f"cdktn_provider_{name}" for name in ("aws", "kubernetes", "postgresql")}
    assert {name for name in imported if name.startswith("cdkt")} == {"cdktn", *providers}
    constants = (tmp_path / "fast_synth" / "framework.py").read_text()
    assert '"cdktn"' in constants
    assert '"@cdktn/provider-"' in constants
    assert '"cdktn_provider_"' in constants


def test_an_import_in_an_unknown_form_is_refused(tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.mkdir()
    (source / "main.py").write_text("import os, cdktf\n")
    with pytest.raises(ExitError, match=r"main\.py still imports cdktf after the renaming"):
        renamed_copy(source, copy)


def test_an_existing_folder_is_not_written_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 2
    assert "File exists; allowed: a folder that does not exist yet" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
