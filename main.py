"""The CDKTF application: one stack an environment."""

import sys

import modules.bindings  # noqa: F401 loads only what is used of CDKTF and the providers; without it synth is only slower

# isort: split
from cdktf import App

from environments import catalogue
from environments.rules import SettingsError
from environments.shared import SHARED
from modules.cloud import Cloud
from modules.cloud_selection import CloudError
from modules.environment_stack import EnvironmentStack
from modules.names import InvalidNameError


def main() -> None:
    """Write the Terraform configuration of every environment to cdktf.out."""
    app = App()
    cloud = Cloud.from_variables()
    for environment in catalogue.load():
        EnvironmentStack(app, environment.name, environment=environment, shared=SHARED, cloud=cloud)
    app.synth()


if __name__ == "__main__":
    try:
        main()
    except (SettingsError, InvalidNameError, CloudError) as error:
        sys.exit(f"error: {error}")
