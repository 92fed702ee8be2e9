"""Runs the project's own commands against a cloud, as a user would, and asks the cloud's servers what is there."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import boto3
import psycopg
import tftest
from lightkube import Client
from lightkube.resources.core_v1 import Namespace
from psycopg.rows import TupleRow

from environments.shared import SHARED

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Run:
    """What one command did."""

    command: tuple[str, ...]
    code: int
    output: str

    def expect(self, code: int) -> "Run":
        """This run, if it ended with this exit code; otherwise fails with the end of what it printed."""
        assert self.code == code, f"{' '.join(self.command)}: exit code {self.code}, not {code}\n{self.output[-8000:]}"
        return self


class Project:
    """The project's commands with the variables of one cloud; everything that they print is kept in ``printed``."""

    def __init__(self, variables: Mapping[str, str], kubernetes: Client) -> None:
        self.variables = dict(variables)
        self.kubernetes = kubernetes
        self.printed: list[str] = []

    def run(self, *command: str) -> Run:
        """Run a command in the project's root and return what it did."""
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.printed.append(done.stdout)
        return Run(command=command, code=done.returncode, output=done.stdout)

    def deploy(self, environment: str) -> Run:
        """Deploy an environment without asking, as ``make local`` does."""
        return self.run(sys.executable, "-m", "delivery.run", "deploy", environment, "--auto-approve")

    def destroy(self, environment: str) -> Run:
        """Destroy an environment without asking."""
        return self.run(sys.executable, "-m", "delivery.run", "destroy", environment, "--auto-approve")

    def verify(self, environment: str) -> Run:
        """Verify an environment, as ``make verify`` does."""
        return self.run(sys.executable, "-m", "delivery.verify", environment)

    def stack(self, environment: str) -> Path:
        """The folder of an environment's synthesized configuration, synthesized now."""
        self.run("node_modules/.bin/cdktf", "synth").expect(0)
        return Path(self.variables["CDKTF_OUTPUT"]) / "stacks" / environment

    def plan(self, environment: str) -> tftest.TerraformPlanOutput:
        """Plan with plain Terraform."""
        terraform = tftest.TerraformTest(str(self.stack(environment)), env=self.variables)
        terraform.init()
        return terraform.plan(output=True)

    def client(self, service: str) -> Any:  # noqa: ANN401 each service has a class of its own
        """A client of one of the cloud's AWS APIs, as its administrator."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=SHARED.region,
            endpoint_url=self.variables["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.variables["AWS_SECRET_ACCESS_KEY"],
        )

    def secret(self, path: str) -> dict[str, str]:
        """The fields of a secret in Secrets Manager."""
        fields: dict[str, str] = json.loads(
            self.client("secretsmanager").get_secret_value(SecretId=path)["SecretString"]
        )
        return fields

    def secret_values(self) -> list[str]:
        """Every random value that is in Secrets Manager now: passwords and keys, not user names and hosts."""
        client = self.client("secretsmanager")
        paths = [secret["ARN"] for secret in client.list_secrets()["SecretList"]]
        return [
            value
            for path in paths
            for field, value in self.secret(path).items()
            if field in ("password", "secret-key", "client-secret")
        ]

    def login(self, credentials: str, database: str) -> psycopg.Connection[TupleRow]:
        """A session in a database with the credentials at this path in Secrets Manager."""
        fields = self.secret(credentials)
        instance = self.client("rds").describe_db_instances(DBInstanceIdentifier=SHARED.rds_instance)["DBInstances"][0]
        return psycopg.connect(
            host=instance["Endpoint"]["Address"],
            port=instance["Endpoint"]["Port"],
            user=fields["username"],
            password=fields["password"],
            dbname=database,
            sslmode="require",
            connect_timeout=10,
        )

    def sql(self, query: LiteralString, *values: str) -> list[TupleRow]:
        """The rows of a catalogue query as the instance's administrator."""
        instance = self.client("rds").describe_db_instances(DBInstanceIdentifier=SHARED.rds_instance)["DBInstances"][0]
        with self.login(instance["MasterUserSecret"]["SecretArn"], "postgres") as connection:
            return connection.execute(query, values or None).fetchall()

    def namespaces(self) -> dict[str, str]:
        """The cluster's namespaces with their uids."""
        return {
            str(namespace.metadata.name): str(namespace.metadata.uid)
            for namespace in self.kubernetes.list(Namespace)
            if namespace.metadata
        }


def changes(plan: tftest.TerraformPlanOutput) -> dict[str, list[str]]:
    """What a plan would do, by address; what stays as it is left out."""
    return {
        address: change["change"]["actions"]
        for address, change in plan.resource_changes.items()
        if change["change"]["actions"] not in (["no-op"], ["read"])
    }
