"""What the AWS account holds before any environment comes. Each function creates what is absent and changes nothing."""

import json
import secrets
from collections.abc import Mapping
from contextlib import suppress

import trustme

from environments.shared import SHARED
from local.aws.clients import AwsClients
from local.aws.credentials import ADMINISTRATOR, EKS, EXTERNAL_SECRETS, AccessKey, KeyFile
from local.kubernetes.control_plane import OIDC_ISSUER, SERVICES
from local.postgresql.server import ADMINISTRATOR as DATABASE_ADMINISTRATOR

_USERS = {
    ADMINISTRATOR: ["*"],
    EKS: ["eks:DescribeAccessEntry", "eks:ListAssociatedAccessPolicies"],
    EXTERNAL_SECRETS: ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:ListSecrets"],
}
_ZONES = ("a", "b")
_PUBLIC_SUBNETS = ("10.20.0.0/20", "10.20.16.0/20")
_PRIVATE_SUBNETS = ("10.20.128.0/18", "10.20.192.0/18")
_LOAD_BALANCER = "k8s-mosaiclifemain"
_CLUSTER_ROLE = f"{SHARED.cluster}-cluster"


def seed_users(root: AwsClients, keys: KeyFile) -> None:
    """Create the IAM users and keep an access key of each."""
    existing = {user["UserName"] for user in root.iam.list_users()["Users"]}
    for user, actions in _USERS.items():
        if user not in existing:
            root.iam.create_user(UserName=user)
        permissions = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        root.iam.put_user_policy(UserName=user, PolicyName=user, PolicyDocument=policy(permissions))
        if keys.get(user) is None:
            # Left by a start that was interrupted before it could write the key down.
            for lost in root.iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
                root.iam.delete_access_key(UserName=user, AccessKeyId=lost["AccessKeyId"])
            key = root.iam.create_access_key(UserName=user)["AccessKey"]
            keys.keep(user, AccessKey(id=key["AccessKeyId"], secret=key["SecretAccessKey"]))


def seed_account(aws: AwsClients, *, kubernetes_version: str, database_port: int, database_version: str) -> None:
    """Create what the environments share: network, cluster, OIDC provider, load balancer, certificate, database, OAuth.

    ``kubernetes_version`` (1.36) and ``database_version`` (16.14): of the servers that really run;
    ``database_port``: where PostgreSQL listens.
    """
    vpc = _vpc(aws)
    public = _subnets(aws, vpc, _PUBLIC_SUBNETS, "kubernetes.io/role/elb")
    private = _subnets(aws, vpc, _PRIVATE_SUBNETS, "kubernetes.io/role/internal-elb")
    _cluster(aws, private, kubernetes_version)
    _oidc_provider(aws)
    _load_balancer(aws, public)
    _certificate(aws)
    _database(aws, database_port, database_version)
    oauth = {
        "client-id": f"{secrets.randbelow(10**12)}-{secrets.token_hex(16)}.apps.googleusercontent.com",
        "client-secret": f"GOCSPX-{secrets.token_urlsafe(21)}",
    }
    create_secret(aws, SHARED.google_oauth_secret, oauth)


def create_bucket(aws: AwsClients, name: str) -> None:
    """Create a versioned, encrypted, private bucket unless the account has one of this name."""
    if name in {bucket["Name"] for bucket in aws.s3.list_buckets()["Buckets"]}:
        return
    aws.s3.create_bucket(Bucket=name)
    aws.s3.put_public_access_block(
        Bucket=name,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
    )
    aws.s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )
    aws.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def create_secret(aws: AwsClients, name: str, values: Mapping[str, str]) -> None:
    """Create a secret that holds these values as JSON, unless the account has one of this name."""
    with suppress(aws.secretsmanager.exceptions.ResourceExistsException):
        aws.secretsmanager.create_secret(Name=name, SecretString=json.dumps(values))


def read_secret(aws: AwsClients, name: str) -> dict[str, str]:
    """Return the values of a secret, given by its name or ARN."""
    values: dict[str, str] = json.loads(aws.secretsmanager.get_secret_value(SecretId=name)["SecretString"])
    return values


def database_administrator(aws: AwsClients) -> dict[str, str]:
    """Return the username and password that the RDS instance keeps in its managed secret."""
    instance = aws.rds.describe_db_instances(DBInstanceIdentifier=SHARED.database_server.name)["DBInstances"][0]
    return read_secret(aws, instance["MasterUserSecret"]["SecretArn"])


def policy(statement: Mapping[str, object]) -> str:
    """Return an IAM policy document of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _vpc(aws: AwsClients) -> str:
    found = aws.ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": [SHARED.vpc_cidr]}])["Vpcs"]
    if found:
        return found[0]["VpcId"]
    vpc = aws.ec2.create_vpc(CidrBlock=SHARED.vpc_cidr)["Vpc"]["VpcId"]
    aws.ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": SHARED.cluster}])
    return vpc


def _subnets(aws: AwsClients, vpc: str, cidrs: tuple[str, ...], role: str) -> list[str]:
    found = aws.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    known = {subnet["CidrBlock"]: subnet["SubnetId"] for subnet in found}
    for zone, cidr in zip(_ZONES, cidrs, strict=True):
        if cidr not in known:
            subnet = aws.ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"{SHARED.region}{zone}")
            known[cidr] = subnet["Subnet"]["SubnetId"]
            aws.ec2.create_tags(Resources=[known[cidr]], Tags=[{"Key": role, "Value": "1"}])
    return [known[cidr] for cidr in cidrs]


def _cluster(aws: AwsClients, subnets: list[str], version: str) -> None:
    if SHARED.cluster in aws.eks.list_clusters()["clusters"]:
        return
    trust = {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    with suppress(aws.iam.exceptions.EntityAlreadyExistsException):
        aws.iam.create_role(RoleName=_CLUSTER_ROLE, AssumeRolePolicyDocument=policy(trust))
    aws.eks.create_cluster(
        name=SHARED.cluster,
        version=version,
        roleArn=aws.iam.get_role(RoleName=_CLUSTER_ROLE)["Role"]["Arn"],
        resourcesVpcConfig={"subnetIds": subnets},
        kubernetesNetworkConfig={"serviceIpv4Cidr": SERVICES},
    )


def _oidc_provider(aws: AwsClients) -> None:
    arn = f"arn:aws:iam::{SHARED.account}:oidc-provider/{OIDC_ISSUER.removeprefix('https://')}"
    known = {it["Arn"] for it in aws.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]}
    if arn not in known:
        aws.iam.create_open_id_connect_provider(Url=OIDC_ISSUER, ClientIDList=["sts.amazonaws.com"])


def _load_balancer(aws: AwsClients, subnets: list[str]) -> None:
    if _LOAD_BALANCER in {it["LoadBalancerName"] for it in aws.elbv2.describe_load_balancers()["LoadBalancers"]}:
        return
    aws.elbv2.create_load_balancer(
        Name=_LOAD_BALANCER,
        Type="application",
        Scheme="internet-facing",
        Subnets=subnets,
        Tags=[
            {"Key": "ingress.k8s.aws/stack", "Value": SHARED.load_balancer_group},
            {"Key": "elbv2.k8s.aws/cluster", "Value": SHARED.cluster},
        ],
    )


def _certificate(aws: AwsClients) -> None:
    known = {it["DomainName"] for it in aws.acm.list_certificates()["CertificateSummaryList"]}
    primary = SHARED.certificate.domain or SHARED.domain
    if primary in known:
        return
    authority = trustme.CA(key_type=trustme.KeyType.RSA)
    issued = authority.issue_cert(
        *dict.fromkeys((primary, *SHARED.certificate_names)),
        common_name=primary,
        key_type=trustme.KeyType.RSA,
    )
    aws.acm.import_certificate(
        Certificate=issued.cert_chain_pems[0].bytes(),
        PrivateKey=issued.private_key_pem.bytes(),
        CertificateChain=authority.cert_pem.bytes(),
    )


def _database(aws: AwsClients, port: int, version: str) -> None:
    if aws.rds.describe_db_instances()["DBInstances"]:
        return
    aws.rds.create_db_instance(
        DBInstanceIdentifier=SHARED.database_server.name,
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        EngineVersion=version,
        AllocatedStorage=20,
        StorageEncrypted=True,
        Port=port,
        MasterUsername=DATABASE_ADMINISTRATOR,
        ManageMasterUserPassword=True,
    )
