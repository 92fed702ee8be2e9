"""The values of the fields in the contract's texts for one environment (``environments/schema/contract.py``)."""

from collections.abc import Mapping

from environments.applications import CORE_API
from environments.schema.settings import Environment, Shared
from modules.model.names import Names


def field_values(environment: Environment, shared: Shared, names: Names) -> Mapping[str, str]:
    """The value of each field that a text may name, including the environment's parameters, for ``str.format_map``."""
    return {
        **environment.parameters,
        "account": shared.account,
        "api_host": environment.core_api.hosts[0],
        "backups_bucket": names.backups_bucket,
        "container_port": str(CORE_API.container_port),
        "cookie_domain": environment.cookie_domain(shared),
        "cookie_name": environment.session.cookie_name,
        "database_credentials": names.database_credentials,
        "domain": shared.domain,
        "environment": environment.name,
        "google_oauth_secret": shared.google_oauth_secret,
        "log_level": environment.log_level,
        "media_bucket": names.media_bucket,
        "namespace": names.namespace,
        "project": shared.project,
        "region": shared.region,
        "stage": environment.stage,
        "web_host": environment.web.hosts[0],
    }
