"""Core-api as production runs it."""

from constructs import Construct

from modules.kubernetes.application import Application
from modules.model.application_spec import ApplicationSpecs
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED

PRODUCTION = SETTINGS.find("prod")


def example(scope: Construct) -> Application:
    spec = ApplicationSpecs.of(PRODUCTION, SHARED, Names.of(PRODUCTION, SHARED)).core_api
    return Application(
        scope,
        "core-api",
        spec=spec,
        pod=spec.pod,
        namespace="mosaic-prod",
        ingress_class=SHARED.ingress_class,
        certificate_arn=f"arn:aws:acm:{SHARED.region}:{SHARED.account}:certificate/00000000-0000-4000-8000-000000000000",
    )
