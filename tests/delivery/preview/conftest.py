"""Fixtures for the tests of previews."""

import pytest


@pytest.fixture
def no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Call GitHub only once, to avoid waiting between attempts."""
    monkeypatch.setattr("delivery.github.client._RETRY.total", 0)
