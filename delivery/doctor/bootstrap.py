"""What the bootstrap stack makes for this environment."""

from collections.abc import Callable, Iterator

from botocore.exceptions import ClientError

from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, fine, in_the_way
from modules.model.iam_policies import boundary_arn
from modules.model.names import bootstrap_state_bucket

_REMEDY = "make bootstrap"


def facts(examination: Examination) -> Iterator[Fact]:
    """State buckets, the boundary, the delivery roles."""
    names, shared = examination.target.names, examination.target.shared
    for bucket in (bootstrap_state_bucket(shared), names.state_bucket):
        yield Fact(
            name=f"state bucket {bucket}",
            settings=f"in account {shared.account}",
            read=_of_bucket(examination, bucket),
            quick=True,
        )
    # Not before a deploy: Terraform waits for the lock, and says who holds it.
    yield Fact(name="state lock", settings="free", read=lambda: _lock(examination))
    yield Fact(
        name=f"permissions boundary {names.permissions_boundary}",
        settings="of bootstrap",
        read=lambda: _boundary(examination),
        quick=True,
    )
    for role in (names.plan_role, names.deploy_role):
        yield Fact(
            name=f"role {role}", settings="of bootstrap", read=_of_role(examination, role), needed_by="workflows"
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
        return fine("there")

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
            return in_the_way("there is none, and no workflow can deploy", _REMEDY)
        return fine("there")

    return read


def _boundary(examination: Examination) -> Finding:
    target = examination.target
    try:
        target.iam.get_policy(PolicyArn=boundary_arn(target.names, target.shared))
    except target.iam.exceptions.NoSuchEntityException:
        return in_the_way("there is none, and core-api's role cannot be created without", _REMEDY)
    return fine("there")
