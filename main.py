"""The CDKTF application: one stack an environment, and one that creates what their deploys need."""

import os
import sys
from pathlib import Path

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
from modules.model.provider_lock import ProviderLockError, write_lock_file
from modules.stacks.bootstrap_stack import BootstrapStack
from modules.stacks.environment_stack import EnvironmentStack


class OutputFolderError(Exception):
    """The folder of the configuration cannot be kept from others; the message names it and says what is allowed."""


def main() -> None:
    """Write the Terraform configuration of every stack to cdktf.out, or of MOSAIC_ENVIRONMENT alone.

    For AWS each gets a lock file beside it, for the local cloud none (modules/model/provider_lock.py).

    All environments are checked, alone and against each other, in either case.

    Raises:
        SettingsError: settings break a rule, or MOSAIC_ENVIRONMENT is no stack.
        ValidationError: environments/shared.py does.
        ProviderLockError: a stack requires a provider of which no checksums are known.
        OutputFolderError: the folder to write to is somebody else's.

    """
    # Bad settings are refused while they are imported.
    from modules.model.selected_settings import SETTINGS, SHARED  # noqa: PLC0415

    environments = SETTINGS.load()
    stacks = (BOOTSTRAP, *SETTINGS.names())
    asked = os.environ.get("MOSAIC_ENVIRONMENT")
    if asked and asked not in stacks:
        raise SettingsError(f"MOSAIC_ENVIRONMENT is {asked!r}; allowed: {', '.join(stacks)}, or unset for all of them")
    # Terraform saves its plans, with every value in clear, beside what is written here.
    os.umask(0o077)
    app = App()
    _make_private(Path(app.outdir) / "stacks")
    cloud = Cloud.from_variables()
    if not asked or asked == BOOTSTRAP:
        BootstrapStack(app, BOOTSTRAP, environments=environments, shared=SHARED, cloud=cloud)
    for environment in environments:
        if not asked or environment.name == asked:
            EnvironmentStack(app, environment.name, environment=environment, shared=SHARED, cloud=cloud)
    app.synth()
    if cloud == Cloud():
        for stack in Path(app.outdir).glob("stacks/*/cdk.tf.json"):
            write_lock_file(stack)


def _make_private(folder: Path) -> None:
    """Let nobody else into the folder, which an earlier version may have made for all to read.

    What cdktf and Terraform write there later, when they are run by hand, has whatever mode the shell's umask leaves.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise OutputFolderError(
            f"{folder} cannot be made private ({error.strerror}); allowed in --output and CDKTF_OUTDIR: a folder "
            "of your own, or a path where one can be created"
        ) from None


if __name__ == "__main__":
    try:
        main()
    except ValidationError as error:
        sys.exit("\n".join(f"error: {problem}" for problem in of_shared_settings(error)))
    except (SettingsError, InvalidNameError, CloudError, ProviderLockError, OutputFolderError) as error:
        sys.exit(f"error: {error}")
