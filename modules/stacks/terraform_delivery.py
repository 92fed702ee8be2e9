"""An environment's stack as Terraform's delivery makes it, whatever its settings say, to compare a chart with.

``python -m modules.stacks.terraform_delivery ENVIRONMENT FOLDER`` writes it below FOLDER. Nothing deploys it. It is a
process of its own, because what reads it loads nothing of CDKTF.
"""

import sys

import modules.base.bindings  # noqa: F401 loads only what is used of CDKTF and the providers

# isort: split
from cdktf import App

from modules.base.cloud import Cloud
from modules.model.selected_settings import SETTINGS, SHARED
from modules.stacks.environment_stack import EnvironmentStack


def main(name: str, folder: str) -> None:
    """Write the stack of one environment."""
    environment = SETTINGS.find(name).model_copy(update={"delivery": "terraform"})
    app = App(outdir=folder)
    EnvironmentStack(app, name, environment=environment, shared=SHARED, cloud=Cloud())
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
