"""What make exits installs: exact releases with their checksums, from whichever registry a machine is set up for."""

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


def test_no_lock_names_a_registry() -> None:
    assert "://" not in REQUIREMENTS
    packages = json.loads((FOLDER / "cdktn_packages" / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert [name for name, package in packages.items() if name and not package.keys() & {"integrity", "inBundle"}] == []


def test_the_fork_and_its_command_line_are_of_one_release() -> None:
    package = json.loads((FOLDER / "cdktn_packages" / "package.json").read_text())
    assert f"\ncdktn=={package['dependencies']['cdktn-cli']} " in f"\n{REQUIREMENTS}"


def test_opentofu_is_built_with_the_replacements_that_it_is_released_with() -> None:
    """Go ignores those of a required module's own go.mod."""
    assert re.search(r"^replace github.com/hashicorp/hcl/v2 => github.com/opentofu/hcl/v2 v2\.", MODULE.go_mod, re.M)
    assert "github.com/opentofu/opentofu " in (FOLDER / "opentofu" / "go.sum").read_text()
