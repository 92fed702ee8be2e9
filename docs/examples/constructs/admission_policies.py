"""The policies of an account whose only environment is staging."""

from constructs import Construct

from modules.kubernetes.admission_policies import AdmissionPolicies
from modules.model.selected_settings import SETTINGS, SHARED

STAGING = SETTINGS.find("staging")


def example(scope: Construct) -> AdmissionPolicies:
    return AdmissionPolicies(scope, "admission", environments=[STAGING], shared=SHARED)
