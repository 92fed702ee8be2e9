"""The lock file does not name a package registry."""

import json

from modules.model.project import ROOT
from tools.lock_file import without_registry


def test_the_registry_is_removed() -> None:
    locked = {
        "_meta": {"sources": [{"name": "pypi", "url": "https://registry.example/simple", "verify_ssl": True}]},
        "default": {"cdktf": {"hashes": ["sha256:00"], "index": "pypi", "version": "==0.21.0"}},
        "develop": {},
        "docs": {"sphinx": {"index": "pypi", "version": "==9.0.4"}},
    }
    assert json.loads(without_registry(json.dumps(locked))) == {
        "_meta": {"sources": []},
        "default": {"cdktf": {"hashes": ["sha256:00"], "version": "==0.21.0"}},
        "develop": {},
        "docs": {"sphinx": {"version": "==9.0.4"}},
    }


def test_the_projects_lock_file_has_no_registry() -> None:
    text = (ROOT / "Pipfile.lock").read_text()
    assert without_registry(text) == text
