"""Synthesizes this checkout's own stacks from settings, for comparison with a proposal's."""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from delivery.proposal.error import ProposalError
from delivery.redaction.mask import Mask, environment_secrets
from delivery.report.private_file import write_private
from delivery.terraform import process
from delivery.terraform.stack_json import FILE
from environments.schema.document import SettingsDocument
from environments.schema.settings import BOOTSTRAP
from modules.model.cloud_selection import SETTINGS_VARIABLE
from modules.model.project import ROOT

# The end of a log says why it failed.
_LAST_LINES = 40


def synthesize(settings: SettingsDocument, names: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return the stacks that this checkout makes of these settings.

    names: the stacks: environments of the settings, or bootstrap. Raises ProposalError for an unknown name, and with
    the masked end of the log if a stack cannot be made.
    """
    known = (BOOTSTRAP, *(environment.name for environment in settings.environments))
    for name in names:
        if name not in known:
            raise ProposalError(f"{name!r} is not a stack of these settings; allowed: {', '.join(known)}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "settings.json"
        write_private(file, settings.to_json())
        made = run_synthesis(names, {SETTINGS_VARIABLE: str(file)})
    return {name: json.loads(text) for name, text in made.items()}


def run_synthesis(names: Sequence[str], variables: Mapping[str, str]) -> Mapping[str, str]:
    """Run main.py of this checkout; return the JSON of each of these stacks.

    variables: in addition to this process's own. Raises ProposalError with the masked end of the log.
    """
    with tempfile.TemporaryDirectory() as folder:
        asked = names[0] if len(names) == 1 else ""
        code, output, errors = process.capture(
            [sys.executable, "main.py"],
            folder=ROOT,
            variables={**variables, "CDKTF_OUTDIR": folder, "MOSAIC_ENVIRONMENT": asked},
        )
        if code:
            log = "\n".join(Mask(environment_secrets()).clean_log(output + errors).splitlines()[-_LAST_LINES:])
            raise ProposalError(f"main.py ended with {code}: these settings produce no stack\n{log}")
        return {name: (Path(folder) / "stacks" / name / FILE).read_text(encoding="utf-8") for name in names}
