"""`make exits` installs exact releases with checksums, from the registry that the machine is set up for."""

import json
import re

from modules.model.project import ROOT
from tools.exits.opentofu_program import MODULE

FOLDER = ROOT / "tools" / "exits"
REQUIREMENTS = (FOLDER / "cdktn_packages" / "requirements.txt").read_text()


def test_each_python_package_is_one_release_with_checksums() -> None:
    blocks = re.split(r"\n(?=\S)", re.sub(r"^#.*\n", "", REQUIREMENTS, flags=re.M).strip())
    assert len(blocks) >= 5
    for block in blocks:
        assert re.fullmatch(r"[a-z-]+==[\d.]+( \\\n    --hash=sha256:[0-9a-f]{64})+", block), block


def test_lock_files_do_not_name_a_registry() -> None:
    assert "://" not in REQUIREMENTS
    packages = json.loads((FOLDER / "cdktn_packages" / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert [name for name, package in packages.items() if name and not package.keys() & {"integrity", "inBundle"}] == []


def test_the_fork_and_its_command_line_have_the_same_release() -> None:
    package = json.loads((FOLDER / "cdktn_packages" / "package.json").read_text())
    assert f"\ncdktn=={package['dependencies']['cdktn-cli']} " in f"\n{REQUIREMENTS}"


def test_opentofu_is_built_with_its_releases_replacements() -> None:
    """Go ignores the replacements in a required module's go.mod."""
    assert re.search(r"^replace github.com/hashicorp/hcl/v2 => github.com/opentofu/hcl/v2 v2\.", MODULE.go_mod, re.M)
    assert "github.com/opentofu/opentofu " in (FOLDER / "opentofu" / "go.sum").read_text()
