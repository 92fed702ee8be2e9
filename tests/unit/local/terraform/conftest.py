"""Real folders and a real HTTP server instead of this machine's mirrors and the registry."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.local.terraform.installation_run import Run
from tests.unit.local.terraform.local_registry import LocalRegistry


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    monkeypatch.setenv("MOSAIC_CACHE", str(tmp_path / "cache"))
    state = tmp_path / "state"
    state.mkdir()
    with LocalRegistry() as registry:
        thread = threading.Thread(target=registry.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Run(folder=state, cache=tmp_path / "cache", registry=registry)
        registry.shutdown()
        thread.join()
