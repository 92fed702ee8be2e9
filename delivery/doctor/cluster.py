"""The EKS cluster: whether it exists, fits, has its identity provider and network, and admits the caller."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from delivery.account.kubernetes_api import NoAnswerError, UnknownCallerError
from delivery.doctor.examination import Examination
from delivery.doctor.finding import Fact, Finding, fine, in_the_way, not_seen

_AUDIENCE = "sts.amazonaws.com"
_BY_API = ("API", "API_AND_CONFIG_MAP")
# The first version with stable Pod Security: https://kubernetes.io/blog/2022/08/25/pod-security-admission-stable/
_OLDEST = (1, 25)
_SHARED = "environments/shared.py"


def facts(examination: Examination) -> Iterator[Fact]:
    """The cluster and the attributes that a stack reads from it."""
    target, shared = examination.target, examination.target.shared
    yield Fact(
        name="cluster", settings=shared.cluster, read=lambda: _cluster(examination), quick=True, needed_by="both"
    )
    yield Fact(
        name="cluster authentication",
        settings=" or ".join(_BY_API),
        read=lambda: _authentication(examination),
        quick=True,
        needed_by="bootstrap",
    )
    yield Fact(
        name="Kubernetes version",
        settings=f"{_version(_OLDEST)} or newer",
        read=lambda: _kubernetes_version(examination),
        quick=True,
    )
    yield Fact(
        name="cluster identity provider",
        settings=f"in IAM, with audience {_AUDIENCE}",
        read=lambda: _identity_provider(examination),
        quick=True,
        needed_by="both",
    )
    yield Fact(name="VPC", settings=shared.vpc_cidr, read=lambda: _vpc(examination), quick=True)
    yield Fact(
        name="API server",
        settings=f"the caller may create deployments in {target.names.namespace}",
        read=lambda: _access(examination),
    )


def _cluster(examination: Examination) -> Finding:
    shared = examination.target.shared
    try:
        cluster = examination.target.cluster
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return in_the_way(f"there is none in {shared.region}", f"{_other_clusters(examination)} in {_SHARED}")
    if cluster["status"] != "ACTIVE":
        return in_the_way(
            f"it is {cluster['status']}",
            f"aws eks wait cluster-active --region {shared.region} --name {shared.cluster}",
        )
    return fine("ACTIVE")


def _other_clusters(examination: Examination) -> str:
    try:
        names = examination.target.eks.list_clusters()["clusters"]
    except ClientError:
        names = []
    return " or ".join(f'cluster="{name}"' for name in sorted(names)) or 'cluster="..."'


def _authentication(examination: Examination) -> Finding:
    mode = examination.target.cluster.get("accessConfig", {}).get("authenticationMode")
    if mode is None:
        return not_seen("EKS does not say")
    if mode in _BY_API:
        return fine(mode)
    return in_the_way(
        f"{mode}: the delivery roles' access entries cannot be created",
        f"aws eks update-cluster-config --region {examination.target.shared.region} "
        f"--name {examination.target.shared.cluster} --access-config authenticationMode=API_AND_CONFIG_MAP",
    )


def _kubernetes_version(examination: Examination) -> Finding:
    found = examination.target.cluster["version"]
    if tuple(map(int, found.split(".")[:2])) >= _OLDEST:
        return fine(found)
    shared = examination.target.shared
    return in_the_way(
        f"{found}: it has no Pod Security admission",
        f"aws eks update-cluster-version --region {shared.region} --name {shared.cluster} --kubernetes-version ...",
    )


def _version(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def _identity_provider(examination: Examination) -> Finding:
    target = examination.target
    issuer = target.cluster["identity"]["oidc"]["issuer"]
    arn = f"arn:aws:iam::{target.shared.account}:oidc-provider/{issuer.removeprefix('https://')}"
    try:
        provider = target.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    except target.iam.exceptions.NoSuchEntityException:
        return in_the_way(
            f"IAM has none for {issuer}",
            f"eksctl utils associate-iam-oidc-provider --region {target.shared.region} "
            f"--cluster {target.shared.cluster} --approve",
        )
    if _AUDIENCE not in provider["ClientIDList"]:
        return in_the_way(
            f"its audiences are {', '.join(provider['ClientIDList']) or 'none'}",
            f"aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn {arn} "
            f"--client-id {_AUDIENCE}",
        )
    return fine("in IAM, with that audience")


def _vpc(examination: Examination) -> Finding:
    target = examination.target
    vpc = target.cluster["resourcesVpcConfig"]["vpcId"]
    (found,) = target.ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    if found["CidrBlock"] == target.shared.vpc_cidr:
        return fine(f"{found['CidrBlock']} ({vpc})")
    return in_the_way(f"the cluster's {vpc} has {found['CidrBlock']}", f'vpc_cidr="{found["CidrBlock"]}" in {_SHARED}')


def _access(examination: Examination) -> Finding:
    target = examination.target
    remedy = (
        f"aws eks create-access-entry --region {target.shared.region} --cluster-name {target.shared.cluster} "
        "--principal-arn ..., then associate-access-policy, as an administrator of the cluster"
    )
    try:
        may = target.kubernetes_api.may(
            verb="create", group="apps", resource="deployments", namespace=target.names.namespace
        )
    except UnknownCallerError:
        return in_the_way("it does not know the caller", remedy)
    except NoAnswerError as error:
        return in_the_way(str(error), "run this where the cluster's endpoint can be reached, such as in its VPC")
    return fine("it may") if may else in_the_way("it may not", remedy)
