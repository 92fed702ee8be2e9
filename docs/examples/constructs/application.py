"""Core-api as staging runs it."""

from constructs import Construct

from modules.kubernetes.application import Application
from modules.model.application_spec import ApplicationSpecs
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED

STAGING = SETTINGS.find("staging")


def example(scope: Construct) -> Application:
    spec = ApplicationSpecs.of(STAGING, SHARED, Names.of(STAGING, SHARED)).core_api
    return Application(
        scope,
        "core-api",
        spec=spec,
        pod=spec.pod,
        namespace="mosaic-staging",
        ingress_class=SHARED.ingress_class,
        certificate_arn=f"arn:aws:acm:{SHARED.region}:{SHARED.account}:certificate/00000000-0000-4000-8000-000000000000",
    )
