"""A template with the extensions that core-api's migrations need."""

from constructs import Construct

from modules.postgresql.database_template import DatabaseTemplate


def example(scope: Construct) -> DatabaseTemplate:
    return DatabaseTemplate(
        scope,
        "template",
        name="mosaic_demo_template",
        administrator="postgres",
        extensions=["vector", "pg_trgm"],
    )
