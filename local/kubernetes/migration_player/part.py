"""How the program that plays migrations starts."""

import sys
from collections.abc import Mapping
from pathlib import Path

from local.runtime.ports import HOST
from local.runtime.process import Part
from modules.model.project import ROOT

MIGRATION_PLAYER = "migration-player"


def migration_player_part(ports: Mapping[str, int], kubeconfig: Path) -> Part:
    """Return the program. ``kubeconfig``: of a user who may read pods and Secrets, and annotate pods."""
    port = ports[MIGRATION_PLAYER]
    address = f"http://{HOST}:{port}"
    return Part(
        name=MIGRATION_PLAYER,
        version=f"Python {sys.version.split()[0]}",
        port=port,
        address=address,
        health=f"{address}/healthz",
        command=(
            sys.executable,
            *("-m", "local.kubernetes.migration_player.program"),
            *(f"--host={HOST}", f"--port={port}", f"--kubeconfig={kubeconfig}"),
        ),
        environment={"PYTHONPATH": str(ROOT)},
    )
