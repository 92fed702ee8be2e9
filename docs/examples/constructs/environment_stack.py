"""Staging, as `cdktf synth` writes it for AWS."""

from constructs import Construct

from modules.base.cloud import Cloud
from modules.model.selected_settings import SETTINGS, SHARED
from modules.stacks.environment_stack import EnvironmentStack

STAGING = SETTINGS.find("staging")


def example(scope: Construct) -> EnvironmentStack:
    return EnvironmentStack(scope, STAGING.name, environment=STAGING, shared=SHARED, cloud=Cloud())
