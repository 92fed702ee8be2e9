"""What staging reads of the account."""

from constructs import Construct

from modules.aws.shared_infrastructure import SharedInfrastructure
from modules.model.selected_settings import SETTINGS, SHARED

STAGING = SETTINGS.find("staging")


def example(scope: Construct) -> SharedInfrastructure:
    return SharedInfrastructure(scope, "shared", environment=STAGING, shared=SHARED)
