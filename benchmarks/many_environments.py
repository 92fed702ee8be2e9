"""Synthesizes any number of environments from staging's settings: `python -m benchmarks.many_environments N`."""

import sys

import modules.base.bindings  # noqa: F401 as main.py

# isort: split
from cdktf import App

from modules.base.cloud import Cloud
from modules.model.selected_settings import SETTINGS, SHARED
from modules.stacks.environment_stack import EnvironmentStack


def main() -> None:
    """Write the stacks to CDKTF_OUTDIR."""
    staging = SETTINGS.find("staging")
    app = App()
    for number in range(int(sys.argv[1])):
        environment = staging.model_copy(update={"name": f"copy-{number}"})
        EnvironmentStack(app, environment.name, environment=environment, shared=SHARED, cloud=Cloud.from_variables())
    app.synth()


if __name__ == "__main__":
    main()
