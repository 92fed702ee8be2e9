"""Write this checkout's settings and stacks as data, for other code to judge.

``python -m delivery propose [--out FOLDER]`` writes ``settings.json``, and ``stacks/NAME/cdk.tf.json`` for each
environment and bootstrap. It needs no credentials and no network. Exit code 0: written; 1: the stacks cannot be
synthesized, and the output says why; 2: invalid input.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from delivery.proposal.error import ProposalError, ProposalFolderError
from delivery.proposal.proposal import write_proposal
from environments.schema.rules import SettingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and write the proposal."""
    parser = argparse.ArgumentParser(prog="python -m delivery propose", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("proposal"), help="folder of the proposal (proposal)")
    options = parser.parse_args(arguments)
    try:
        names = write_proposal(options.out)
    except (SettingsError, ProposalFolderError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except ProposalError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{options.out}: settings and stacks of {', '.join(names)}")
    return 0
