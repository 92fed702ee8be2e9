"""Two pods of staging's web front end."""

from constructs import Construct

from modules.kubernetes.deployment import Deployment
from modules.model.application_spec import ApplicationSpecs
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED

STAGING = SETTINGS.find("staging")


def example(scope: Construct) -> Deployment:
    spec = ApplicationSpecs.of(STAGING, SHARED, Names.of(STAGING, SHARED)).web
    return Deployment(
        scope,
        "web",
        name="web",
        namespace="mosaic-staging",
        labels=spec.labels,
        selector=spec.selector,
        replicas=2,
        pod=spec.pod,
    )
