"""Runs ``python -m delivery verify``, shows its output as it comes, and returns the result."""

import subprocess
import sys
from dataclasses import dataclass

from delivery.redaction.mask import Mask, environment_secrets
from delivery.report.markdown import counted

# If a run could not begin, its last lines say why.
_LAST_LINES = 5
_FAILED = 1


@dataclass(frozen=True, kw_only=True)
class VerifyRun:
    """code: the exit code. failed: the lines of failed checks, or why the run could not begin."""

    code: int
    failed: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return self.code == 0

    @property
    def found_failure(self) -> bool:
        """Whether a check failed; a run that could not ask the environment does not count."""
        return self.code == _FAILED

    @property
    def summary(self) -> str:
        """The result in a few words, without the text of any check, which may be long."""
        if self.passed:
            return "every check of verify passed"
        if self.found_failure:
            names = ", ".join(line.removeprefix("FAIL").strip().partition(":")[0] for line in self.failed)
            return f"{counted(len(self.failed), 'failed check')}: {names}"
        return "verify could not ask the environment"


def run_verify(environment: str) -> VerifyRun:
    """Verify an environment in its own process, print its output, and return the result."""
    command = [sys.executable, "-m", "delivery", "verify", environment]
    lines = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    ) as process:
        assert process.stdout is not None  # noqa: S101 a pipe was asked for
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode == 0:
        return VerifyRun(code=0)
    said = Mask(environment_secrets()).clean_log("".join(lines)).splitlines()
    failed = tuple(line for line in said if line.startswith("FAIL"))
    # If it could not even begin, no line belongs to a check.
    return VerifyRun(
        code=process.returncode, failed=failed or tuple(said[-_LAST_LINES:]) or ("verify printed nothing",)
    )
