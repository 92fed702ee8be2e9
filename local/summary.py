"""What stands where after a deploy on the local cloud, and the commands to look further."""

from environments.applications import CORE_API, WEB
from local.runtime.ports import FRONT_DOOR, HOST
from local.state import Cloud
from modules.model.names import Names
from modules.model.selected_settings import SETTINGS, SHARED


def summary(name: str, cloud: Cloud) -> str:
    """Return a table of the environment's parts and lines for a shell, as text.

    Raises:
        SettingsError: there is no environment of this name.

    """
    environment = SETTINGS.find(name)
    names = Names.of(environment, SHARED)
    database = f"{cloud.database_host}:{cloud.database_port}"
    door = f"{HOST}:{cloud.ports[FRONT_DOOR]}"
    rows = {
        "web": f"https://{environment.web.hosts[0]} at the front door, {door}",
        "API": f"https://{environment.core_api.hosts[0]} at the front door, {door}",
        "Kubernetes": f"namespace {names.namespace} at {cloud.kubernetes_url}",
        "database": f"{names.database}, owned by {names.database_role}, at {database}",
        "buckets": f"{names.media_bucket}, {names.backups_bucket} at {cloud.aws_endpoint}",
        "secrets": ", ".join(names.secret_paths),
        "role": names.core_api_role,
        "state": f"bucket {names.state_bucket}",
    }
    width = max(map(len, rows))
    table = "\n".join(f"{what.ljust(width)}  {where}" for what, where in rows.items())
    url = "kubectl -n {} get secret database-credentials -o jsonpath='{{.data.DB_URL}}' | base64 -d | sed s/+psycopg//"
    commands = (
        'eval "$(make -s local-env)"',
        cloud.curl(environment.web.hosts[0]),
        f"kubectl -n {names.namespace} get deployments,pods,jobs,services,ingresses,externalsecrets",
        f"kubectl -n {names.namespace} describe deployment {WEB.name} {CORE_API.name}",
        f'psql "$({url.format(names.namespace)})"',
        f"aws s3api list-object-versions --bucket {names.state_bucket} --query 'Versions[].[Key,LastModified]'",
        f"aws secretsmanager describe-secret --secret-id {names.database_credentials}",
        f"aws iam get-role --role-name {names.core_api_role} --query Role.AssumeRolePolicyDocument",
        "make local-status",
    )
    return "\n".join([table, "", "To look further:", *(f"  {command}" for command in commands)])
