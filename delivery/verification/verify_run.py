"""One run of ``python -m delivery verify``, shown as it goes, and what came of it."""

import subprocess
import sys
from dataclasses import dataclass

from delivery.redaction.mask import Mask, environment_secrets
from delivery.report.markdown import counted

# Of a run that could not begin the last lines say why.
_LAST_LINES = 5
_FAILED = 1


@dataclass(frozen=True, kw_only=True)
class VerifyRun:
    """code: its exit code. failed: the lines of checks that are not well, or why it could not begin."""

    code: int
    failed: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Every check is well."""
        return self.code == 0

    @property
    def found_failure(self) -> bool:
        """A check failed; of what could not be asked nobody knows."""
        return self.code == _FAILED

    @property
    def summary(self) -> str:
        """What came of it, in a few words; no line of a check, whose text may be long."""
        if self.passed:
            return "every check of verify passed"
        if self.found_failure:
            names = ", ".join(line.removeprefix("FAIL").strip().partition(":")[0] for line in self.failed)
            return f"{counted(len(self.failed), 'failed check')}: {names}"
        return "verify could not ask the environment"


def run_verify(environment: str) -> VerifyRun:
    """Verify an environment in a process of its own, print what it says, and return what came of it."""
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
    # Where it could not even begin, there is no line of a check.
    return VerifyRun(code=process.returncode, failed=failed or tuple(said[-_LAST_LINES:]) or ("verify said nothing",))
