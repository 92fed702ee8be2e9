"""The bootstrap stack of an account whose only environment is staging."""

from constructs import Construct

from environments.schema.settings import BOOTSTRAP
from modules.base.cloud import Cloud
from modules.model.selected_settings import SETTINGS, SHARED
from modules.stacks.bootstrap_stack import BootstrapStack

STAGING = SETTINGS.find("staging")


def example(scope: Construct) -> BootstrapStack:
    return BootstrapStack(scope, BOOTSTRAP, environments=[STAGING], shared=SHARED, cloud=Cloud())
