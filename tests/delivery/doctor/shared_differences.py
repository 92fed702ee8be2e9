"""Differences in the shared part of the account: cluster, network, certificate, database server, GitHub."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import trustme

from delivery.doctor.finding import Mark
from delivery.rehearsal.github_stand_in import GitHubStandIn
from environments.schema.certificate import Certificate
from environments.schema.database_server import DatabaseServer
from environments.schema.github import GitHub
from local.seed.account import database_administrator
from local.seed.network_plugin import ADDON
from tests.account import SHARED
from tests.delivery.doctor.difference import Difference
from tests.delivery.doctor.patient import STAGING, Patient, Settings

_GITHUB = "https://token.actions.githubusercontent.com"
_GITHUB_ARN = f"arn:aws:iam::{SHARED.account}:oidc-provider/{_GITHUB.removeprefix('https://')}"
_LOGIN = "mosaic/doctor/administrator"
_AUDIENCE = "sts.amazonaws.com"


def shared(settings: Settings, **values: object) -> Settings:
    return settings.changed("shared", **values)


def server(**fields: object) -> DatabaseServer:
    return DatabaseServer.model_validate({**SHARED.database_server.model_dump(), **fields})


@contextmanager
def authentication_by_config_map(patient: Patient) -> Iterator[None]:
    eks, before = patient.aws.eks, {"authenticationMode": "API_AND_CONFIG_MAP"}
    eks.update_cluster_config(name=SHARED.cluster, accessConfig={"authenticationMode": "CONFIG_MAP"})
    try:
        yield
    finally:
        eks.update_cluster_config(name=SHARED.cluster, accessConfig=before)  # type: ignore[arg-type]


@contextmanager
def old_kubernetes(patient: Patient) -> Iterator[None]:
    eks = patient.aws.eks
    before = eks.describe_cluster(name=SHARED.cluster)["cluster"]["version"]
    eks.update_cluster_version(name=SHARED.cluster, version="1.24")
    try:
        yield
    finally:
        eks.update_cluster_version(name=SHARED.cluster, version=before)


@contextmanager
def issuer_with(patient: Patient, *audiences: str) -> Iterator[None]:
    """The cluster's issuer in IAM for these audiences, or no issuer without any."""
    iam = patient.aws.iam
    issuer = patient.aws.eks.describe_cluster(name=SHARED.cluster)["cluster"]["identity"]["oidc"]["issuer"]
    arn = f"arn:aws:iam::{SHARED.account}:oidc-provider/{issuer.removeprefix('https://')}"
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    if audiences:
        iam.create_open_id_connect_provider(Url=issuer, ClientIDList=list(audiences))
    try:
        yield
    finally:
        if audiences:
            iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        iam.create_open_id_connect_provider(Url=issuer, ClientIDList=[_AUDIENCE])


@contextmanager
def policies_not_enforced(patient: Patient) -> Iterator[None]:
    def switch(value: str) -> None:
        values = json.dumps({"enableNetworkPolicy": value})
        patient.aws.eks.update_addon(clusterName=SHARED.cluster, addonName=ADDON, configurationValues=values)

    switch("false")
    try:
        yield
    finally:
        switch("true")


@contextmanager
def interface_endpoint(patient: Patient, service: str = "sts") -> Iterator[None]:
    """An interface endpoint in the private subnets for a service that pods call by its own name."""
    ec2 = patient.aws.ec2
    cluster = patient.aws.eks.describe_cluster(name=SHARED.cluster)["cluster"]["resourcesVpcConfig"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=cluster["vpcId"],
        VpcEndpointType="Interface",
        ServiceName=f"com.amazonaws.{SHARED.region}.{service}",
        SubnetIds=cluster["subnetIds"],
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]["VpcEndpointId"]
    try:
        yield
    finally:
        ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])


@contextmanager
def private_subnets_only(patient: Patient) -> Iterator[None]:
    ec2, tag = patient.aws.ec2, "kubernetes.io/role/elb"
    public = ec2.describe_subnets(Filters=[{"Name": f"tag:{tag}", "Values": ["1"]}])["Subnets"]
    ids = [subnet["SubnetId"] for subnet in public]
    ec2.delete_tags(Resources=ids, Tags=[{"Key": tag}])
    try:
        yield
    finally:
        ec2.create_tags(Resources=ids, Tags=[{"Key": tag, "Value": "1"}])


@contextmanager
def imported(patient: Patient, *names: str, days: int = 365) -> Iterator[str]:
    """Import another certificate that is valid for this many days; return its ARN."""
    authority = trustme.CA(key_type=trustme.KeyType.RSA)
    issued = authority.issue_cert(
        *names,
        common_name=names[0],
        key_type=trustme.KeyType.RSA,
        not_after=datetime.now(UTC) + timedelta(days=days),
    )
    arn = patient.aws.acm.import_certificate(
        Certificate=issued.cert_chain_pems[0].bytes(),
        PrivateKey=issued.private_key_pem.bytes(),
        CertificateChain=authority.cert_pem.bytes(),
    )["CertificateArn"]
    try:
        yield arn
    finally:
        patient.aws.acm.delete_certificate(CertificateArn=arn)


@contextmanager
def second_certificate(patient: Patient) -> Iterator[None]:
    with imported(patient, f"*.{SHARED.domain}", SHARED.domain):
        yield


@contextmanager
def expiring_certificate(patient: Patient) -> Iterator[None]:
    with imported(patient, f"expiring.{SHARED.domain}", f"*.{SHARED.domain}", days=10):
        yield


@contextmanager
def old_server(patient: Patient) -> Iterator[None]:
    """A PostgreSQL 15 server, as RDS describes it, with the same administrator."""
    login = database_administrator(patient.aws, SHARED)
    patient.aws.rds.create_db_instance(
        DBInstanceIdentifier="mosaic-old",
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        EngineVersion="15.8",
        AllocatedStorage=20,
        Port=patient.cloud.database_port,
        MasterUsername=login["username"],
        MasterUserPassword="made-up-value",
    )
    patient.secret(_LOGIN, json.dumps(login))
    try:
        yield
    finally:
        patient.forget_secret(_LOGIN)
        patient.aws.rds.delete_db_instance(DBInstanceIdentifier="mosaic-old", SkipFinalSnapshot=True)


@contextmanager
def login_of_somebody(patient: Patient, **fields: str) -> Iterator[None]:
    patient.secret(_LOGIN, json.dumps({**database_administrator(patient.aws, SHARED), **fields}))
    try:
        yield
    finally:
        patient.forget_secret(_LOGIN)


@contextmanager
def open_common_database(patient: Patient) -> Iterator[None]:
    patient.sql("GRANT CONNECT ON DATABASE postgres TO PUBLIC")
    try:
        yield
    finally:
        patient.sql("REVOKE ALL ON DATABASE postgres FROM PUBLIC")


@contextmanager
def github_provider(patient: Patient, audience: str = _AUDIENCE) -> Iterator[None]:
    iam = patient.aws.iam
    iam.create_open_id_connect_provider(Url=_GITHUB, ClientIDList=[audience])
    try:
        yield
    finally:
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=_GITHUB_ARN)


GITHUB = GitHubStandIn(repository=SHARED.repository, token="made-up")


@contextmanager
def repository(_patient: Patient, **fields: object) -> Iterator[None]:
    """GitHub's answers about the repository."""
    before, template = dict(GITHUB.identity), dict(GITHUB.subject_template)
    with GITHUB.serve():
        GITHUB.identity |= {key: value for key, value in fields.items() if key in before}
        GITHUB.subject_template |= {key: value for key, value in fields.items() if key not in before}
        yield
    GITHUB.identity, GITHUB.subject_template = before, template


def with_token(settings: Settings) -> Settings:
    # This difference starts its own server, so the variables are read only when the settings are used.
    return Settings(environment=settings.environment, shared=settings.shared, variables=GITHUB.variables())


DIFFERENCES = (
    Difference(
        id="another cluster",
        fact="cluster",
        settings=partial(shared, cluster="nowhere"),
        remedy=f'cluster="{SHARED.cluster}" in environments/shared.py',
        cures=True,
    ),
    Difference(
        id="authentication by a ConfigMap",
        fact="cluster authentication",
        change=authentication_by_config_map,
        remedy="--access-config authenticationMode=API_AND_CONFIG_MAP",
    ),
    Difference(
        id="an old Kubernetes",
        fact="Kubernetes version",
        change=old_kubernetes,
        remedy="aws eks update-cluster-version",
    ),
    Difference(
        id="an issuer without the audience",
        fact="cluster identity provider",
        change=lambda patient: issuer_with(patient, "somebody"),
        remedy=f"--client-id {_AUDIENCE}",
    ),
    Difference(
        id="an issuer that IAM does not know",
        fact="cluster identity provider",
        change=issuer_with,
        remedy="eksctl utils associate-iam-oidc-provider",
    ),
    Difference(
        id="another network",
        fact="VPC",
        settings=partial(shared, vpc_cidr="10.30.0.0/16"),
        remedy='vpc_cidr="10.20.0.0/16" in environments/shared.py',
        cures=True,
    ),
    Difference(
        id="network policies that nobody enforces",
        fact="network policies",
        mark=Mark.NOTE,
        change=policies_not_enforced,
        remedy="""--addon-name vpc-cni --configuration-values '{"enableNetworkPolicy": "true"}'""",
    ),
    Difference(
        id="an endpoint in the VPC that pods would not reach",
        fact="HTTPS in the VPC",
        change=interface_endpoint,
        remedy='https_in_vpc=("10.20.',
        cures=True,
    ),
    Difference(
        id="another ingress class",
        fact="ingress class",
        settings=partial(shared, ingress_class="nginx"),
        remedy=f'ingress_class="{SHARED.ingress_class}" in environments/shared.py',
        cures=True,
    ),
    Difference(
        id="another load balancer group",
        fact="load balancer",
        settings=partial(shared, load_balancer_group="nowhere"),
        remedy=f'load_balancer_group="{SHARED.load_balancer_group}" in environments/shared.py or alb="own"',
    ),
    Difference(
        id="no public subnets",
        fact="public subnets",
        settings=lambda settings: settings.changed("staging", alb="own"),
        change=private_subnets_only,
        remedy="--tags Key=kubernetes.io/role/elb,Value=1",
    ),
    Difference(
        id="a certificate of another domain",
        fact="certificate",
        settings=partial(shared, certificate=Certificate(domain=SHARED.domain)),
        remedy=f'certificate=Certificate(domain="*.{SHARED.domain}") in environments/shared.py',
        cures=True,
    ),
    Difference(
        id="a host that the certificate does not cover",
        fact="certificate's names",
        settings=lambda settings: settings.changed(
            "staging", web=STAGING.web.model_copy(update={"hosts": (f"a.deep.{SHARED.domain}",)})
        ),
        remedy="aws acm request-certificate",
    ),
    Difference(
        id="two certificates of one domain",
        fact="certificate's domain",
        mark=Mark.NOTE,
        change=second_certificate,
        remedy=f'certificate=Certificate(arn="arn:aws:acm:{SHARED.region}:{SHARED.account}:certificate/',
    ),
    Difference(
        id="a certificate that expires",
        fact="certificate's expiry",
        mark=Mark.NOTE,
        settings=partial(shared, certificate=Certificate(domain=f"expiring.{SHARED.domain}")),
        change=expiring_certificate,
        remedy="renew it: aws acm describe-certificate",
    ),
    Difference(
        id="another kind of database server",
        fact="database server",
        settings=partial(shared, database_server=server(kind="cluster")),
        remedy=f'database_server=DatabaseServer(kind="instance", name="{SHARED.database_server.name}") in '
        "environments/shared.py",
        cures=True,
    ),
    Difference(
        id="an old PostgreSQL",
        fact="database engine",
        settings=partial(shared, database_server=server(name="mosaic-old", administrator_secret=_LOGIN)),
        change=old_server,
        remedy="upgrade the server, or name another database_server, PostgreSQL 16 or newer, in "
        "environments/shared.py: before it, a role that may create roles reaches every role of the server",
    ),
    Difference(
        id="no administrator's secret",
        fact="administrator's secret",
        settings=partial(shared, database_server=server(administrator_secret="mosaic/doctor/nobody")),
        remedy='administrator_secret="PATH") in environments/shared.py',
    ),
    Difference(
        id="an administrator's secret of somebody else",
        fact="administrator's secret",
        settings=partial(shared, database_server=server(administrator_secret=_LOGIN)),
        change=partial(login_of_somebody, username="somebody"),
        remedy='administrator_secret="PATH") in environments/shared.py',
    ),
    Difference(
        id="a wrong password of the administrator",
        fact="administrator's login",
        settings=partial(shared, database_server=server(administrator_secret=_LOGIN)),
        change=partial(login_of_somebody, password="another-value"),
        remedy="store the server's password",
    ),
    Difference(
        id="database postgres open to PUBLIC",
        fact="database postgres",
        mark=Mark.NOTE,
        change=open_common_database,
        remedy="REVOKE ALL ON DATABASE postgres FROM PUBLIC",
    ),
    Difference(
        id="an extension that the server does not have",
        fact="extensions",
        settings=lambda settings: settings.changed(
            "staging", database=STAGING.database.model_copy(update={"extensions": ("vector", "postgis")})
        ),
        remedy="database=Database(extensions=...) without it",
    ),
    Difference(
        id="GitHub's provider of somebody else",
        fact="GitHub's identity provider",
        change=github_provider,
        remedy='github=GitHub(identity_provider="existing") in environments/shared.py',
        cures=True,
    ),
    Difference(
        id="no GitHub's provider",
        fact="GitHub's identity provider",
        settings=partial(shared, github=GitHub(identity_provider="existing")),
        remedy='github=GitHub(identity_provider="create") in environments/shared.py',
        cures=True,
    ),
    Difference(
        id="GitHub's provider with another audience",
        fact="GitHub's audience",
        settings=partial(shared, github=GitHub(identity_provider="existing")),
        change=partial(github_provider, audience="somebody"),
        remedy=f"--client-id {_AUDIENCE}",
    ),
    Difference(
        id="a repository with the immutable subject",
        fact="GitHub's subject",
        settings=with_token,
        change=partial(repository, created_at="2026-08-01T00:00:00Z"),
        remedy='github=GitHub(owner_id=2, repository_id=1, subject="immutable") in environments/shared.py, then make '
        "bootstrap",
    ),
    Difference(
        id="a repository with another id",
        fact="GitHub's subject",
        settings=lambda settings: shared(with_token(settings), github=GitHub(owner_id=2, repository_id=7)),
        change=repository,
        remedy='github=GitHub(owner_id=2, repository_id=1, subject="names")',
    ),
    Difference(
        id="a subject of the repository's own",
        fact="GitHub's subject",
        settings=with_token,
        change=partial(repository, use_default=False, include_claim_keys=["actor"]),
        remedy=f"gh api -X PUT repos/{SHARED.repository}/actions/oidc/customization/sub -F use_default=true",
    ),
)
