"""The CDKTF application: one stack an environment, and one that creates what their deploys need."""

import os
import sys

import modules.base.bindings  # noqa: F401 loads only what is used of CDKTF and the providers

# isort: split
from cdktf import App
from pydantic import ValidationError

from environments.schema.problems import of_shared_settings
from environments.schema.rules import SettingsError
from environments.schema.settings import BOOTSTRAP
from modules.base.cloud import Cloud
from modules.model.cloud_selection import CloudError
from modules.model.names import InvalidNameError
from modules.stacks.bootstrap_stack import BootstrapStack
from modules.stacks.environment_stack import EnvironmentStack


def main() -> None:
    """Write the Terraform configuration of every stack to cdktf.out, or of MOSAIC_ENVIRONMENT alone.

    All environments are checked, alone and against each other, in either case.

    Raises:
        SettingsError: settings break a rule, or MOSAIC_ENVIRONMENT is no stack.
        ValidationError: environments/shared.py does.

    """
    # Bad settings are refused while they are imported.
    from modules.model.selected_settings import SETTINGS, SHARED  # noqa: PLC0415

    environments = SETTINGS.load()
    stacks = (BOOTSTRAP, *SETTINGS.names())
    asked = os.environ.get("MOSAIC_ENVIRONMENT")
    if asked and asked not in stacks:
        raise SettingsError(f"MOSAIC_ENVIRONMENT is {asked!r}; allowed: {', '.join(stacks)}, or unset for all of them")
    app = App()
    cloud = Cloud.from_variables()
    if not asked or asked == BOOTSTRAP:
        BootstrapStack(app, BOOTSTRAP, environments=environments, shared=SHARED, cloud=cloud)
    for environment in environments:
        if not asked or environment.name == asked:
            EnvironmentStack(app, environment.name, environment=environment, shared=SHARED, cloud=cloud)
    app.synth()


if __name__ == "__main__":
    try:
        main()
    except ValidationError as error:
        sys.exit("\n".join(f"error: {problem}" for problem in of_shared_settings(error)))
    except (SettingsError, InvalidNameError, CloudError) as error:
        sys.exit(f"error: {error}")
