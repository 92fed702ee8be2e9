"""The migration that staging's core-api image runs."""

from cdktf import TerraformResource
from constructs import Construct

from modules.kubernetes.migration_job import MigrationJob
from modules.model.application_spec import ApplicationSpecs
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED

STAGING = SETTINGS.find("staging")


def example(scope: Construct) -> MigrationJob:
    names = Names.of(STAGING, SHARED)
    database = TerraformResource(scope, "database-creation", terraform_resource_type="terraform_data")
    return MigrationJob(
        scope,
        "migration",
        name=names.migration_job,
        namespace=names.namespace,
        labels={},
        pod=ApplicationSpecs.of(STAGING, SHARED, names).migration,
        database_creation=database,
    )
