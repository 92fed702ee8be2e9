"""One local cloud, as its state folder describes it."""

import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.aws.clients import AwsClients
from local.aws.credentials import ADMINISTRATOR, AccessKey, KeyFile
from local.aws.part import aws_endpoint
from local.kubernetes.control_plane import CONTROLLER_MANAGER, ETCD, KWOK, SCHEDULER, kubernetes_url
from local.kubernetes.external_dns import EXTERNAL_DNS
from local.kubernetes.external_secrets import EXTERNAL_SECRETS
from local.kubernetes.load_balancer_controller import LOAD_BALANCER_CONTROLLER
from local.kubernetes.migration_player.part import MIGRATION_PLAYER
from local.kubernetes.token_authenticator.part import TOKEN_AUTHENTICATOR
from local.runtime.certificates import Certificates, certificates_of, issue
from local.runtime.errors import LocalCloudError
from local.runtime.paths import state_folder
from local.runtime.ports import AWS, FRONT_DOOR, HOST, KUBE_APISERVER, POSTGRESQL, assigned_ports
from local.runtime.private_files import write_private
from local.runtime.process import Processes
from modules.model.cloud_selection import ACCOUNT_VARIABLE, CloudError, named_account
from modules.model.selected_settings import ACCOUNTS, settings_of

# Built last and started afterwards: a deploy of an environment does not need them.
LATE = (LOAD_BALANCER_CONTROLLER, EXTERNAL_DNS)
# The order in which they are shown, and, group by group, stopped: clients before their servers.
STOP_ORDER = (
    (*reversed(LATE), FRONT_DOOR, MIGRATION_PLAYER, EXTERNAL_SECRETS, KWOK, SCHEDULER, CONTROLLER_MANAGER),
    (KUBE_APISERVER,),
    (TOKEN_AUTHENTICATOR, ETCD, POSTGRESQL, AWS),
)
PARTS = tuple(name for group in reversed(STOP_ORDER) for name in reversed(group))


def processes_here(report: Callable[[str], object] = print) -> Processes:
    """Return the processes of the current state folder, whatever its condition."""
    state = state_folder()
    return Processes(state=state, certificates=certificates_of(state), report=report)


def held_account(state: Path) -> str:
    """Return the account that a state folder holds, or will hold if it is new.

    Raises:
        LocalCloudError: MOSAIC_LOCAL_ACCOUNT is unknown, or not the folder's account.

    """
    asked = os.environ.get(ACCOUNT_VARIABLE)
    try:
        chosen = named_account(ACCOUNTS, os.environ)
    except CloudError as error:
        raise LocalCloudError(str(error)) from None
    file = state / "account"
    if not file.exists():
        write_private(file, chosen)
    held = file.read_text(encoding="utf-8")
    if asked and held != chosen:
        raise LocalCloudError(
            f"{ACCOUNT_VARIABLE} is {asked!r}, but the local cloud in {state} holds the account {held!r}; allowed: "
            "the same one, `python -m local reset` first, or another folder in MOSAIC_LOCAL_STATE."
        )
    return held


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """The local cloud of one state folder: where its servers are and how to talk to them as administrator.

    account: the account that it holds (modules/model/selected_settings.py).
    """

    state: Path
    ports: Mapping[str, int]
    certificates: Certificates
    keys: KeyFile
    account: str
    processes: Processes = field(repr=False)

    @classmethod
    def open(cls, report: Callable[[str], object] = print) -> "Cloud":
        """Return the cloud of the current state folder; creates missing ports and certificates.

        Raises:
            LocalCloudError: the state folder is not usable.

        """
        processes = processes_here(report)
        state = processes.state
        account = held_account(state)
        shared = settings_of(account).shared
        primary = shared.certificate.domain or shared.domain
        certificates = issue(state, tuple(dict.fromkeys((primary, *shared.certificate_names))))
        any_runs = any((running := processes.find(name)) is not None and running.is_alive() for name in PARTS)
        return cls(
            state=state,
            ports=assigned_ports(state, renew_internal=not any_runs),
            certificates=certificates,
            keys=KeyFile(state / "keys.json"),
            account=account,
            processes=processes,
        )

    @property
    def aws_endpoint(self) -> str:
        """The URL of all AWS services."""
        return aws_endpoint(self.ports)

    @property
    def kubernetes_url(self) -> str:
        """The URL of the API server."""
        return kubernetes_url(self.ports)

    def curl(self, host: str) -> str:
        """Return a shell command that requests this host from the front door."""
        place = f"{HOST}:{self.ports[FRONT_DOOR]}"
        authority = shlex.quote(str(self.certificates.authority))
        return f"curl --cacert {authority} --connect-to ::{place} https://{host}/"

    @property
    def kubeconfig(self) -> Path:
        """A kubeconfig of the cluster's administrator."""
        return self.state / "kubeconfig"

    @property
    def database_host(self) -> str:
        """Where PostgreSQL listens."""
        return HOST

    @property
    def database_port(self) -> int:
        """The port on which PostgreSQL listens."""
        return self.ports[POSTGRESQL]

    @property
    def password_file(self) -> Path:
        """PostgreSQL's password file (PGPASSFILE) of the instance's administrator."""
        return self.state / "pgpass"

    @property
    def tools(self) -> Path:
        """The folder of command-line clients that fit the servers, for the start of PATH."""
        return self.state / "bin"

    def aws(self, user: str = ADMINISTRATOR) -> AwsClients:
        """Return AWS clients of this IAM user. Raises LocalCloudError as ``key`` does."""
        return AwsClients(self.aws_endpoint, self.key(user))

    def key(self, user: str = ADMINISTRATOR) -> AccessKey:
        """Return the access key of this IAM user.

        Raises:
            LocalCloudError: there is none, for example because the cloud was never started.

        """
        key = self.keys.get(user)
        if key is None:
            raise LocalCloudError(f"the local cloud has no access key for {user}: start it with `python -m local up`.")
        return key
