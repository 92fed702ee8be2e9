"""Runs the guard's command on a test's documents."""

import json
from pathlib import Path

from delivery.commands.guard import main


def run(environment: str, content: object, stack_: object, folder: Path, text: str | None = None) -> int:
    """Run the command on these documents and return its exit code."""
    files = {"plan.json": json.dumps(content), "stack.json": json.dumps(stack_), "text.md": text or ""}
    for name, file_content in files.items():
        (folder / name).write_text(file_content)
    stack = str(folder / "stack.json")
    arguments = [environment, str(folder / "plan.json"), "--stack", stack, "--trusted", stack]
    return main([*arguments, *(["--pull-request-text", str(folder / "text.md")] if text is not None else [])])
