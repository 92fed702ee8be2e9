"""What the tests of previews share."""

import pytest


@pytest.fixture
def no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub is asked once: the pauses between attempts would be waited for."""
    monkeypatch.setattr("delivery.github.client._RETRY.total", 0)
