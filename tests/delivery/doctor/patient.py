"""The subject of doctor's tests: an account and settings that can be changed, and the resulting rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
import psycopg
from lightkube import Client

from delivery.account.target import Target
from delivery.doctor.examination import Examination
from delivery.doctor.facts import facts, read
from delivery.doctor.finding import Finding, Mark
from environments.schema.settings import Environment, Shared
from local.aws.clients import AwsClients
from local.seed.account import database_administrator
from local.state import Cloud
from modules.model.names import Names
from tests.account import SETTINGS, SHARED
from tests.delivery.doctor.admission import AdmissionOfPatient

STAGING = SETTINGS.find("staging")
NAMES = Names.of(STAGING, SHARED)
_CLIENTS = ("s3", "iam", "acm", "elbv2", "ec2", "eks", "secrets_manager", "route53")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings for doctor. variables: the caller's environment variables."""

    environment: Environment = STAGING
    shared: Shared = SHARED
    variables: Mapping[str, str] = field(default_factory=dict)

    def changed(self, file: str, **values: object) -> "Settings":
        """Return a copy with other values in ``shared`` or ``staging``, validated like the file."""
        part = "shared" if file == "shared" else "environment"
        current: Shared | Environment = getattr(self, part)
        fields = {name: getattr(current, name) for name in type(current).model_fields}
        kept = {"environment": self.environment, "shared": self.shared, "variables": self.variables}
        return Settings(**{**kept, part: type(current)(**{**fields, **values})})  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Patient:
    """The account, seen with its administrator's clients."""

    cloud: Cloud
    aws: AwsClients
    kubernetes: Client
    admission: AdmissionOfPatient

    @cached_property
    def session(self) -> boto3.Session:
        """The administrator's."""
        return boto3.Session(region_name=SHARED.region)

    @cached_property
    def clients(self) -> dict[str, object]:
        """The administrator's clients, by a target's names for them; creating a client is slower than using it."""
        target = Target(environment=STAGING, shared=SHARED, names=NAMES, local=True, session=self.session)
        return {name: getattr(target, name) for name in _CLIENTS}

    def examine(
        self,
        settings: Settings | None = None,
        *,
        quick: bool = False,
        only: str | None = None,
        session: boto3.Session | None = None,
    ) -> dict[str, Finding]:
        """Return doctor's rows by fact. only: read this fact alone. session: another caller's.

        The account was bootstrapped with the same settings.
        """
        given = settings or Settings()
        self.admission.bootstrap(given.environment, given.shared)
        target = Target(
            environment=given.environment,
            shared=given.shared,
            names=Names.of(given.environment, given.shared),
            local=True,
            session=session or self.session,
        )
        if session is None:
            target.__dict__.update(self.clients)
        examination = Examination(target, quick=quick, variables=given.variables)
        rows = read(examination, [fact for fact in facts(examination) if only in (None, fact.name)])
        found = {row.fact.name: row.finding for row in rows}
        assert len(found) == len(rows), "two facts have one name"
        return found

    def sql(self, *statements: str) -> None:
        """Execute statements as the database server's administrator, each in its own transaction."""
        login = database_administrator(self.aws, SHARED)
        with psycopg.connect(
            host=self.cloud.database_host,
            port=self.cloud.database_port,
            user=login["username"],
            password=login["password"],
            dbname="postgres",
            autocommit=True,
        ) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def secret(self, path: str, content: str, **tags: str) -> None:
        """Store a secret."""
        listed: Any = [{"Key": key, "Value": value} for key, value in tags.items()]
        self.aws.secretsmanager.create_secret(Name=path, SecretString=content, Tags=listed)

    def forget_secret(self, path: str) -> None:
        """Delete a secret permanently."""
        self.aws.secretsmanager.delete_secret(SecretId=path, ForceDeleteWithoutRecovery=True)


def reported(findings: Mapping[str, Finding]) -> dict[str, Mark]:
    """Return the rows that need attention."""
    return {name: finding.mark for name, finding in findings.items() if finding.mark in (Mark.NOTE, Mark.IN_THE_WAY)}
