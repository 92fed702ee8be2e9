"""Starts the local cloud: everything in parallel, each step as soon as what it needs is ready."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from local.aws.clients import AwsClients
from local.aws.credentials import EXTERNAL_SECRETS
from local.aws.part import aws_part, command_socket
from local.build.programs import Programs, ensure_built
from local.clients.tools import write_client_tools
from local.kubernetes import argocd, external_dns, load_balancer_controller
from local.kubernetes.client import connect
from local.kubernetes.control_plane import OIDC_ISSUER, PODS, ControlPlane
from local.kubernetes.custom_resources import install_custom_resources
from local.kubernetes.external_dns import create_external_dns_account, external_dns_part
from local.kubernetes.external_secrets import (
    create_secret_store,
    external_secrets_part,
    external_secrets_resources,
)
from local.kubernetes.front_door.part import create_front_door_account, front_door_part
from local.kubernetes.kubeconfig import write_kubeconfig
from local.kubernetes.load_balancer_controller import (
    create_load_balancer_controller_account,
    load_balancer_controller_part,
    load_balancer_controller_resources,
)
from local.kubernetes.migration_player.part import migration_player_part
from local.kubernetes.token_authenticator.part import token_authenticator_part
from local.postgresql.installation import find_installation
from local.postgresql.server import Postgres
from local.runtime.certificates import PUBLIC_HOSTS
from local.runtime.private_files import private_folder, write_private
from local.runtime.process import Part
from local.seed.account import database_administrator, seed_account, seed_users
from local.seed.cluster import seed_cluster, wait_for_nodes
from local.seed.controllers import seed_controller_roles
from local.seed.network_plugin import seed_network_plugin
from local.seed.profile import PROFILES
from local.seed.registry import seed_registry
from local.state import LATE, Cloud
from modules.model.selected_settings import settings_of

_ENGINES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
_OPERATOR = "external-secrets"
_STEPS = 20


class Startup:
    """One start of one cloud. The caller holds the state folder's lock.

    whole: also wait for the programs that are built last; otherwise ``left_out`` names the parts that were not started
    because their program does not exist yet.
    """

    def __init__(self, cloud: Cloud, report: Callable[[str], object], *, whole: bool) -> None:
        self._cloud = cloud
        self._whole = whole
        self._report = report
        self._settings = settings_of(cloud.account)
        self._profile = PROFILES[cloud.account]
        self._futures: list[Future[None]] = []
        self.started: list[str] = []
        self.left_out: list[str] = []
        self.postgres = Postgres(
            state=cloud.state,
            port=cloud.database_port,
            installation=find_installation(cloud.state),
            certificates=cloud.certificates,
        )

    def run(self) -> None:
        """Start what is not running, seed what is missing, and return when every part is ready.

        If anything fails, or the user presses Ctrl-C, parts that are not ready yet are stopped and the rest stays up.

        Raises:
            LocalCloudError: a part could not be started; the message says why.

        """
        # More threads than steps: most of them wait for others.
        with ThreadPoolExecutor(max_workers=_STEPS) as pool:

            def submit(step: Callable[..., None], *arguments: object) -> Future[None]:
                self._futures.append(pool.submit(step, *arguments))
                return self._futures[-1]

            try:
                users = submit(self._users)
                account = submit(self._account, users)
                database = submit(self._start, self.postgres.part)
                submit(self._database, account, database)
                submit(
                    write_client_tools, self._cloud.tools, self.postgres.installation, command_socket(self._cloud.state)
                )
                authenticator = submit(self._authenticator, users)
                submit(self._front_door, users)
                # In this thread, the one that Ctrl-C interrupts: it may take a quarter of an hour.
                plane = self._control_plane(ensure_built(_ENGINES, report=self._build_progress))
                api_server = submit(self._api_server, plane, authenticator)
                for part in plane.controllers:
                    submit(self._controller, part, api_server)
                submit(self._migration_player, api_server)
                cluster = submit(self._cluster, account, api_server)
                programs = ensure_built([_OPERATOR], report=self._build_progress)
                objects = submit(self._objects, programs, cluster)
                submit(self._operator, programs, users, objects)
                programs = ensure_built(LATE if self._whole else (), report=self._build_progress)
                self.left_out += [name for name in LATE if name not in programs.built]
                if not self.left_out:
                    objects = submit(self._controllers, programs, account, objects)
                    submit(self._load_balancer_controller, programs, objects)
                    submit(self._external_dns, programs, objects)
                submit(self._nodes, objects)
                for future in as_completed(self._futures):
                    future.result()
            except BaseException:
                self._cloud.processes.cancelled.set()
                raise

    def _users(self) -> None:
        cloud = self._cloud
        self._start(
            aws_part(
                cloud.state,
                cloud.ports,
                keys=cloud.keys,
                kubernetes_url=cloud.kubernetes_url,
                certificates=cloud.certificates,
                oidc_issuer=OIDC_ISSUER,
                pods=PODS,
            )
        )
        self._once(
            "users-of-the-account",
            lambda: seed_users(AwsClients(cloud.aws_endpoint, cloud.keys.root()), cloud.keys),
        )

    def _authenticator(self, users: Future[None]) -> None:
        users.result()
        self._start(token_authenticator_part(self._cloud.ports, self._cloud.certificates, self._cloud.keys))

    def _account(self, users: Future[None]) -> None:
        users.result()
        cloud, clients = self._cloud, self._cloud.aws()
        self._once(
            "account",
            lambda: seed_account(
                clients,
                self._settings.shared,
                kubernetes_version=self._kubernetes_version(),
                database_port=cloud.database_port,
                database_version=self.postgres.installation.version,
                certificate=cloud.certificates.server(PUBLIC_HOSTS),
            ),
        )
        self._once("network-plugin", lambda: seed_network_plugin(clients))
        seed_registry(clients)
        self._once(
            "environments-aws",
            lambda: self._profile.seed_aws(clients, self._settings, database_port=cloud.database_port),
        )

    def _database(self, account: Future[None], server: Future[None]) -> None:
        account.result()
        server.result()
        clients = self._cloud.aws()
        administrator = database_administrator(clients, self._settings.shared)
        # As RDS does after a rotation: the secret's content counts.
        self.postgres.set_administrator(administrator["password"])
        write_private(
            self._cloud.password_file,
            f"{self._cloud.database_host}:{self._cloud.database_port}:*:"
            f"{administrator['username']}:{administrator['password']}\n",
        )
        self._once("common-database", lambda: self.postgres.close_common_database(administrator["password"]))
        self._once("environments-database", lambda: self._profile.seed_database(self.postgres, clients, self._settings))

    def _control_plane(self, programs: Programs) -> ControlPlane:
        cloud = self._cloud
        return ControlPlane(state=cloud.state, ports=cloud.ports, certificates=cloud.certificates, programs=programs)

    def _api_server(self, plane: ControlPlane, authenticator: Future[None]) -> None:
        self._start(plane.etcd)
        authenticator.result()
        self._start(plane.api_server)
        cloud = self._cloud
        write_kubeconfig(
            cloud.kubeconfig,
            server=cloud.kubernetes_url,
            authority=cloud.certificates.authority,
            client=cloud.certificates.client("administrator"),
        )

    def _controller(self, part: Part, api_server: Future[None]) -> None:
        api_server.result()
        self._start(part)

    def _migration_player(self, api_server: Future[None]) -> None:
        api_server.result()
        self._start(migration_player_part(self._cloud.ports, self._cloud.kubeconfig))

    def _cluster(self, account: Future[None], api_server: Future[None]) -> None:
        account.result()
        api_server.result()
        seed_cluster(connect(self._cloud.kubeconfig), self._cloud.aws())

    def _objects(self, programs: Programs, cluster: Future[None]) -> None:
        cloud = self._cloud
        # Not in parallel: lightkube's msgspec crashes the interpreter if two threads first meet a type at the same time
        # (0.22).
        cluster.result()
        client = connect(cloud.kubeconfig)
        install_custom_resources(
            [*external_secrets_resources(programs), *argocd.RESOURCES],
            cloud.kubernetes_url,
            certificates=cloud.certificates,
            cancelled=cloud.processes.cancelled,
        )
        create_secret_store(client)
        create_front_door_account(client)
        argocd.create_project(client)
        self._once("environments-kubernetes", lambda: self._profile.seed_kubernetes(client, self._settings))

    def _operator(self, programs: Programs, users: Future[None], objects: Future[None]) -> None:
        cloud = self._cloud
        users.result()
        objects.result()
        self._start(
            external_secrets_part(
                cloud.state,
                cloud.ports,
                certificates=cloud.certificates,
                programs=programs,
                key=cloud.key(EXTERNAL_SECRETS),
            )
        )

    def _front_door(self, users: Future[None]) -> None:
        users.result()
        self._start(front_door_part(self._cloud.ports, self._cloud.certificates, self._cloud.keys))

    def _controllers(self, programs: Programs, account: Future[None], objects: Future[None]) -> None:
        """Create the identities of the load balancer controller and external-dns, in the cluster and in IAM."""
        cloud = self._cloud
        account.result()
        objects.result()
        self._once("controllers", lambda: seed_controller_roles(cloud.aws(), self._settings.shared, programs))
        install_custom_resources(
            load_balancer_controller_resources(programs),
            cloud.kubernetes_url,
            certificates=cloud.certificates,
            cancelled=cloud.processes.cancelled,
        )
        client = connect(cloud.kubeconfig)
        create_load_balancer_controller_account(client, programs)
        create_external_dns_account(client)
        for controller in (load_balancer_controller.CONTROLLER, external_dns.CONTROLLER):
            controller.write_token(client, cloud.state)

    def _load_balancer_controller(self, programs: Programs, accounts: Future[None]) -> None:
        accounts.result()
        cloud = self._cloud
        cluster = cloud.aws().eks.describe_cluster(name=self._settings.shared.cluster)["cluster"]
        self._start(
            load_balancer_controller_part(
                cloud.state,
                cloud.ports,
                certificates=cloud.certificates,
                programs=programs,
                vpc=cluster["resourcesVpcConfig"]["vpcId"],
            )
        )

    def _external_dns(self, programs: Programs, accounts: Future[None]) -> None:
        accounts.result()
        cloud = self._cloud
        self._start(external_dns_part(cloud.state, cloud.ports, certificates=cloud.certificates, programs=programs))

    def _nodes(self, objects: Future[None]) -> None:
        objects.result()
        wait_for_nodes(connect(self._cloud.kubeconfig), self._cloud.processes.cancelled)

    def _start(self, part: Part) -> None:
        if self._cloud.processes.start(part):
            self.started.append(part.name)

    def _once(self, name: str, step: Callable[[], None]) -> None:
        """Run a step once and never again: its result may have been changed or destroyed on purpose since."""
        done = private_folder(self._cloud.state / "seeded") / name
        if not done.exists():
            step()
            write_private(done, "")

    def _build_progress(self, line: str) -> None:
        for future in self._futures:
            # Report a busy port now, not when everything is built.
            if future.done():
                future.result()
        self._report(line)

    @staticmethod
    def _kubernetes_version() -> str:
        """EKS names its versions by major and minor only."""
        return ensure_built(()).versions["kube-apiserver"].removeprefix("v").rpartition(".")[0]
