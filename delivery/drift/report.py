"""The result of an environment's nightly check, and the text of the issue about it."""

import re
from collections import Counter
from dataclasses import dataclass

from delivery.plan.diff import output_lines, resource_lines
from delivery.plan.document import Action, Plan
from delivery.redaction.mask import Mask
from delivery.report.markdown import LIMIT, block, counted, printable
from delivery.report.sections import Section, fit
from delivery.report.terminal import why_it_failed

_HEADER = re.compile(r"<!-- mosaic-drift ([a-z0-9-]+) -->")
_FAILED_CHECKS = 40


def is_about(environment: str, text: str) -> bool:
    """Whether the text is the environment's drift issue. Anyone can write such a text: check its author too."""
    match = _HEADER.match(text)
    return match is not None and match[1] == environment


@dataclass(frozen=True, kw_only=True)
class DriftReport:
    """How an environment compares with its code.

    plan: what an apply would change; None if planning failed, and log says why. failed_checks: the lines of
    ``python -m delivery verify`` for failed checks.
    """

    environment: str
    plan: Plan | None
    log: str = ""
    failed_checks: tuple[str, ...] = ()

    @property
    def is_in_order(self) -> bool:
        """The environment matches its code."""
        return self.plan is not None and not self._blocks(Mask()) and not self.failed_checks

    @property
    def title(self) -> str:
        """The issue's title; the same every night."""
        return f"Drift: {self.environment} differs from its code"

    def summary(self) -> str:
        """One sentence about the result."""
        if self.plan is None:
            return f"{self.environment} could not be planned, so its differences are unknown."
        counts = Counter(str(row.action) for row in self.plan.resources if row.does_something)
        parts = [f"{number} to {kind}" for kind, number in sorted(counts.items())]
        outputs = sum(row.action is not Action.UNCHANGED for row in self.plan.outputs)
        parts += [counted(outputs, "output")] if outputs else []
        parts += [counted(len(self.failed_checks), "failed check")] if self.failed_checks else []
        return f"{self.environment}: {', '.join(parts)}." if parts else f"{self.environment} matches its code."

    def body(self, run_url: str) -> str:
        """The issue's text, at most LIMIT characters. run_url: the workflow run's."""
        mask = Mask(self.plan.secrets if self.plan else ())
        parts = [f"<!-- mosaic-drift {self.environment} -->", f"**{self.summary()}** [Workflow run]({run_url})"]
        if self.is_in_order:
            return "\n\n".join(parts)
        if self.failed_checks:
            lines = [printable(mask.clean(line)) for line in self.failed_checks]
            more = [f"and {len(lines) - _FAILED_CHECKS} more"] if len(lines) > _FAILED_CHECKS else []
            parts.append(block("\n".join([*lines[:_FAILED_CHECKS], *more])))
        parts.append(
            "Either somebody changed it outside the code, or the code was merged but not deployed. Open a pull "
            "request: either one with an empty commit to go back to the code, whose plan comment shows what the "
            "deploy will undo, or one that adds to the code what should stay. This text is updated every night, and "
            "the issue closes by itself once everything is in order."
        )
        head = "\n\n".join(parts)
        language = "" if self.plan is None else "diff"
        summary = "why the plan failed" if self.plan is None else "what an apply would change"
        section = Section(summary=summary, is_open=True, language=language, blocks=self._blocks(mask))
        details, _ = fit([section], LIMIT - len(head) - len("\n\n"))
        return f"{head}\n\n{details}" if details else head

    def _blocks(self, mask: Mask) -> list[str]:
        if self.plan is None:
            return [why_it_failed(self.log)]
        changes = [resource_lines(row, mask) for row in self.plan.resources if row.does_something]
        changes += [output_lines(row, mask) for row in self.plan.outputs if row.action is not Action.UNCHANGED]
        return ["\n".join(lines) for lines in changes]
