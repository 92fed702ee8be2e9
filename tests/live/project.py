"""Runs the project's own commands against a cloud as a user would, and queries the cloud's servers."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import boto3
import psycopg
import tftest
from lightkube import Client
from lightkube.resources.core_v1 import Namespace
from psycopg.rows import TupleRow

from delivery.account.database_server import DatabaseServer, describe_database_server
from environments.schema.catalogue import Catalogue
from modules.model.project import ROOT
from tests.account import SETTINGS, SHARED
from tests.source_copy import copy_source

_INSTALLED = (".venv", "node_modules")


@dataclass(frozen=True)
class Run:
    """The result of one command."""

    command: tuple[str, ...]
    code: int
    output: str

    def expect(self, code: int) -> "Run":
        """Return this run if it ended with this exit code; otherwise fail with the end of its output."""
        assert self.code == code, f"{' '.join(self.command)}: exit code {self.code}, not {code}\n{self.output[-8000:]}"
        return self

    def says(self, text: str) -> "Run":
        """Return this run if it printed this text; otherwise fail with the end of its output."""
        assert text in self.output, f"{' '.join(self.command)}: does not say {text!r}\n{self.output[-8000:]}"
        return self


class Project:
    """A checkout's commands with the variables of one cloud; ``printed`` keeps all their output.

    Each environment is synthesized into its own folder, so that two can be deployed at the same time.
    """

    def __init__(
        self,
        variables: Mapping[str, str],
        connect: Callable[[], Client],
        root: Path = ROOT,
        settings: Catalogue = SETTINGS,
    ) -> None:
        """variables: for every command. connect: creates a client of the cluster. root: of the checkout.

        settings: of the account that the cloud holds.
        """
        self.variables = dict(variables)
        self.settings = settings
        self.root = root
        self.printed: list[str] = []
        self._connect = connect
        self._clients: dict[str, Any] = {}
        self._synthesized: set[str] = set()

    @property
    def kubernetes(self) -> Client:
        """A client of the cluster as its administrator. Do not share it between threads (docs/traps.md)."""
        return self._connect()

    def copy(self, folder: Path, files: Mapping[str, str]) -> "Project":
        """Copy the source into this folder, which must not exist, with these files changed or added.

        files: the full text by path in the checkout, such as ``environments/staging.py``. The copy uses the same cloud
        and packages, and synthesizes into its own folder.
        """
        copy_source(folder, self.root)
        for name in _INSTALLED:
            (folder / name).symlink_to(self.root / name)
        for path, text in files.items():
            (folder / path).write_text(text)
        variables = {**self.variables, "CDKTF_OUTPUT": str(folder / "cdktf.out")}
        return Project(variables, self._connect, folder, self.settings)

    def edited(self, path: str, replacements: Mapping[str, str]) -> str:
        """Return a file of this checkout with each key, which must occur exactly once, replaced by its value."""
        text = (self.root / path).read_text()
        for old, new in replacements.items():
            assert text.count(old) == 1, f"{path} has {old!r} {text.count(old)} times, not once"
            text = text.replace(old, new)
        return text

    def start(self, *command: str, environment: str) -> subprocess.Popen[str]:
        """Start a command of one environment in its own process session; its output comes through standard output."""
        return subprocess.Popen(
            command,
            cwd=self.root,
            env={"CI": "1", **self.variables, **self._output(environment)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str, environment: str | None = None, **variables: str) -> Run:
        """Run a command in the project's root and return its result.

        environment: the one whose folder cdktf writes. variables: additional or overriding environment variables.
        """
        done = subprocess.run(
            command,
            cwd=self.root,
            # CI: keeps cdktf from drawing a progress animation.
            env={"CI": "1", **self.variables, **self._output(environment), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.printed.append(done.stdout)
        return Run(command=command, code=done.returncode, output=done.stdout)

    def deploy(self, environment: str, **variables: str) -> Run:
        """Deploy an environment without confirmation, as ``make local`` does."""
        return self.run(*_delivery("deploy", environment), environment=environment, **variables)

    def destroy(self, environment: str, **variables: str) -> Run:
        """Destroy an environment without confirmation."""
        return self.run(*_delivery("destroy", environment), environment=environment, **variables)

    def adopt(self, environment: str) -> Run:
        """Prepare existing resources for their adoption without confirmation."""
        return self.run(*_delivery("adopt", environment), environment=environment)

    def doctor(self, environment: str) -> Run:
        """Compare an environment's settings with the account, as ``make doctor`` does."""
        return self.run(sys.executable, "-m", "delivery", "doctor", environment)

    def verify(self, environment: str, *options: str) -> Run:
        """Verify an environment, as ``make verify`` does."""
        return self.run(sys.executable, "-m", "delivery", "verify", environment, *options)

    def stack(self, environment: str) -> Path:
        """Return the folder of an environment's synthesized configuration; synthesize it on first use."""
        folder = Path(self._output(environment)["CDKTF_OUTPUT"]) / "stacks" / environment
        if environment not in self._synthesized:
            # Does what the cdktf command line does, which takes three times as long to start.
            variables = {"CDKTF_OUTDIR": str(folder.parent.parent), "MOSAIC_ENVIRONMENT": environment}
            self.run(sys.executable, "main.py", **variables).expect(0)
            self._synthesized.add(environment)
        return folder

    def use_synthesized(self, environment: str) -> None:
        """Use the configuration that an earlier session synthesized for an environment, unchanged."""
        self._synthesized.add(environment)
        configuration = self.stack(environment) / "cdk.tf.json"
        assert configuration.is_file(), f"no configuration of {environment} to use: {configuration} does not exist"

    def terraform(self, environment: str) -> tftest.TerraformTest:
        """Return plain Terraform, initialized in the folder of an environment."""
        terraform = tftest.TerraformTest(str(self.stack(environment)), env=self.variables)
        terraform.init()
        return terraform

    def plan(self, environment: str) -> tftest.TerraformPlanOutput:
        """Plan with plain Terraform; return the JSON plan as a mapping with shortcuts into it."""
        return self.terraform(environment).plan(output=True)

    def client(self, service: str) -> Any:  # noqa: ANN401 each service has a class of its own
        """Return a client of one of the cloud's AWS APIs, as its administrator."""
        if service not in self._clients:
            # Cached, because creating one takes longer than most calls. Each has its own session: boto3's default
            # session is not thread-safe, clients are.
            self._clients[service] = boto3.Session().client(
                service,  # type: ignore[call-overload]
                region_name=SHARED.region,
                endpoint_url=self.variables.get("AWS_ENDPOINT_URL"),
                aws_access_key_id=self.variables.get("AWS_ACCESS_KEY_ID"),
                aws_secret_access_key=self.variables.get("AWS_SECRET_ACCESS_KEY"),
                aws_session_token=self.variables.get("AWS_SESSION_TOKEN"),
            )
        return self._clients[service]

    def secret(self, path: str) -> dict[str, str]:
        """Return the fields of a secret in Secrets Manager."""
        fields: dict[str, str] = json.loads(
            self.client("secretsmanager").get_secret_value(SecretId=path)["SecretString"]
        )
        return fields

    def login(self, credentials: str, database: str) -> psycopg.Connection[TupleRow]:
        """Open a session in a database with the credentials at this path in Secrets Manager."""
        return self.log_in(self.secret(credentials), database)

    def log_in(self, fields: Mapping[str, str], database: str) -> psycopg.Connection[TupleRow]:
        """Open a session in a database of the server with this username and password."""
        server = self.database_server
        return psycopg.connect(
            host=server.host,
            port=server.port,
            user=fields["username"],
            password=fields["password"],
            dbname=database,
            sslmode="require",
            connect_timeout=10,
        )

    @property
    def database_server(self) -> DatabaseServer:
        """The database server that the environments share."""
        return describe_database_server(self.client("rds"), self.settings.shared.database_server)

    @property
    def administrator_secret(self) -> str:
        """Where the login of the server's administrator is stored."""
        secret = self.database_server.administrator_secret
        assert secret is not None, "the server's description has no secret with the administrator's login"
        return secret

    def sql(self, query: LiteralString, *values: str) -> list[TupleRow]:
        """Return the rows of a catalogue query, run as the server's administrator."""
        with self.administrator() as connection:
            return connection.execute(query, values or None).fetchall()

    def administrator(self) -> psycopg.Connection[TupleRow]:
        """Open a session as the server's administrator in which each statement is its own transaction."""
        connection = self.login(self.administrator_secret, "postgres")
        connection.autocommit = True
        return connection

    def namespaces(self) -> dict[str, str]:
        """Return the uids of the cluster's namespaces, by name."""
        return {
            str(namespace.metadata.name): str(namespace.metadata.uid)
            for namespace in self.kubernetes.list(Namespace)
            if namespace.metadata
        }

    def _output(self, environment: str | None) -> dict[str, str]:
        if environment is None:
            return {}
        folder = Path(self.variables.get("CDKTF_OUTPUT", str(self.root / "cdktf.out")))
        # cdktf creates only the last folder of the path.
        folder.mkdir(exist_ok=True)
        return {"CDKTF_OUTPUT": str(folder / environment)}


def actions(plan: tftest.TerraformPlanOutput) -> dict[str, list[str]]:
    """Return a plan's actions by address; ``["no-op"]`` for what stays unchanged."""
    return {address: change["change"]["actions"] for address, change in plan.resource_changes.items()}


def changes(plan: tftest.TerraformPlanOutput) -> dict[str, list[str]]:
    """Return a plan's actions by address, without what stays unchanged."""
    return {address: done for address, done in actions(plan).items() if done not in (["no-op"], ["read"])}


def imports(plan: tftest.TerraformPlanOutput) -> set[str]:
    """Return the addresses to which a plan would import existing resources."""
    return {address for address, change in plan.resource_changes.items() if "importing" in change["change"]}


def _delivery(action: str, environment: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "delivery", action, environment, "--auto-approve")
