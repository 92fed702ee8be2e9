"""This checkout's stacks, for tests to doctor."""

import json
from pathlib import Path
from typing import Any

import pytest

Stack = dict[str, Any]


@pytest.fixture(scope="session")
def stacks(aws_stacks: Path) -> dict[str, Stack]:
    """Every stack for AWS, by name."""
    return {path.parent.name: json.loads(path.read_text()) for path in aws_stacks.glob("*/cdk.tf.json")}
