"""Measures a day with the local cloud: `python -m benchmarks.deploy`, about five minutes, on a cloud of its own."""

import subprocess
import sys

from benchmarks.measurement import Command, measure
from benchmarks.table import print_table
from local import commands as cloud
from local.clients.environment import variables
from local.runtime.paths import STATE_VARIABLE
from local.state import Cloud
from tests.cloud import state_of_its_own

_ENVIRONMENT = "staging"
_RUN = (sys.executable, "-m", "delivery")
_MEBIBYTE = 2**20


def main() -> None:
    """Print how long each step takes and what the local cloud's parts use; what is not built is built first."""
    subprocess.run([sys.executable, "-m", "local.build"], check=True)
    with state_of_its_own() as state:
        own = {STATE_VARIABLE: str(state)}
        up = (sys.executable, "-m", "local", "up")
        rows = [_row("local cloud from nothing", (up,), own, "15 s")]
        memory = [(part.name, f"{(part.memory or 0) / _MEBIBYTE:.0f}", "") for part in cloud.status()]
        total = sum(part.memory or 0 for part in cloud.status()) / _MEBIBYTE
        deployed = {**own, **variables(Cloud.open())}
        deploy = (*_RUN, "deploy", "bootstrap", _ENVIRONMENT, "--auto-approve")
        verify = (sys.executable, "-m", "delivery", "verify", _ENVIRONMENT)
        rows += [
            _row("then deploy bootstrap and staging, verify", (deploy, verify), deployed, "60 s with up"),
            _row("deploy and verify again, no change", (up, deploy, verify), deployed, "30 s"),
            _row("destroy staging", ((*_RUN, "destroy", _ENVIRONMENT, "--auto-approve"),), deployed, "60 s"),
            _row("local cloud down", ((sys.executable, "-m", "local", "down"),), own, ""),
            _row("local cloud up again, data kept", (up,), own, "15 s"),
        ]
    print_table("A day with the local cloud", ("", "wall s", "CPU s", "memory MiB", "wanted"), rows)
    print(
        "A bucket's lifecycle rules take 55 s of a first deploy: hashicorp/aws 5.100 waits, whatever the service says."
    )
    print_table("The local cloud's parts", ("", "memory MiB", "wanted"), [*memory, ("in all", f"{total:.0f}", "1000")])


def _row(name: str, commands: tuple[tuple[str, ...], ...], own: dict[str, str], wanted: str) -> tuple[str, ...]:
    """Run the commands one after the other; sums of times, the largest memory (without the local cloud's servers)."""
    print(f"{name} ...", file=sys.stderr, flush=True)
    runs = [measure(Command(name=name, arguments=command, variables=own)) for command in commands]
    times = (sum(run.wall for run in runs), sum(run.cpu for run in runs))
    return (name, *(f"{time:.1f}" for time in times), f"{max(run.memory for run in runs):.0f}", wanted)


if __name__ == "__main__":
    main()
