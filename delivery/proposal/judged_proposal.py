"""A proposal next to the stacks that this checkout makes of its settings: the basis for judging it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.proposal.comparison import CodeChange, code_changes
from delivery.proposal.plannable import Refusal, refusals
from delivery.proposal.proposal import Proposal, read_proposal
from delivery.proposal.setting_changes import SettingChange, setting_changes
from delivery.proposal.synthesis import synthesize
from delivery.proposal.understanding import Understood, UnknownSetting, understand
from environments.schema.catalogue import Catalogue, file_of
from environments.schema.document import SettingsDocument
from environments.schema.settings import BOOTSTRAP, Environment

Stack = Mapping[str, Any]
FOLDER = Path("proposal")


@dataclass(frozen=True, kw_only=True)
class JudgedProposal:
    """A proposal, its settings as this code understands them, and the stacks that this code makes of them.

    base: the settings of this checkout. trusted: stacks by name, without environments that this code does not
    understand. before: the stacks that this code makes of ``base``, likewise.
    """

    proposal: Proposal
    understood: Understood
    base: SettingsDocument
    trusted: Mapping[str, Stack]
    before: Mapping[str, Stack]

    @classmethod
    def read(cls, folder: Path, catalogue: Catalogue, *names: str) -> "JudgedProposal":
        """Read a folder written by ``python -m delivery propose``.

        catalogue: the settings of this checkout. names: the stacks to judge; all if empty. Raises ProposalError for a
        folder that holds no proposal, SettingsError for a checkout with bad settings.
        """
        proposal = read_proposal(folder)
        base = SettingsDocument.of(catalogue)
        understood = understand(proposal, catalogue)
        before = _stacks(base, names)
        trusted = before if understood.settings == base else _stacks(understood.settings, names)
        return cls(proposal=proposal, understood=understood, base=base, trusted=trusted, before=before)

    @property
    def environments(self) -> tuple[str, ...]:
        """The proposed environments, sorted by name."""
        return tuple(sorted(self.proposal.stacks.keys() - {BOOTSTRAP}))

    @property
    def previews(self) -> tuple[str, ...]:
        """The previews among them, as this code understands them: they are judged, but not planned before a claim."""
        slots = {row.name for row in self.understood.settings.environments if row.slot is not None}
        return tuple(name for name in self.environments if name in slots)

    def environment(self, name: str) -> Environment | None:
        """The proposed settings of an environment; None if this code does not understand them."""
        return next((row for row in self.understood.settings.environments if row.name == name), None)

    def stack(self, name: str) -> Stack:
        """The proposed stack."""
        return self.proposal.stacks[name]

    def code_changes(self, name: str) -> tuple[CodeChange, ...]:
        """The changes of a stack that the settings do not explain."""
        return code_changes(self.trusted.get(name, {}), self.stack(name))

    def refusals(self, name: str) -> tuple[Refusal, ...]:
        """Why a stack may not be planned with credentials; empty if it may."""
        return refusals(self.stack(name), self.trusted.get(name, {}), self.before.get(name))

    def unknown_settings(self, name: str) -> tuple[UnknownSetting, ...]:
        """The settings that this code cannot explain: an environment's own, or all for bootstrap."""
        own = file_of(name)
        others = {file_of(row) for row in self.environments} - {own}
        return tuple(row for row in self.understood.unknown if name == BOOTSTRAP or row.file not in others)

    def setting_changes(self, name: str) -> tuple[SettingChange, ...]:
        """The proposal's changes to the environment's file and to the shared one."""
        others = {file_of(row.name) for row in (*self.base.environments, *self.understood.settings.environments)}
        others -= {file_of(name)}
        return tuple(row for row in setting_changes(self.base, self.understood.settings) if row.file not in others)

    @property
    def needs_bootstrap(self) -> bool:
        """Whether the settings change what ``make bootstrap`` creates, so that it must run before the deploy."""
        return bool(code_changes(self.before[BOOTSTRAP], self.trusted[BOOTSTRAP]))


def _stacks(settings: SettingsDocument, names: Sequence[str]) -> Mapping[str, Stack]:
    """The stacks that this code makes of settings. names: only these; all if empty."""
    known = (BOOTSTRAP, *(row.name for row in settings.environments))
    wanted = [name for name in names or known if name in known]
    return synthesize(settings, wanted) if wanted else {}
