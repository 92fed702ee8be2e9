"""The preview commands on a session's cloud, as users and workflows call them."""

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from delivery.preview.claim_store import ClaimStore
from delivery.preview.claims import Claims
from delivery.redaction.terminal_sequences import without_sequences
from environments.preview import preview
from environments.schema.document import DocumentCatalogue, SettingsDocument
from environments.schema.previews import Previews
from environments.schema.settings import Environment
from modules.model.names import Names, claims_object
from tests.account import SETTINGS, SHARED
from tests.live.faults.throwaway import kill_family
from tests.live.images import push_all
from tests.live.project import Project, Run

REPOSITORY = "mosaic-stories/mosaic-life"
PREVIEWS = Previews(repository=REPOSITORY, slots=3)
SLOTS = tuple(preview(number) for number in range(1, PREVIEWS.slots + 1))


class PreviewCommands:
    """``python -m delivery preview`` with settings that have three slots. folder: for the settings' file.

    project_with_slots: the project whose settings have the slots.
    """

    def __init__(self, project: Project, folder: Path) -> None:
        self.project = project
        self._settings = folder / "settings.json"
        document = SettingsDocument(
            shared=SHARED.changed({"previews": PREVIEWS}), environments=(*SETTINGS.load(), *SLOTS)
        )
        self._settings.write_text(document.to_json())
        self.project_with_slots = Project(
            {**project.variables, "MOSAIC_SETTINGS": str(self._settings)},
            lambda: project.kubernetes,
            project.root,
            DocumentCatalogue(document),
        )
        self.store = ClaimStore(
            project.client("s3"), **dict(zip(("bucket", "key"), claims_object(SHARED), strict=True))
        )

    @property
    def claims(self) -> Claims:
        """The recorded claims."""
        return self.store.read().claims

    def bootstrap(self) -> Run:
        """Create what every slot keeps."""
        command = (sys.executable, "-m", "delivery", "deploy", "bootstrap", "--auto-approve")
        return self.project.run(*command, environment="bootstrap", **self._variables())

    def run(self, *words: str, output: str = "previews", **variables: str) -> Run:
        """Run a subcommand. output: the folder for what it synthesizes, one for each that runs at the same time."""
        return self.project.run(*_preview(*words), environment=output, **self._variables(), **variables)

    def claim(self, number: int, tag: str) -> Run:
        """Claim a slot for a pull request, with images of this tag."""
        return self.run(
            *("claim", "--pull-request", str(number), "--images", f"web={tag}", f"core-api={tag}"),
            output=f"claim-{number}",
        )

    def deploy(self, slot: str) -> Run:
        """Deploy a slot as its claim says."""
        return self.run("deploy", slot, output=slot)

    def killed(self, *words: str, said: str) -> str:
        """Run a subcommand and kill all its processes once it prints this pattern; return its output."""
        lines: list[str] = []
        with subprocess.Popen(
            _preview(*words),
            cwd=self.project.root,
            env={**self.project.variables, **self._variables(), "CDKTF_OUTPUT": self._output(words[-1])},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(without_sequences(line))
                if re.search(said, lines[-1]):
                    kill_family(process)
        output = "".join(lines)
        assert process.returncode < 0, f"{' '.join(words)} was not killed: it never said {said}\n{output[-4000:]}"
        return output

    def push(self, tag: str) -> None:
        """Push both applications' images with this tag."""
        push_all(self.project.client("ecr"), tag)

    def names(self, slot: str) -> Names:
        """Return a slot's physical names."""
        return Names.of(self.settings(slot), SHARED)

    def settings(self, slot: str) -> Environment:
        """Return the settings of an unclaimed slot."""
        return next(each for each in SLOTS if each.name == slot)

    def change(self, slot: str, fields: Callable[[], Mapping[str, object]]) -> None:
        """Change fields of a slot's claim in its record, for example as time would."""

        def change(claims: Claims, _: object) -> Claims:
            found = claims.slot(slot)
            assert found.claim is not None, f"{slot} is free"
            changed = found.model_copy(update={"claim": found.claim.model_copy(update=dict(fields()))})
            return Claims(slots={**claims.slots, slot: changed})

        self.store.update(change)

    def _output(self, name: str) -> str:
        folder = Path(self.project.variables.get("CDKTF_OUTPUT", str(self.project.root / "cdktf.out")))
        folder.mkdir(exist_ok=True)
        return str(folder / name)

    def _variables(self) -> dict[str, str]:
        # Not as on a CI system, where the name of a host does not say whether its run has ended.
        return {"MOSAIC_SETTINGS": str(self._settings), "CI": ""}


def _preview(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-u", "-m", "delivery", "preview", *words)
