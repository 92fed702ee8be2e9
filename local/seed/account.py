"""The AWS account before any environment exists. Each function creates what is missing and changes nothing else."""

import hashlib
import re
import secrets
from contextlib import suppress

from environments.schema.database_server import DatabaseServer
from environments.schema.settings import Shared
from local.aws.clients import AwsClients
from local.aws.credentials import ADMINISTRATOR, EKS, EXTERNAL_SECRETS, AccessKey, KeyFile
from local.kubernetes.control_plane import OIDC_ISSUER, SERVICES
from local.postgresql.server import ADMINISTRATOR as DATABASE_ADMINISTRATOR
from local.runtime.certificates import KeyPair
from local.runtime.ports import FRONT_DOOR, HOST
from local.seed.aws_objects import create_secret, policy, read_secret

_USERS = {
    ADMINISTRATOR: ["*"],
    EKS: ["eks:DescribeAccessEntry", "eks:ListAssociatedAccessPolicies"],
    EXTERNAL_SECRETS: ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:ListSecrets"],
    FRONT_DOOR: ["elasticloadbalancing:Describe*", "acm:GetCertificate"],
}
_ZONES = ("a", "b")
_PUBLIC_SUBNETS = ("10.20.0.0/20", "10.20.16.0/20")
_PRIVATE_SUBNETS = ("10.20.128.0/18", "10.20.192.0/18")
# At the end of the range: pods get their addresses from the lowest on.
_NODES = ("10.20.191.10", "10.20.255.10")
_NODE_IMAGE = "ami-0123456789abcdef0"
_DATABASE_SUBNETS = ("10.20.64.0/24", "10.20.65.0/24")
_DATABASE_SUBNET_GROUP = "mosaic-database"
_CLUSTER_ROLE = "mosaiclife-eks-cluster"
_DATABASE_CLASS = "db.t4g.medium"


def seed_users(root: AwsClients, keys: KeyFile) -> None:
    """Create the IAM users and store an access key for each."""
    existing = {user["UserName"] for user in root.iam.list_users()["Users"]}
    for user, actions in _USERS.items():
        if user not in existing:
            root.iam.create_user(UserName=user)
        permissions = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        root.iam.put_user_policy(UserName=user, PolicyName=user, PolicyDocument=policy(permissions))
        if keys.get(user) is None:
            # An interrupted start left it behind before it could store the key.
            for lost in root.iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
                root.iam.delete_access_key(UserName=user, AccessKeyId=lost["AccessKeyId"])
            key = root.iam.create_access_key(UserName=user)["AccessKey"]
            keys.keep(user, AccessKey(id=key["AccessKeyId"], secret=key["SecretAccessKey"]))


def seed_account(
    aws: AwsClients,
    shared: Shared,
    *,
    kubernetes_version: str,
    database_port: int,
    database_version: str,
    certificate: KeyPair,
) -> None:
    """Create what the environments share: network, cluster, load balancer, DNS zone, certificate, database, OAuth.

    ``kubernetes_version`` (1.36) and ``database_version`` (16.14): of the servers that really run; ``database_port``:
    where PostgreSQL listens. ``certificate``: of the public hosts.
    """
    vpc = _vpc(aws, shared)
    public = _subnets(aws, shared, vpc, _PUBLIC_SUBNETS, "kubernetes.io/role/elb")
    private = _subnets(aws, shared, vpc, _PRIVATE_SUBNETS, "kubernetes.io/role/internal-elb")
    _cluster(aws, shared, private, kubernetes_version)
    _nodes(aws, shared, vpc, private)
    _oidc_provider(aws, shared)
    _load_balancer(aws, shared, public)
    _hosted_zone(aws, shared)
    _certificate(aws, shared, certificate)
    _subnet_group(aws, _subnets(aws, shared, vpc, _DATABASE_SUBNETS))
    _database(aws, shared, database_port, database_version)
    oauth = {
        "client-id": f"{secrets.randbelow(10**12)}-{secrets.token_hex(16)}.apps.googleusercontent.com",
        "client-secret": f"GOCSPX-{secrets.token_urlsafe(21)}",
    }
    create_secret(aws, shared.google_oauth_secret, oauth)


def database_administrator(aws: AwsClients, shared: Shared) -> dict[str, str]:
    """Return the username and password of the database administrator, from the settings' secret or RDS's own."""
    server = shared.database_server
    if server.administrator_secret:
        return read_secret(aws, server.administrator_secret)
    instance = aws.rds.describe_db_instances(DBInstanceIdentifier=server.name)["DBInstances"][0]
    return read_secret(aws, instance["MasterUserSecret"]["SecretArn"])


def _vpc(aws: AwsClients, shared: Shared) -> str:
    found = aws.ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": [shared.vpc_cidr]}])["Vpcs"]
    if found:
        return found[0]["VpcId"]
    vpc = aws.ec2.create_vpc(CidrBlock=shared.vpc_cidr)["Vpc"]["VpcId"]
    aws.ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": shared.cluster}])
    return vpc


def _subnets(aws: AwsClients, shared: Shared, vpc: str, cidrs: tuple[str, ...], *roles: str) -> list[str]:
    found = aws.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    known = {subnet["CidrBlock"]: subnet["SubnetId"] for subnet in found}
    for zone, cidr in zip(_ZONES, cidrs, strict=True):
        if cidr not in known:
            subnet = aws.ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"{shared.region}{zone}")
            known[cidr] = subnet["Subnet"]["SubnetId"]
            for role in roles:
                aws.ec2.create_tags(Resources=[known[cidr]], Tags=[{"Key": role, "Value": "1"}])
    return [known[cidr] for cidr in cidrs]


def _cluster(aws: AwsClients, shared: Shared, subnets: list[str], version: str) -> None:
    if shared.cluster in aws.eks.list_clusters()["clusters"]:
        return
    trust = {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    with suppress(aws.iam.exceptions.EntityAlreadyExistsException):
        aws.iam.create_role(RoleName=_CLUSTER_ROLE, AssumeRolePolicyDocument=policy(trust))
    aws.eks.create_cluster(
        name=shared.cluster,
        version=version,
        roleArn=aws.iam.get_role(RoleName=_CLUSTER_ROLE)["Role"]["Arn"],
        resourcesVpcConfig={"subnetIds": subnets},
        kubernetesNetworkConfig={"serviceIpv4Cidr": SERVICES},
    )


def _nodes(aws: AwsClients, shared: Shared, vpc: str, subnets: list[str]) -> None:
    """The nodes' instances, behind the security group that the load balancer controller opens for its own."""
    if aws.ec2.describe_instances()["Reservations"]:
        return
    group = aws.ec2.create_security_group(GroupName=f"{shared.cluster}-node", Description="nodes", VpcId=vpc)["GroupId"]
    aws.ec2.create_tags(Resources=[group], Tags=[{"Key": f"kubernetes.io/cluster/{shared.cluster}", "Value": "owned"}])
    for subnet, address in zip(subnets, _NODES, strict=True):
        aws.ec2.run_instances(
            ImageId=_NODE_IMAGE,
            # Two of these hold both environments.
            InstanceType="m6i.2xlarge",
            MinCount=1,
            MaxCount=1,
            SubnetId=subnet,
            PrivateIpAddress=address,
            SecurityGroupIds=[group],
        )


def _oidc_provider(aws: AwsClients, shared: Shared) -> None:
    arn = f"arn:aws:iam::{shared.account}:oidc-provider/{OIDC_ISSUER.removeprefix('https://')}"
    known = {it["Arn"] for it in aws.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]}
    if arn not in known:
        aws.iam.create_open_id_connect_provider(Url=OIDC_ISSUER, ClientIDList=["sts.amazonaws.com"])


def _load_balancer(aws: AwsClients, shared: Shared, subnets: list[str]) -> None:
    """Create the load balancer of the ingresses' group as the controller would, which adopts it by its tags.

    A plan reads it, even on a fresh machine, where the controller is built after the first deploy.
    """
    name = _name_of_load_balancer(shared)
    if name in {it["LoadBalancerName"] for it in aws.elbv2.describe_load_balancers()["LoadBalancers"]}:
        return
    aws.elbv2.create_load_balancer(
        Name=name,
        Type="application",
        Scheme="internet-facing",
        Subnets=subnets,
        Tags=[
            {"Key": "ingress.k8s.aws/stack", "Value": shared.load_balancer_group},
            {"Key": "ingress.k8s.aws/resource", "Value": "LoadBalancer"},
            {"Key": "elbv2.k8s.aws/cluster", "Value": shared.cluster},
        ],
    )


def _name_of_load_balancer(shared: Shared) -> str:
    """As in buildLoadBalancerName of the controller's pkg/ingress/model_build_load_balancer.go."""
    group = shared.load_balancer_group
    digest = hashlib.sha256(f"{shared.cluster}{group}internet-facing".encode()).hexdigest()
    return f"k8s-{re.sub('[^a-zA-Z0-9]', '', group)[:17]}-{digest[:10]}"


def _hosted_zone(aws: AwsClients, shared: Shared) -> None:
    name = f"{shared.domain}."
    if name not in {zone["Name"] for zone in aws.route53.list_hosted_zones()["HostedZones"]}:
        aws.route53.create_hosted_zone(Name=name, CallerReference=name)


def _certificate(aws: AwsClients, shared: Shared, pair: KeyPair) -> None:
    known = {it["DomainName"] for it in aws.acm.list_certificates()["CertificateSummaryList"]}
    primary = shared.certificate.domain or shared.domain
    if primary in known:
        return
    aws.acm.import_certificate(Certificate=pair.certificate.read_bytes(), PrivateKey=pair.key.read_bytes())


def _subnet_group(aws: AwsClients, subnets: list[str]) -> None:
    """The database server's subnets, apart from pods and load balancers."""
    if _DATABASE_SUBNET_GROUP not in {
        it["DBSubnetGroupName"] for it in aws.rds.describe_db_subnet_groups()["DBSubnetGroups"]
    }:
        aws.rds.create_db_subnet_group(
            DBSubnetGroupName=_DATABASE_SUBNET_GROUP, DBSubnetGroupDescription="database", SubnetIds=subnets
        )


def _database(aws: AwsClients, shared: Shared, port: int, version: str) -> None:
    server = shared.database_server
    if server.kind == "cluster":
        _aurora_cluster(aws, server, port, version)
    elif not aws.rds.describe_db_instances()["DBInstances"]:
        aws.rds.create_db_instance(
            DBInstanceIdentifier=server.name,
            DBInstanceClass=_DATABASE_CLASS,
            Engine=server.engine,
            EngineVersion=version,
            AllocatedStorage=20,
            StorageEncrypted=True,
            Port=port,
            DBSubnetGroupName=_DATABASE_SUBNET_GROUP,
            MasterUsername=DATABASE_ADMINISTRATOR,
            ManageMasterUserPassword=True,
        )


def _aurora_cluster(aws: AwsClients, server: DatabaseServer, port: int, version: str) -> None:
    """A cluster with one writer; its administrator's login is in a secret that somebody else created."""
    if aws.rds.describe_db_clusters()["DBClusters"]:
        return
    login = {"username": DATABASE_ADMINISTRATOR, "password": secrets.token_urlsafe(24)}
    create_secret(
        aws, server.administrator_secret or "", {**login, "host": HOST, "port": str(port), "dbname": "mosaic"}
    )
    aws.rds.create_db_cluster(
        DBClusterIdentifier=server.name,
        Engine=server.engine,
        EngineVersion=version,
        StorageEncrypted=True,
        Port=port,
        DBSubnetGroupName=_DATABASE_SUBNET_GROUP,
        MasterUsername=login["username"],
        MasterUserPassword=login["password"],
    )
    aws.rds.create_db_instance(
        DBInstanceIdentifier=f"{server.name}-writer",
        DBInstanceClass=_DATABASE_CLASS,
        Engine=server.engine,
        DBClusterIdentifier=server.name,
    )
