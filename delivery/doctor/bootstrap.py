"""What the bootstrap stack creates for this environment and hands over to it."""

from collections.abc import Callable, Iterator

import psycopg
from botocore.exceptions import ClientError

from delivery.account.acting_login import log_in_as
from delivery.account.database_server import DatabaseServerError
from delivery.account.stored_login import LoginError, NoAnswerError
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, fine, in_the_way, not_seen
from delivery.preflight.database_handover import Lack
from modules.model.acting_role import DEPLOY, PLAN
from modules.model.iam_policies import boundary_arn
from modules.model.names import bootstrap_state_bucket

_REMEDY = "make bootstrap"


def facts(examination: Examination) -> Iterator[Fact]:
    """State buckets, the boundary, the delivery roles and their database logins."""
    names, shared = examination.target.names, examination.target.shared
    for bucket in (bootstrap_state_bucket(shared), names.state_bucket):
        yield Fact(
            name=f"state bucket {bucket}",
            settings=f"in account {shared.account}",
            read=_of_bucket(examination, bucket),
            quick=True,
        )
    # Not a quick fact: before a deploy, Terraform itself waits for the lock and says who holds it.
    yield Fact(name="state lock", settings="free", read=lambda: _lock(examination))
    yield Fact(
        name=f"permissions boundary {names.permissions_boundary}",
        settings="from bootstrap",
        read=lambda: _boundary(examination),
        quick=True,
    )
    for role in (names.plan_role, names.deploy_role):
        yield Fact(
            name=f"role {role}", settings="from bootstrap", read=_of_role(examination, role), needed_by="workflows"
        )
    for acting, path in ((DEPLOY, names.deploy_login), (PLAN, names.plan_login)):
        yield Fact(
            name=f"login {path}", settings="from bootstrap", read=_of_login(examination, acting, path), quick=True
        )
    yield Fact(
        name="database hand-over",
        settings=f"{names.database_deployer} acts as {names.database_role}",
        read=lambda: _handover(examination),
    )


def _of_bucket(examination: Examination, name: str) -> Callable[[], Finding]:
    def read() -> Finding:
        target = examination.target
        try:
            target.s3.head_bucket(Bucket=name, ExpectedBucketOwner=target.shared.account)
        except ClientError as error:
            if error.response["Error"]["Code"] != "404":
                raise
            return in_the_way("there is none", _REMEDY)
        return fine("exists")

    return read


def _lock(examination: Examination) -> Finding:
    if not examination.is_locked():
        return fine("free")
    name = examination.target.environment.name
    return in_the_way("a run holds the state, or was killed", f"wait for it; if it is dead: make recover ENV={name}")


def _of_role(examination: Examination, name: str) -> Callable[[], Finding]:
    def read() -> Finding:
        iam = examination.target.iam
        try:
            iam.get_role(RoleName=name)
        except iam.exceptions.NoSuchEntityException:
            return in_the_way("there is none, so no workflow can deploy", _REMEDY)
        return fine("exists")

    return read


def _of_login(examination: Examination, acting: str, path: str) -> Callable[[], Finding]:
    def read() -> Finding:
        target = examination.target
        client = target.secrets_manager
        try:
            client.describe_secret(SecretId=path)
        except client.exceptions.ResourceNotFoundException:
            return in_the_way("there is none, so Terraform cannot log in to the database", _REMEDY)
        if examination.quick:
            return fine("exists")
        try:
            _ = target.database_server
        except DatabaseServerError:
            return not_seen("the database server is not what the settings say")
        try:
            log_in_as(target, acting, application="doctor").close()
        except NoAnswerError as error:
            return not_seen(" ".join(str(error).split()))
        except LoginError as error:
            return in_the_way(" ".join(str(error).split()), _REMEDY)
        return fine(f"logs in to the {target.shared.database_server.title} over TLS")

    return read


def _handover(examination: Examination) -> Finding:
    try:
        with log_in_as(examination.target, DEPLOY, application="doctor") as connection:
            problem = Lack.of(connection, examination.target.names).problem(examination.target)
    except (LoginError, psycopg.Error):
        return not_seen("only the deployer's login can see it, and cannot be used")
    if problem:
        found, _, remedy = problem.rpartition("; first: ")
        return in_the_way(found, remedy)
    return fine("nobody else owns anything in the database")


def _boundary(examination: Examination) -> Finding:
    target = examination.target
    try:
        target.iam.get_policy(PolicyArn=boundary_arn(target.names, target.shared))
    except target.iam.exceptions.NoSuchEntityException:
        return in_the_way("there is none, and core-api's role cannot be created without it", _REMEDY)
    return fine("exists")
