"""The environment variables that core-api reads."""

from environments.applications import CORE_API
from environments.schema.settings import Environment, Shared
from modules.model.kubernetes.environment_variables import EnvironmentVariables
from modules.model.names import Names
from modules.model.secrets import ApplicationSecrets


def core_api_variables(
    *,
    environment: Environment,
    shared: Shared,
    names: Names,
    secrets: ApplicationSecrets,
) -> EnvironmentVariables:
    """Every environment variable that core-api and its migration read.

    The stage is there twice: the application reads ENV, its chart and tools read ENVIRONMENT. The cookie's name is
    always set, because its default is the same everywhere and the domain is shared.
    """
    return {
        "PORT": str(CORE_API.container_port),
        "ENVIRONMENT": environment.stage,
        "ENV": environment.stage,
        "LOG_LEVEL": environment.log_level,
        "AWS_REGION": shared.region,
        "APP_URL": f"https://{environment.web.hosts[0]}",
        "API_URL": f"https://{environment.core_api.hosts[0]}",
        "AUTH_PROVIDER": "google",
        "GOOGLE_CLIENT_ID": secrets.google_oauth.key("client-id"),
        "GOOGLE_CLIENT_SECRET": secrets.google_oauth.key("client-secret"),
        "SESSION_SECRET_KEY": secrets.session.key("secret-key"),
        "SESSION_COOKIE_DOMAIN": shared.cookie_domain,
        "SESSION_COOKIE_NAME": environment.session.cookie_name,
        "STORAGE_BACKEND": "s3",
        "S3_MEDIA_BUCKET": names.media_bucket,
        "S3_BACKUP_BUCKET": names.backups_bucket,
        "DB_URL": secrets.database.key("DB_URL"),
    }
